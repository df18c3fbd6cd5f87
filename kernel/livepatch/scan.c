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
 * they leave in the section of the ELF file is R_*_NONE.  Those by symbols of vmlinux
 * stay, and are applied like the relocations of any other module.
 *
 * All of this runs while the module is being loaded and nothing else knows it.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/kallsyms.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "reloc.h"

/**
 * struct klp_scan - the section that is being read
 * @relocs:	the table that is being made
 * @elf:	ELF file of the livepatch module
 * @secndx:	index of the section
 * @sec:	its header
 * @object:	converted form: the object that its relocations wait for; else NULL
 */
struct klp_scan {
	struct klp_relocs *relocs;
	const struct klp_elf *elf;
	unsigned int secndx;
	Elf_Shdr *sec;
	struct klp_reloc_object *object;
};

/* Is it a klp relocation?  Outside of .klp.rela.*, SHN_LIVEPATCH means nothing. */
static bool klp_is_klp_rela(const struct klp_scan *scan, const Elf_Rela *rela)
{
	if (klp_is_none(rela))
		return false;

	return scan->object || klp_is_plain_symbol(scan->elf, ELF_R_SYM(rela->r_info));
}

static int klp_scan_symbol(struct klp_scan *scan, unsigned int index)
{
	const char *name = klp_elf_symbol_name(scan->elf, index);
	const char *why = "its name does not begin with " KLP_SYM_PREFIX;
	struct module *mod = scan->elf->mod;
	struct klp_reloc_object *object = NULL;
	struct klp_symbol_name parts;

	if (klp_is_symbol_name(name))
		why = klp_parse_symbol(name, MODULE_NAME_LEN, KSYM_NAME_LEN, &parts);
	if (!why && klp_name_is(mod->name, parts.object, parts.object_len))
		why = "of the livepatch module itself";
	/* As most exported symbols */
	if (!why && !scan->object && test_bit(TAINT_PROPRIETARY_MODULE, &mod->taints))
		why = "KLP_SYMBOL() is for GPL-compatible modules";
	if (why)
		return klp_refuse_symbol(scan->elf, index, why);

	if (!scan->object) {
		mod->using_gplonly_symbols = true;
		object = klp_get_object(scan->relocs, parts.target, parts.target_len);
		if (!object)
			return -ENOMEM;
	}

	return klp_add_symbol(scan->relocs, index, &parts, object);
}

/* Copy a late relocation to the table */
static int klp_move_rela(struct klp_scan *scan, Elf_Rela *rela,
			 struct klp_reloc_object *object)
{
	const Elf_Shdr *target = &scan->elf->sechdrs[scan->sec->sh_info];
	int ret, class = module_klp_reloc_class(scan->elf->mod, scan->elf->sechdrs,
						scan->sec->sh_info, rela);
	const struct klp_reloc_group key = {
		.object = object,
		.secndx = scan->secndx,
		.class = class,
		.target = target->sh_addr,
		.target_size = target->sh_size,
	};

	if (klp_is_percpu_section(scan->elf, scan->sec->sh_info))
		return klp_refuse_rela(scan->elf, scan->sec, rela,
				       "the copies of per-CPU data cannot be written late");
	if (class == KLP_RELOC_REFUSED ||
	    (!scan->object && !IS_ENABLED(CONFIG_HAVE_LIVEPATCH_LATE_RELOC)))
		return klp_refuse_rela(scan->elf, scan->sec, rela,
				       "not possible as a late relocation on this architecture");
	if (class == KLP_RELOC_POINTER && target->sh_size - rela->r_offset < sizeof(long))
		return klp_refuse_rela(scan->elf, scan->sec, rela, "offset out of range");

	object->late = true;
	ret = klp_add_rela(scan->relocs, &key, rela);
	if (!ret)
		rela->r_info = 0;

	return ret;
}

static int klp_scan_rela(struct klp_scan *scan, Elf_Rela *rela)
{
	unsigned int index = ELF_R_SYM(rela->r_info);
	struct klp_reloc_object *object;
	struct klp_symbol *sym;
	int ret;

	ret = scan->relocs->index[index] ? 0 : klp_scan_symbol(scan, index);
	if (ret)
		return ret;

	sym = klp_rela_symbol(scan->relocs, rela);
	sym->nrelas++;
	object = scan->object ?: sym->object;
	if (object != sym->holder)
		sym->holder->foreign = true;

	if (strcmp(sym->holder->name, KLP_VMLINUX))
		return klp_move_rela(scan, rela, object);

	sym->users++;
	sym->holder->client = object;
	return strcmp(object->name, KLP_VMLINUX) ?
		klp_refuse_rela(scan->elf, scan->sec, rela,
				"a symbol of vmlinux in a section for a module") : 0;
}

static int klp_scan_relas(struct klp_scan *scan)
{
	Elf_Rela *relas = klp_elf_relas(scan->sec);
	unsigned int i;
	int ret;

	for (i = 0; i < klp_elf_num_relas(scan->sec); i++) {
		ret = klp_is_klp_rela(scan, &relas[i]) ? klp_scan_rela(scan, &relas[i]) : 0;
		if (ret)
			return ret;
	}

	return 0;
}

static int klp_scan_section(struct klp_scan *scan)
{
	const char *name;
	size_t len;
	int ret;

	ret = klp_check_section(scan->elf, scan->sec);
	if (ret)
		return ret;
	/* What nothing relocates is debug info */
	if (!klp_relocates(scan->elf, scan->sec))
		return 0;

	if (klp_is_klp_section(scan->sec)) {
		len = klp_section_object(scan->elf, scan->sec, &name);
		scan->object = klp_get_object(scan->relocs, name, len);
		if (!scan->object)
			return -ENOMEM;
	}

	return klp_scan_relas(scan);
}

static int klp_scan_sections(struct klp_relocs *relocs, const struct klp_elf *elf)
{
	unsigned int i;
	int ret;

	for (i = 1; i < elf->shnum; i++) {
		struct klp_scan scan = {
			.relocs = relocs,
			.elf = elf,
			.secndx = i,
			.sec = &elf->sechdrs[i],
		};

		if (scan.sec->sh_type != SHT_RELA)
			continue;
		ret = klp_scan_section(&scan);
		if (ret)
			return ret;
		cond_resched();
	}

	return 0;
}

/**
 * klp_scan_elf() - make the table of a livepatch module
 * @elf:	its ELF file; the headers hold the final addresses of the sections
 *
 * Checks the file as well.  The relocations in the table are no longer in the sections
 * of the ELF file.
 *
 * Context: Process context.
 * Return: the table, or an error pointer: -ENOMEM, or -ENOEXEC for a symbol or a
 *	relocation that is refused, which is logged
 */
struct klp_relocs *klp_scan_elf(const struct klp_elf *elf)
{
	struct klp_relocs *relocs;
	int ret;

	ret = klp_check_symbols(elf);
	if (ret)
		return ERR_PTR(ret);

	relocs = klp_alloc_relocs(elf);
	if (!relocs)
		return ERR_PTR(-ENOMEM);

	ret = klp_scan_sections(relocs, elf);
	if (ret) {
		klp_destroy_relocs(relocs);
		return ERR_PTR(ret);
	}

	return relocs;
}
