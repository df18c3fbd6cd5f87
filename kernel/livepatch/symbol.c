// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbol.c - Find symbols that are not exported
 *
 * Symbols are found in kallsyms by object, name and position among equal
 * names.  All symbols that a table wants of an object are found by one pass over
 * the object's symbols, so that the cost grows with the symbols of the object
 * plus those that are wanted.  The symbols of vmlinux are sorted by name, too,
 * which is better if few are wanted of many.
 *
 * The addresses are good for as long as the caller keeps the object loaded: by
 * klp_mutex for a module whose load and unload livepatch handles, by a reference
 * for any other module.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kallsyms.h>
#include <asm/sections.h>
#include "../kallsyms_internal.h"
#include "reloc.h"

/*
 * To look one symbol up by its name takes about as long as to go over this many:
 * it expands one name for each step of a binary search, after going over up to
 * 255 others to find where it starts.  Measured on x86-64.
 */
#define KLP_SYMBOLS_PER_LOOKUP	64

/* Stands for the address of a symbol that is freed with init memory */
#define KLP_ADDR_INIT		(~0UL)

/**
 * struct klp_search - search for symbols of one object
 * @relocs:	table of the livepatch module; NULL to search for @sym only
 * @holder:	the object, whose wanted symbols of @relocs are searched for
 * @sym:	the symbol that is searched for
 * @mod:	the object's module, NULL for vmlinux
 */
struct klp_search {
	const struct klp_relocs *relocs;
	const struct klp_reloc_object *holder;
	struct klp_symbol *sym;
	const struct module *mod;
};

static bool klp_module_keeps(const struct module *mod, unsigned long addr)
{
#ifdef CONFIG_SMP
	unsigned long percpu = (unsigned long)mod->percpu;

	if (addr >= percpu && addr < percpu + mod->percpu_size)
		return true;
#endif
	return within_module_core(addr, mod);
}

/* The per-CPU template lies in init memory, its symbols stay valid */
static bool klp_vmlinux_keeps(unsigned long addr)
{
	if (addr >= (unsigned long)__per_cpu_start && addr < (unsigned long)__per_cpu_end)
		return true;

	return !init_section_contains((void *)addr, 1);
}

/*
 * kallsyms has symbols of init memory as well, those of a module until its init
 * function has returned.  A name that is unique without them is unique, and the
 * positions of the plain form do not count them, so that both mean the same
 * whatever was loaded first.  The positions of the converted form count them, as
 * the tools that make it do.
 */
static void klp_match(const struct klp_search *search, struct klp_symbol *sym,
		      unsigned long addr)
{
	bool keeps = search->mod ? klp_module_keeps(search->mod, addr) : klp_vmlinux_keeps(addr);
	/* An init function can be patched as long as it is there */
	unsigned long found = keeps || !search->relocs ? addr : KLP_ADDR_INIT;

	if (!keeps && search->relocs && (!sym->pos || klp_is_plain(sym))) {
		if (!sym->count)
			sym->found = found;
		return;
	}

	if (++sym->count == (sym->pos ?: 1))
		sym->found = found;
}

/*
 * Log why a symbol was not found for livepatch module @pmod; return 0 if it was.  KLP_SYMBOL()
 * cannot be used for symbols of modules that are not GPL-compatible.
 */
static int klp_match_result(const struct klp_symbol *sym, const struct module *pmod,
			    const struct module *mod)
{
	const char *why = NULL;

	if (mod && klp_is_plain(sym) && test_bit(TAINT_PROPRIETARY_MODULE, &mod->taints))
		why = "the module is not GPL-compatible";
	else if (!sym->pos && sym->count > 1)
		why = "the name is not unique, a position is needed";
	else if (sym->count && sym->pos > sym->count)
		why = "fewer symbols have this name";
	else if (sym->found == KLP_ADDR_INIT)
		why = "it is in init memory";
	else if (!sym->found)
		why = "not found in kallsyms";

	if (!why)
		return 0;

	pr_err("%s: symbol '%*pE' of object '%s' cannot be resolved: %s (position %u, %u found)\n",
	       pmod->name, klp_log_len(sym->name), sym->name, mod ? mod->name : KLP_VMLINUX,
	       why, sym->pos, sym->count);

	return -EINVAL;
}

