// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reloc.c - Apply and undo the relocations of livepatch modules
 *
 * A livepatch module refers to symbols that their owners need not export.  The
 * module loader relocates the module by them as by any other symbol, with
 * apply_relocate_add():
 *
 *  - What belongs to vmlinux, together with the ordinary relocations, while
 *    the livepatch module is loaded (klp_load_relocs()).
 *  - What belongs to a module, when that module comes or is there while the
 *    livepatch is enabled (klp_apply_relocs()).
 *
 * The latter is undone when that module goes or is refused, or the livepatch is
 * (klp_undo_relocs()): a place never keeps the address of something that is no
 * more, and can be written again.  It is not undone when the livepatch is
 * disabled, since the module may have code that runs outside of the patched
 * functions, such as callbacks of timers and RCU.
 *
 * For an object it is all or nothing.  Either each of its relocations is
 * written, and a reference is held to each module that holds a symbol for them
 * and is not the object itself; or everything is as it was when the livepatch
 * module was loaded, as far as the architecture has a clear_relocate_add().
 *
 * klp_mutex serializes applying and undoing, with the coming and going of
 * targets and with the enabling and disabling of livepatches.  module_mutex
 * and, on some architectures, text_mutex are taken inside.  While a livepatch
 * module is being loaded it is its loader's alone, and no lock is needed.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/moduleloader.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "core.h"
#include "reloc.h"

#define CREATE_TRACE_POINTS
#include <trace/events/livepatch.h>

/* Tables of which late relocations have been applied; protected by klp_mutex */
static LIST_HEAD(klp_applied);

/*
 * apply_relocate_add() takes the headers of an ELF file.  These stand for the
 * ones that it looks at when it relocates one section.
 */
enum {
	KLP_SHDR_NULL,
	KLP_SHDR_SYMTAB,
	KLP_SHDR_TARGET,
	KLP_SHDR_RELA,
	KLP_SHDR_NUM
};

static void klp_make_sechdrs(Elf_Shdr sechdrs[KLP_SHDR_NUM],
			     const struct klp_relocs *relocs,
			     const struct klp_reloc_section *sec)
{
	memset(sechdrs, 0, KLP_SHDR_NUM * sizeof(*sechdrs));

	sechdrs[KLP_SHDR_SYMTAB].sh_type = SHT_SYMTAB;
	sechdrs[KLP_SHDR_SYMTAB].sh_addr = (unsigned long)relocs->symtab;
	sechdrs[KLP_SHDR_SYMTAB].sh_size = relocs->nsyms * sizeof(Elf_Sym);

	sechdrs[KLP_SHDR_TARGET].sh_addr = sec->addr;

	sechdrs[KLP_SHDR_RELA].sh_type = SHT_RELA;
	sechdrs[KLP_SHDR_RELA].sh_addr = (unsigned long)sec->relas;
	sechdrs[KLP_SHDR_RELA].sh_size = sec->count * sizeof(Elf_Rela);
	sechdrs[KLP_SHDR_RELA].sh_link = KLP_SHDR_SYMTAB;
	sechdrs[KLP_SHDR_RELA].sh_info = KLP_SHDR_TARGET;
}

/*
 * The places got zeroes when they were undone, and will get them again.  Somebody
 * may have written there in the meantime, the livepatch to its data, say.
 */
static int klp_check_places_zero(const struct klp_relocs *relocs,
				 const struct klp_reloc_section *sec)
{
	const char *name;
	unsigned int i;

	for (i = 0; i < sec->count; i++) {
		const Elf_Rela *rela = &sec->relas[i];
		void *place = (void *)(sec->addr + rela->r_offset);

		if (module_arch_reloc_is_zero(place, ELF_R_TYPE(rela->r_info)))
			continue;

		name = relocs->strtab + relocs->symtab[ELF_R_SYM(rela->r_info)].st_name;
		pr_err("%s: %pS, to be relocated by symbol '%*pE', does not hold zeroes any more\n",
		       relocs->mod->name, place, klp_log_len(name), name);
		return -ENOEXEC;
	}

	return 0;
}

static int klp_apply_section(const struct klp_relocs *relocs,
			     const struct klp_reloc_section *sec)
{
	Elf_Shdr sechdrs[KLP_SHDR_NUM];
	int ret;

	ret = klp_check_places_zero(relocs, sec);
	if (ret)
		return ret;

	klp_make_sechdrs(sechdrs, relocs, sec);

	return apply_relocate_add(sechdrs, relocs->strtab, KLP_SHDR_SYMTAB,
				  KLP_SHDR_RELA, relocs->mod);
}

