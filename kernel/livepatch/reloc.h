/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reloc.h - the table of a livepatch module's symbols and relocations
 *
 * The module loader makes one table for each livepatch module that has klp
 * symbols (elf.c).  Whatever comes after it, finding the symbols (symbol.c),
 * applying the relocations and undoing them (reloc.c), knows only the table
 * and not which of the two forms the ELF file had.
 *
 *	klp_relocs		a livepatch module
 *	  klp_reloc_object	an object whose coming relocations belong to
 *	    klp_reloc_source	an object that holds symbols for these
 *	      klp_symbol
 *	    klp_reloc_section	relocations of one section
 *
 * The table belongs to the loader until the module's init function is called.
 * From then on its shape is fixed, and what changes in it, klp_relocs.list,
 * klp_reloc_object.applied, klp_reloc_source.pinned and the values of the
 * symbols, is protected by klp_mutex.  It goes with the module.
 */
#ifndef _LIVEPATCH_RELOC_H
#define _LIVEPATCH_RELOC_H

#include <linux/elf.h>
#include <linux/list.h>
#include <linux/livepatch.h>
#include <linux/llist.h>
#include <linux/module.h>

/**
 * struct klp_match - search for one symbol by name and position
 * @addr:	address of the symbol; valid if klp_match_result() says so
 * @pos:	which one of equal names, from 1; 0 if the name has to be unique
 * @count:	number of equal names seen
 */
struct klp_match {
	unsigned long addr;
	unsigned int pos;
	unsigned int count;
};

/**
 * struct klp_symbol - a klp symbol, once for each object that relocates by it
 * @node:	in klp_relocs.buckets, by name; while the table is made, links
 *		the entries of one ELF symbol
 * @llnode:	in klp_reloc_source.symbols
 * @source:	the object that holds the symbol
 * @name:	name of the symbol in its object
 * @match:	position and, while the relocations are applied, address
 * @index:	index in klp_relocs.symtab; for a symbol that is resolved when
 *		the livepatch module is loaded, index in the module's own table
 * @nrelas:	number of relocations by the symbol
 */
struct klp_symbol {
	struct hlist_node node;
	struct llist_node llnode;
	struct klp_reloc_source *source;
	const char *name;
	struct klp_match match;
	unsigned int index;
	unsigned int nrelas;
};

/**
 * struct klp_reloc_source - an object that holds symbols
 * @node:	in klp_reloc_object.sources
 * @object:	the object whose relocations need the symbols
 * @name:	name of the object, "vmlinux" or that of a module
 * @pinned:	the module, while a reference to it is held
 * @symbols:	the symbols that are looked for in the object
 */
struct klp_reloc_source {
	struct list_head node;
	struct klp_reloc_object *object;
	char name[MODULE_NAME_LEN];
	struct module *pinned;
	struct llist_head symbols;
};

/**
 * struct klp_reloc_section - relocations of one section of the module
 * @node:	in klp_reloc_object.sections
 * @addr:	address of the section that is relocated
 * @count:	number of elements in @relas
 * @relas:	as in the ELF file, with indices into klp_relocs.symtab
 */
struct klp_reloc_section {
	struct list_head node;
	unsigned long addr;
	unsigned int count;
	Elf_Rela relas[] __counted_by(count);
};

/**
 * struct klp_reloc_object - relocations that belong to the coming of one object
 * @node:	in klp_relocs.objects
 * @name:	name of the object, "vmlinux" or that of a module
 * @late:	the object is a module; its relocations wait for it
 * @applied:	the relocations are written
 * @nsyms:	number of symbols of all @sources
 * @nrelas:	number of relocations by these, for vmlinux, too
 * @pending:	while the table is made, how many relocations of the current
 *		section are still to be moved to the last of @sections
 * @sources:	the objects whose symbols the relocations need
 * @sections:	the relocations; none for vmlinux, whose relocations are applied
 *		in place while the livepatch module is loaded
 */
struct klp_reloc_object {
	struct list_head node;
	char name[MODULE_NAME_LEN];
	bool late;
	bool applied;
	unsigned int nsyms;
	unsigned int nrelas;
	unsigned int pending;
	struct list_head sources;
	struct list_head sections;
};

/**
 * struct klp_relocs - the table of one livepatch module
 * @list:	in the list of tables of which late relocations have been applied
 * @mod:	the livepatch module
 * @objects:	the objects that relocations belong to
 * @symtab:	symbols of the late relocations, from index 1
 * @nsyms:	number of elements in @symtab
 * @elf_index:	for each element of @symtab its index in the ELF file; gone
 *		when the module is loaded
 * @strtab:	names for @symtab and klp_symbol.name
 * @buckets:	all symbols, hashed by name
 * @hash_bits:	logarithm of the number of @buckets
 * @debugfs:	directory of the livepatch module, NULL or an error pointer
 */
struct klp_relocs {
	struct list_head list;
	struct module *mod;
	struct list_head objects;
	Elf_Sym *symtab;
	unsigned int nsyms;
	unsigned int *elf_index;
	char *strtab;
	struct hlist_head *buckets;
	unsigned int hash_bits;
	struct dentry *debugfs;
};

/* As much of a name as goes into a message, which has room for the rest, too */
#define KLP_LOG_LEN	256

/* For "%*pE": a message stays one line, whatever a name has in it */
static inline int klp_log_len(const char *name)
{
	return min_t(size_t, strlen(name), KLP_LOG_LEN);
}

/* elf.c */
struct klp_relocs *klp_relocs_create(struct module *mod,
				     const struct klp_elf *elf);
void klp_relocs_destroy(struct klp_relocs *relocs);

/* symbol.c */

/*
 * To look one symbol up by its name takes about as long as to go over this many:
 * it expands one name for each step of a binary search, after going over up to
 * 255 others to find where it starts.  Measured on x86-64.
 */
#define KLP_SYMBOLS_PER_LOOKUP	64

struct hlist_head *klp_symbol_bucket(const struct klp_relocs *relocs,
				     const char *name);
int klp_find_symbols(struct klp_relocs *relocs, struct klp_reloc_source *source,
		     const struct module *mod);
int klp_find_object_symbol(const struct module *pmod, const struct module *mod,
			   const char *name, unsigned long sympos,
			   unsigned long *addr);

/* debugfs.c */
#ifdef CONFIG_DEBUG_FS
void klp_debugfs_add(struct klp_relocs *relocs);
void klp_debugfs_remove(struct klp_relocs *relocs);
#else
static inline void klp_debugfs_add(struct klp_relocs *relocs) { }
static inline void klp_debugfs_remove(struct klp_relocs *relocs) { }
#endif

/* reloc.c */
int klp_check_objects(struct klp_patch *patch);
int klp_apply_relocs(struct module *pmod, struct module *target);
void klp_undo_relocs(const struct module *pmod, const struct module *target);

#endif /* _LIVEPATCH_RELOC_H */
