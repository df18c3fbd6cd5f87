// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * resolve.c - Resolve and unresolve the late symbols of livepatch modules
 *
 * A livepatch module uses symbols that need not be exported.  It is relocated against
 * them as against any other symbol, with apply_relocate_add():
 *
 *  - against symbols of vmlinux together with the ordinary relocations, while the
 *    livepatch module is being loaded;
 *  - against symbols of modules, which are late, whenever such a symbol gets another
 *    value.
 *
 * A late symbol has a value at any time, see unresolved.c.  It is resolved while an
 * object that relocations against it wait for is applied: from when the object, a
 * module, is loaded and patched until it is unloaded or refused, whether the
 * livepatch is still enabled or not, since code of the livepatch may run
 * outside of the patched functions.  Every place of the livepatch module holds what
 * its symbol's value is.  Going back to the unresolved value is therefore the same as
 * getting an address: there is no other undo.
 *
 * klp_mutex serializes all that with the load and unload of modules and with the
 * enabling and disabling of livepatches.  module_mutex and, on some
 * architectures, text_mutex are taken inside.  While a livepatch module is being
 * loaded it is its loader's alone, and no lock is needed.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/kallsyms.h>
#include <linux/rcupdate.h>
#include "core.h"
#include "reloc.h"

#define CREATE_TRACE_POINTS
#include <trace/events/livepatch.h>

/* The tables of all modules that have been loaded; protected by klp_mutex */
static LIST_HEAD(klp_tables);

static int klp_found(void *data, unsigned long addr)
{
	return 1;
}

/* Does vmlinux have what is wanted of a module? */
static bool klp_is_built_in(const struct klp_relocs *relocs,
			    const struct klp_reloc_object *holder)
{
	unsigned int i;

	for (i = 0; i < relocs->nsymbols; i++) {
		const struct klp_symbol *sym = &relocs->symbols[i];

		if (sym->holder == holder &&
		    kallsyms_on_each_match_symbol(klp_found, sym->name, NULL))
			return true;
	}

	return false;
}

/*
 * A module that has symbols for what waits for another object has to stay as
 * long as that is applied.  It has to be LIVE, since the failure of a module's init
 * function ignores references.
 */
static int klp_pin(const struct klp_relocs *relocs, struct klp_reloc_object *holder)
{
	const char *why = NULL, *hint = "";
	struct module *mod;

	rcu_read_lock_sched();
	mod = find_module(holder->name);
	if (!mod)
		why = "not loaded";
	else if (mod->state != MODULE_STATE_LIVE || !try_module_get(mod))
		why = "still being loaded or unloaded";
	else
		holder->pinned = mod;
	rcu_read_unlock_sched();

	if (!why)
		return 0;
	if (!mod && klp_is_built_in(relocs, holder))
		hint = "; vmlinux has such symbols: is it built in?";
	pr_err("%s: needs symbols of module '%s', which is %s%s\n",
	       relocs->mod->name, holder->name, why, hint);

	return mod ? -EBUSY : -ENOENT;
}

/* Count the relocations that wait for an object as users of their symbols, or not */
static void klp_count_users(const struct klp_relocs *relocs,
			    const struct klp_reloc_object *object, int n)
{
	const struct klp_reloc_group *group;
	struct klp_symbol *sym;
	unsigned int i;

	list_for_each_entry(group, &relocs->groups, node) {
		for (i = 0; i < group->count && group->object == object; i++) {
			sym = klp_rela_symbol(relocs, &group->relas[i]);
			sym->users += n;
			if (n > 0)
				sym->holder->client = object;
			if (sym->holder != object)
				sym->holder->borrowed += n;
			if (!sym->users)
				WRITE_ONCE(sym->addr, 0);
		}
	}
}

/**
 * klp_resolve_object() - find all symbols that the relocations of an object need
 * @relocs:	table of a livepatch module
 * @object:	the object, of @relocs
 * @target:	the object's module, which is kept loaded; NULL for vmlinux
 *
 * Goes on after an error, so that each symbol that cannot be resolved is named.
 *
 * Context: Process context.  klp_mutex held, or the livepatch module is being loaded.
 *	Takes and releases module_mutex.
 * Return: 0; or an error as for klp_apply_relocs(), and @object is to be released
 */
int klp_resolve_object(struct klp_relocs *relocs, struct klp_reloc_object *object,
		       struct module *target)
{
	struct klp_reloc_object *holder;
	int err, ret = 0;

	object->applied = true;
	klp_count_users(relocs, object, 1);

	list_for_each_entry(holder, &relocs->objects, node) {
		if (holder->client != object)
			continue;
		err = holder == object || holder->pinned ? 0 : klp_pin(relocs, holder);
		if (!err)
			err = klp_find_symbols(relocs, holder,
					       holder == object ? target : holder->pinned);
		ret = ret ?: err;
	}

