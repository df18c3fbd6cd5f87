// SPDX-License-Identifier: GPL-2.0

/* A function is replaced by another one of its own object */
#include <linux/kernel.h>
#include <linux/module.h>
#include "test_klp_reloc.h"

#ifdef OF_VMLINUX
#define OLD_NAME	"cmdline_proc_show"
#define NEW_FUNC	vmlinux_version_show
#define OBJECT		NULL
#else
int target_at_get(char *buffer, const struct kernel_param *kp)
	KLP_SYMBOL(test_klp_reloc_target, at_get, 0);

#define NEW_FUNC	target_at_get
#endif

#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: a klp symbol as new function");