static void klp_undo_section(const struct klp_relocs *relocs,
			     const struct klp_reloc_section *sec)
{
	Elf_Shdr sechdrs[KLP_SHDR_NUM];

	klp_make_sechdrs(sechdrs, relocs, sec);
	clear_relocate_add(sechdrs, relocs->strtab, KLP_SHDR_SYMTAB,
			   KLP_SHDR_RELA, relocs->mod);
}

void __weak clear_relocate_add(Elf_Shdr *sechdrs, const char *strtab,
			       unsigned int symindex, unsigned int relsec,
			       struct module *me)
{
}

int __weak module_arch_reloc_size(unsigned int type)
{
	return 0;
}

bool __weak module_arch_reloc_is_zero(const void *place, unsigned int type)
{
	return true;
}

int __weak module_arch_keep_symbols(struct module *mod,
				    const unsigned int *index,
				    unsigned int nsyms)
{
	return 0;
}

static struct klp_reloc_object *klp_find_reloc_object(struct klp_relocs *relocs,
						      const char *name)
{
	struct klp_reloc_object *object;

	if (!relocs)
		return NULL;

	list_for_each_entry(object, &relocs->objects, node) {
		if (!strcmp(object->name, name))
			return object;
	}

	return NULL;
}

/* Whoever changes a table holds klp_mutex or is the livepatch module's loader */
static void klp_assert_held(const struct klp_relocs *relocs)
{
	lockdep_assert(relocs->mod->state == MODULE_STATE_UNFORMED ||
		       lockdep_is_held(&klp_mutex));
}

/*
 * A module that holds symbols for the relocations of another object has to
 * stay as long as they do, though nothing else need keep it.  It has to be
 * LIVE, since the failure of a module's init function ignores references.
 */
static int klp_pin_source(const struct klp_relocs *relocs,
			  struct klp_reloc_source *source)
{
	struct module *mod;
	int ret = 0;

	rcu_read_lock_sched();
	mod = find_module(source->name);
	if (!mod)
		ret = -ENOENT;
	else if (mod->state != MODULE_STATE_LIVE || !try_module_get(mod))
		ret = -EBUSY;
	else
		source->pinned = mod;
	rcu_read_unlock_sched();

	if (ret)
		pr_err("%s: module '%*pE', which holds symbols to relocate by, is %s\n",
		       relocs->mod->name, klp_log_len(source->name), source->name,
		       ret == -ENOENT ? "not loaded" : "coming or going");
	return ret;
}

/* Forget where the symbols of @object are, and let go who holds them */
static void klp_release_object(struct klp_relocs *relocs,
			       struct klp_reloc_object *object)
{
	struct klp_reloc_source *source;
	struct klp_symbol *sym;

	klp_assert_held(relocs);

	list_for_each_entry(source, &object->sources, node) {
		llist_for_each_entry(sym, source->symbols.first, llnode) {
			sym->match.addr = 0;
			if (object->late)
				relocs->symtab[sym->index].st_value = 0;
		}
		module_put(source->pinned);
		source->pinned = NULL;
	}
}

/*
 * Find all the symbols for the relocations of @object and put their values in
 * @symtab.  @target is the object's module, NULL for vmlinux.
 */
static int klp_resolve_object(struct klp_relocs *relocs,
			      struct klp_reloc_object *object,
			      struct module *target, Elf_Sym *symtab)
{
	struct klp_reloc_source *source;
	struct klp_symbol *sym;
	int ret = 0;

	klp_assert_held(relocs);

	list_for_each_entry(source, &object->sources, node) {
		struct module *mod = target;

		if (strcmp(source->name, object->name)) {
			ret = klp_pin_source(relocs, source);
			if (ret)
				break;
			mod = source->pinned;
		}

		ret = klp_find_symbols(relocs, source, mod);
		if (ret)
			break;

		llist_for_each_entry(sym, source->symbols.first, llnode)
			symtab[sym->index].st_value = sym->match.addr;
	}

	if (ret)
		klp_release_object(relocs, object);
	return ret;
}

/**
 * klp_load_relocs() - take over the klp relocations of a module being loaded
 * @mod:	livepatch module in MODULE_STATE_UNFORMED
 * @elf:	its ELF file, after klp_check_elf(); the headers hold the final
 *		addresses of the sections
 *
 * Makes the table, takes the relocations that can only be applied later out of
 * the ELF file's sections, and gives the symbols of those that remain their
 * values.  The caller applies these with all the others.  klp_free_relocs()
 * frees what has been made.
 *
 * Context: Process context.  Takes and releases module_mutex.
 * Return: 0, -ENOEXEC for a relocation that is refused, -EINVAL for a symbol
 *	that cannot be told, -ENOENT or -EBUSY for a module that holds symbols
 *	and is not there, -ENOMEM
 */