	return ret;
}

static void klp_release_object(struct klp_relocs *relocs, struct klp_reloc_object *object)
{
	struct klp_reloc_object *holder;

	if (!object->applied)
		return;

	object->applied = false;
	klp_count_users(relocs, object, -1);

	list_for_each_entry(holder, &relocs->objects, node) {
		if (holder->borrowed)
			continue;
		module_put(holder->pinned);
		holder->pinned = NULL;
	}
}

/**
 * klp_apply_relocs() - resolve what the relocations that wait for a module need
 * @pmod:	livepatch module
 * @target:	the module, which is kept loaded by klp_mutex
 *
 * Nothing happens if they are applied already.
 *
 * Context: Process context, klp_mutex held.  Takes and releases module_mutex.
 * Return: 0 with all relocations written; else an error, and everything is as
 *	before: -EINVAL for a symbol that cannot be resolved, -ENOENT or -EBUSY for
 *	another module that has symbols and is not loaded, -ENOEXEC or another
 *	error of apply_relocate_add()
 */
int klp_apply_relocs(struct module *pmod, struct module *target)
{
	struct klp_relocs *relocs = pmod->klp_relocs;
	struct klp_reloc_object *object;
	int ret;

	lockdep_assert_held(&klp_mutex);

	object = klp_find_reloc_object(relocs, target->name, strlen(target->name));
	if (!object || object->applied)
		return 0;

	ret = klp_resolve_object(relocs, object, target) ?: klp_write_relocs(relocs);
	if (ret) {
		klp_release_object(relocs, object);
		WARN_ON_ONCE(klp_write_relocs(relocs));
	}
	trace_klp_apply_relocs(pmod->name, object->name, ret);

	return ret;
}

/**
 * klp_unresolve_module() - a module is unloaded or refused
 * @mod:	the module, whose code does not run any more
 *
 * Its symbols are unresolved again in all livepatch modules, enabled or not, and so
 * are the symbols that only relocations which wait for it have used.
 *
 * Context: Process context, klp_mutex held.
 */
void klp_unresolve_module(const struct module *mod)
{
	struct klp_reloc_object *object;
	struct klp_relocs *relocs;
	unsigned int i;

	lockdep_assert_held(&klp_mutex);

	list_for_each_entry(relocs, &klp_tables, node) {
		object = klp_find_reloc_object(relocs, mod->name, strlen(mod->name));
		if (!object || (!object->applied && !object->borrowed))
			continue;

		klp_release_object(relocs, object);
		/* By force it can be unloaded though it is pinned: there is nothing to put then */
		object->pinned = NULL;
		for (i = 0; i < relocs->nsymbols; i++) {
			if (relocs->symbols[i].holder == object)
				WRITE_ONCE(relocs->symbols[i].addr, 0);
		}

		WARN_ON_ONCE(klp_write_relocs(relocs));
		trace_klp_unresolve(relocs->mod->name, mod->name);
	}
}

/**
 * klp_keep_relocs() - a livepatch module has been loaded
 * @mod:	livepatch module with klp_info
 *
 * From now on its symbols follow the modules that have them.  The symbol table
 * and its strings in init memory are about to be freed, core_kallsyms has a copy.
 *
 * Context: Process context.  Takes and releases klp_mutex.
 */
void klp_keep_relocs(struct module *mod)
{
	Elf_Shdr *symsec = klp_elf_symsec(mod);

	symsec->sh_addr = (unsigned long)mod->core_kallsyms.symtab;
	klp_elf_section(mod, symsec->sh_link)->sh_addr = (unsigned long)mod->core_kallsyms.strtab;

	mutex_lock(&klp_mutex);
	list_add(&mod->klp_relocs->node, &klp_tables);
	mutex_unlock(&klp_mutex);

	klp_debugfs_add(mod->klp_relocs);
}

/**
 * klp_free_relocs() - free the klp relocations of a module
 * @mod:	livepatch module whose code does not run any more, or never did
 *
 * The module's memory is about to be freed, so its places stay as they are.
 *
 * Context: Process context.  Takes and releases klp_mutex, waits for readers of RCU.
 */
void klp_free_relocs(struct module *mod)
{
	struct klp_relocs *relocs = mod->klp_relocs;
	struct klp_reloc_object *object;

	if (!relocs)
		return;

	/* Waits for readers, which take klp_mutex */
	debugfs_remove(relocs->debugfs);

	mutex_lock(&klp_mutex);
	list_del(&relocs->node);
	list_for_each_entry(object, &relocs->objects, node)
		klp_release_object(relocs, object);
	mutex_unlock(&klp_mutex);

	/* klp_symbol_at() may still look */
	WRITE_ONCE(mod->klp_relocs, NULL);
	synchronize_rcu();
	klp_destroy_relocs(relocs);
}
