// SPDX-License-Identifier: GPL-2.0

/* Wants for the target what a module has that imports from the target */
#include <linux/kernel.h>
#include <linux/module.h>
#include "test_klp_reloc.h"

extern int user_secret
	KLP_SYMBOL_FOR(test_klp_reloc_user, secret, 0, test_klp_reloc_target);

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s: %d\n", KBUILD_MODNAME, user_secret);
}

#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: a circle of modules");
