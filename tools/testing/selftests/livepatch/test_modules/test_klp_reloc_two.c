// SPDX-License-Identifier: GPL-2.0

#include <linux/init.h>
#include <linux/module.h>

/* The same names as in test_klp_reloc_one.c */
static int twin;
module_param_named(twin2, twin, int, 0444);
MODULE_PARM_DESC(twin2, "the second twin (default=0)");

static noinline __noclone __used int twin_minus(int n)
{
	return twin - n;
}

/*
 * Symbols of init memory, which livepatches can only see while this module is
 * being loaded.  They do not make a name ambiguous.  powerpc has no init memory.
 */
#ifndef CONFIG_PPC64
static __used int secret __initdata;
static __used int expire __initdata;

static noinline __noclone __used int __init secret_plus(int n)
{
	return secret - n;
}
#endif
