// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz.c - the checks and the table of livepatch modules under libFuzzer
 *
 * An input is a module's file. The kernel's code makes a table of it, oracle.c reads it
 * another way, and both have to say the same. Byte 9 of the file, which nothing looks at,
 * says which allocation fails.
 */
#include <stdlib.h>
#include "user.h"
#include "../../../../../kernel/livepatch/reloc.h"

static const char * const outcomes[] = {
	[BAD_FILE] = "bad file", [TOO_BIG] = "too big", [NO_MEMORY] = "no memory",
	[REFUSED] = "refused", [ACCEPTED] = "accepted",
};

static unsigned long seen[ARRAY_SIZE(outcomes)];
/* How often a table was made, in whole or in part */
static unsigned long tables;

#define check(condition, what) do {						\
	if (!(condition)) {							\
		fprintf(stderr, "error: %s: not %s\n", what, #condition);	\
		abort();							\
	}									\
} while (0)

static bool is_named(const char *name, struct name want)
{
	return strlen(name) == want.len && !memcmp(name, want.start, want.len);
}

static void compare_symbols(const struct klp_relocs *relocs, const struct want *want)
{
	unsigned int i;

	check(relocs->nsymbols == want->nsymbols, "number of symbols");
	for (i = 0; i < want->nsymbols; i++) {
		const struct klp_symbol *sym = &relocs->symbols[i];
		const struct want_symbol *w = &want->symbols[i];

		check(relocs->index[w->index] == i + 1, "order of symbols");
		check(is_named(sym->holder->name, w->holder), "module with the symbol");
		check(is_named(sym->name, w->name), "name of a symbol");
		check(!sym->object == !w->object.start, "form of a symbol");
		check(!sym->object || is_named(sym->object->name, w->object),
		      "what a symbol is for");
		check(sym->pos == w->pos, "position");
		check(sym->nrelas == w->nrelas, "relocations of a symbol");
		check(sym->users == w->users, "users of a symbol");
		check(!sym->addr, "address of a symbol");
	}
}

/* Each object is there once, and says whether relocations for others use its symbols */
static void compare_objects(const struct klp_relocs *relocs, const struct want *want)
{
	const struct klp_reloc_object *object;
	unsigned int i;
	bool foreign;

	list_for_each_entry(object, &relocs->objects, node) {
		foreign = false;
		for (i = 0; i < want->nsymbols; i++)
			foreign |= want->symbols[i].foreign &&
				   is_named(object->name, want->symbols[i].holder);
		check(object->foreign == foreign, "others that use an object");
		check(klp_find_reloc_object(relocs, object->name, strlen(object->name)) == object,
		      "one of two equal objects");
	}
	check(!klp_find_reloc_object(relocs, "", 0), "object without a name");
}

/* Relocations of one section, object and class are together */
static void check_group(const struct klp_relocs *relocs, const struct klp_reloc_group *group)
{
	const struct klp_reloc_group *other;

	list_for_each_entry(other, &relocs->groups, node)
		check(other == group || other->sec != group->sec ||
		      other->object != group->object || other->class != group->class,
		      "one of two equal groups");
	check(group->count && group->count <= group->size, "size of a group");
}

/* The first relocation of a group that is wanted and was not seen yet */
static struct want_rela *find_want(const struct want *want, const struct klp_reloc_group *g,
				   unsigned int sec, const Elf_Rela *rela)
{
	unsigned int i;

	for (i = 0; i < want->nrelas; i++) {
		struct want_rela *w = &want->relas[i];

		if (w->sec == sec && w->class == g->class &&
		    is_named(g->object->name, w->object) &&
		    !memcmp(&w->rela, rela, sizeof(*rela)))
			return w;
	}

	return NULL;
}

static void compare_relas(const struct load *load, const struct want *want)
{
	const struct klp_relocs *relocs = load->mod->klp_relocs;
	const struct klp_reloc_group *group;
	const struct klp_symbol *sym;
	unsigned int i, n = 0, sec;
	struct want_rela *w;

	list_for_each_entry(group, &relocs->groups, node) {
		sec = group->sec - load->mod->klp_info->sechdrs;
		check(group->target == klp_elf_target(load->mod, group->sec), "target");
		check_group(relocs, group);
		for (i = 0; i < group->count; i++, n++) {
			w = find_want(want, group, sec, &group->relas[i]);
			check(w, "late relocation that is not in the file");
			/* Each is found once */
			w->sec = 0;
			sym = klp_symbol_at(load->mod, klp_rela_place(group, &group->relas[i]),
					    klp_rela_place(group, &group->relas[i]));
			check(sym, "symbol at a place");
		}
	}
	check(n == want->nrelas, "number of late relocations");
}

static void compare(const struct load *load, const struct want *want, enum outcome outcome)
{
	if (outcome == NO_MEMORY)
		return;
	if (outcome != want->outcome) {
		fprintf(stderr, "error: %s, but the oracle says: %s\n",
			outcomes[outcome], outcomes[want->outcome]);
		abort();
	}
	if (outcome == ACCEPTED) {
		compare_objects(load->mod->klp_relocs, want);
		compare_symbols(load->mod->klp_relocs, want);
		compare_relas(load, want);
		check(!klp_symbol_at(load->mod, 0, 0), "symbol at nothing");
	}
}

static void print_seen(void)
{
	unsigned long all = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(seen); i++)
		all += seen[i];
	fprintf(stderr, "executions %lu, tables %lu:", all, tables);
	for (i = 0; i < ARRAY_SIZE(seen); i++)
		fprintf(stderr, " %s %lu%s", outcomes[i], seen[i],
			i + 1 < ARRAY_SIZE(seen) ? "," : "\n");
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	shim_verbose = getenv("VERBOSE");

	return atexit(print_seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	void *file = malloc(len);
	enum outcome outcome;
	struct load load;
	struct want want;

	memcpy(file, data, len);
	read_want(&want, data, len);
	shim_fail = len > 9 ? data[9] : 0;
	shim_used = 0;
	outcome = load_file(&load, file, len);
	shim_fail = 0;
	compare(&load, &want, outcome);
	tables += load.mod && load.mod->klp_relocs;
	unload(&load);
	check(!shim_used, "memory that was not freed");
	free_want(&want);
	free(file);
	seen[outcome]++;

	return 0;
}
