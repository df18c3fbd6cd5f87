// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbol.c - Find symbols that their owners need not export
 *
 * Symbols are found in kallsyms by object, name and position among equal
 * names.  A table of wanted symbols (reloc.h) is filled by one pass over the
 * object's symbol table, so that the cost grows with the symbols of the object
 * plus those that are wanted.  The table of vmlinux is sorted by name, too, which
 * is better if few are wanted of many.
 *
 * The addresses are good for as long as the caller keeps the object from going
 * away: by klp_mutex for a module whose coming or going klp code handles, by a
 * reference for any other module.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/stringhash.h>
#include <asm/sections.h>
#include "../kallsyms_internal.h"
#include "reloc.h"

/*
 * Stands for the address of a symbol in init memory, which is there while the
 * object is loaded and gone, or somebody else's, afterwards.
 */
#define KLP_ADDR_INIT	(~0UL)

static void klp_match_symbol(struct klp_match *match, unsigned long addr)
{
	if (++match->count == (match->pos ?: 1))
		match->addr = addr;
}

static bool klp_module_keeps(const struct module *mod, unsigned long addr)
{
#ifdef CONFIG_SMP
	unsigned long percpu = (unsigned long)mod->percpu;

	if (addr >= percpu && addr < percpu + mod->percpu_size)
		return true;
#endif
	return within_module_core(addr, mod);
}

/*
 * While a module is coming, kallsyms has symbols of it that are gone once the
 * module is there, those of init memory above all.  A name that is unique without
 * them is unique, whatever was loaded first.  A position counts them, since the
 * tools that make livepatches do; but they cannot be used.  Called with
 * module_mutex, which keeps the bounds of the memory.
 */
static void klp_match_module(struct klp_match *match, const struct module *mod,
			     unsigned long addr)
{
	bool keeps = klp_module_keeps(mod, addr);

	if (keeps || match->pos)
		klp_match_symbol(match, keeps ? addr : KLP_ADDR_INIT);
	else if (!match->count)
		match->addr = KLP_ADDR_INIT;
}

/* @pmod is who asks */
static int klp_match_result(const struct klp_match *match,
			    const struct module *pmod, const char *objname,
			    const char *name)
{
	int objlen = klp_log_len(objname), len = klp_log_len(name);

	if (!match->pos && match->count > 1)
		pr_err("%s: unresolvable ambiguity for symbol '%*pE' in object '%*pE': %u of this name, its position has to be given\n",
		       pmod->name, len, name, objlen, objname, match->count);
	else if (match->count && match->pos > match->count)
		pr_err("%s: symbol position %u for symbol '%*pE' in object '%*pE' not found: %u of this name\n",
		       pmod->name, match->pos, len, name, objlen, objname,
		       match->count);
	else if (match->addr == KLP_ADDR_INIT)
		pr_err("%s: symbol '%*pE' in object '%*pE' lies in init memory\n",
		       pmod->name, len, name, objlen, objname);
	else if (!match->count)
		pr_err("%s: symbol '%*pE' not found in kallsyms of object '%*pE'\n",
		       pmod->name, len, name, objlen, objname);
	else
		return 0;

	return -EINVAL;
}

/* The per-CPU template lies in init memory, its symbols stay valid */
static bool klp_vmlinux_init_addr(unsigned long addr)
{
	if (addr >= (unsigned long)__per_cpu_start &&
	    addr < (unsigned long)__per_cpu_end)
		return false;

	return init_section_contains((void *)addr, 1);
}

static int klp_match_vmlinux(void *data, unsigned long addr)
{
	klp_match_symbol(data, klp_vmlinux_init_addr(addr) ? KLP_ADDR_INIT : addr);

	return 0;
}

struct klp_source_search {
	const struct klp_relocs *relocs;
	const struct klp_reloc_source *source;
	const struct module *mod;
};

/* A symbol of the object has been seen; is it one that is wanted? */
static void klp_match_source(const struct klp_source_search *search,
			     const char *name, unsigned long addr)
{
	struct klp_symbol *sym;

	hlist_for_each_entry(sym, klp_symbol_bucket(search->relocs, name), node) {
		if (sym->source != search->source || strcmp(sym->name, name))
			continue;
		if (search->mod)
			klp_match_module(&sym->match, search->mod, addr);
		else
			klp_match_vmlinux(&sym->match, addr);
	}
}