static int klp_match_callback(void *data, unsigned long addr)
{
	struct klp_search *search = data;

	klp_match(search, search->sym, addr);
	return 0;
}

static int klp_match_name(void *data, const char *name, unsigned long addr)
{
	struct klp_search *search = data;

	return strcmp(search->sym->name, name) ? 0 : klp_match_callback(data, addr);
}

/* A symbol of the object has been seen; is it one that is wanted? */
static int klp_match_wanted(void *data, const char *name, unsigned long addr)
{
	struct klp_search *search = data;
	struct klp_symbol *sym;

	hlist_for_each_entry(sym, klp_symbol_bucket(search->relocs, name), node) {
		if (klp_is_wanted(sym, search->holder) && !strcmp(sym->name, name))
			klp_match(search, sym, addr);
	}
	return 0;
}

static void klp_search_vmlinux(struct klp_search *search, unsigned int wanted)
{
	const struct klp_relocs *relocs = search->relocs;
	unsigned int i;

	if (wanted > kallsyms_num_syms / KLP_SYMBOLS_PER_LOOKUP) {
		kallsyms_on_each_symbol(klp_match_wanted, search);
		return;
	}

	for (i = 0; i < relocs->nsymbols; i++) {
		search->sym = &relocs->symbols[i];
		if (klp_is_wanted(search->sym, search->holder))
			kallsyms_on_each_match_symbol(klp_match_callback, search->sym->name,
						      search);
	}
}

/**
 * klp_find_symbols() - find all symbols that a table wants of one object
 * @relocs:	table of a livepatch module
 * @holder:	the object, of @relocs
 * @mod:	the object's module, which must stay loaded; NULL for vmlinux
 *
 * Each symbol that cannot be resolved is logged, and the others are resolved.
 *
 * Context: Process context.  Takes and releases module_mutex.
 * Return: 0 with all the addresses in klp_symbol.addr, or -EINVAL
 */
int klp_find_symbols(const struct klp_relocs *relocs, const struct klp_reloc_object *holder,
		     const struct module *mod)
{
	struct klp_search search = {
		.relocs = relocs,
		.holder = holder,
		.mod = mod,
	};
	unsigned int i, wanted = 0;
	struct klp_symbol *sym;
	int ret = 0;

	for (i = 0; i < relocs->nsymbols; i++) {
		relocs->symbols[i].count = 0;
		relocs->symbols[i].found = 0;
		wanted += klp_is_wanted(&relocs->symbols[i], holder);
	}
	if (!wanted)
		return 0;

	if (mod)
		module_kallsyms_on_each_symbol(mod->name, klp_match_wanted, &search);
	else
		klp_search_vmlinux(&search, wanted);

	for (i = 0; i < relocs->nsymbols; i++) {
		sym = &relocs->symbols[i];
		if (!klp_is_wanted(sym, holder))
			continue;
		if (klp_match_result(sym, relocs->mod, mod))
			ret = -EINVAL;
		else
			WRITE_ONCE(sym->addr, sym->found);
	}

	return ret;
}

/**
 * klp_find_object_symbol() - find one symbol of an object
 * @pmod:	livepatch module that asks, for messages
 * @mod:	the object's module, which must stay loaded; NULL for vmlinux
 * @name:	name of the symbol
 * @sympos:	which one of equal names, from 1; 0 if the name has to be unique
 * @addr:	where to put the address; 0 on error
 *
 * Context: Process context.  Takes and releases module_mutex.
 * Return: 0, or -EINVAL if the symbol cannot be resolved, which is logged
 */
int klp_find_object_symbol(const struct module *pmod, const struct module *mod,
			   const char *name, unsigned long sympos,
			   unsigned long *addr)
{
	struct klp_symbol sym = {
		.name = name,
		.pos = min(sympos, UINT_MAX),
	};
	struct klp_search search = {
		.sym = &sym,
		.mod = mod,
	};
	int ret;

	if (mod)
		module_kallsyms_on_each_symbol(mod->name, klp_match_name, &search);
	else
		kallsyms_on_each_match_symbol(klp_match_callback, name, &search);

	ret = klp_match_result(&sym, pmod, mod);
	*addr = ret ? 0 : sym.found;

	return ret;
}
