/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MODPOST_KLP_H
#define MODPOST_KLP_H

#include "../../include/linux/livepatch_symbol.h"

/**
 * struct klp_object_symbol - symbol of an object
 * @addr:	its address; of a module: within its section
 * @name:	its name
 * @file:	its source file; NULL if that is not known
 * @is_init:	it is in init memory
 */
struct klp_object_symbol {
	unsigned long long addr;
	const char *name;
	const char *file;
	bool is_init;
};

/**
 * struct klp_object - vmlinux, or a module that has klp symbols
 * @next:	the one that was asked for before
 * @name:	its name, as in /proc/modules
 * @path:	its file; NULL if that is not at hand
 * @symbols:	those of the file, in the order in which positions count
 * @count:	number of @symbols
 */
struct klp_object {
	struct klp_object *next;
	char *name;
	char *path;
	struct klp_object_symbol *symbols;
	size_t count;
};

/* klp.c */
bool klp_handle_symbol(struct module *mod, const struct elf_info *elf,
		       const Elf_Sym *sym, const char *symname);
void klp_check_uses(struct module *mod, struct elf_info *elf);
void klp_check_export(struct module *mod, const char *symname, const char *owner);

/* klp_object.c */
void klp_add_place(const char *path);
const struct klp_object *klp_get_object(const struct klp_symbol_name *parts,
					const struct elf_info *lp);

#endif /* MODPOST_KLP_H */
