// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that load and unload targets, and livepatches that may replace each
 * other, all at the same time.  Whatever a target reports in between has to come
 * from the original or from one of the livepatches, with the right values.
 */

#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include "klp_modules.h"

#define LIVEPATCH	"test_klp_reloc"
#define LIVEPATCH2	"test_klp_reloc2"
#define TARGET2		"test_klp_reloc_target2"
#define MAX_ERRNO	256

static struct image livepatch1, livepatch2, target1, target2;

/* What the processes did: how often with which error number */
enum {
	LOAD_TARGET, UNLOAD_TARGET, LOAD_TARGET2, UNLOAD_TARGET2,
	LOAD_LIVEPATCH, DISABLE_LIVEPATCH, LOAD_LIVEPATCH2, DISABLE_LIVEPATCH2,
	REPORTS_ORIGINAL, REPORTS_LIVEPATCH, REPORTS_LIVEPATCH2, REPORTS_GONE,
	NCOUNTS
};

static const char * const count_names[] = {
	"load target", "unload target", "load target2", "unload target2",
	"load livepatch", "disable livepatch", "load livepatch2",
	"disable livepatch2", "report of original", "report of livepatch",
	"report of livepatch2", "report while target changed",
};

static unsigned int (*counts)[MAX_ERRNO];
static time_t deadline;

static int count(int what, int ret)
{
	counts[what][-ret]++;

	return ret;
}

/* A slow machine gets more time to show something */
static bool goes_on(void)
{
	time_t late = time(NULL) - deadline;

	return late < 0 ||
	       (late < 60 && !(counts[REPORTS_LIVEPATCH][0] &&
			       counts[REPORTS_LIVEPATCH2][0]));
}

static void nap(int ms)
{
	usleep(random() % (ms * 1000));
}

/* Each load has a value of its own, which tells it from any other one */
static void race_target(const char *name, const struct image *image, int what)
{
	int value;

	for (value = 1; goes_on(); value++) {
		if (!count(what, load_target(image, value))) {
			nap(100);
			while (count(what + 1, unload_module(name)))
				nap(10);
		}
		nap(10);
	}
}

static int disable(const char *name)
{
	char path[256];
	int fd, ret;

	snprintf(path, sizeof(path), "/sys/kernel/livepatch/%s/enabled", name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	ret = write(fd, "0", 1) == 1 ? 0 : -errno;
	close(fd);

	return ret;
}

static void race_livepatch(const char *name, const struct image *image, int what)
{
	while (goes_on()) {
		if (count(what, load_image(image, random() % 2 ? "replace=1" : ""))) {
			nap(10);
			continue;
		}
		nap(500);

		/* The other one may be in transition, or replace it */
		while (count(what + 1, disable(name)) == -EBUSY)
			nap(10);
		wait_livepatch(name, "");
		must(unload_when_unused(name), name);
	}
}

/* What a target reports, if it is the same one before and after; else "" */
static void read_report(const char *name, char *value, char *at, char *report)
{
	char again[16];

	if (read_param(value, 16, name, "value") &&
	    read_param(at, 64, name, "at") &&
	    read_param(report, 512, name, "report") &&
	    read_param(again, sizeof(again), name, "value") &&
	    !strcmp(value, again))
		return;

	report[0] = '\0';
}

/* What a target with this value has to report; who is one of REPORTS_... */
static void expect_report(char *buf, size_t size, const char *name, int who,
			  int value, const char *at)
{
	const char *livepatch = who == REPORTS_LIVEPATCH ? LIVEPATCH : LIVEPATCH2;

	if (who == REPORTS_ORIGINAL)
		snprintf(buf, size, "%s: original", name);
	else if (!strcmp(name, TARGET))
		format_report(buf, size, livepatch, value, at);
	else
		snprintf(buf, size, "%s: code %d %d", livepatch, value, value + 1);
}

/* The report is that of the original or of one of the livepatches, as a whole */
static void check_report(const char *name)
{
	char value[16], at[64], report[512], expected[512];
	int who;

	read_report(name, value, at, report);
	if (!report[0]) {
		count(REPORTS_GONE, 0);
		return;
	}

	for (who = REPORTS_ORIGINAL; who <= REPORTS_LIVEPATCH2; who++) {
		expect_report(expected, sizeof(expected), name, who, atoi(value), at);
		if (!strcmp(report, expected)) {
			count(who, 0);
			return;
		}
	}
	errx(1, "%s with value %s at %s reports '%s'", name, value, at, report);
}

static void race_report(void)
{
	while (goes_on()) {
		check_report(TARGET);
		check_report(TARGET2);
		nap(1);
	}
}

static void racer(int i)
{
	switch (i) {
	case 0:
		race_target(TARGET, &target1, LOAD_TARGET);
		break;
	case 1:
		race_target(TARGET2, &target2, LOAD_TARGET2);
		break;
	case 2:
		race_livepatch(LIVEPATCH, &livepatch1, LOAD_LIVEPATCH);
		break;
	case 3:
		race_livepatch(LIVEPATCH2, &livepatch2, LOAD_LIVEPATCH2);
		break;
	default:
		race_report();
	}
}

static void print_counts(void)
{
	int i, error;

	for (i = 0; i < NCOUNTS; i++) {
		printf("# %s: %u", count_names[i], counts[i][0]);
		for (error = 1; error < MAX_ERRNO; error++) {
			if (counts[i][error])
				printf(" '%s' %u", strerror(error),
				       counts[i][error]);
		}
		printf("\n");
	}
}

static void check_good(void)
{
	must(load_image(&livepatch1, ""), LIVEPATCH);
	wait_enabled(LIVEPATCH);
	must(load_target(&target1, 1234), TARGET);
	check_target(LIVEPATCH, 1234);
	must(unload_when_unused(TARGET), TARGET);
	check_undone(LIVEPATCH);
	remove_livepatch(LIVEPATCH);
}

#define NRACERS		5

static void run_race(int seconds, unsigned int seed)
{
	bool failed = false;
	int i, status;

	counts = mmap(NULL, NCOUNTS * sizeof(*counts), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		err(1, "counts");

	deadline = time(NULL) + seconds;
	for (i = 0; i < NRACERS; i++) {
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			srandom(seed + i);
			racer(i);
			exit(0);
		}
	}
	for (i = 0; i < NRACERS; i++) {
		if (wait(&status) < 0 || status)
			failed = true;
	}

	print_counts();
	if (failed)
		exit(1);
	if (!counts[REPORTS_LIVEPATCH][0] || !counts[REPORTS_LIVEPATCH2][0])
		errx(1, "there was no race: no report of a livepatch");
	check_good();
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(1, "usage: %s SECONDS SEED", argv[0]);

	livepatch1 = read_module(LIVEPATCH);
	livepatch2 = read_module(LIVEPATCH2);
	target1 = read_module(TARGET);
	target2 = read_module(TARGET2);
	run_race(atoi(argv[1]), strtoul(argv[2], NULL, 0));

	return 0;
}
