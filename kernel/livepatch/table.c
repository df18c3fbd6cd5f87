// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * table.c - Put together and free the table of a livepatch module
 *
 * Objects are few: they are looked for one after the other.
 */

#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/stringhash.h>
#include "reloc.h"

/**
 * klp_find_reloc_object() - look an object up
 * @relocs:	table of a livepatch module
 * @name:	"vmlinux", or the name of a module; not terminated
 * @len:	length of @name
 *
 * Return: the object, NULL if neither relocations nor symbols of the table are for it
 */
struct klp_reloc_object *klp_find_reloc_object(const struct klp_relocs *relocs,
					       const char *name, size_t len)
{
	struct klp_reloc_object *object;

	list_for_each_entry(object, &relocs->objects, node) {
		if (klp_name_is(object->name, name, len))
			return object;
	}

	return NULL;
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
	struct klp_reloc_object *object = klp_find_reloc_object(relocs, name, len);

	if (object)
		return object;

	object = kzalloc_obj(*object);
	if (!object)
		return NULL;

	memcpy(object->name, name, len);
	list_add_tail(&object->node, &relocs->objects);

	return object;
}

static struct klp_reloc_group *klp_get_group(struct klp_relocs *relocs,
					     const struct klp_reloc_group *key)
{
	struct klp_reloc_group *group;

	/* The last ones are those of the section that is being read */
	list_for_each_entry_reverse(group, &relocs->groups, node) {
		if (group->sec != key->sec)
			break;
		if (group->object == key->object && group->class == key->class)
			return group;
	}

	group = kmemdup(key, sizeof(*key), GFP_KERNEL);
	if (group)
		list_add_tail(&group->node, &relocs->groups);

	return group;
}

/**
 * klp_add_rela() - add a late relocation to a table
 * @relocs:	table that is being made
 * @key:	an empty group that says what the relocation belongs to
 * @rela:	the relocation
 *
 * Return: 0 or -ENOMEM
 */
int klp_add_rela(struct klp_relocs *relocs, const struct klp_reloc_group *key,
		 const Elf_Rela *rela)
{
	struct klp_reloc_group *group = klp_get_group(relocs, key);
	unsigned int size;
	Elf_Rela *relas;

	if (!group)
		return -ENOMEM;

	if (group->count == group->size) {
		size = max(2 * group->size, 8U);
		relas = kvrealloc(group->relas, size * sizeof(*relas), GFP_KERNEL);
		if (!relas)
			return -ENOMEM;
		group->relas = relas;
		group->size = size;
	}
	group->relas[group->count++] = *rela;

	return 0;
}

/**
 * klp_symbol_bucket() - where a symbol is in a table
 * @relocs:	table of a livepatch module
 * @name:	name of the symbol in its object
 *
 * Return: the list with all symbols of this name, and others
 */
struct hlist_head *klp_symbol_bucket(const struct klp_relocs *relocs, const char *name)
{
	u32 hash = full_name_hash(NULL, name, strlen(name));

	return &relocs->buckets[hash_32(hash, relocs->hash_bits)];
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
	struct klp_symbol *sym = &relocs->symbols[relocs->nsymbols++];

	sym->object = object;
	sym->holder = klp_get_object(relocs, parts->object, parts->object_len);
	sym->name = kstrndup(parts->symbol, parts->symbol_len, GFP_KERNEL);
	if (!sym->holder || !sym->name)
		return -ENOMEM;

	sym->pos = parts->pos;
	sym->written = KLP_NOT_WRITTEN;
	hlist_add_head(&sym->node, klp_symbol_bucket(relocs, sym->name));
	relocs->index[index] = relocs->nsymbols;

	return 0;
}

/**
 * klp_find_rela() - the first relocation of a group that writes to a range
 * @group:	the group
 * @first:	address of the first byte
 * @last:	address of the last byte
 *
 * Return: the relocation whose place begins in the range, or NULL
 */
const Elf_Rela *klp_find_rela(const struct klp_reloc_group *group, unsigned long first,
			      unsigned long last)
{
	unsigned int i;

	if (last < group->target->sh_addr ||
	    first >= group->target->sh_addr + group->target->sh_size)
		return NULL;

	for (i = 0; i < group->count; i++) {
		unsigned long place = klp_rela_place(group, &group->relas[i]);

		if (place >= first && place <= last)
			return &group->relas[i];
	}

	return NULL;
}

/**
 * klp_symbol_at() - find the symbol whose late relocations write to a range
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

/* Memory for what the symbols of the ELF file can need at most */
static int klp_alloc_symbols(struct klp_relocs *relocs)
{
	unsigned int i, nsyms = klp_elf_num_symbols(relocs->mod), n = 0;

	for (i = 0; i < nsyms; i++)
		n += klp_is_symbol_name(klp_elf_symbol_name(relocs->mod, i));

	relocs->hash_bits = order_base_2(max(n, 2U));
	relocs->index = kvcalloc(nsyms, sizeof(*relocs->index), GFP_KERNEL);
	relocs->symbols = kvcalloc(n, sizeof(*relocs->symbols), GFP_KERNEL);
	relocs->buckets = kvcalloc(1UL << relocs->hash_bits, sizeof(*relocs->buckets),
				   GFP_KERNEL);
	if (!relocs->index || !relocs->symbols || !relocs->buckets)
		return -ENOMEM;

	return 0;
}

/**
 * klp_alloc_relocs() - make an empty table
 * @mod:	livepatch module
 *
 * Context: Process context.
 * Return: the table with room for all symbols of @mod, NULL if there is no memory
 */
struct klp_relocs *klp_alloc_relocs(struct module *mod)
{
	struct klp_relocs *relocs = kzalloc_obj(*relocs);

	if (!relocs)
		return NULL;

	relocs->mod = mod;
	INIT_LIST_HEAD(&relocs->node);
	INIT_LIST_HEAD(&relocs->objects);
	INIT_LIST_HEAD(&relocs->groups);

	if (klp_alloc_symbols(relocs)) {
		klp_destroy_relocs(relocs);
		return NULL;
	}

	return relocs;
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
	unsigned int i;

	list_for_each_entry_safe(group, next_group, &relocs->groups, node) {
		kvfree(group->relas);
		kfree(group);
	}
	list_for_each_entry_safe(object, next_object, &relocs->objects, node)
		kfree(object);

	for (i = 0; i < relocs->nsymbols; i++)
		kfree(relocs->symbols[i].name);

	kvfree(relocs->index);
	kvfree(relocs->symbols);
	kvfree(relocs->buckets);
	kfree(relocs);
}
