/* SPDX-License-Identifier: GPL-2.0 */
/*
 * user.h - the parts of the fuzzer
 */
#ifndef _USER_H
#define _USER_H

/* Sections that need more memory are not tried */
#define MAX_MEMORY		SZ_16M

/* What becomes of a file */
enum outcome { BAD_FILE, TOO_BIG, NO_MEMORY, REFUSED, ACCEPTED };

/* Names are not terminated: they are where the reader found them */
struct name {
	const char *start;
	size_t len;
};

static inline bool same(struct name a, struct name b)
{
	return a.len == b.len && !memcmp(a.start, b.start, a.len);
}

struct want_symbol {
	unsigned int index;
	struct name holder;
	struct name name;
	unsigned int pos;
	/* Plain form: what waits for it; converted form: none */
	struct name object;
	unsigned int nrelas;
	unsigned int users;
	/* Relocations that wait for something else than the holder use it */
	bool foreign;
};

struct want_rela {
	struct name object;
	unsigned int sec;
	enum klp_reloc_class class;
	Elf64_Rela rela;
};

/* What oracle.c reads in a file */
struct want {
	/* Section by section, what remains of relocation sections; others have none */
	unsigned char **contents;
	/* What sections of the converted form are for */
	struct name *objects;
	unsigned int nsections;
	unsigned char *file;
	size_t len;
	enum outcome outcome;
	struct want_symbol *symbols;
	unsigned int nsymbols;
	struct want_rela *relas;
	unsigned int nrelas;
};

/* What a module is while it is being loaded */
struct load {
	struct load_info info;
	struct module *mod;
	/* Memory of each section, NULL for those in the file */
	void **sections;
};

/* loader.c: load a file that is in memory of its size, and is changed */
enum outcome load_file(struct load *load, void *file, size_t len);
void unload(struct load *load);

/* oracle.c: read a file, with nothing of the kernel's code */
void read_want(struct want *want, const void *file, size_t len);
void free_want(struct want *want);

/* What libFuzzer has, and what it calls */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif /* _USER_H */
