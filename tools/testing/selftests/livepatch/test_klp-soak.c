// SPDX-License-Identifier: GPL-2.0
/*
 * Load and unload the target of a livepatch many times, each time somewhere else
 * and with other values.  What the livepatch finds has to be right each time,
 * and no memory must be lost.
 */

#include <elf.h>
#include <limits.h>
#include "klp_modules.h"

#define LIVEPATCH	"test_klp_reloc"
#define FILLER		"test_klp_reloc_filler"
#define NFILLERS	32

/* As many of the first cycles have the target at another address each */
#define NEW_PLACES	1000
#define MAX_TRIES	100

/* Bytes that a cycle may leak, and cycles without which nobody could tell */
#define MAX_LEAK	8
#define MIN_CYCLES	1000

static struct image livepatch, target, filler;

static int rnd(int below)
{
	return random() % below;
}

static bool fillers[NFILLERS];

/* The filler's .bss, and what becomes text in memory: neither is in the file */
static Elf64_Shdr *filler_bss, *filler_text;
static Elf64_Xword least_bss;

/*
 * Text can be taken from where data is not, as on x86-64 from a cache of big pages:
 * both have to be filled.
 */
static void find_filler_sections(void)
{
	Elf64_Ehdr *ehdr = (void *)filler.data;
	Elf64_Shdr *shdrs = (void *)filler.data + ehdr->e_shoff;
	const char *names = filler.data + shdrs[ehdr->e_shstrndx].sh_offset;
	int i;

	for (i = 1; i < ehdr->e_shnum; i++) {
		if (!strcmp(names + shdrs[i].sh_name, ".bss"))
			filler_bss = &shdrs[i];
		if (!strcmp(names + shdrs[i].sh_name, ".filler"))
			filler_text = &shdrs[i];
	}
	if (!filler_bss || !filler_text)
		errx(1, "%s has no .bss, or no .filler", FILLER);
	least_bss = filler_bss->sh_size;
	filler_text->sh_flags = SHF_ALLOC | SHF_EXECINSTR;
}

/* As long as FILLER */
static void filler_name(char *name, size_t size, int i)
{
	snprintf(name, size, "test_klp_reloc_fill%c%c", '0' + i / 10, '0' + i % 10);
}

/* The image has the module's name in several places */
static void rename_filler(const char *old, const char *new)
{
	size_t len = strlen(old);
	char *pos = filler.data, *end = pos + filler.size;

	while ((pos = memmem(pos, end - pos, old, len))) {
		memcpy(pos, new, len);
		pos += len;
	}
}

/* Unload a filler, or load it with so many pages more than it needs */
static void toggle_filler(int i, int pages)
{
	char name[sizeof(FILLER)];

	filler_name(name, sizeof(name), i);
	if (fillers[i]) {
		must(unload_when_unused(name), name);
	} else {
		filler_bss->sh_size = least_bss + pages * getpagesize();
		filler_text->sh_size = 1 + pages * getpagesize();
		rename_filler(FILLER, name);
		must(load_image(&filler, ""), name);
		rename_filler(name, FILLER);
	}
	fillers[i] = !fillers[i];
}

static void unload_fillers(void)
{
	int i;

	for (i = 0; i < NFILLERS; i++) {
		if (fillers[i])
			toggle_filler(i, 0);
	}
}

/* Where the target's text has been, and how often all of it was elsewhere */
static unsigned long *places;
static int nplaces;
static int nmoves;

/* False if its text was there before */
static bool count_place(void)
{
	static unsigned long last_data, last_text;
	unsigned long data, text;
	char at[64];
	int i;

	if (!read_param(at, sizeof(at), TARGET, "at") ||
	    sscanf(at, "%lx %lx", &data, &text) != 2)
		errx(1, "%s is nowhere", TARGET);

	nmoves += data != last_data && text != last_text;
	last_data = data;
	last_text = text;

	for (i = 0; i < nplaces; i++) {
		if (places[i] == text)
			return false;
	}
	places[nplaces++] = text;

	return true;
}

/* A filler that is bigger each time pushes the target on */
static void push_target(void)
{
	static int pages;

	unload_fillers();
	toggle_filler(0, ++pages);
}

/* The target fits between other modules: let another filler take that place */
static void plug_place(void)
{
	int i;

	for (i = 1; i < NFILLERS; i++) {
		if (!fillers[i]) {
			toggle_filler(i, 0);
			return;
		}
	}

	push_target();
}

static void reload_target(int value)
{
	must(load_target(&target, value), TARGET);
	check_target(LIVEPATCH, value);
}

static void unload_target(void)
{
	must(unload_when_unused(TARGET), TARGET);
	check_undone(LIVEPATCH);
}

static void run_cycle(bool new_place)
{
	int i, tries = 0, value = random() & 0xffffff;

	if (new_place) {
		push_target();
	} else {
		for (i = rnd(3); i >= 0; i--)
			toggle_filler(rnd(NFILLERS), rnd(16));
	}

	reload_target(value);
	while (!count_place() && new_place) {
		if (++tries == MAX_TRIES)
			errx(1, "cannot get %s to another address", TARGET);
		unload_target();
		plug_place();
		reload_target(value);
	}
	unload_target();
}

