// SPDX-License-Identifier: GPL-2.0

/* Imports from test_klp_reloc_target, and has what its livepatch wants */
#include <linux/kernel.h>
#include <linux/module.h>
#include "test_klp_reloc.h"

static int secret __used = 5;

static int report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%d\n", test_klp_reloc_exported(secret));
}

static const struct kernel_param_ops report_ops = {
	.get = report_get,
};
module_param_cb(report, &report_ops, NULL, 0444);
MODULE_PARM_DESC(report, "what the target computes");

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Livepatch test: module that depends on a target");
