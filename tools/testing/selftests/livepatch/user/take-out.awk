# SPDX-License-Identifier: GPL-2.0
#
# Copy C files to the directory -v dir=, and make the condition number -v out=, counted
# over all files, never true; 0 for none.

FNR == 1 {
	file = FILENAME
	sub(/.*\//, "", file)
	file = dir "/" file
}

/^\t+(} )?(else )?if \(/ && ++n == out {
	sub(/if \(/, "if_never(")
	print FILENAME ":" FNR ": " $0 > (dir "/taken-out")
}

{
	print > file
}

END {
	print n > (dir "/conditions")
}
