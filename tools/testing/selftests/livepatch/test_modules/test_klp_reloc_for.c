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

static struct klp_func funcs[] = {
	{
		.old_name = "report_get",
		.new_func = livepatch_report_get,
	}, { }
};

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
#endif

static struct klp_object objs[] = {
	{
		.name = "test_klp_reloc_target",
		.funcs = funcs,
	},
#ifdef PATCH_BOTH
	{
		.name = "test_klp_reloc_target2",
		.funcs = funcs2,
	},
#endif
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int test_klp_reloc_init(void)
{
	return klp_enable_patch(&patch);
}

static void test_klp_reloc_exit(void)
{
}

module_init(test_klp_reloc_init);
module_exit(test_klp_reloc_exit);
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch test: relocations by symbols of another module");
