// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * livepatch-symbol-module.c - Livepatch that uses what a module does not export
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/blkdev.h>
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/statfs.h>
#include "../../fs/minix/minix.h"

/*
 * This livepatch lets the Minix file system keep back every tenth of its free
 * blocks, as seen in "Available" by df.  The replacement calls two functions
 * that only exist while the file system's module is loaded, which may be after
 * the livepatch and more than once: they are found each time that it is loaded.  So
 * there is nothing to see with MINIX_FS=y.
 *
 * Example:
 *
 * $ insmod livepatch-symbol-module.ko
 * $ mount -o loop minix.img /mnt	# loads the module
 * $ df /mnt
 * Filesystem	1K-blocks  Used Available Use% Mounted on
 * /dev/loop0	<all>	 <some>	<90% of what is free> /mnt
 */

extern unsigned long klp_count_free_blocks(struct super_block *sb)
	KLP_SYMBOL(minix, minix_count_free_blocks, 0);
extern unsigned long klp_count_free_inodes(struct super_block *sb)
	KLP_SYMBOL(minix, minix_count_free_inodes, 0);

static int livepatch_minix_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct super_block *sb = dentry->d_sb;
	struct minix_sb_info *sbi = minix_sb(sb);

	buf->f_type = sb->s_magic;
	buf->f_bsize = sb->s_blocksize;
	buf->f_blocks = (sbi->s_nzones - sbi->s_firstdatazone) <<
			sbi->s_log_zone_size;
	buf->f_bfree = klp_count_free_blocks(sb);
	buf->f_bavail = buf->f_bfree - buf->f_bfree / 10;
	buf->f_files = sbi->s_ninodes;
	buf->f_ffree = klp_count_free_inodes(sb);
	buf->f_namelen = sbi->s_namelen;
	buf->f_fsid = u64_to_fsid(huge_encode_dev(sb->s_bdev->bd_dev));

	return 0;
}

static void livepatch_show_symbols(struct klp_object *obj)
{
	pr_info("minix_count_free_blocks() is at %p, minix_count_free_inodes() at %p\n",
		klp_count_free_blocks, klp_count_free_inodes);
}

static struct klp_func funcs[] = {
	{
		.old_name = "minix_statfs",
		.new_func = livepatch_minix_statfs,
	}, { }
};

static struct klp_object objs[] = {
	{
		.name = "minix",
		.funcs = funcs,
		.callbacks = {
			.post_patch = livepatch_show_symbols,
		},
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int livepatch_init(void)
{
	return klp_enable_patch(&patch);
}

static void livepatch_exit(void)
{
}

module_init(livepatch_init);
module_exit(livepatch_exit);
MODULE_DESCRIPTION("Livepatch sample: symbols that a module does not export");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
