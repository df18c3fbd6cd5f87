// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scan.c - Make the table of a livepatch module from its ELF file
 *
 * There are two forms of klp relocations:
 *
 *  - Plain: a relocation in an ordinary section against an undefined symbol
 *    with a name of livepatch_symbol.h.  The name says what object it waits for.
 *  - Converted: a relocation in a section .klp.rela.OBJECT.*, with
 *    SHF_RELA_LIVEPATCH, against a symbol in SHN_LIVEPATCH.
 *
 * Relocations against symbols of modules are late: they are copied to the table, and what
 * they leave in the section of the ELF file is R_*_NONE.  Those against symbols of vmlinux
 * stay, and are applied like the relocations of any other module.
 *
 * All of this runs while the module is being loaded and nothing else knows it.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kallsyms.h>
#include <linux/sched.h>
#include "reloc.h"

/**
 * struct klp_scan - the section that is being read
 * @mod:	the livepatch module, with the table that is being made
 * @sec:	header of the section
 * @object:	converted form: the object that its relocations wait for; else NULL
 */
struct klp_scan {
	struct module *mod;
	Elf_Shdr *sec;
	struct klp_reloc_object *object;
};

/* Is it a klp relocation?  Outside of .klp.rela.*, SHN_LIVEPATCH means nothing. */
static bool klp_is_klp_rela(const struct klp_scan *scan, const Elf_Rela *rela)
{
	if (klp_is_none(rela))
		return false;

	return scan->object || klp_is_plain_symbol(scan->mod, ELF_R_SYM(rela->r_info));
}

static int klp_scan_symbol(struct klp_scan *scan, unsigned int index)
{
	const char *name = klp_elf_symbol_name(scan->mod, index);
	const char *why = "its name does not begin with " KLP_SYM_PREFIX;
	struct klp_reloc_object *object = NULL;
	struct klp_symbol_name parts;

	if (klp_is_symbol_name(name))
		why = klp_parse_symbol(name, MODULE_NAME_LEN, KSYM_NAME_LEN, &parts);
	if (!why && klp_name_is(scan->mod->name, parts.object, parts.object_len))
		why = "of the livepatch module itself";
	/* Like most exported symbols */
	if (!why && !scan->object && test_bit(TAINT_PROPRIETARY_MODULE, &scan->mod->taints))
		why = "KLP_SYMBOL() is for GPL-compatible modules";
	if (why)
		return klp_refuse_symbol(scan->mod, index, why);

	if (!scan->object) {
		scan->mod->using_gplonly_symbols = true;
		object = klp_get_object(scan->mod->klp_relocs, parts.target, parts.target_len);
		if (!object)
			return -ENOMEM;
	}

	return klp_add_symbol(scan->mod->klp_relocs, index, &parts, object);
}

/* Copy a late relocation to the table */
static int klp_move_rela(struct klp_scan *scan, Elf_Rela *rela,
			 struct klp_reloc_object *object)
{
	const bool can_write = IS_ENABLED(CONFIG_HAVE_LIVEPATCH_LATE_RELOC);
	const Elf_Shdr *target = klp_elf_target(scan->mod, scan->sec);
	struct klp_reloc_group key = {
		.object = object,
		.sec = scan->sec,
		.target = target,
		.class = KLP_RELOC_ADDRESS,
	};
	int ret;

	if (can_write)
		key.class = module_klp_reloc_class(scan->mod, scan->mod->klp_info->sechdrs,
						   scan->sec->sh_info, rela);

	if (klp_is_percpu_section(scan->mod, target))
		return klp_refuse_rela(scan->mod, scan->sec, rela,
				       "the copies of per-CPU data cannot be written late");
	if (key.class == KLP_RELOC_REFUSED || (!scan->object && !can_write))
		return klp_refuse_rela(scan->mod, scan->sec, rela,
				       "not possible as a late relocation on this architecture");
	/* Of the converted form, nothing that can be applied is refused */
	if (!scan->object && key.class == KLP_RELOC_ADDRESS &&
	    (rela->r_addend >= KLP_NOWHERE_SIZE / 2 || rela->r_addend <= -KLP_NOWHERE_SIZE / 2))
		return klp_refuse_rela(scan->mod, scan->sec, rela,
				       "too far from the symbol for a late relocation");
	if (key.class == KLP_RELOC_POINTER && target->sh_size - rela->r_offset < sizeof(long))
		return klp_refuse_rela(scan->mod, scan->sec, rela, "offset out of range");

