// SPDX-License-Identifier: GPL-2.0

#include <linux/module.h>
#include "test_klp_reloc.h"

int test_klp_reloc_exported(int n)
{
	return n + 1;
}
EXPORT_SYMBOL_GPL(test_klp_reloc_exported);
