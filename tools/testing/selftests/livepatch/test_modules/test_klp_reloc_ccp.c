// SPDX-License-Identifier: GPL-2.0

/*
 * As klp-ccp writes livepatches for klp-convert: code that is taken from the target
 * uses the symbols by their names, and then each of them is declared once more.
 */

#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include "test_klp_reloc_ccp.h"

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s: vmlinux %016lx own %d twin %d other %d\n",
		       KBUILD_MODNAME, kallsyms_lookup_name("cmdline_proc_show"),
		       secret, twin_minus(1), secret_plus(2));
}

#define AFTER_USES
#include "test_klp_reloc_ccp.h"
#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: a livepatch that was written for klp-convert");
