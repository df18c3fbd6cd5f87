// SPDX-License-Identifier: GPL-2.0
/*
 * Let an operation on livepatches fail at each of its allocations, in turn, and
 * see each time that nothing is left of it and that it can be done again.
 *
 * The kernel counts the allocations of one task down to the one that it lets
 * fail: /proc/self/fail-nth.  What else is to be set is up to the caller.
 */

#include <sys/mman.h>
#include "klp_modules.h"

#define LIVEPATCH	"test_klp_reloc"
#define LIVEPATCH_FOR	"test_klp_reloc_for"
#define VMLINUX		"test_klp_reloc_vmlinux"
#define TARGET2		"test_klp_reloc_target2"
#define MAX_FAULTS	100000
#define MAX_ERRNO	256

/* Each load of the target has other values */
static int value = 1000;

static struct image livepatch, livepatch_for, target, target2;
static char cmdline[4096];
static int enabled_fd;

/*
 * @setup:	once, before
 * @prepare:	before each try
 * @run:	what faults are injected into; 0 or a negative error number
 * @failed:	what has to hold after it failed
 * @again:	try once more, without a fault; not each time, since transitions
 *		may take a second
 * @passed:	what has to hold after it did not fail; undoes it
 * @finish:	once, afterwards
 */
struct operation {
	const char *name;
	const char *livepatch;
	void (*setup)(void);
	void (*prepare)(void);
	int (*run)(void);
	void (*failed)(void);
	void (*again)(void);
	void (*passed)(void);
	void (*finish)(void);
};

/* A good load, without faults */
static void load(const struct image *image, const char *name)
{
	must(load_image(image, ""), name);
	wait_enabled(name);
}

static void load_next_target(void)
{
	must(load_target(&target, ++value), TARGET);
}

static void unload_target(void)
{
	must(unload_module(TARGET), TARGET);
}

static void nothing(void)
{
}

/* A module that failed to load must not be found anywhere */
static void check_gone(const char *name)
{
	char path[256], line[512];
	size_t len = strlen(name);
	FILE *modules;

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	if (!access(path, F_OK))
		errx(1, "%s is left", path);
	snprintf(path, sizeof(path), "/sys/kernel/livepatch/%s", name);
	if (!access(path, F_OK))
		errx(1, "%s is left", path);

	modules = fopen("/proc/modules", "r");
	if (!modules)
		err(1, "/proc/modules");
	while (fgets(line, sizeof(line), modules)) {
		if (!strncmp(line, name, len) && line[len] == ' ')
			errx(1, "/proc/modules has %s", name);
	}
	fclose(modules);
}

static void check_original(void)
{
	expect_param(TARGET, "report", TARGET ": original");
}

/* Load the livepatch while the target is there */

static int run_load(void)
{
	return load_image(&livepatch, "");
}

static void load_passed(void)
{
	wait_enabled(LIVEPATCH);
	check_target(LIVEPATCH, value);
	remove_livepatch(LIVEPATCH);
	check_original();
}

static void load_failed(void)
{
	check_gone(LIVEPATCH);
	check_original();
	unload_target();
	load_next_target();
	check_original();
}

static void load_again(void)
{
	load(&livepatch, LIVEPATCH);
	load_passed();
}

/* Load the target while the livepatch is enabled */

static void setup_target(void)
{
	load(&livepatch, LIVEPATCH);
}

static int run_target(void)
{
	return load_target(&target, ++value);
}

static void target_passed(void)
{
	check_target(LIVEPATCH, value);
	unload_target();
	check_undone(LIVEPATCH);
}

static void target_failed(void)
{
	check_gone(TARGET);
	check_undone(LIVEPATCH);
	load_next_target();
	target_passed();
}

static void finish_target(void)
{
	remove_livepatch(LIVEPATCH);
}

/*
 * The same, but before that livepatch another one is told of the target, and
 * takes a reference to a second module
 */

static void check_users(const char *users)
{
	char buf[16];

	if (!read_file(buf, sizeof(buf), "/sys/module/%s/%s", TARGET2, "refcnt"))
		errx(1, "%s is not there", TARGET2);
	if (strcmp(buf, users))
		errx(1, "users of %s: expected %s, got %s", TARGET2, users, buf);
}

static void setup_second(void)
{
	must(load_image(&target2, ""), TARGET2);
	load(&livepatch_for, LIVEPATCH_FOR);
	setup_target();
}

static void second_passed(void)
{
	check_users("1");
	target_passed();
	check_users("0");
}

static void second_failed(void)
{
	check_gone(TARGET);
	check_undone(LIVEPATCH);
	check_users("0");
	load_next_target();
	second_passed();
}

static void finish_second(void)
{
	finish_target();
	remove_livepatch(LIVEPATCH_FOR);
	must(unload_when_unused(TARGET2), TARGET2);
}

/* Load the livepatch of vmlinux */

static void read_cmdline(char *buf, size_t size)
{
	if (!read_file(buf, size, "/proc/%s%s", "cmdline", ""))
		errx(1, "no /proc/cmdline");
}

static void setup_vmlinux(void)
{
	read_cmdline(cmdline, sizeof(cmdline));
}

static void check_cmdline(void)
{
	char buf[sizeof(cmdline)];

	read_cmdline(buf, sizeof(buf));
	if (strcmp(buf, cmdline))
		errx(1, "/proc/cmdline is still patched: %s", buf);
}

