/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reloc.h - the table of a livepatch module's symbols and relocations
 *
 * There is one table for each livepatch module.  The module
 * loader makes it (scan.c).  What looks symbols up (symbol.c), and writes the
 * relocations (write.c), knows only the table and not which of the two forms
 * the ELF file had.
 *
 * The table belongs to the loader until the module's init function is called.
 * From then on its shape is fixed.  What changes in it, the state of objects and
 * symbols, is protected by klp_mutex.
 */
#ifndef _LIVEPATCH_RELOC_H
#define _LIVEPATCH_RELOC_H

#include <linux/list.h>
#include <linux/moduleloader.h>
#include <linux/sizes.h>
#include "elf.h"

/**
 * struct klp_reloc_object - an object that relocations wait for, or that has symbols
 * @node:	in klp_relocs.objects
 * @name:	"vmlinux", or the name of a module
 * @applied:	these use the addresses of their symbols
 * @client:	the object whose relocations were last counted as users of its symbols
 * @foreign:	relocations that wait for another object use its symbols
 * @borrowed:	number of such relocations of applied objects
 * @pinned:	its module, while a reference to it is held for these
 */
struct klp_reloc_object {
	struct list_head node;
	char name[MODULE_NAME_LEN];
	bool applied;
	const struct klp_reloc_object *client;
	bool foreign;
	unsigned int borrowed;
	struct module *pinned;
};

#define KLP_NOT_WRITTEN		(~0UL)

/**
 * struct klp_symbol - a klp symbol
 * @node:	in klp_relocs.buckets, by name
 * @holder:	the object that has the symbol
 * @object:	plain form: the object that all relocations against the symbol wait for;
 *		converted form: NULL, the section of each one says that
 * @name:	name of the symbol in @holder
 * @addr:	address, 0 while the symbol is unresolved
 * @written:	the @addr that the places of the symbol were last written with, or
 *		KLP_NOT_WRITTEN
 * @found:	address while it is being searched for
 * @count:	number of equal names seen then
 * @pos:	which one of equal names, from 1; 0 if the name has to be unique
 * @users:	number of relocations of applied objects against the symbol
 * @nrelas:	number of relocations against the symbol
 *
 * The symbol is looked up when it gets its first user and is unresolved again
 * when it has lost the last one.
 */
struct klp_symbol {
	struct hlist_node node;
	struct klp_reloc_object *holder;
	struct klp_reloc_object *object;
	const char *name;
	unsigned long addr;
	unsigned long written;
	unsigned long found;
	unsigned int count;
	unsigned int pos;
	unsigned int users;
	unsigned int nrelas;
};

/**
 * struct klp_reloc_group - late relocations of one object, class and section
 * @node:	in klp_relocs.groups
 * @object:	the object that they wait for
 * @sec:	header of the relocation section that they come from
 * @target:	header of the section that is relocated
 * @class:	what their places are used for
 * @count:	number of elements in @relas
 * @size:	number of elements that there is memory for
 * @relas:	as in the ELF file
 */
struct klp_reloc_group {
	struct list_head node;
	const struct klp_reloc_object *object;
	Elf_Shdr *sec;
	const Elf_Shdr *target;
	enum klp_reloc_class class;
	unsigned int count;
	unsigned int size;
	Elf_Rela *relas;
};

/**
 * struct klp_relocs - the table of one livepatch module
 * @node:	in the list of all tables
 * @mod:	the livepatch module
 * @objects:	what relocations wait for, and what has the symbols
 * @groups:	the late relocations
 * @symbols:	the klp symbols
 * @nsymbols:	number of elements in @symbols
 * @index:	for each symbol of the ELF file its index in @symbols, plus 1; 0
 *		for others
 * @buckets:	all symbols, hashed by name
 * @hash_bits:	log2 of the number of @buckets
 * @debugfs:	directory of the module, NULL or an error pointer
 */
struct klp_relocs {
	struct list_head node;
	struct module *mod;
	struct list_head objects;
	struct list_head groups;
	struct klp_symbol *symbols;
	unsigned int nsymbols;
	unsigned int *index;
	struct hlist_head *buckets;
	unsigned int hash_bits;
	struct dentry *debugfs;
};

/* The klp symbol of a relocation of the table */
static inline struct klp_symbol *klp_rela_symbol(const struct klp_relocs *relocs,
						 const Elf_Rela *rela)
{
	return &relocs->symbols[relocs->index[ELF_R_SYM(rela->r_info)] - 1];
}

/* The address that a relocation writes to */
static inline unsigned long klp_rela_place(const struct klp_reloc_group *group,
					   const Elf_Rela *rela)
{
	return group->target->sh_addr + rela->r_offset;
}

/* Is it one that is being searched for in @holder? */
static inline bool klp_is_wanted(const struct klp_symbol *sym,
				 const struct klp_reloc_object *holder)
{
	return sym->holder == holder && sym->users && !sym->addr;
}

/* Do all relocations against the symbol wait for one object? */
static inline bool klp_is_plain(const struct klp_symbol *sym)
{
	return sym->object;
}

/* table.c */
struct klp_reloc_object *klp_find_reloc_object(const struct klp_relocs *relocs,
					       const char *name, size_t len);
struct hlist_head *klp_symbol_bucket(const struct klp_relocs *relocs, const char *name);
struct klp_reloc_object *klp_get_object(struct klp_relocs *relocs, const char *name,
					size_t len);
int klp_add_rela(struct klp_relocs *relocs, const struct klp_reloc_group *key,
		 const Elf_Rela *rela);
int klp_add_symbol(struct klp_relocs *relocs, unsigned int index,
		   const struct klp_symbol_name *parts, struct klp_reloc_object *object);
const Elf_Rela *klp_find_rela(const struct klp_reloc_group *group, unsigned long first,
			      unsigned long last);
const struct klp_symbol *klp_symbol_at(const struct module *pmod, unsigned long first,
				       unsigned long last);
struct klp_relocs *klp_alloc_relocs(struct module *mod);
void klp_destroy_relocs(struct klp_relocs *relocs);

/* scan.c */
int klp_scan_elf(struct module *mod);

/* symbol.c */
int klp_find_symbols(const struct klp_relocs *relocs, const struct klp_reloc_object *holder,
		     const struct module *mod);
int klp_find_object_symbol(const struct module *pmod, const struct module *mod,
			   const char *name, unsigned long sympos,
			   unsigned long *addr);

/* late.c */
int klp_check_late(const struct klp_relocs *relocs);

/* unresolved.c */
#define KLP_NOWHERE_SIZE	SZ_2M
unsigned long klp_unresolved_value(enum klp_reloc_class class, const Elf_Rela *rela);
int klp_init_unresolved(void);

/* write.c */
int klp_write_relocs(const struct klp_relocs *relocs);

/* resolve.c */
int klp_resolve_object(struct klp_relocs *relocs, struct klp_reloc_object *object,
		       struct module *target);
int klp_apply_relocs(struct module *pmod, struct module *target);
void klp_unresolve_module(const struct module *mod);

/* load.c */
int klp_check_patch_symbols(const struct klp_patch *patch);

/* debugfs.c */
void klp_debugfs_add(struct klp_relocs *relocs);

#endif /* _LIVEPATCH_RELOC_H */
