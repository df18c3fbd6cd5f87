// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * load.c - What the module loader, klp_enable_patch() and kprobes call
 *
 * While a module is being loaded, it and its table are its loader's alone.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

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
 * klp_check_patch_symbols() - can the symbols of a module be those of a livepatch?
 * @patch:	livepatch of the module, which is about to be enabled
 *
 * It has to patch the objects that symbols of the plain form are for: they would never
 * be resolved otherwise.
 *
 * Context: klp_mutex held.
 * Return: 0, or -EINVAL, which is logged
 */
int klp_check_patch_symbols(const struct klp_patch *patch)
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

	/* Makes this a reader of RCU, which klp_free_relocs() waits for */
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
static void klp_set_symbols(const struct module *mod)
{
	const struct klp_relocs *relocs = mod->klp_relocs;
	Elf_Sym *symtab = klp_elf_symtab(mod);
	unsigned int i;

	for (i = 0; i < klp_elf_num_symbols(mod); i++) {
		/* The architectures have to know them by something else than the name */
		if (klp_is_plain_symbol(mod, i))
			symtab[i].st_shndx = SHN_LIVEPATCH;
		if (relocs->index[i])
			symtab[i].st_value = relocs->symbols[relocs->index[i] - 1].addr;
	}
}

/**
 * klp_load_symbols() - resolve the klp symbols of a module that is being loaded
 * @mod:	the module, with klp_info; the headers hold the final addresses of the
 *		sections
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
int klp_load_symbols(struct module *mod)
{
	struct klp_reloc_object *object;
	int ret = klp_scan_elf(mod);

	if (ret)
		return ret;

	klp_wait_for_holders(mod->klp_relocs);
	object = klp_find_reloc_object(mod->klp_relocs, KLP_VMLINUX, strlen(KLP_VMLINUX));
	ret = object ? klp_resolve_object(mod->klp_relocs, object, NULL) : 0;
	if (!ret)
		klp_set_symbols(mod);

	return ret;
}

/**
 * klp_load_relocs() - write the late relocations of a module that is being loaded
 * @mod:	the module, after klp_load_symbols() and all other relocations
 *
 * Context: Process context.
 * Return: 0, -ENOEXEC for a relocation that cannot work, which is logged, -ENOMEM, or
 *	an error of apply_relocate_add()
 */
int klp_load_relocs(const struct module *mod)
{
	return klp_check_late(mod->klp_relocs) ?: klp_write_relocs(mod->klp_relocs);
}