int klp_load_relocs(struct module *mod, const struct klp_elf *elf)
{
	Elf_Sym *symtab = (Elf_Sym *)elf->sechdrs[elf->symndx].sh_addr;
	struct klp_reloc_object *object;
	struct klp_relocs *relocs;
	int ret;

	mod->klp_relocs = NULL;
	relocs = klp_relocs_create(mod, elf);
	if (IS_ERR(relocs))
		return PTR_ERR(relocs);
	mod->klp_relocs = relocs;
	if (!relocs)
		return 0;

	/* As with any symbol that is exported to GPL modules only, or less */
	if (test_bit(TAINT_PROPRIETARY_MODULE, &mod->taints)) {
		pr_err("%s: livepatch symbols are for GPL-compatible modules\n",
		       mod->name);
		return -ENOEXEC;
	}
	mod->using_gplonly_symbols = true;

	object = klp_find_reloc_object(relocs, KLP_VMLINUX);
	if (!object)
		return 0;

	ret = klp_resolve_object(relocs, object, NULL, symtab);
	object->applied = !ret;
	trace_klp_apply_relocs(mod->name, object->name, object->nsyms,
			       object->nrelas, ret);

	return ret;
}

/**
 * klp_keep_relocs() - give up what is only needed to load a livepatch module
 * @mod:	livepatch module, fully formed
 *
 * The ELF file can go afterwards.
 *
 * Context: Process context.
 * Return: 0, or an error of module_arch_keep_symbols()
 */
int klp_keep_relocs(struct module *mod)
{
	struct klp_relocs *relocs = mod->klp_relocs;
	int ret;

	if (!relocs)
		return module_arch_keep_symbols(mod, NULL, 0);

	/* The table of symbols begins with the null symbol */
	ret = module_arch_keep_symbols(mod, relocs->elf_index,
				       relocs->nsyms > 1 ? relocs->nsyms : 0);
	kvfree(relocs->elf_index);
	relocs->elf_index = NULL;
	if (!ret)
		klp_debugfs_add(relocs);

	return ret;
}

/**
 * klp_free_relocs() - free the klp relocations of a module
 * @mod:	livepatch module whose code does not run any more, or never did
 *
 * The module's memory is about to be freed, so its places stay as they are.
 *
 * Context: Process context.  Takes and releases klp_mutex.
 */
void klp_free_relocs(struct module *mod)
{
	struct klp_relocs *relocs = mod->klp_relocs;
	struct klp_reloc_object *object;

	if (!relocs)
		return;

	klp_debugfs_remove(relocs);

	mutex_lock(&klp_mutex);
	list_del(&relocs->list);
	list_for_each_entry(object, &relocs->objects, node)
		klp_release_object(relocs, object);
	mutex_unlock(&klp_mutex);

	/* klp_text_reserved() may still look */
	WRITE_ONCE(mod->klp_relocs, NULL);
	synchronize_rcu();
	klp_relocs_destroy(relocs);
}

static bool klp_patches_object(struct klp_patch *patch, const char *name)
{
	struct klp_object *obj;

	klp_for_each_object_static(patch, obj) {
		if (obj->name && !strcmp(obj->name, name))
			return true;
	}

	return false;
}

/**
 * klp_check_objects() - does a livepatch patch what its relocations belong to?
 * @patch:	livepatch that is about to be enabled
 *
 * The relocations of an object that the livepatch does not patch would never
 * be applied.  They belong to the module, so that a second livepatch in the same
 * module would take those of the first one away if it failed.
 *
 * Context: klp_mutex held.
 * Return: 0, -EINVAL or -EBUSY, which are logged
 */
int klp_check_objects(struct klp_patch *patch)
{
	struct klp_relocs *relocs = patch->mod->klp_relocs;
	struct klp_reloc_object *object;
	struct klp_patch *other;

	lockdep_assert_held(&klp_mutex);

	klp_for_each_patch(other) {
		if (other->mod == patch->mod) {
			pr_err("livepatch '%s' is there already\n", patch->mod->name);
			return -EBUSY;
		}
	}

	if (!relocs)
		return 0;

	list_for_each_entry(object, &relocs->objects, node) {
		if (object->late && !klp_patches_object(patch, object->name)) {
			pr_err("livepatch '%s' has relocations for object '%*pE', which it does not patch\n",
			       patch->mod->name, klp_log_len(object->name),
			       object->name);
			return -EINVAL;
		}
	}

	return 0;
}

