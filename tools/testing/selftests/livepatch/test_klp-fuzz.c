// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp-fuzz - load damaged livepatch modules
 *
 * Loads what klp_mutant.c makes.  The kernel may refuse it or not, but it must do
 * no harm, and the good modules must still work.
 */

#include <getopt.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "klp_mutant.h"

#define MODULES_DIR		"test_modules"

#define MAX_ERRNO		256

/* Bits 5, 7, 9, 14: bad page (also KASAN's), oops, warning, soft lockup */
#define BAD_TAINT		0x42a0UL

static const struct source sources[] = {
	{ "test_klp_reloc", "code %d %d ", 0 },
	{ "test_klp_reloc_vmlinux", NULL, 0 },
	{ "test_klp_reloc_for", "own %d %d other %d %d", 0 },
	{ "test_klp_reloc_both", "own %d %d other %d %d", 0 },
	{ "test_klp_reloc_s390", "PLT16DBL %d ", 1 },
	{ "test_klp_reloc_ppc64", "call %d ", 1 },
};

static struct good goods[2 * ARRAY_SIZE(sources)];
static unsigned int ngoods;
static struct image targets[2];
static struct mutant mutant;

static unsigned long long seed;
static unsigned long first, count = 100, batch = 100;
static bool verbose;

/* The mutant being tried; shared with the process that tells how it ended */
static unsigned long *current;

static int kmsg;
static unsigned long bad_taint = BAD_TAINT;

static struct kind_count {
	unsigned long made;
	unsigned long loaded;
} *kind_counts;

/* Loads by their errors, of a batch and of all; the first is those that worked */
static unsigned long batch_results[MAX_ERRNO], results[MAX_ERRNO];

static void count_mutant(const struct mutant *m, int ret)
{
	unsigned int i, error = -ret < MAX_ERRNO ? -ret : MAX_ERRNO - 1;

	batch_results[error]++;
	results[error]++;
	for (i = 0; i < m->ndamages; i++) {
		kind_counts[m->damages[i]].made++;
		kind_counts[m->damages[i]].loaded += !ret;
	}
}

static void print_results(unsigned long counts[MAX_ERRNO])
{
	unsigned int i;

	printf("%lu loaded", counts[0]);
	for (i = 1; i < MAX_ERRNO; i++) {
		if (counts[i])
			printf(", %lu %s", counts[i], strerror(i));
	}
	printf("\n");
}

static bool is_loaded(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return !access(path, F_OK);
}

static unsigned long read_taint(void)
{
	char buf[32];

	if (!read_file(buf, sizeof(buf), "%s%s", "/proc/sys/kernel/", "tainted"))
		errx(1, "no /proc/sys/kernel/tainted");
	return strtoul(buf, NULL, 10);
}

static void load_targets(int value)
{
	if (load_target(&targets[1], value + 2) ||
	    load_target(&targets[0], value))
		errx(1, "a good target cannot be loaded");
}

static const char *target_name(unsigned int i)
{
	return i ? TARGET2 : TARGET;
}

/* A livepatch's symbols may be held by a target, a target's by a livepatch */
static void unload_all(const char *livepatch)
{
	unsigned int tries;

	for (tries = 0; tries < 10000; tries++) {
		if (livepatch && is_loaded(livepatch))
			unload_module(livepatch);
		unload_module(TARGET);
		unload_module(TARGET2);
		if (!is_loaded(TARGET) && !is_loaded(TARGET2) &&
		    !(livepatch && is_loaded(livepatch)))
			return;
		usleep(1000);
	}
	errx(1, "the livepatch or its targets cannot be unloaded");
}

/* The livepatch only, unless it has to wait for a target */
static void unload_livepatch(const char *livepatch)
{
	unsigned int tries;

	for (tries = 0; tries < 100; tries++) {
		if (!unload_module(livepatch))
			return;
		usleep(1000);
	}
	unload_all(livepatch);
}

/* What a livepatch that was not refused has to do */
static void use_mutant(struct mutant *m, bool early, unsigned long number)
{
	const char *name = m->good->source->name;
	unsigned int order = pick(m, 2);

	wait_enabled(name);
	if (early && !pick(m, 4)) {
		unload_module(target_name(order));
		unload_module(target_name(!order));
	}
	if (!is_loaded(TARGET)) {
		load_target(&targets[1], number);
		load_target(&targets[0], number);
	}
	if (!early && pick(m, 4)) {
		unload_module(target_name(order));
		unload_module(target_name(!order));
	}
	disable_livepatch(name);
	if (early)
		unload_livepatch(name);
	if (!early || !is_loaded(TARGET) || !is_loaded(TARGET2))
		unload_all(name);
	if (early && !is_loaded(TARGET))
		load_targets(number);
}

