// SPDX-License-Identifier: GPL-2.0

#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include "test_klp_reloc.h"

/* Replaces what /proc/cmdline shows */
#ifdef FOR_VMLINUX
static int livepatch_cmdline_proc_show(struct seq_file *m, void *v)
{
	seq_printf(m, "other %d %d\n", for_vmlinux_secret,
		   for_vmlinux_secret_plus(1));

	return 0;
}
#else
/* A place in .data: __used tells the compiler that it does not see all writes */
static int (*data_fn)(struct seq_file *m, void *v) __used = vmlinux_version_show;

static int livepatch_cmdline_proc_show(struct seq_file *m, void *v)
{
	char release[__NEW_UTS_LEN + 1];

	seq_printf(m, "banner %s", vmlinux_banner);
	seq_puts(m, "version ");
	vmlinux_version_show(m, v);
	seq_puts(m, "data ");
	READ_ONCE(data_fn)(m, v);
	seq_printf(m, "kobject %s\n", kobject_name(vmlinux_klp_kobj));
	vmlinux_sprintf(release, "%s", vmlinux_uts.name.release);
	seq_printf(m, "exported %s\n", release);
	seq_printf(m, "lookup %016lx\n",
		   vmlinux_lookup_name("cmdline_proc_show"));
	seq_printf(m, "positions %016lx %016lx\n",
		   (unsigned long)vmlinux_c_next_1,
		   (unsigned long)vmlinux_c_next_2);

	return 0;
}
#endif

#define OLD_NAME	"cmdline_proc_show"
#define NEW_FUNC	livepatch_cmdline_proc_show
#define OBJECT		NULL
#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: relocations that belong to vmlinux");
