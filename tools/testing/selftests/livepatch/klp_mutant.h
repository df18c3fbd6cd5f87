/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Damaged copies of livepatch modules: test_klp-fuzz.c loads what klp_mutant.c
 * makes.
 */
#ifndef _KLP_MUTANT_H
#define _KLP_MUTANT_H

#include <elf.h>
#include "klp_modules.h"

#define TARGET2			"test_klp_reloc_target2"

#define MAX_DAMAGES		3

/* A relocation against a klp symbol */
struct place {
	unsigned int section;
	unsigned int target;
	Elf64_Rela *rela;
};

/* A livepatch, and what it lets the target report of the value that this was given */
struct source {
	const char *name;
	const char *report;
	int first;
};

/* A good module; pointers are to its image */
struct good {
	char path[64];
	const struct source *source;
	struct image image;
	Elf64_Shdr *shdrs;
	unsigned int nsections;
	unsigned int symtab;
	unsigned int strtab;
	unsigned int shstrtab;
	Elf64_Sym *syms;
	unsigned int nsyms;
	unsigned int *klp_syms;
	unsigned int nklp_syms;
	struct place *places;
	unsigned int nplaces;
};

struct mutant {
	const struct good *good;
	struct image image;
	size_t capacity;
	unsigned long long random;
	/* Section headers and places that have a damage, which get no other */
	bool *headers;
	bool *places;
	unsigned int ndamages;
	unsigned int damages[MAX_DAMAGES];
	char words[1024];

	/* What is damaged next: where it is, its section or symbol, or place */
	void *thing;
	unsigned int index;
	const struct place *place;
};

static inline bool has_prefix(const char *str, const char *prefix)
{
	return !strncmp(str, prefix, strlen(prefix));
}

static inline void *get_memory(size_t count, size_t size)
{
	void *ptr = calloc(count, size);

	if (!ptr)
		err(1, "calloc");
	return ptr;
}

/* Find out about the module in @good->image, or exit */
void parse_good(struct good *good);

/* Memory for a mutant of any of these modules */
void prepare_mutant(struct mutant *m, const struct good *goods, unsigned int ngoods);

/* Mutant @number of those that @seed and the good modules make */
void make_mutant(struct mutant *m, const struct good *goods, unsigned int ngoods,
		 unsigned long long seed, unsigned long number);

/* The kinds of damage, by which a mutant's damages are numbered */
extern const unsigned int nkinds;
const char *kind_name(unsigned int kind);

/* A number below @n that depends on the mutant; another one each time */
unsigned int pick(struct mutant *m, unsigned int n);

#endif /* _KLP_MUTANT_H */