/* Has the kernel complained, be it without a taint? */
static void check_log(void)
{
	static const char * const bad[] = { "BUG:", "WARNING:", "UBSAN:" };
	char buf[8192];
	unsigned int i;
	ssize_t len;

	while ((len = read(kmsg, buf, sizeof(buf) - 1)) > 0 || errno == EPIPE) {
		buf[len > 0 ? len : 0] = '\0';
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			if (strstr(buf, bad[i]))
				errx(1, "the kernel says '%s'", buf);
		}
	}
}

static void check_kernel(void)
{
	unsigned long taint = read_taint() & bad_taint;

	if (taint)
		errx(1, "the kernel is tainted, %#lx", taint);
	check_log();
}

static void announce(const struct mutant *m, unsigned long number)
{
	char buf[sizeof(m->words) + 128];
	int len = snprintf(buf, sizeof(buf), "test_klp-fuzz: mutant %lu of %s%s",
			   number, m->good->path, m->words);

	if (write(kmsg, buf, len) != len)
		err(1, "/dev/kmsg");
	if (verbose)
		printf("%s\n", buf);
	fflush(stdout);
}

static void try_mutant(struct mutant *m, unsigned long number, bool early)
{
	int ret;

	*current = number;
	make_mutant(m, goods, ngoods, seed, number);
	announce(m, number);

	ret = load_image(&m->image, "");
	count_mutant(m, ret);
	if (verbose)
		printf("%s\n", ret ? strerror(-ret) : "loaded");
	if (!ret)
		use_mutant(m, early, number);
	else if (is_loaded(m->good->source->name))
		errx(1, "refused, but not gone");
	check_kernel();
}

static void check_report(const struct good *good, int value)
{
	char expected[128], report[4096];
	int len;

	if (!good->source->report) {
		snprintf(expected, sizeof(expected), "banner Linux version ");
		if (!read_file(report, sizeof(report), "%s%s", "/proc/", "cmdline"))
			errx(1, "no /proc/cmdline");
	} else {
		len = snprintf(expected, sizeof(expected), "%s: ", good->source->name);
		snprintf(expected + len, sizeof(expected) - len,
			 good->source->report, value + good->source->first,
			 value + 1, value + 2, value + 4);
		if (!read_param(report, sizeof(report), TARGET, "report"))
			errx(1, "no report of " TARGET);
	}
	if (!has_prefix(report, expected))
		errx(1, "%s does not work: '%s', not '%s'", good->path, report,
		     expected);
}

/* With targets that come before and after it */
static void check_good(const struct good *good, int value)
{
	int ret;

	load_targets(value);
	ret = load_image(&good->image, "");
	if (ret)
		errx(1, "%s cannot be loaded: %s", good->path, strerror(-ret));
	wait_enabled(good->source->name);
	check_report(good, value);
	unload_module(TARGET);
	unload_module(TARGET2);
	load_targets(value + 1000);
	check_report(good, value + 1000);
	disable_livepatch(good->source->name);
	unload_all(good->source->name);
}

static void end_batch(unsigned long done, bool last)
{
	unsigned int i;

	/* One after the other, since each takes as long as many mutants */
	unload_all(NULL);
	for (i = 0; i < ngoods; i++) {
		if (last || i == done / batch % ngoods)
			check_good(&goods[i], done % 1000000);
	}
	check_kernel();
	printf("%lu of %lu: ", done - first, count);
	print_results(batch_results);
	fflush(stdout);
	memset(batch_results, 0, sizeof(batch_results));
}

static void print_summary(void)
{
	unsigned int i;

	printf("%-26s %8s %8s\n", "damage", "made", "loaded");
	for (i = 0; i < nkinds; i++)
		printf("%-26s %8lu %8lu\n", kind_name(i),
		       kind_counts[i].made, kind_counts[i].loaded);
	printf("all: ");
	print_results(results);
}

