// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz.c - the checks and the table of livepatch modules under libFuzzer
 *
 * An input is a module's file. The kernel's code makes a table of it, oracle.c parses it
 * independently, and the results have to agree. Byte 9 (padding of e_ident) selects the
 * allocation that fails.
 */
#include <stdlib.h>
#include "user.h"
#include "reloc.h"

static const char * const outcomes[] = {
	[BAD_FILE] = "bad file", [TOO_BIG] = "too big", [NO_MEMORY] = "no memory",
	[REFUSED] = "refused", [ACCEPTED] = "accepted",
};

static unsigned long seen[ARRAY_SIZE(outcomes)];
/* How often a table was made, in whole or in part */
static unsigned long tables;

#define check(condition, what) do {						\
	if (!(condition)) {							\
		fprintf(stderr, "error: %s: (%s) is false\n", what, #condition);	\
		abort();							\
	}									\
} while (0)

static bool is_named(const char *name, struct name want)
{
	return strlen(name) == want.len && !memcmp(name, want.start, want.len);
}

/* The one object of that name */
static const struct klp_reloc_object *object_of(const struct klp_relocs *relocs,
						struct name name)
{
	const struct klp_reloc_object *object = NULL, *other;

	list_for_each_entry(other, &relocs->objects, node) {
		if (!is_named(other->name, name))
			continue;
		check(!object, "two objects of one name");
		object = other;
	}
	check(object, "object that is missing");
	check(klp_find_reloc_object(relocs, name.start, name.len) == object, "object");

	return object;
}

static bool is_wanted(const struct want *want, struct name name)
{
	bool wanted = false;
	unsigned int i;

	for (i = 0; i < want->nsymbols; i++)
		wanted |= same(want->symbols[i].holder, name) ||
			  same(want->symbols[i].object, name);
	for (i = 0; i < want->nsections; i++)
		wanted |= same(want->objects[i], name);

	return wanted;
}

/* No others than those wanted, and whether relocations for others use their symbols */
static void compare_objects(const struct klp_relocs *relocs, const struct want *want)
{
	const struct klp_reloc_object *object;
	bool foreign, used;
	unsigned int i;

	list_for_each_entry(object, &relocs->objects, node) {
		struct name name = { object->name, strlen(object->name) };

		check(object_of(relocs, name) == object, "object");
		check(is_wanted(want, name), "object that nothing is for");
		foreign = false;
		used = false;
		for (i = 0; i < want->nsymbols; i++) {
			if (!same(want->symbols[i].holder, name))
				continue;
			foreign |= want->symbols[i].foreign;
			used |= want->symbols[i].users != 0;
		}
		check(object->foreign == foreign, "others that use an object");
		check(object->client == (used ? object : NULL), "client of an object");
		check(!object->applied && !object->borrowed && !object->pinned, "object");
	}
	check(!klp_find_reloc_object(relocs, "", 0), "object without a name");
}

static bool is_in_bucket(const struct klp_relocs *relocs, const struct klp_symbol *sym)
{
	const struct klp_symbol *other;

	hlist_for_each_entry(other, klp_symbol_bucket(relocs, sym->name), node) {
		if (other == sym)
			return true;
	}

	return false;
}

static void compare_symbol(const struct klp_relocs *relocs, const struct klp_symbol *sym,
			   const struct want_symbol *want)
{
	check(sym->holder == object_of(relocs, want->holder), "module with the symbol");
	check(is_named(sym->name, want->name), "name of a symbol");
	check(!sym->object == !want->object.start, "form of a symbol");
	check(!sym->object || sym->object == object_of(relocs, want->object),
	      "what a symbol is for");
	check(sym->pos == want->pos, "position");
	check(sym->nrelas == want->nrelas, "relocations of a symbol");
	check(sym->users == want->users, "users of a symbol");
	check(!sym->addr && sym->written == KLP_NOT_WRITTEN, "address of a symbol");
	check(is_in_bucket(relocs, sym), "symbol in the hash table");
}

