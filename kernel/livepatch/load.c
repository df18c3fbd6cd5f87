// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * load.c - What the module loader calls for a livepatch module
 *
 * While a module is being loaded, it and its table are its loader's alone.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include "reloc.h"

static bool klp_patches_object(const struct klp_patch *patch, const char *name)
{
	const struct klp_object *obj;

	klp_for_each_object_static(patch, obj) {
		if (obj->name && !strcmp(obj->name, name))
			return true;
	}

	return false;
}

/**
 * klp_check_objects() - does a livepatch patch what its symbols are for?
 * @patch:	livepatch that is about to be enabled
 *
 * Symbols of the plain form would never be resolved otherwise.
 *
 * Context: klp_mutex held.
 * Return: 0, or -EINVAL, which is logged
 */
int klp_check_objects(const struct klp_patch *patch)
{
	const struct klp_relocs *relocs = patch->mod->klp_relocs;
	const struct klp_symbol *sym;
	unsigned int i;

	for (i = 0; i < relocs->nsymbols; i++) {
		sym = &relocs->symbols[i];
		if (!klp_is_plain(sym) || !strcmp(sym->object->name, KLP_VMLINUX) ||
		    klp_patches_object(patch, sym->object->name))
			continue;
		pr_err("%s: symbol '%*pE' is for object '%s', which the livepatch does not patch\n",
		       patch->mod->name, klp_log_len(sym->name), sym->name,
		       sym->object->name);
		return -EINVAL;
	}

	return 0;
}

/**
 * klp_symbol_at() - the symbol that late relocations write a range by
 * @pmod:	livepatch module
 * @first:	first byte
 * @last:	last byte
 *
 * Context: Any.  The caller keeps the module loaded, or is a reader of RCU.
 * Return: the symbol of a relocation whose place begins in the range, or NULL
 */
const struct klp_symbol *klp_symbol_at(const struct module *pmod, unsigned long first,
				       unsigned long last)
{
	const struct klp_relocs *relocs = READ_ONCE(pmod->klp_relocs);
	const struct klp_reloc_group *group;
	const Elf_Rela *rela;

	if (!relocs)
		return NULL;

	list_for_each_entry(group, &relocs->groups, node) {
		rela = klp_find_rela(group, first, last);
		if (rela)
			return klp_rela_symbol(relocs, rela);
	}

	return NULL;
}

/**
 * klp_text_reserved() - is there text that late relocations write?
 * @start:	first byte of an instruction, or of several
 * @end:	last byte, in the same module as @start
 *
 * Like jump_label_text_reserved(): nothing else should write to such text, or use
 * a copy of it.
 *
 * Context: Any.  The places are known before a module runs.
 * Return: true if a late relocation of a livepatch module writes there
 */
bool klp_text_reserved(const void *start, const void *end)
{
	struct module *mod;

	/* For RCU, too: see klp_free_relocs() */
	guard(preempt)();
	mod = __module_text_address((unsigned long)start);

	return mod && is_livepatch_module(mod) &&
	       klp_symbol_at(mod, (unsigned long)start, (unsigned long)end);
}

/* No lock is held yet: wait for modules whose symbols will be needed */
static void klp_wait_for_holders(const struct klp_relocs *relocs)
{
	const struct klp_reloc_object *object;

	list_for_each_entry(object, &relocs->objects, node) {
		if (object->foreign && strcmp(object->name, KLP_VMLINUX))
			module_wait_for_init(relocs->mod, object->name);
	}
}

/* Give the symbols that ordinary sections are still relocated against their addresses */
static void klp_set_symbols(const struct klp_relocs *relocs, const struct klp_elf *elf)
{
	Elf_Sym *symtab = klp_elf_symtab(elf);
	unsigned int i;

	for (i = 0; i < klp_elf_num_symbols(elf); i++) {
		/* The architectures have to know them by something else than the name */
		if (klp_is_plain_symbol(elf, i))
			symtab[i].st_shndx = SHN_LIVEPATCH;
		if (relocs->index[i])
			symtab[i].st_value = relocs->symbols[relocs->index[i] - 1].addr;
	}
}

/**
 * klp_load_symbols() - resolve the klp symbols of a module that is being loaded
 * @elf:	its ELF file; the headers hold the final addresses of the sections
 *
 * Checks the file, makes the table, moves late relocations to it, and gives the symbols
 * of those that remain their values.  klp_free_relocs() frees what has been made.
 *
 * Context: Process context.  Takes and releases module_mutex.  Waits for modules
 *	that are being loaded.
 * Return: 0, -ENOEXEC for something that is refused, -EINVAL for a symbol that
 *	cannot be resolved, -ENOENT or -EBUSY for a module that has symbols and is not
 *	loaded, -ENOMEM
 */
int klp_load_symbols(const struct klp_elf *elf)
{
	struct klp_reloc_object *object;
	struct klp_relocs *relocs;
	int ret;

	elf->mod->klp_relocs = NULL;
	relocs = klp_scan_elf(elf);
	if (IS_ERR(relocs))
		return PTR_ERR(relocs);
	elf->mod->klp_relocs = relocs;

	klp_wait_for_holders(relocs);
	object = klp_find_reloc_object(relocs, KLP_VMLINUX);
	ret = object ? klp_resolve_object(relocs, object, NULL) : 0;
	if (ret)
		return ret;

	klp_set_symbols(relocs, elf);
	return 0;
}

/**
 * klp_load_relocs() - write the late relocations of a module that is being loaded
 * @elf:	its ELF file, after klp_load_symbols() and all other relocations
 *
 * Context: Process context.
 * Return: 0, -ENOEXEC for a relocation that cannot work, which is logged, -ENOMEM, or
 *	an error of apply_relocate_add()
 */
int klp_load_relocs(const struct klp_elf *elf)
{
	const struct klp_relocs *relocs = elf->mod->klp_relocs;

	return klp_check_late(relocs, elf) ?: klp_write_relocs(relocs, elf, true);
}
