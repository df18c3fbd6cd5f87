// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * debugfs.c - Show the klp symbols of livepatch modules
 *
 * /sys/kernel/debug/livepatch/PATCH/relocs has a line for each klp symbol of a
 * livepatch module that has any:
 *
 *	OBJECT SYMBOL,POS FOR ADDRESS RELOCATIONS STATE
 *
 * OBJECT holds the symbol, POS is 0 if its name has to be unique, FOR is the
 * object whose coming the relocations belong to.  STATE is "applied", or
 * "waiting" for that object; there is no ADDRESS then, but "-".  Who may not see
 * addresses in /proc/kallsyms sees zeroes.
 *
 * The file is there from when the table has its shape (klp_keep_relocs()) to
 * just before it is freed.  A reader holds klp_mutex, which protects what else
 * changes.  Removing the file waits for readers, and must not hold it.
 */

#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/string_helpers.h>
#include "core.h"
#include "reloc.h"

static struct dentry *klp_debugfs_root;

static void *klp_relocs_start(struct seq_file *m, loff_t *pos)
{
	struct klp_relocs *relocs = m->private;

	mutex_lock(&klp_mutex);

	return seq_list_start(&relocs->objects, *pos);
}

static void *klp_relocs_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct klp_relocs *relocs = m->private;

	return seq_list_next(v, &relocs->objects, pos);
}

static void klp_relocs_stop(struct seq_file *m, void *v)
{
	mutex_unlock(&klp_mutex);
}

/* A module's file may have any characters in a name */
static void klp_show_name(struct seq_file *m, const char *name)
{
	seq_escape_mem(m, name, strlen(name),
		       ESCAPE_OCTAL | ESCAPE_NP | ESCAPE_APPEND, " \\");
}

static void klp_show_symbol(struct seq_file *m, const struct klp_symbol *sym)
{
	const struct klp_reloc_object *object = sym->source->object;
	unsigned long addr;

	klp_show_name(m, sym->source->name);
	seq_putc(m, ' ');
	klp_show_name(m, sym->name);
	seq_printf(m, ",%u ", sym->match.pos);
	klp_show_name(m, object->name);

	if (object->applied) {
		addr = kallsyms_show_value(m->file->f_cred) ? sym->match.addr : 0;
		seq_printf(m, " %0*lx", (int)(2 * sizeof(addr)), addr);
	} else {
		seq_puts(m, " -");
	}

	seq_printf(m, " %u %s\n", sym->nrelas,
		   object->applied ? "applied" : "waiting");
}

static int klp_relocs_show(struct seq_file *m, void *v)
{
	const struct klp_reloc_object *object;
	const struct klp_reloc_source *source;
	const struct klp_symbol *sym;

	object = list_entry(v, struct klp_reloc_object, node);
	list_for_each_entry(source, &object->sources, node) {
		llist_for_each_entry(sym, source->symbols.first, llnode) {
			/* All over again, with a bigger buffer */
			if (seq_has_overflowed(m))
				return 0;
			klp_show_symbol(m, sym);
		}
	}

	return 0;
}

static const struct seq_operations klp_relocs_sops = {
	.start	= klp_relocs_start,
	.next	= klp_relocs_next,
	.stop	= klp_relocs_stop,
	.show	= klp_relocs_show,
};
DEFINE_SEQ_ATTRIBUTE(klp_relocs);

/**
 * klp_debugfs_add() - show the symbols of a livepatch module
 * @relocs:	table of the module, which is complete
 *
 * Nothing depends on whether this succeeds.
 *
 * Context: Process context.
 */
void klp_debugfs_add(struct klp_relocs *relocs)
{
	relocs->debugfs = debugfs_create_dir(relocs->mod->name, klp_debugfs_root);
	debugfs_create_file("relocs", 0400, relocs->debugfs, relocs,
			    &klp_relocs_fops);
}

/**
 * klp_debugfs_remove() - nobody can see the symbols of a livepatch module
 * @relocs:	table of the module
 *
 * Context: Process context, without klp_mutex.  Waits for readers.
 */
void klp_debugfs_remove(struct klp_relocs *relocs)
{
	debugfs_remove(relocs->debugfs);
}

/* Before livepatches can be loaded from the initramfs */
static int __init klp_debugfs_init(void)
{
	klp_debugfs_root = debugfs_create_dir("livepatch", NULL);

	return 0;
}
fs_initcall(klp_debugfs_init);
