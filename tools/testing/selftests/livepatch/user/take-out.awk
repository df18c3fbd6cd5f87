# SPDX-License-Identifier: GPL-2.0
#
# Copy C files to the directory -v dir=, and let the condition number -v out= of all of
# them never be true; 0 for none.

FNR == 1 {
	file = FILENAME
	sub(/.*\//, "", file)
	sub(/^all-/, "", file)
	file = dir "/" file
	print "#line 1 \"" FILENAME "\"" > file
}

/^\t+(} else )?if \(/ && ++n == out {
	sub(/if \(/, "if_never(")
	print FILENAME ":" FNR ": " $0 > (dir "/taken-out")
}

{
	print > file
}

END {
	print n > (dir "/conditions")
}
