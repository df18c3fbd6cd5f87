// SPDX-License-Identifier: GPL-2.0

/* The test gives the first variable the name of a klp symbol */
#include <linux/kernel.h>
#include <linux/module.h>
#include "test_klp_reloc.h"

static int defined_by_the_livepatch_and_not_by_the_target __used;

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%d %d\n", target_secret,
		       READ_ONCE(defined_by_the_livepatch_and_not_by_the_target));
}

#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: a klp symbol that is defined");
