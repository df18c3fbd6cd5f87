// SPDX-License-Identifier: GPL-2.0

/* Which of equal names are meant, if some of them are in init memory */
#include <linux/kernel.h>
#include <linux/module.h>
#include "test_klp_reloc.h"

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%016lx %016lx %016lx %016lx\n",
		       (unsigned long)&target3_twin_1,
		       (unsigned long)&target3_twin_2,
		       (unsigned long)target3_twin_minus_1,
		       (unsigned long)target3_twin_minus_2);
}

#define OBJECT "test_klp_reloc_target3"
#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: positions of equal names");
