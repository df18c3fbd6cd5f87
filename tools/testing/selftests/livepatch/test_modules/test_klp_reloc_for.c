// SPDX-License-Identifier: GPL-2.0

#include <linux/kernel.h>
#include <linux/module.h>
#include "test_klp_reloc.h"

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s: own %d %d other %d %d\n", KBUILD_MODNAME,
		       target_secret, target_secret_plus(1),
		       for_target_secret, for_target_secret_plus(2));
}

#ifdef PATCH_BOTH
static int livepatch_report2_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s: own %d %d\n", KBUILD_MODNAME,
		       target2_secret, target2_secret_plus(3));
}

static struct klp_func funcs2[] = {
	{
		.old_name = "report_get",
		.new_func = livepatch_report2_get,
	}, { }
};

#define OBJECT2 "test_klp_reloc_target2"
#endif

#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: relocations against symbols of another module");
