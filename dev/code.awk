# SPDX-License-Identifier: GPL-2.0
#
# Print the lines of a C or assembly file that have code: no comments, no blank lines.

{
	code = ""
	rest = $0
	while (rest != "") {
		if (inside) {
			end = index(rest, "*/")
			rest = end ? substr(rest, end + 2) : ""
			inside = !end
		} else if (match(rest, /\/[*\/]|"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/)) {
			# A string may have what looks like a comment
			inside = substr(rest, RSTART, 2) == "/*"
			keep = RSTART - 1
			if (substr(rest, RSTART, 1) != "/")
				keep += RLENGTH
			code = code substr(rest, 1, keep)
			if (substr(rest, RSTART, 2) == "//")
				rest = ""
			else
				rest = substr(rest, RSTART + RLENGTH)
		} else {
			code = code rest
			rest = ""
		}
	}
	sub(/[ \t]+$/, "", code)
	if (code ~ /[^ \t]/)
		print code
}
