// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * debugfs.c - Show the klp symbols of livepatch modules
 *
 * /sys/kernel/debug/livepatch/MODULE/symbols has a line for each klp symbol of a
 * livepatch module:
 *
 *	OBJECT SYMBOL,POS ADDRESS RELOCATIONS
 *
 * OBJECT has the symbol, POS is 0 if its name has to be unique.  ADDRESS is "-"
 * while the symbol is unresolved, and zero for readers who may not see addresses in
 * /proc/kallsyms.
 *
 * The file exists from when the module has been loaded to just before its table is
 * freed.  A reader holds klp_mutex.  Removing the file waits for readers, and must
 * not hold it.
 */

#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include "core.h"
#include "reloc.h"

static struct dentry *klp_debugfs_root;

static void klp_show_symbol(struct seq_file *m, const struct klp_symbol *sym)
{
	unsigned long addr = kallsyms_show_value(m->file->f_cred) ? sym->addr : 0;

	/* What separates columns and lines is escaped: a module's file may have any name */
	seq_escape(m, sym->holder->name, " \t\n\\");
	seq_putc(m, ' ');
	seq_escape(m, sym->name, " \t\n\\");
	if (sym->addr)
		seq_printf(m, ",%u %0*lx %u\n", sym->pos, (int)(2 * sizeof(addr)), addr,
			   sym->nrelas);
	else
		seq_printf(m, ",%u - %u\n", sym->pos, sym->nrelas);
}

static int klp_symbols_show(struct seq_file *m, void *v)
{
	const struct klp_relocs *relocs = m->private;
	unsigned int i;

	mutex_lock(&klp_mutex);
	for (i = 0; i < relocs->nsymbols && !seq_has_overflowed(m); i++)
		klp_show_symbol(m, &relocs->symbols[i]);
	mutex_unlock(&klp_mutex);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(klp_symbols);

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
	debugfs_create_file("symbols", 0400, relocs->debugfs, relocs,
			    &klp_symbols_fops);
}

/* Before livepatches can be loaded from the initramfs */
static int __init klp_debugfs_init(void)
{
	klp_debugfs_root = debugfs_create_dir("livepatch", NULL);

	return 0;
}
fs_initcall(klp_debugfs_init);