static void run(void)
{
	unsigned long number, end = first + count;
	bool early;

	*current = ULONG_MAX;
	bad_taint &= ~read_taint();
	kmsg = open("/dev/kmsg", O_RDWR | O_NONBLOCK);
	if (kmsg < 0 || lseek(kmsg, 0, SEEK_END) < 0)
		err(1, "/dev/kmsg");
	for (number = first; number < end; number++) {
		early = number / batch % 2;
		if (early && (number == first || !(number % batch)))
			load_targets(number % 1000000);
		try_mutant(&mutant, number, early);
		if (number + 1 == end || !((number + 1) % batch))
			end_batch(number + 1, number + 1 == end);
	}
	print_summary();
}

/* In a process of its own, since an oops would kill it */
static int supervise(void)
{
	int status;
	pid_t pid;

	current = mmap(NULL, sizeof(*current), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (current == MAP_FAILED)
		err(1, "mmap");
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		run();
		exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	if (!status)
		return 0;

	if (WIFSIGNALED(status))
		printf("killed by signal %d\n", WTERMSIG(status));
	if (*current == ULONG_MAX)
		printf("FAILED before the first mutant\n");
	else
		printf("FAILED with mutant %lu, or one since %lu if a good module does not work;\n"
		       "again: test_klp-fuzz -v -s %ju -b %lu -f %lu -n 1\n",
		       *current, *current - *current % batch, (uintmax_t)seed,
		       batch, *current);

	return 1;
}

static void read_good(const struct source *source, const char *form)
{
	struct good *good = &goods[ngoods];

	snprintf(good->path, sizeof(good->path), MODULES_DIR "/%s%s.ko",
		 source->name, form);
	if (access(good->path, F_OK))
		return;
	good->source = source;
	good->image = read_image(good->path);
	parse_good(good);
	ngoods++;
}

static void read_modules(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sources); i++) {
		read_good(&sources[i], "");
		read_good(&sources[i], "-converted");
	}
	if (!ngoods)
		errx(1, "no modules in " MODULES_DIR);
	prepare_mutant(&mutant, goods, ngoods);
	kind_counts = get_memory(nkinds, sizeof(*kind_counts));
	targets[0] = read_image(MODULES_DIR "/" TARGET ".ko");
	targets[1] = read_image(MODULES_DIR "/" TARGET2 ".ko");
}

static int write_mutant(const char *path)
{
	FILE *file = fopen(path, "w");

	make_mutant(&mutant, goods, ngoods, seed, first);
	printf("%lu: %s%s\n", first, mutant.good->path, mutant.words);
	if (!file || fwrite(mutant.image.data, 1, mutant.image.size, file) !=
		     mutant.image.size || fclose(file))
		err(1, "%s", path);

	return 0;
}

static void print_help(FILE *to)
{
	fprintf(to,
		"usage: test_klp-fuzz [OPTION...]\n"
		"Load damaged copies of the livepatches in " MODULES_DIR "/.\n"
		"  -s SEED   what the mutants are made from (0)\n"
		"  -f FIRST  the first mutant's number (0)\n"
		"  -n COUNT  how many mutants (100)\n"
		"  -b BATCH  mutants between checks of the good modules (100);\n"
		"            the targets are there first in every second batch\n"
		"  -v        tell each mutant\n"
		"  -d FILE   write mutant FIRST to FILE, and do not load it\n"
		"  --help    this text\n");
}

static unsigned long long parse_number(const char *str)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(str, &end, 0);
	if (errno || *str < '0' || *str > '9' || *end)
		errx(2, "%s: not a number", str);
	return value;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	const char *file = NULL;
	int opt;

	while ((opt = getopt_long(argc, argv, "s:f:n:b:vd:h", options, NULL)) != -1) {
		switch (opt) {
		case 's':
			seed = parse_number(optarg);
			break;
		case 'f':
			first = parse_number(optarg);
			break;
		case 'n':
			count = parse_number(optarg);
			break;
		case 'b':
			batch = parse_number(optarg);
			break;
		case 'v':
			verbose = true;
			break;
		case 'd':
			file = optarg;
			break;
		case 'h':
			print_help(stdout);
			return 0;
		default:
			print_help(stderr);
			return 2;
		}
	}
	if (optind != argc || !count || !batch) {
		print_help(stderr);
		return 2;
	}

	read_modules();
	if (file)
		return write_mutant(file);

	printf("seed %ju, %lu mutants from %lu of %u modules\n",
	       (uintmax_t)seed, count, first, ngoods);
	return supervise();
}
