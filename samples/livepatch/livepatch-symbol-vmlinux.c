// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * livepatch-symbol-vmlinux.c - Livepatch that uses what vmlinux does not export
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>

/*
 * This livepatch adds the number of processes to /proc/cmdline.  It needs a
 * function and a variable that no module could use, and just says where they
 * are: the module loader does the rest.
 *
 * Example:
 *
 * $ cat /proc/cmdline
 * <your cmdline>
 *
 * $ insmod livepatch-symbol-vmlinux.ko	# logs where the symbols are; hashed,
 *					# unless booted with no_hash_pointers
 * $ cat /proc/cmdline
 * <your cmdline> processes=<how many there are>
 *
 * $ echo 0 > /sys/kernel/livepatch/livepatch_symbol_vmlinux/enabled
 * $ cat /proc/cmdline
 * <your cmdline>
 */

extern char *klp_saved_command_line KLP_SYMBOL(vmlinux, saved_command_line, 0);
extern int klp_nr_processes(void) KLP_SYMBOL(vmlinux, nr_processes, 0);

static int livepatch_cmdline_proc_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%s processes=%d\n", klp_saved_command_line,
		   klp_nr_processes());
	return 0;
}

static struct klp_func funcs[] = {
	{
		.old_name = "cmdline_proc_show",
		.new_func = livepatch_cmdline_proc_show,
	}, { }
};

static struct klp_object objs[] = {
	{
		/* name being NULL means vmlinux */
		.funcs = funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int livepatch_init(void)
{
	pr_info("saved_command_line is at %p, nr_processes() at %p\n",
		&klp_saved_command_line, klp_nr_processes);

	return klp_enable_patch(&patch);
}

static void livepatch_exit(void)
{
}

module_init(livepatch_init);
module_exit(livepatch_exit);
MODULE_DESCRIPTION("Livepatch sample: symbols that vmlinux does not export");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
