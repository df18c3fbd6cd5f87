// SPDX-License-Identifier: GPL-2.0
/*
 * Runs in the guest: loads modules and says how many seconds init_module()
 * took, or how much memory a module keeps.  Every result is a line that begins
 * with "bench:" and the arguments.
 */

#include <time.h>
#include "klp_modules.h"

static const char *form;

/* Seconds */
static double load(const char *name)
{
	struct timespec start, end;
	struct image image;
	char path[256];
	int ret;

	snprintf(path, sizeof(path), "/bench/%s/%s.ko", form, name);
	if (access(path, F_OK))
		snprintf(path, sizeof(path), "/bench/converted/%s.ko", name);
	image = read_image(path);
	/* What has gone before must not use the time */
	sleep(1);
	clock_gettime(CLOCK_MONOTONIC, &start);
	ret = load_image(&image, "");
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (ret)
		errx(1, "%s cannot be loaded: %s", name, strerror(-ret));
	free(image.data);

	return end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9;
}

static void unload(const char *name)
{
	int ret = unload_when_unused(name);

	if (ret)
		errx(1, "%s cannot be unloaded: %s", name, strerror(-ret));
}

static bool is_livepatch(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/kernel/livepatch/%s", name);

	return !access(path, F_OK);
}

static void load_livepatch(const char *name)
{
	printf(" %.6f", load(name));
	wait_enabled(name);
}

/* In vmalloc() and module memory, and in the slabs */
static long kept_memory(void)
{
	char line[128];
	long kb, sum = 0;
	FILE *file;

	/* Init memory is freed later */
	sleep(2);
	file = fopen("/proc/meminfo", "r");
	if (!file)
		err(1, "/proc/meminfo");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "VmallocUsed: %ld", &kb) == 1 ||
		    sscanf(line, "Slab: %ld", &kb) == 1)
			sum += kb;
	}
	fclose(file);

	return sum;
}

/* A module alone, or when a module that it needs is there */
static void bench_alone(const char *name, const char *first)
{
	if (first)
		load(first);
	printf(" %.6f", load(name));
	unload(name);
	if (first)
		unload(first);
}

/* A livepatch, and then the target if there is one */
static void bench_livepatch(const char *name, const char *target)
{
	load_livepatch(name);
	if (target) {
		printf(" %.6f", load(target));
		unload(target);
	}
	remove_livepatch(name);
}

static void bench_memory(const char *name, const char *first)
{
	long before;

	if (first)
		load(first);
	before = kept_memory();
	load(name);
	if (is_livepatch(name))
		wait_enabled(name);
	printf(" %ld", kept_memory() - before);
	if (is_livepatch(name))
		remove_livepatch(name);
	else
		unload(name);
	if (first)
		unload(first);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(const char *module, const char *other);
	} jobs[] = {
		{ "alone", bench_alone },
		{ "livepatch", bench_livepatch },
		{ "memory", bench_memory },
	};
	const char *other = argc > 4 ? argv[4] : NULL;
	size_t i;

	if (argc < 4 || argc > 5)
		errx(2, "usage: bench FORM alone|livepatch|memory MODULE [MODULE]");

	form = argv[1];
	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		if (strcmp(argv[2], jobs[i].name))
			continue;
		printf("bench: %s %s %s", form, argv[2], argv[3]);
		jobs[i].run(argv[3], other);
		putchar('\n');
		return 0;
	}
	errx(2, "%s: no such job", argv[2]);
}
