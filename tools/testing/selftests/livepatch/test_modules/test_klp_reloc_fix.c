// SPDX-License-Identifier: GPL-2.0

#include <linux/kernel.h>
#include <linux/module.h>
#include "test_klp_reloc_fix.h"

static int pre_patch_ret;
module_param(pre_patch_ret, int, 0644);
MODULE_PARM_DESC(pre_patch_ret, "pre_patch_ret (default=0)");

/* With -fPIC the compiler does not relocate .rodata. The assembler does. */
#ifdef IN_RODATA
asm(".pushsection .rodata, \"a\"\n"
	".balign 8\n"
	"rodata_place:\n"
	".quad " OF_TARGET("written") "\n"
	".popsection\n");
#define PLACE		((int **)&rodata_place)
#else
static int *data_place = &target_written;
#define PLACE		(&data_place)
#endif

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	int **pointer = PLACE;

	/* The compiler must not know what the place holds */
	OPTIMIZER_HIDE_VAR(pointer);
	**pointer = target_secret + 1000;

	return sprintf(buffer, "%s: %d %d\n", KBUILD_MODNAME, target_secret,
		       target_secret_plus(1));
}

static int pre_patch_callback(struct klp_object *obj)
{
	return pre_patch_ret;
}

#define PRE_PATCH	pre_patch_callback
#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: relocations against symbols of a module");
