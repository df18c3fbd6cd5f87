// SPDX-License-Identifier: GPL-2.0

/* Needs no symbol that is exported to GPL-compatible modules only */
#include <linux/kernel.h>
#include <linux/module.h>
#include "test_klp_reloc.h"

int vmlinux_enable_patch(struct klp_patch *patch)
	KLP_SYMBOL(vmlinux, klp_enable_patch, 0);

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s: %d\n", KBUILD_MODNAME, target_secret);
}

#define ENABLE vmlinux_enable_patch
#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: licenses");