static void vmlinux_passed(void)
{
	char buf[sizeof(cmdline)], banner[256], expected[300];

	wait_enabled(VMLINUX);
	read_cmdline(buf, sizeof(buf));
	if (!read_file(banner, sizeof(banner), "/proc/%s%s", "version", ""))
		errx(1, "no /proc/version");
	snprintf(expected, sizeof(expected), "banner %s", banner);
	if (strcmp(buf, expected))
		errx(1, "/proc/cmdline: expected '%s', got '%s'", expected, buf);
	remove_livepatch(VMLINUX);
	check_cmdline();
}

static void vmlinux_failed(void)
{
	check_gone(VMLINUX);
	check_cmdline();
}

static void vmlinux_again(void)
{
	load(&livepatch, VMLINUX);
	vmlinux_passed();
}

/* Disable the livepatch while the target is there */

static void prepare_disable(void)
{
	load(&livepatch, LIVEPATCH);
	enabled_fd = open("/sys/kernel/livepatch/" LIVEPATCH "/enabled", O_WRONLY);
	if (enabled_fd < 0)
		err(1, "cannot disable %s", LIVEPATCH);
}

static int run_disable(void)
{
	return write(enabled_fd, "0", 1) == 1 ? 0 : -errno;
}

static void disable_passed(void)
{
	close(enabled_fd);
	wait_livepatch(LIVEPATCH, "");
	check_original();
	must(unload_when_unused(LIVEPATCH), LIVEPATCH);
	unload_target();
	load_next_target();
}

static void disable_failed(void)
{
	wait_enabled(LIVEPATCH);
	check_target(LIVEPATCH, value);
	must(run_disable(), LIVEPATCH);
	disable_passed();
}

static const struct operation operations[] = {
	{ "load", LIVEPATCH, load_next_target, nothing, run_load,
	  load_failed, load_again, load_passed, unload_target },
	{ "target", LIVEPATCH, setup_target, nothing, run_target,
	  target_failed, nothing, target_passed, finish_target },
	{ "second", LIVEPATCH, setup_second, nothing, run_target,
	  second_failed, nothing, second_passed, finish_second },
	{ "vmlinux", VMLINUX, setup_vmlinux, nothing, run_load,
	  vmlinux_failed, vmlinux_again, vmlinux_passed, nothing },
	{ "disable", LIVEPATCH, load_next_target, prepare_disable, run_disable,
	  disable_failed, nothing, disable_passed, unload_target },
};

static int fail_nth_fd;

static void write_fail_nth(unsigned int nth)
{
	char buf[16];
	int len;

	len = snprintf(buf, sizeof(buf), "%u", nth);
	if (pwrite(fail_nth_fd, buf, len, 0) != len)
		err(1, "fail-nth");
}

/* Has the fault been injected?  Nothing more will be. */
static bool end_faults(void)
{
	char buf[16] = "";

	if (pread(fail_nth_fd, buf, sizeof(buf) - 1, 0) <= 0)
		err(1, "fail-nth");
	write_fail_nth(0);

	return !atoi(buf);
}

/* Run with one fault; false if the operation has not that many allocations */
static bool try_operation(const struct operation *op, unsigned int nth,
			  unsigned int *results)
{
	bool injected;
	int ret;

	op->prepare();
	write_fail_nth(nth);
	ret = op->run();
	injected = end_faults();

	if (!injected && ret)
		errx(1, "failed without a fault: %s", strerror(-ret));
	if (ret)
		op->failed();
	else
		op->passed();
	if (ret && nth % 10 == 0)
		op->again();
	if (injected)
		results[-ret]++;

	return injected;
}

static void print_results(const struct operation *op, const unsigned int *results,
			  unsigned int faults)
{
	unsigned int i;

	printf("# %s: %u faults, %u passed, %u failed:", op->name, faults,
	       results[0], faults - results[0]);
	for (i = 1; i < MAX_ERRNO; i++) {
		if (results[i])
			printf(" '%s' %u", strerror(i), results[i]);
	}
	printf("\n");
}

static void run_operation(const struct operation *op)
{
	static unsigned int results[MAX_ERRNO];
	unsigned int nth;

	op->setup();
	for (nth = 1; try_operation(op, nth, results); nth++) {
		if (nth == MAX_FAULTS)
			errx(1, "no end of faults");
	}
	op->finish();
	print_results(op, results, nth - 1);
	if (results[0] == nth - 1)
		errx(1, "nothing failed: is fault injection set up?");
}

static const struct operation *find_operation(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	}
	errx(1, "no operation %s", name);
}

static struct image read_livepatch(const char *name, const char *suffix)
{
	char file[64];

	snprintf(file, sizeof(file), "%s%s", name, suffix);

	return read_module(file);
}

int main(int argc, char **argv)
{
	const struct operation *op;

	if (argc != 3)
		errx(1, "usage: %s load|target|second|vmlinux|disable SUFFIX",
		     argv[0]);

	op = find_operation(argv[1]);
	livepatch = read_livepatch(op->livepatch, argv[2]);
	livepatch_for = read_livepatch(LIVEPATCH_FOR, argv[2]);
	target = read_module(TARGET);
	target2 = read_module(TARGET2);

	fail_nth_fd = open("/proc/self/fail-nth", O_RDWR);
	if (fail_nth_fd < 0)
		err(1, "/proc/self/fail-nth");
	/* Faults are for the operation, not for the pages of this program */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "mlockall");

	run_operation(op);

	return 0;
}
