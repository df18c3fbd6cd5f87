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
 * Relocations by symbols of modules are late: they are moved from the sections of
 * the ELF file to the table.  Those by symbols of vmlinux stay, and what is left
 * can be applied as the relocations of any other module.
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

/* The object that a relocation waits for */
static struct klp_reloc_object *klp_rela_object(const struct klp_scan *scan,
						const struct klp_symbol *sym)
{
	return scan->object ?: sym->object;
}

static int klp_rela_class(const struct klp_scan *scan, const Elf_Rela *rela)
{
	return module_klp_reloc_class(scan->elf->mod, scan->elf->sechdrs, scan->sec->sh_info,
				      rela);
}

static bool klp_is_late(const struct klp_symbol *sym)
{
	return strcmp(sym->holder->name, KLP_VMLINUX);
}

static int klp_scan_symbol(struct klp_scan *scan, unsigned int index)
{
	const char *name = klp_elf_symbol_name(scan->elf, index);
	const char *why = "its name does not begin with " KLP_SYM_PREFIX;
	struct klp_reloc_object *object = NULL;
	struct klp_symbol_name parts;

	if (klp_is_symbol_name(name))
		why = klp_parse_symbol(name, MODULE_NAME_LEN, KSYM_NAME_LEN, &parts);
	if (!why && klp_name_is(scan->elf->mod->name, parts.object, parts.object_len))
		why = "of the livepatch module itself";
	if (why)
		return klp_refuse_symbol(scan->elf, index, why);

	if (!scan->object) {
		object = klp_get_object(scan->relocs, parts.target, parts.target_len);
		if (!object)
			return -ENOMEM;
	}

	return klp_add_symbol(scan->relocs, index, &parts, object);
}

static int klp_scan_rela(struct klp_scan *scan, const Elf_Rela *rela)
{
	unsigned int index = ELF_R_SYM(rela->r_info);
	struct klp_reloc_object *object;
	struct klp_reloc_group *group;
	struct klp_symbol *sym;
	int class, ret;

	ret = scan->relocs->index[index] ? 0 : klp_scan_symbol(scan, index);
	if (ret)
		return ret;

	sym = klp_rela_symbol(scan->relocs, rela);
	sym->nrelas++;
	object = klp_rela_object(scan, sym);
	ret = klp_add_use(object, sym->holder);
	if (ret)
		return ret;

	if (!klp_is_late(sym)) {
		sym->users++;
		return strcmp(object->name, KLP_VMLINUX) ?
			klp_refuse_rela(scan->elf, scan->sec, rela,
					"a symbol of vmlinux in a section for a module") : 0;
	}

	if (klp_is_percpu_section(scan->elf, scan->sec->sh_info))
		return klp_refuse_rela(scan->elf, scan->sec, rela,
				       "the copies of per-CPU data cannot be written late");

	class = klp_rela_class(scan, rela);
	if (class == KLP_RELOC_REFUSED ||
	    (!scan->object && !IS_ENABLED(CONFIG_HAVE_LIVEPATCH_LATE_RELOC)))
		return klp_refuse_rela(scan->elf, scan->sec, rela,
				       "not possible as a late relocation on this architecture");

	if (class == KLP_RELOC_POINTER &&
	    scan->elf->sechdrs[scan->sec->sh_info].sh_size - rela->r_offset < sizeof(long))
		return klp_refuse_rela(scan->elf, scan->sec, rela, "offset out of range");

	group = klp_get_group(scan->relocs, scan->elf, scan->secndx, object, class);
	if (!group)
		return -ENOMEM;
	group->size++;

	return 0;
}

static int klp_scan_relas(struct klp_scan *scan)
{
	const Elf_Rela *relas = klp_elf_relas(scan->sec);
	unsigned int i;
	int ret;

	for (i = 0; i < klp_elf_num_relas(scan->sec); i++) {
		if (!klp_is_klp_rela(scan, &relas[i]))
			continue;
		ret = klp_scan_rela(scan, &relas[i]);
		if (ret)
			return ret;
	}

	return 0;
}

static int klp_alloc_relas(const struct klp_scan *scan)
{
	struct klp_reloc_group *group;

	list_for_each_entry_reverse(group, &scan->relocs->groups, node) {
		if (group->secndx != scan->secndx)
			break;
		group->relas = kvmalloc_array(group->size, sizeof(*group->relas), GFP_KERNEL);
		if (!group->relas)
			return -ENOMEM;
	}

	return 0;
}

/* The group that a relocation moves to; NULL for one that stays */
static struct klp_reloc_group *klp_rela_group(const struct klp_scan *scan,
					      const Elf_Rela *rela)
{
	const struct klp_symbol *sym;

	if (!klp_is_klp_rela(scan, rela))
		return NULL;

	sym = klp_rela_symbol(scan->relocs, rela);
	if (!klp_is_late(sym))
		return NULL;

	return klp_get_group(scan->relocs, scan->elf, scan->secndx,
			     klp_rela_object(scan, sym), klp_rela_class(scan, rela));
}

/* Move late relocations to their groups, which klp_scan_relas() has made */
static void klp_move_relas(const struct klp_scan *scan)
{
	Elf_Rela *relas = klp_elf_relas(scan->sec);
	unsigned int i, kept = 0;

	for (i = 0; i < klp_elf_num_relas(scan->sec); i++) {
		struct klp_reloc_group *group = klp_rela_group(scan, &relas[i]);

		if (group)
			group->relas[group->count++] = relas[i];
		else
			relas[kept++] = relas[i];
	}

	scan->sec->sh_size = kept * sizeof(*relas);
}

static int klp_scan_section(struct klp_scan *scan)
{
	const char *name;
	size_t len;
	int ret;

	/* What nothing relocates is debug info */
	if (!klp_relocates(scan->elf, scan->sec))
		return 0;

	if (klp_is_klp_section(scan->sec)) {
		len = klp_section_object(scan->elf, scan->sec, &name);
		scan->object = klp_get_object(scan->relocs, name, len);
		if (!scan->object)
			return -ENOMEM;
	}

	ret = klp_scan_relas(scan) ?: klp_alloc_relas(scan);
	if (ret)
		return ret;

	klp_move_relas(scan);
	return 0;
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
 * @elf:	its ELF file, after klp_check_elf(); the headers hold the final
 *		addresses of the sections
 *
 * The relocations in the table are no longer in the sections of the ELF file.
 *
 * Context: Process context.
 * Return: the table, or an error pointer: -ENOMEM, or -ENOEXEC for a relocation that
 *	is refused, which is logged
 */
struct klp_relocs *klp_scan_elf(const struct klp_elf *elf)
{
	struct klp_relocs *relocs;
	int ret;

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