/*
 * What shows a leak, in kB, with the noise that has to be allowed for.  There
 * are a warm-up and two parts of the same number of cycles.  Within each part
 * the lowest use is taken: what is freed late, or kept for later use, only adds
 * to it.
 */
static const struct {
	const char *name;
	long noise;
} memory[] = {
	{ "MemAvailable", 512 },
	{ "Slab", 128 },
	{ "SUnreclaim", 128 },
	{ "VmallocUsed", 128 },
	{ "Percpu", 128 },
};

#define NMEMORY		ARRAY_SIZE(memory)
#define NSAMPLES	20
#define PART		(NSAMPLES / 4)

static long samples[NSAMPLES][NMEMORY];

static void read_memory(long *sample)
{
	char line[128], name[64];
	unsigned int i;
	long value;
	FILE *file;

	unload_fillers();
	if (!write_file("/proc/sys/vm/drop_caches", "3"))
		err(1, "drop_caches");

	file = fopen("/proc/meminfo", "r");
	if (!file)
		err(1, "/proc/meminfo");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63[^:]: %ld", name, &value) != 2)
			continue;
		for (i = 0; i < NMEMORY; i++) {
			if (!strcmp(name, memory[i].name))
				sample[i] = value;
		}
	}
	fclose(file);
}

static void print_places(int cycle, const char *end)
{
	printf("# %d cycles, %d moves, %d addresses%s", cycle, nmoves, nplaces, end);
	fflush(stdout);
}

static void print_memory(int cycle, const long *sample)
{
	unsigned int i;

	print_places(cycle, ", kB:");
	for (i = 0; i < NMEMORY; i++)
		printf(" %s %ld", memory[i].name, sample[i]);
	printf("\n");
	fflush(stdout);
}

static long lowest_use(int first, unsigned int name)
{
	long use, lowest = LONG_MAX;
	int i;

	for (i = first; i < first + PART; i++) {
		/* The first one is not what is used, but what is not */
		use = name ? samples[i][name] : -samples[i][name];
		if (use < lowest)
			lowest = use;
	}

	return lowest;
}

/* In a debug kernel too much memory is freed late, but it has a leak detector */
static void check_memory(int cycles)
{
	bool debug = !access("/sys/kernel/debug/kmemleak", F_OK);
	long growth, limit;
	unsigned int i;

	cycles /= 2;
	for (i = 0; i < NMEMORY; i++) {
		growth = lowest_use(NSAMPLES - PART, i) -
			 lowest_use(NSAMPLES / 2 - PART, i);
		limit = memory[i].noise + cycles * MAX_LEAK / 1024;
		printf("# %s: %ld kB more used in %d cycles, limit %ld kB\n",
		       memory[i].name, growth, cycles, limit);
		fflush(stdout);
		if (growth > limit && !debug && cycles >= MIN_CYCLES)
			errx(1, "memory leaks");
	}
	if (debug || cycles < MIN_CYCLES)
		printf("# not judged: %s\n", debug ? "a debug kernel" : "too few cycles");
}

static void run_cycles(int cycles)
{
	/* Those with a new address use other memory, and cannot be compared */
	int first = cycles < 2 * NEW_PLACES ? 0 : NEW_PLACES;
	int i, sample = 0;

	places = calloc(cycles, sizeof(*places));
	if (!places)
		err(1, "addresses");

	must(load_image(&livepatch, ""), LIVEPATCH);
	wait_enabled(LIVEPATCH);
	for (i = 1; i <= cycles; i++) {
		run_cycle(i <= NEW_PLACES);
		if (i <= first && i % (NEW_PLACES / 10) == 0)
			print_places(i, "\n");
		if (i <= first || (i - first) * NSAMPLES / (cycles - first) == sample)
			continue;
		read_memory(samples[sample]);
		print_memory(i, samples[sample++]);
	}
	remove_livepatch(LIVEPATCH);

	if (nplaces < cycles && nplaces < NEW_PLACES)
		errx(1, "the target has been at only %d addresses", nplaces);
	if (nmoves < cycles / 4)
		errx(1, "the target has moved only %d times", nmoves);
	check_memory(cycles - first);
}

int main(int argc, char **argv)
{
	int cycles;

	if (argc != 3)
		errx(1, "usage: %s CYCLES SEED", argv[0]);

	cycles = atoi(argv[1]);
	if (cycles < NSAMPLES)
		errx(1, "fewer than %d cycles show nothing", NSAMPLES);
	srandom(strtoul(argv[2], NULL, 0));

	livepatch = read_module(LIVEPATCH);
	target = read_module(TARGET);
	filler = read_module(FILLER);
	find_filler_sections();
	run_cycles(cycles);

	return 0;
}
