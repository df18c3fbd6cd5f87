// SPDX-License-Identifier: GPL-2.0
/*
 * Code that runs whether the target is loaded or not, and uses its symbols.
 * What is killed for that must hold no lock that another test needs, nor a
 * reference that keeps this module: not a file of the module's own, and none that
 * modprobe reads.
 */
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include "test_klp_reloc.h"

static char *how = "";
module_param(how, charp, 0644);
MODULE_PARM_DESC(how, "what to do: call, tail or read (default: nothing)");

static bool at_exit;
module_param(at_exit, bool, 0644);
MODULE_PARM_DESC(at_exit, "do it in the exit function, too");

static int result;
module_param(result, int, 0644);
MODULE_PARM_DESC(result, "what the thread, the work or the timer has found");

/* The last instruction is a jump to the target's function */
asm(".pushsection .text\n"
	".balign 4\n"
	".type tail_insn, @function\n"
	"tail_insn:\n"
	TAIL_CALL(SECRET_PLUS)
	".size tail_insn, . - tail_insn\n"
	".popsection\n");

static noinline int use_target(void)
{
	if (sysfs_streq(how, "call"))
		return target_secret_plus(1) + 1000;
	if (sysfs_streq(how, "tail"))
		return tail_insn(1) + 2000;
	if (sysfs_streq(how, "read"))
		return target_secret + 3000;

	return 0;
}

static int livepatch_version_proc_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%s: %d\n", KBUILD_MODNAME, use_target());

	return 0;
}

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s: %d\n", KBUILD_MODNAME, target_secret_plus(1));
}

static int thread_fn(void *data)
{
	result = use_target();

	return 0;
}

static void work_fn(struct work_struct *work)
{
	result = use_target();
}

/* One whose worker was killed does not run again */
static struct work_struct works[4];
static unsigned int works_used;

static void timer_fn(struct timer_list *timer)
{
	result = use_target();
}

static DEFINE_TIMER(timer, timer_fn);

static int start_set(const char *val, const struct kernel_param *kp)
{
	if (sysfs_streq(val, "thread"))
		return PTR_ERR_OR_ZERO(kthread_run(thread_fn, NULL, KBUILD_MODNAME));
	/* A worker that is killed must not be one of those that are counted */
	if (sysfs_streq(val, "work") && works_used < ARRAY_SIZE(works)) {
		INIT_WORK(&works[works_used], work_fn);
		queue_work(system_unbound_wq, &works[works_used++]);
		return 0;
	}
	if (sysfs_streq(val, "timer"))
		return mod_timer(&timer, jiffies + 1);

	return -EINVAL;
}

static const struct kernel_param_ops start_ops = {
	.set = start_set,
};
module_param_cb(start, &start_ops, NULL, 0200);
MODULE_PARM_DESC(start, "where to do it: thread, work or timer");

/* Of vmlinux */
static struct klp_func funcs2[] = {
	{
		.old_name = "version_proc_show",
		.new_func = livepatch_version_proc_show,
	}, { }
};

static void stop(void)
{
	if (at_exit)
		use_target();
	timer_delete_sync(&timer);
}

#define OBJECT2 NULL
#define BEFORE_EXIT stop
#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: calls while the target is not loaded");
