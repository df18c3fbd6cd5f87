// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * write.c - Write the late relocations of a livepatch module
 *
 * A place holds what the value of its symbol is.  When a symbol gets another value,
 * an address or what stands for it while it is unresolved, its places are written
 * again, by apply_relocate_add() with the value in the module's symbol table.
 */

#include <linux/atomic.h>
#include <linux/unaligned.h>
#include "reloc.h"

/*
 * Has a symbol of the group got another value?  An architecture without late relocations
 * takes addresses only, and keeps them.
 */
static bool klp_group_is_dirty(const struct klp_relocs *relocs,
			       const struct klp_reloc_group *group)
{
	bool dirty = false;
	unsigned int i;

	for (i = 0; i < group->count; i++) {
		const struct klp_symbol *sym = klp_rela_symbol(relocs, &group->relas[i]);

		if (!sym->addr && !IS_ENABLED(CONFIG_HAVE_LIVEPATCH_LATE_RELOC))
			return false;
		dirty |= sym->addr != sym->written;
	}

	return dirty;
}

/*
 * Pointers in data that stays writable are the livepatch's own variables: readers
 * must not see a part of one, and one that the livepatch has set keeps its value.
 */
static bool klp_is_variable(const struct module *mod, const struct klp_reloc_group *group)
{
	return group->class == KLP_RELOC_POINTER &&
	       within_module_mem_type(klp_rela_place(group, group->relas),
				      mod, MOD_DATA);
}

/* The livepatch can set its variable at any time */
static void klp_replace_variable(unsigned long *place, unsigned long old, unsigned long new)
{
	if (IS_ALIGNED((unsigned long)place, sizeof(*place)))
		cmpxchg(place, old, new);
	else if (get_unaligned(place) == old)
		put_unaligned(new, place);
}

static unsigned long klp_pointer_value(unsigned long addr, const Elf_Rela *rela)
{
	return addr ? addr + rela->r_addend : 0;
}

static void klp_write_variables(const struct klp_relocs *relocs,
				const struct klp_reloc_group *group)
{
	bool early = relocs->mod->state == MODULE_STATE_UNFORMED;
	const Elf_Rela *rela = group->relas, *end = rela + group->count;

	for (; rela < end; rela++) {
		const struct klp_symbol *sym = klp_rela_symbol(relocs, rela);
		unsigned long *place = (void *)klp_rela_place(group, rela);

		if (early)
			put_unaligned(klp_pointer_value(sym->addr, rela), place);
		else if (sym->addr != sym->written)
			klp_replace_variable(place, klp_pointer_value(sym->written, rela),
					     klp_pointer_value(sym->addr, rela));
	}
}

/*
 * How many relocations can be written with the same value for a symbol?  What stands for
 * a pointer depends on the addend.
 */
static unsigned int klp_run_length(const struct klp_reloc_group *group, unsigned int first)
{
	unsigned int i = first + 1;

	if (group->class != KLP_RELOC_POINTER)
		return group->count - first;

	while (i < group->count && group->relas[i].r_addend == group->relas[first].r_addend)
		i++;

	return i - first;
}

/* Relocate with the present values of the symbols, whatever has been written before */
static int klp_write_run(const struct klp_relocs *relocs,
			 const struct klp_reloc_group *group, Elf_Rela *relas,
			 unsigned int count)
{
	const struct klp_modinfo *info = relocs->mod->klp_info;
	Elf_Sym *symtab = klp_elf_symtab(relocs->mod);
	Elf_Shdr saved = *group->sec;
	unsigned int i;
	int ret;

	for (i = 0; i < count; i++) {
		const struct klp_symbol *sym = klp_rela_symbol(relocs, &relas[i]);

		symtab[ELF_R_SYM(relas[i].r_info)].st_value =
			sym->addr ?: klp_unresolved_value(group->class, &relas[i]);
	}

	group->sec->sh_addr = (unsigned long)relas;
	group->sec->sh_size = count * sizeof(*relas);
	ret = apply_relocate_add(info->sechdrs, klp_elf_strtab(relocs->mod), info->symndx,
				 group->sec - info->sechdrs, relocs->mod);
	*group->sec = saved;

	return ret;
}

static int klp_write_group(const struct klp_relocs *relocs,
			   const struct klp_reloc_group *group)
{
	unsigned int i, n;
	int ret = 0;

	for (i = 0; i < group->count && !ret; i += n) {
		n = klp_run_length(group, i);
		ret = klp_write_run(relocs, group, group->relas + i, n);
	}

	return ret;
}

/**
 * klp_write_relocs() - write late relocations with the present values of their symbols
 * @relocs:	table of a livepatch module
 *
 * Those against a symbol that has got another value, or whose value was not written yet.
 * Goes on after an error: as much as possible has to be unresolved.
 *
 * Context: Process context.  klp_mutex held, or the module is being loaded.
 * Return: 0, or an error of apply_relocate_add(): some places have not been written then
 */
int klp_write_relocs(const struct klp_relocs *relocs)
{
	struct klp_reloc_group *group;
	unsigned int i;
	int err, ret = 0;

	list_for_each_entry(group, &relocs->groups, node) {
		/* Init memory, which is written at load only */
		if (!within_module(group->target->sh_addr, relocs->mod))
			continue;
		if (klp_is_variable(relocs->mod, group)) {
			klp_write_variables(relocs, group);
		} else if (klp_group_is_dirty(relocs, group)) {
			err = klp_write_group(relocs, group);
			ret = ret ?: err;
		}
	}

	for (i = 0; i < relocs->nsymbols; i++)
		relocs->symbols[i].written = relocs->symbols[i].addr;

	return ret;
}