/* Is one of the section's places, or a part of it, between @start and @end? */
static bool klp_section_has_place(const struct klp_reloc_section *sec,
				  unsigned long start, unsigned long end)
{
	unsigned int i;

	for (i = 0; i < sec->count; i++) {
		unsigned long place = sec->addr + sec->relas[i].r_offset;
		int size = module_arch_reloc_size(ELF_R_TYPE(sec->relas[i].r_info));

		/* Something is written, even if nobody says how much */
		if (place <= end && place + max(size, 1) > start)
			return true;
	}

	return false;
}

/**
 * klp_text_reserved() - is there text that late relocations write?
 * @start:	first byte of some text
 * @end:	last byte, in the same module as @start
 *
 * Like jump_label_text_reserved(): nobody else should write to such text, or use
 * a copy of it.
 *
 * Context: Any.  The places are known from before a module runs.
 * Return: true if a place of a livepatch module's late relocations is there,
 *	whether it is relocated or not
 */
bool klp_text_reserved(const void *start, const void *end)
{
	const struct klp_reloc_object *object;
	const struct klp_reloc_section *sec;
	const struct klp_relocs *relocs;
	struct module *mod;

	/* For RCU, too: see klp_free_relocs() */
	guard(preempt)();
	mod = __module_text_address((unsigned long)start);
	if (!mod || !is_livepatch_module(mod))
		return false;

	relocs = READ_ONCE(mod->klp_relocs);
	if (!relocs)
		return false;

	list_for_each_entry(object, &relocs->objects, node) {
		list_for_each_entry(sec, &object->sections, node) {
			if (klp_section_has_place(sec, (unsigned long)start,
						  (unsigned long)end))
				return true;
		}
	}

	return false;
}

static int klp_apply_object(struct klp_relocs *relocs,
			    struct klp_reloc_object *object,
			    struct module *target)
{
	struct klp_reloc_section *sec;
	int ret;

	ret = klp_resolve_object(relocs, object, target, relocs->symtab);
	if (ret)
		return ret;

	list_for_each_entry(sec, &object->sections, node) {
		ret = klp_apply_section(relocs, sec);
		if (ret)
			goto undo;
	}

	object->applied = true;
	list_move(&relocs->list, &klp_applied);
	return 0;

undo:
	list_for_each_entry_continue_reverse(sec, &object->sections, node)
		klp_undo_section(relocs, sec);
	klp_release_object(relocs, object);
	return ret;
}

/**
 * klp_apply_relocs() - apply the relocations that belong to a module
 * @pmod:	livepatch module
 * @target:	the module, which cannot go away
 *
 * Nothing happens if they are applied already.
 *
 * Context: Process context, klp_mutex held.  Takes and releases module_mutex.
 * Return: 0 with all relocations applied; else an error, and
 *	everything is as before: -EINVAL for a symbol that cannot be told,
 *	-ENOENT or -EBUSY for another module that holds symbols and is not
 *	there, or an error of apply_relocate_add()
 */
int klp_apply_relocs(struct module *pmod, struct module *target)
{
	struct klp_relocs *relocs = pmod->klp_relocs;
	struct klp_reloc_object *object;
	int ret;

	lockdep_assert_held(&klp_mutex);

	object = klp_find_reloc_object(relocs, target->name);
	if (!object || object->applied)
		return 0;

	ret = klp_apply_object(relocs, object, target);
	trace_klp_apply_relocs(pmod->name, object->name, object->nsyms,
			       object->nrelas, ret);

	return ret;
}

static void klp_undo_object(struct klp_relocs *relocs,
			    struct klp_reloc_object *object)
{
	struct klp_reloc_section *sec;

	lockdep_assert_held(&klp_mutex);

	if (!object->late || !object->applied)
		return;

	list_for_each_entry_reverse(sec, &object->sections, node)
		klp_undo_section(relocs, sec);
	klp_release_object(relocs, object);
	object->applied = false;
	trace_klp_undo_relocs(relocs->mod->name, object->name, object->nsyms,
			      object->nrelas);
}

/**
 * klp_undo_relocs() - undo the relocations that belong to modules
 * @pmod:	livepatch module, or NULL for all that are loaded, enabled or not
 * @target:	the module that they belong to, or NULL for all
 *
 * None of the code that they are for runs any more.
 *
 * Context: Process context, klp_mutex held.
 */
void klp_undo_relocs(const struct module *pmod, const struct module *target)
{
	struct klp_reloc_object *object;
	struct klp_relocs *relocs;

	lockdep_assert_held(&klp_mutex);

	list_for_each_entry(relocs, &klp_applied, list) {
		if (pmod && relocs->mod != pmod)
			continue;

		list_for_each_entry(object, &relocs->objects, node) {
			if (!target || !strcmp(object->name, target->name))
				klp_undo_object(relocs, object);
		}
	}
}
