// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * table.c - Put together and free the table of a livepatch module
 *
 * Objects, holders and uses are few: they are looked for one after the other.
 */

#include <linux/kallsyms.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include "reloc.h"

static struct klp_holder *klp_get_holder(struct klp_relocs *relocs, const char *name,
					 size_t len)
{
	struct klp_holder *holder;

	list_for_each_entry(holder, &relocs->holders, node) {
		if (klp_name_is(holder->name, name, len))
			return holder;
	}

	holder = kzalloc_obj(*holder);
	if (!holder)
		return NULL;

	memcpy(holder->name, name, len);
	list_add_tail(&holder->node, &relocs->holders);

	return holder;
}

/**
 * klp_get_object() - look an object up in a table, add it if it is not there
 * @relocs:	table that is being made
 * @name:	name of the object, shorter than MODULE_NAME_LEN, not terminated
 * @len:	length of @name
 *
 * Return: the object, NULL if there is no memory
 */
struct klp_reloc_object *klp_get_object(struct klp_relocs *relocs, const char *name,
					size_t len)
{
	struct klp_reloc_object *object;

	list_for_each_entry(object, &relocs->objects, node) {
		if (klp_name_is(object->name, name, len))
			return object;
	}

	object = kzalloc_obj(*object);
	if (!object)
		return NULL;

	memcpy(object->name, name, len);
	INIT_LIST_HEAD(&object->uses);
	list_add_tail(&object->node, &relocs->objects);

	return object;
}

/**
 * klp_add_use() - note that an object uses symbols of a holder
 * @object:	object of a table that is being made
 * @holder:	holder of the same table
 *
 * Return: 0 or -ENOMEM
 */
int klp_add_use(struct klp_reloc_object *object, const struct klp_holder *holder)
{
	struct klp_use *use;

	list_for_each_entry(use, &object->uses, node) {
		if (use->holder == holder)
			return 0;
	}

	use = kzalloc_obj(*use);
	if (!use)
		return -ENOMEM;

	use->holder = holder;
	list_add_tail(&use->node, &object->uses);

	return 0;
}

/**
 * klp_get_group() - look a group of relocations up, add it if it is not there
 * @relocs:	table that is being made
 * @elf:	ELF file of the livepatch module
 * @secndx:	relocation section, the same as the last time or a new one
 * @object:	object that the relocations wait for
 * @class:	what their places are used for, an enum klp_reloc_class
 *
 * Return: the group, NULL if there is no memory
 */
struct klp_reloc_group *klp_get_group(struct klp_relocs *relocs, const struct klp_elf *elf,
				      unsigned int secndx,
				      const struct klp_reloc_object *object, int class)
{
	struct klp_reloc_group *group;

	/* The last ones are those of the section that is being read */
	list_for_each_entry_reverse(group, &relocs->groups, node) {
		if (group->secndx != secndx)
			break;
		if (group->object == object && group->class == class)
			return group;
	}

	group = kzalloc_obj(*group);
	if (!group)
		return NULL;

	group->object = object;
	group->secndx = secndx;
	group->class = class;
	group->target = elf->sechdrs[elf->sechdrs[secndx].sh_info].sh_addr;
	list_add_tail(&group->node, &relocs->groups);

	return group;
}

/**
 * klp_add_symbol() - add a symbol to a table
 * @relocs:	table that is being made
 * @index:	the symbol in the ELF file
 * @parts:	what its name says
 * @object:	plain form: the object that its relocations wait for; else NULL
 *
 * Return: 0 or -ENOMEM
 */
int klp_add_symbol(struct klp_relocs *relocs, unsigned int index,
		   const struct klp_symbol_name *parts, struct klp_reloc_object *object)
{
	struct klp_symbol *sym = &relocs->symbols[relocs->nsymbols];

	sym->holder = klp_get_holder(relocs, parts->object, parts->object_len);
	if (!sym->holder)
		return -ENOMEM;

	sym->object = object;
	sym->name = memcpy(relocs->names + relocs->names_len, parts->symbol,
			   parts->symbol_len);
	relocs->names_len += parts->symbol_len + 1;
	sym->pos = parts->pos;
	hlist_add_head(&sym->node, klp_symbol_bucket(relocs, sym->name));
	relocs->index[index] = ++relocs->nsymbols;

	return 0;
}

/* Memory for what the symbols of the ELF file can need at most */
static int klp_alloc_symbols(struct klp_relocs *relocs, const struct klp_elf *elf)
{
	unsigned int i, nsyms = klp_elf_num_symbols(elf), n = 0;
	size_t size = 0;

	for (i = 1; i < nsyms; i++) {
		const char *name = klp_elf_symbol_name(elf, i);

		if (klp_is_symbol_name(name)) {
			size += strlen(name);
			n++;
		}
	}

	relocs->hash_bits = order_base_2(max(n, 2U));
	relocs->index = kvcalloc(nsyms, sizeof(*relocs->index), GFP_KERNEL);
	relocs->symbols = kvcalloc(n, sizeof(*relocs->symbols), GFP_KERNEL);
	relocs->names = kvzalloc(size, GFP_KERNEL);
	relocs->buckets = kvcalloc(1UL << relocs->hash_bits, sizeof(*relocs->buckets),
				   GFP_KERNEL);
	if (!relocs->index || !relocs->symbols || !relocs->names || !relocs->buckets)
		return -ENOMEM;

	return 0;
}

/**
 * klp_alloc_relocs() - make an empty table
 * @elf:	ELF file of a livepatch module, after klp_check_elf()
 *
 * Context: Process context.
 * Return: the table with room for all symbols of @elf, NULL if there is no memory
 */
struct klp_relocs *klp_alloc_relocs(const struct klp_elf *elf)
{
	struct klp_relocs *relocs;

	relocs = kzalloc_obj(*relocs);
	if (!relocs)
		return NULL;

	relocs->mod = elf->mod;
	INIT_LIST_HEAD(&relocs->node);
	INIT_LIST_HEAD(&relocs->objects);
	INIT_LIST_HEAD(&relocs->groups);
	INIT_LIST_HEAD(&relocs->holders);

	if (klp_alloc_symbols(relocs, elf)) {
		klp_destroy_relocs(relocs);
		return NULL;
	}

	return relocs;
}

static void klp_destroy_object(struct klp_reloc_object *object)
{
	struct klp_use *use, *next;

	list_for_each_entry_safe(use, next, &object->uses, node)
		kfree(use);
	kfree(object);
}

/**
 * klp_destroy_relocs() - free a table
 * @relocs:	table of a livepatch module, made in whole or in part
 *
 * Context: Process context.
 */
void klp_destroy_relocs(struct klp_relocs *relocs)
{
	struct klp_reloc_object *object, *next_object;
	struct klp_reloc_group *group, *next_group;
	struct klp_holder *holder, *next_holder;

	list_for_each_entry_safe(group, next_group, &relocs->groups, node) {
		kvfree(group->relas);
		kfree(group);
	}
	list_for_each_entry_safe(object, next_object, &relocs->objects, node)
		klp_destroy_object(object);
	list_for_each_entry_safe(holder, next_holder, &relocs->holders, node)
		kfree(holder);

	kvfree(relocs->index);
	kvfree(relocs->symbols);
	kvfree(relocs->names);
	kvfree(relocs->buckets);
	kfree(relocs);
}
