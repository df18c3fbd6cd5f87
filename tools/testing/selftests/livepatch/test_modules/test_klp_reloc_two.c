// SPDX-License-Identifier: GPL-2.0

#include <linux/module.h>

/* The same names as in test_klp_reloc_one.c */
static int twin;
module_param_named(twin2, twin, int, 0444);
MODULE_PARM_DESC(twin2, "the second twin (default=0)");

static noinline __noclone __used int twin_minus(int n)
{
	return twin - n;
}
