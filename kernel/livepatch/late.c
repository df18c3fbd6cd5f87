// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * late.c - Reject late relocations where they cannot work
 *
 * Some memory is read when a livepatch module is loaded, and never again, or it is
 * freed or replaced then: a symbol that gets its address later is of no use there,
 * or does harm.  Two relocations that write one place cannot both hold.
 *
 * This runs after the ordinary relocations were applied, so that the tables in
 * the module can be followed.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/static_call.h>
#include "reloc.h"

/**
 * struct klp_late - the places of late relocations
 * @relocs:	the table that they are from
 * @bits:	for each type of module memory a bit for each byte that a place begins at
 * @ret:	0, or what a check has found
 */
struct klp_late {
	const struct klp_relocs *relocs;
	unsigned long *bits[MOD_MEM_NUM_TYPES];
	int ret;
};

/* Mark a place; false if it was marked already */
static bool klp_mark_place(struct klp_late *late, unsigned long place)
{
	const struct module *mod = late->relocs->mod;

	for_each_mod_mem_type(type) {
		unsigned long base = (unsigned long)mod->mem[type].base;

		if (within_module_mem_type(place, mod, type))
			return !__test_and_set_bit(place - base, late->bits[type]);
	}

	return false;
}

/* No late place is to be in a range; the message names @user */
static void klp_check_range(struct klp_late *late, const void *start, size_t len,
			    const void *user, const char *why)
{
	unsigned long first = (unsigned long)start, last = first + len - 1;
	const struct klp_reloc_group *group;
	const Elf_Rela *rela;

	list_for_each_entry(group, &late->relocs->groups, node) {
		if (late->ret || !len)
			continue;
		rela = klp_find_rela(group, first, last);
		if (rela)
			late->ret = klp_refuse_place(late->relocs->mod, group->sec, rela,
						     (unsigned long)user, why);
	}
}

/* Of arrays and strings, __param has only the address of what describes them */
static void klp_check_params(struct klp_late *late)
{
	const char *why = "a parameter, which can be used while the module is not loaded";
	const struct module *mod = late->relocs->mod;
	unsigned int i;

	for (i = 0; i < mod->num_kp; i++) {
		const struct kernel_param *kp = &mod->kp[i];
		size_t size = kp->ops == &param_array_ops ? sizeof(*kp->arr) :
			      kp->ops == &param_ops_string ? sizeof(*kp->str) : 0;

		klp_check_range(late, kp->ops, sizeof(*kp->ops), kp->ops, why);
		klp_check_range(late, kp->arg, size, kp->arg, why);
	}
}

static void klp_check_static_calls(struct klp_late *late)
{
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
	const struct module *mod = late->relocs->mod;
	unsigned int i;

	for (i = 0; i < mod->num_static_call_sites; i++) {
		const struct static_call_site *site = &mod->static_call_sites[i];
		void *key = (void *)(((long)&site->key + site->key) & ~STATIC_CALL_SITE_FLAGS);

		klp_check_range(late, key, sizeof(struct static_call_key), key,
				"the function of a static call, which is used at load");
	}
#endif
}

static void klp_check_replaced(struct klp_late *late)
{
	const char *why = "an alternative, which is applied when the livepatch is loaded";
	const struct module *mod = late->relocs->mod;
	struct klp_replaced r;
	unsigned int i, size;
	size_t pos;

	for (i = 1; i < klp_elf_num_sections(mod); i++) {
		const Elf_Shdr *sec = klp_elf_section(mod, i);

		if (!(sec->sh_flags & SHF_ALLOC))
			continue;
		cond_resched();
		for (pos = 0; pos < sec->sh_size; pos += size) {
			size = module_klp_replaced(klp_elf_section_name(mod, sec),
						   (void *)sec->sh_addr + pos,
						   sec->sh_size - pos, &r);
			if (!size)
				break;
			klp_check_range(late, r.code, r.len, r.code, why);
			klp_check_range(late, r.other, r.other_len, r.code, why);
		}
	}
}

/*
 * The entries of tables of code have no names: the message names the function that an
 * entry is about.  It begins with the distance to it.
 */
static unsigned long klp_entry_code(const char *secname, unsigned long start,
				    unsigned long place)
{
	unsigned long entry;

	if (!strcmp(secname, "__jump_table"))
		entry = place - 2 * sizeof(s32);	/* struct jump_entry.key */
	else if (!strcmp(secname, ".static_call_sites"))
		entry = place - offsetof(struct static_call_site, key);
	else
		return place;

	return entry < start || entry > place ? place : entry + *(s32 *)entry;
}

static int klp_check_section_late(const struct module *mod,
				  const struct klp_reloc_group *group)
{
	const char *name = klp_elf_section_name(mod, group->target);
	unsigned long start = group->target->sh_addr;

	/* By name, too: powerpc has no init memory */
	if (strstarts(name, ".init") || within_module_init(start, mod))
		return klp_refuse_rela(mod, group->sec, group->relas,
				       "init memory is freed, and cannot be written late");

	if (!klp_is_load_section(name))
		return 0;

	return klp_refuse_place(mod, group->sec, group->relas,
				klp_entry_code(name, start,
					       klp_rela_place(group, group->relas)),
				"a section that is used at load, before the symbol's module is loaded");
}

static int klp_check_places(struct klp_late *late)
{
	const struct module *mod = late->relocs->mod;
	struct klp_reloc_group *group;
	unsigned int i;
	int ret;

	list_for_each_entry(group, &late->relocs->groups, node) {
		ret = group->object->applied ? 0 : klp_check_section_late(mod, group);
		if (ret)
			return ret;

		for (i = 0; i < group->count; i++) {
			if (!klp_mark_place(late, klp_rela_place(group, &group->relas[i])))
				return klp_refuse_rela(mod, group->sec, &group->relas[i],
						       "another relocation writes the same place");
		}
	}

	klp_check_params(late);
	klp_check_static_calls(late);
	klp_check_replaced(late);

	return late->ret;
}

/**
 * klp_check_late() - reject late relocations where they cannot work
 * @relocs:	table of a livepatch module that is being loaded, and whose ordinary
 *		relocations have been applied
 *
 * Context: Process context.
 * Return: 0, -ENOMEM, or -ENOEXEC, which is logged
 */
int klp_check_late(const struct klp_relocs *relocs)
{
	struct klp_late late = {
		.relocs = relocs,
	};
	int ret = 0;

	/* What other architectures write once is as on any module */
	if (list_empty(&relocs->groups) || !IS_ENABLED(CONFIG_HAVE_LIVEPATCH_LATE_RELOC))
		return 0;

	for_each_mod_mem_type(type) {
		late.bits[type] = kvcalloc(BITS_TO_LONGS(relocs->mod->mem[type].size),
					   sizeof(long), GFP_KERNEL);
		if (!late.bits[type])
			ret = -ENOMEM;
	}

	ret = ret ?: klp_check_places(&late);

	for_each_mod_mem_type(type)
		kvfree(late.bits[type]);

	return ret;
}