static void compare_symbols(const struct load *load, const struct want *want)
{
	const struct klp_relocs *relocs = load->mod->klp_relocs;
	unsigned int i, n = 0;
	bool plain = false;

	check(relocs->mod == load->mod, "module of a table");
	check(relocs->nsymbols == want->nsymbols, "number of symbols");
	for (i = 0; i < want->nsymbols; i++) {
		check(relocs->index[want->symbols[i].index] == i + 1, "order of symbols");
		compare_symbol(relocs, &relocs->symbols[i], &want->symbols[i]);
		plain |= !!want->symbols[i].object.start;
	}
	for (i = 0; i < klp_elf_num_symbols(load->mod); i++)
		n += relocs->index[i] != 0;
	check(n == want->nsymbols, "symbols of the file in the table");
	check(load->mod->using_gplonly_symbols == plain, "use of GPL-only symbols");
}

/* Is @sym the symbol of any relocation at the place of another one? */
static bool is_at(const struct load *load, const struct klp_symbol *sym, unsigned long place)
{
	const struct klp_relocs *relocs = load->mod->klp_relocs;
	const struct klp_reloc_group *group;
	unsigned int i;

	list_for_each_entry(group, &relocs->groups, node) {
		for (i = 0; i < group->count; i++) {
			if (klp_rela_place(group, &group->relas[i]) == place &&
			    klp_rela_symbol(relocs, &group->relas[i]) == sym)
				return true;
		}
	}

	return !sym;
}

static void check_place(const struct load *load, unsigned long place)
{
	const struct klp_symbol *sym = klp_symbol_at(load->mod, place, place);

	check(sym && is_at(load, sym, place), "symbol at a place");
	sym = klp_symbol_at(load->mod, place + 1, place + 1);
	check(is_at(load, sym, place + 1), "symbol after a place");
	check(klp_symbol_at(load->mod, place - 1, place), "symbol in a range");
}

/* Its relocations are those of the file that belong to it, in the same order */
static void compare_group(const struct load *load, const struct klp_reloc_group *group,
			  const struct want *want)
{
	unsigned int i = 0, j, sec = group->sec - load->mod->klp_info->sechdrs;

	check(group->target == klp_elf_target(load->mod, group->sec), "target");
	check(group->count && group->count <= group->size, "size of a group");
	for (j = 0; j < want->nrelas; j++) {
		const struct want_rela *w = &want->relas[j];

		if (w->sec != sec || w->class != group->class ||
		    group->object != object_of(load->mod->klp_relocs, w->object))
			continue;
		check(i < group->count && !memcmp(&group->relas[i], &w->rela, sizeof(w->rela)),
		      "late relocation");
		check_place(load, klp_rela_place(group, &group->relas[i++]));
	}
	check(i == group->count, "number of late relocations in a group");
}

static void compare_groups(const struct load *load, const struct want *want)
{
	const struct klp_reloc_group *group;
	unsigned int n = 0;

	list_for_each_entry(group, &load->mod->klp_relocs->groups, node) {
		compare_group(load, group, want);
		n += group->count;
	}
	check(n == want->nrelas, "number of late relocations");
	check(!klp_symbol_at(load->mod, 0, 0), "symbol found at address 0");
}

/* What is left in the relocation sections, which the module loader applies */
static void compare_contents(const struct load *load, const struct want *want)
{
	unsigned int i;

	for (i = 0; i < want->nsections; i++) {
		const Elf_Shdr *sec = klp_elf_section(load->mod, i);

		check(!want->contents[i] ||
		      !memcmp(want->contents[i], (void *)sec->sh_addr, sec->sh_size),
		      "contents of a relocation section");
	}
}

static void compare(const struct load *load, const struct want *want, enum outcome outcome)
{
	check(shim_failed == (outcome == NO_MEMORY), "out of memory");
	if (outcome == NO_MEMORY)
		return;
	if (outcome != want->outcome) {
		fprintf(stderr, "error: %s, but the oracle says: %s\n",
			outcomes[outcome], outcomes[want->outcome]);
		abort();
	}
	if (outcome == ACCEPTED) {
		compare_objects(load->mod->klp_relocs, want);
		compare_symbols(load, want);
		compare_groups(load, want);
		compare_contents(load, want);
	}
}

static void print_seen(void)
{
	unsigned long all = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(seen); i++)
		all += seen[i];
	fprintf(stderr, "executions %lu tables %lu:", all, tables);
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
	shim_failed = false;
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