	ret = klp_add_rela(scan->mod->klp_relocs, &key, rela);
	if (!ret)
		rela->r_info = 0;

	return ret;
}

static int klp_scan_rela(struct klp_scan *scan, Elf_Rela *rela)
{
	unsigned long room = klp_elf_target(scan->mod, scan->sec)->sh_size - rela->r_offset;
	const struct klp_relocs *relocs = scan->mod->klp_relocs;
	unsigned int index = ELF_R_SYM(rela->r_info);
	struct klp_reloc_object *object;
	struct klp_symbol *sym;
	int ret;

	/* No tool writes less by such a symbol; klp_move_rela() knows pointers */
	if (room < sizeof(u32))
		return klp_refuse_rela(scan->mod, scan->sec, rela, "offset out of range");

	ret = relocs->index[index] ? 0 : klp_scan_symbol(scan, index);
	if (ret)
		return ret;

	sym = klp_rela_symbol(relocs, rela);
	sym->nrelas++;
	object = scan->object ?: sym->object;
	if (object != sym->holder)
		sym->holder->foreign = true;

	if (strcmp(sym->holder->name, KLP_VMLINUX))
		return klp_move_rela(scan, rela, object);

	sym->users++;
	sym->holder->client = object;
	return strcmp(object->name, KLP_VMLINUX) ?
		klp_refuse_rela(scan->mod, scan->sec, rela,
				"a symbol of vmlinux in a section for a module") : 0;
}

static int klp_scan_section(struct klp_scan *scan)
{
	const char *name;
	Elf_Rela *rela;
	size_t len;
	int ret;

	ret = klp_check_section(scan->mod, scan->sec);
	/* Debug info and the like is not relocated by the loader */
	if (ret || !klp_relocates(scan->mod, scan->sec))
		return ret;

	if (klp_is_klp_section(scan->sec)) {
		len = klp_section_object(scan->mod, scan->sec, &name);
		scan->object = klp_get_object(scan->mod->klp_relocs, name, len);
		if (!scan->object)
			return -ENOMEM;
	}

	for (rela = klp_elf_relas(scan->sec); rela < klp_elf_relas_end(scan->sec); rela++) {
		ret = klp_is_klp_rela(scan, rela) ? klp_scan_rela(scan, rela) : 0;
		if (ret)
			return ret;
	}

	return 0;
}

/**
 * klp_scan_elf() - make the table of a livepatch module
 * @mod:	livepatch module with klp_info that is being loaded; the headers hold the
 *		final addresses of the sections
 *
 * Checks the file as well.  The relocations in the table are no longer in the sections
 * of the ELF file.
 *
 * Context: Process context.
 * Return: 0 with the table in mod->klp_relocs, -ENOMEM, or -ENOEXEC for a symbol or a
 *	relocation that is refused, which is logged.  On error mod->klp_relocs is NULL
 *	or a partial table, which the caller frees.
 */
int klp_scan_elf(struct module *mod)
{
	unsigned int i;
	int ret;

	ret = klp_check_symbols(mod);
	if (ret)
		return ret;

	mod->klp_relocs = klp_alloc_relocs(mod);
	if (!mod->klp_relocs)
		return -ENOMEM;

	for (i = 1; i < klp_elf_num_sections(mod) && !ret; i++) {
		struct klp_scan scan = {
			.mod = mod,
			.sec = klp_elf_section(mod, i),
		};

		if (scan.sec->sh_type == SHT_RELA)
			ret = klp_scan_section(&scan);
		cond_resched();
	}

	return ret;
}
