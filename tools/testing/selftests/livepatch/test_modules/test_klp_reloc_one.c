// SPDX-License-Identifier: GPL-2.0

#include <linux/delay.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/module.h>

/* What livepatches of this module read, write and call */
static int secret;
module_param_named(value, secret, int, 0644);
MODULE_PARM_DESC(value, "what livepatches read (default=0)");

static int written;
module_param(written, int, 0444);
MODULE_PARM_DESC(written, "what livepatches write (default=0)");

static int init_ret;
module_param(init_ret, int, 0444);
MODULE_PARM_DESC(init_ret, "what the module's init function returns (default=0)");

/* There is another one in test_klp_reloc_two.c */
static int twin;
module_param_named(twin1, twin, int, 0444);
MODULE_PARM_DESC(twin1, "the first twin (default=0)");

static unsigned int init_sleep;
module_param(init_sleep, uint, 0444);
MODULE_PARM_DESC(init_sleep, "how many ms the module's init function sleeps (default=0)");

static __used DEFINE_STATIC_KEY_FALSE(key);

static noinline __noclone __used int secret_plus(int n)
{
	return secret + n;
}

static noinline __noclone __used int twin_minus(int n)
{
	return twin - n;
}

/* The livepatches replace this */
static int report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s: original\n", KBUILD_MODNAME);
}

static const struct kernel_param_ops report_ops = {
	.get = report_get,
};
module_param_cb(report, &report_ops, NULL, 0444);
MODULE_PARM_DESC(report, "what the livepatches find");

static int at_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%lx %lx\n", (unsigned long)&secret,
		       (unsigned long)secret_plus);
}

static const struct kernel_param_ops at_ops = {
	.get = at_get,
};
module_param_cb(at, &at_ops, NULL, 0400);
MODULE_PARM_DESC(at, "where the livepatches should find it");

static int test_klp_reloc_init(void)
{
	msleep(init_sleep);

	return init_ret;
}

/* Not in the file: test_klp-soak makes it executable, and bigger */
asm(".pushsection .filler, \"aw\", @nobits\n"
	".space 1\n"
	".popsection\n");

#ifdef FILL
static char space[3 * PAGE_SIZE] __used;
#endif

static void test_klp_reloc_exit(void)
{
}

module_init(test_klp_reloc_init);
module_exit(test_klp_reloc_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Livepatch test: module with symbols for relocations");
