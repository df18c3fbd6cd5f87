// SPDX-License-Identifier: GPL-2.0

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include "test_klp_reloc.h"

static int pre_patch_ret;
module_param(pre_patch_ret, int, 0644);
MODULE_PARM_DESC(pre_patch_ret, "pre_patch_ret (default=0)");

static bool replace;
module_param(replace, bool, 0444);
MODULE_PARM_DESC(replace, "replace (default=0)");

static int init_ret;
module_param(init_ret, int, 0444);
MODULE_PARM_DESC(init_ret, "what the init function returns once it has enabled (default=0)");

static bool twice;
module_param(twice, bool, 0444);
MODULE_PARM_DESC(twice, "enable two livepatches (default=0)");

/* Places in .data: __used tells the compiler that it does not see all writes */
static int *data_var __used = &target_secret;
static int (*data_fn)(int n) __used = target_secret_plus;

/* What data_var points to if the livepatch itself has set it */
static int own_value = -1;

/* With -fPIC the compiler does not relocate .rodata.  The assembler does. */
asm(".pushsection .rodata, \"a\"\n"
	".balign 8\n"
	"rodata_places:\n"
	".quad \".klp.sym.test_klp_reloc_target.secret,0\"\n"
	".quad \".klp.sym.test_klp_reloc_target.secret_plus,0\"\n"
	".quad \".klp.sym.test_klp_reloc_target.written,0\"\n"
#ifdef OUT_OF_RANGE
	".long \".klp.sym.test_klp_reloc_target.secret,0\"\n"
#endif
	".popsection\n");

/* An instruction that is relocated, where a test can find it, and one that is not */
asm(".pushsection .text\n"
	".balign 4\n"
	".type late_insn, @function\n"
	"late_insn:\n"
	TAIL_CALL(SECRET_PLUS)
	".size late_insn, . - late_insn\n"
	".type other_insn, @function\n"
	"other_insn:\n"
	"nop\n"
	".size other_insn, . - other_insn\n"
	".popsection\n");

static unsigned long rodata_place(unsigned int index)
{
	const unsigned long *places;

	asm("" : "=r" (places) : "0" (rodata_places));

	return READ_ONCE(places[index]);
}

static int rodata_var(void)
{
	return *(int *)rodata_place(0);
}

static int rodata_fn(int n)
{
	typeof(target_secret_plus) *fn = (void *)rodata_place(1);

	return fn(n);
}

/* No other section needs this symbol */
static void rodata_write(int value)
{
	*(int *)rodata_place(2) = value;
}

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	rodata_write(target_secret + 1000);

	return sprintf(buffer,
		       "%s: code %d %d data %d %d rodata %d %d twins %d %d %d %d at %lx %lx\n",
		       KBUILD_MODNAME, target_secret, target_secret_plus(1),
		       *READ_ONCE(data_var), READ_ONCE(data_fn)(2),
		       rodata_var(), rodata_fn(3),
		       target_twin_1, target_twin_minus_1(1),
		       target_twin_2, target_twin_minus_2(2),
		       (unsigned long)&target_secret,
		       (unsigned long)target_secret_plus);
}

static int livepatch_report2_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s: code %d %d\n", KBUILD_MODNAME,
		       target2_secret, target2_secret_plus(1));
}

/* What the places hold, also while the target is not loaded */
static int places_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%lx %lx %lx %lx\n",
		       READ_ONCE(data_var) == &own_value ? 1 :
		       (unsigned long)READ_ONCE(data_var),
		       (unsigned long)READ_ONCE(data_fn),
		       rodata_place(0), rodata_place(1));
}

static int places_set(const char *val, const struct kernel_param *kp)
{
	bool own;
	int ret = kstrtobool(val, &own);

	if (!ret)
		WRITE_ONCE(data_var, own ? &own_value : NULL);

	return ret;
}

static const struct kernel_param_ops places_ops = {
	.get = places_get,
	.set = places_set,
};
module_param_cb(places, &places_ops, NULL, 0600);
MODULE_PARM_DESC(places, "relocated places in .data and .rodata; 1 sets the first one, 0 clears it");

static int pre_patch_callback(struct klp_object *obj)
{
	return pre_patch_ret;
}

static struct klp_func funcs2[] = {
	{
		.old_name = "report_get",
		.new_func = livepatch_report2_get,
	}, { }
};

static struct klp_func no_funcs[] = {
	{ }
};

static struct klp_object no_objs[] = {
	{
		.name = "test_klp_reloc_target",
		.funcs = no_funcs,
	}, {
		.name = "test_klp_reloc_target2",
		.funcs = no_funcs,
	}, { }
};

static struct klp_patch second_patch = {
	.mod = THIS_MODULE,
	.objs = no_objs,
};

static int enable(struct klp_patch *patch)
{
	int ret;

	patch->replace = replace;

	ret = klp_enable_patch(patch);
	if (!ret && twice)
		pr_info("second livepatch: %d\n", klp_enable_patch(&second_patch));

	return ret ?: init_ret;
}

#define PRE_PATCH pre_patch_callback
#define OBJECT2 "test_klp_reloc_target2"
#define ENABLE enable
#define BEFORE_EXIT() pr_info("exit after init returned %d\n", init_ret)
#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: relocations against symbols of two modules");
