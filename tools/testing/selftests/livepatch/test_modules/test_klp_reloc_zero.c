// SPDX-License-Identifier: GPL-2.0

#include <linux/init.h>

/*
 * The same name as in test_klp_reloc_one.c and test_klp_reloc_two.c, before
 * them: whether it counts must not depend on whether the module is being loaded.
 */
static __used int twin __initdata;

static noinline __noclone __used int __init twin_minus(int n)
{
	return twin + n;
}
