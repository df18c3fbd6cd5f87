# SPDX-License-Identifier: GPL-2.0
#
# Print the definitions of a C file whose names match -v names=REGEX: functions,
# structures, enumerations and macros. If a name is defined more than once (#ifdef),
# only the first definition is printed.
#
# That is how code of the kernel is built for user space without the rest of its file.

function is_wanted(name)
{
	return name ~ "^(" names ")$" && !printed[name]++
}

function name_of(macro)
{
	sub(/\(.*/, "", macro)
	return macro
}

# What a line that begins a definition defines, "" for others
function defined(line)
{
	if (line ~ /^(struct|enum) [a-z_]+ \{$/) {
		sub(/^[a-z]+ /, "", line)
		sub(/ .*/, "", line)
		return line
	}
	if (line ~ /^[a-z].*[a-z_]\(/ && line !~ /;$/) {
		sub(/\(.*/, "", line)
		sub(/.*[ *]/, "", line)
		return line
	}
	return ""
}

macro {
	print
	macro = /\\$/
	next
}

$1 == "#define" && is_wanted(name_of($2)) {
	macro = /\\$/
	# A comment may go on
	if (!macro)
		sub(/[ \t]*\/\*.*/, "")
	print
	next
}

!inside {
	inside = is_wanted(defined($0))
	# The type may be on a line of its own
	if (inside && type)
		print type
	type = $0 ~ /^[a-z][a-z_ ]*$/ ? $0 : ""
}

inside {
	print
	if ($0 ~ /^}/)
		inside = 0
}
