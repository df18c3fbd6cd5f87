# SPDX-License-Identifier: GPL-2.0
#
# Compare the edits of two patches, file by file: part=1 and part=2 are lines of them,
# each after the path of the file and a tab. Where in a file a hunk applies does not
# matter.
#
# what=other	the edits of part 1 that are not those of part 2; a file that only part 2
#		edits by the first line of its edits only
# what=same	the paths of those that are the same

BEGIN { FS = "\t" }

{
	line = key = substr($0, length($1) + 2)
	if (key ~ /^index /)
		key = ""
	else
		sub(/^@@ -[^@]* @@.*/, "@@", key)
	if (!(($1, part) in keys))
		paths[part, ++n[part]] = $1
	keys[$1, part] = keys[$1, part] key "\n"
	lines[$1, part] = lines[$1, part] line "\n"
}

END {
	for (i = 1; i <= n[1]; i++) {
		path = paths[1, i]
		same = (path, 2) in keys && keys[path, 1] == keys[path, 2]
		if (same && what == "same")
			print path
		if (!same && what == "other")
			printf "%s", lines[path, 1]
	}
	for (i = 1; what == "other" && i <= n[2]; i++) {
		path = paths[2, i]
		if (!((path, 1) in keys))
			print "diff --git a/" path " b/" path
	}
}
