# SPDX-License-Identifier: GPL-2.0
#
# Of fragments of a kernel configuration the lines for a version of Linux.

function number(v, part)
{
	split(v, part, /[.:]/)
	return part[1] * 1000 + part[2]
}

FNR == 1 || /^$/ { skip = 0 }
/^# only since [0-9.]+:$/ { skip = number(version) < number($4) }
/^# only before [0-9.]+:$/ { skip = number(version) >= number($4) }
/^(# )?CONFIG_/ && !skip
