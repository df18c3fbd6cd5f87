// SPDX-License-Identifier: GPL-2.0

/* A livepatch of an object whose name is a parameter */
#include <linux/kernel.h>
#include <linux/module.h>
#include "test_klp_reloc.h"

static char *object;
module_param(object, charp, 0444);
MODULE_PARM_DESC(object, "name of the patched object");

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s: named\n", KBUILD_MODNAME);
}

#define OBJECT NULL
#define BEFORE_ENABLE() (objs[0].name = object)
#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: names of objects");