static int klp_match_each(void *data, const char *name, unsigned long addr)
{
	klp_match_source(data, name, addr);

	return 0;
}

static void klp_search_vmlinux(struct klp_source_search *search)
{
	unsigned int wanted = 0;
	struct klp_symbol *sym;

	llist_for_each_entry(sym, search->source->symbols.first, llnode)
		wanted++;

	if (wanted > kallsyms_num_syms / KLP_SYMBOLS_PER_LOOKUP) {
		kallsyms_on_each_symbol(klp_match_each, search);
		return;
	}

	llist_for_each_entry(sym, search->source->symbols.first, llnode)
		kallsyms_on_each_match_symbol(klp_match_vmlinux, sym->name,
					      &sym->match);
}

/**
 * klp_symbol_bucket() - where a symbol is in the table
 * @relocs:	table of a livepatch module
 * @name:	name of the symbol in its object
 *
 * Return: the list with all wanted symbols of this name, and others
 */
struct hlist_head *klp_symbol_bucket(const struct klp_relocs *relocs,
				     const char *name)
{
	u32 hash = full_name_hash(NULL, name, strlen(name));

	return &relocs->buckets[hash_32(hash, relocs->hash_bits)];
}

/**
 * klp_find_symbols() - find all symbols that a table wants of one object
 * @relocs:	table of a livepatch module
 * @source:	the object and its wanted symbols, of @relocs
 * @mod:	the object's module, which must not go away; NULL for vmlinux
 *
 * The positions are those of old_sympos in struct klp_func.  Symbols in init memory
 * are refused.  They count, but one of a module does not make a name ambiguous.
 *
 * Context: Process context.  Takes and releases module_mutex.
 * Return: 0 with all the addresses in klp_symbol.match, or -EINVAL if any
 *	symbol cannot be told, which is logged
 */
int klp_find_symbols(struct klp_relocs *relocs, struct klp_reloc_source *source,
		     const struct module *mod)
{
	struct klp_source_search search = {
		.relocs = relocs,
		.source = source,
		.mod = mod,
	};
	struct klp_symbol *sym;
	int ret;

	llist_for_each_entry(sym, source->symbols.first, llnode) {
		sym->match.count = 0;
		sym->match.addr = 0;
	}

	if (mod)
		module_kallsyms_on_each_symbol(mod->name, klp_match_each, &search);
	else
		klp_search_vmlinux(&search);

	llist_for_each_entry(sym, source->symbols.first, llnode) {
		ret = klp_match_result(&sym->match, relocs->mod, source->name,
				       sym->name);
		if (ret)
			return ret;
	}

	return 0;
}

struct klp_name_search {
	struct klp_match match;
	const char *name;
	const struct module *mod;
};

static int klp_match_callback(void *data, unsigned long addr)
{
	klp_match_symbol(data, addr);

	return 0;
}

static int klp_find_callback(void *data, const char *name, unsigned long addr)
{
	struct klp_name_search *search = data;

	if (!strcmp(search->name, name))
		klp_match_module(&search->match, search->mod, addr);

	return 0;
}

/**
 * klp_find_object_symbol() - find one symbol of an object
 * @pmod:	livepatch module that asks, for messages
 * @mod:	the object's module, which must not go away; NULL for vmlinux
 * @name:	name of the symbol
 * @sympos:	which one of equal names, from 1; 0 if the name has to be unique
 * @addr:	where to put the address; 0 on error
 *
 * Context: Process context.  Takes and releases module_mutex.
 * Return: 0, or -EINVAL if the symbol cannot be told, which is logged
 */
int klp_find_object_symbol(const struct module *pmod, const struct module *mod,
			   const char *name, unsigned long sympos,
			   unsigned long *addr)
{
	struct klp_name_search search = {
		.match.pos = min(sympos, UINT_MAX),
		.name = name,
		.mod = mod,
	};
	int ret;

	if (mod)
		module_kallsyms_on_each_symbol(mod->name, klp_find_callback,
					       &search);
	else
		kallsyms_on_each_match_symbol(klp_match_callback, name,
					      &search.match);

	ret = klp_match_result(&search.match, pmod, mod ? mod->name : KLP_VMLINUX,
			       name);
	*addr = ret ? 0 : search.match.addr;

	return ret;
}
