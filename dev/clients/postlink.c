// SPDX-License-Identifier: GPL-2.0
/*
 * Input for "objtool klp post-link": references to weak tombstones, and in
 * __klp_relocs.OBJECT a list of the klp relocations that they are to become.
 *
 * The livepatch halves the numbers of free blocks and inodes of the Minix file
 * system, by two functions and a lock of that module, and marks /proc/cmdline,
 * which it shows by a variable of vmlinux.
 */

#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/statfs.h>
#include <minix.h>

/*
 * objtool reads the type as the host has it, which is little-endian, and all
 * else as the module has it.
 */
#if defined(CONFIG_X86_64)
#define R_POINTER	"1"	/* R_X86_64_64 */
#define R_CALL		"4"	/* R_X86_64_PLT32 */
#define CALL_PLACE	"-4"
#define CALL_ADDEND	"-4"
#elif defined(CONFIG_S390)
#define R_POINTER	"22 << 24"	/* R_390_64 */
#define R_CALL		"20 << 24"	/* R_390_PLT32DBL */
#define CALL_PLACE	"-4"
#define CALL_ADDEND	"+2"
#elif defined(CONFIG_PPC64)
#define R_POINTER	"38"	/* R_PPC64_ADDR64 */
#define R_CALL		"10"	/* R_PPC64_REL24 */
#define CALL_PLACE	"-4"
#define CALL_ADDEND	"+0"
#endif

#define TOMBSTONE(symbol)	".klp.tombstone." #symbol

/* Both names are undefined and weak, so that modpost looks past them */
#define KLP_RELOC(object, symbol, addend, place, type)			\
	".weak " TOMBSTONE(symbol) "\n"					\
	".weak \".klp.sym." #object "." #symbol ",0\"\n"		\
	".pushsection __klp_relocs." #object ", \"a\"\n"		\
	".balign 8\n"							\
	".8byte " place "\n"						\
	".8byte \".klp.sym." #object "." #symbol ",0\"" addend "\n"	\
	".4byte " type "\n"						\
	".4byte 0\n"							\
	".popsection\n"

#define KLP_POINTER(name, object, symbol)				\
	asm(".pushsection .data\n"					\
	    ".balign 8\n"						\
	    #name ":\n"							\
	    "1: .8byte " TOMBSTONE(symbol) "\n"				\
	    KLP_RELOC(object, symbol, "", "1b", R_POINTER)		\
	    ".popsection\n")

#define KLP_CALLER(name, object, symbol, before, call, after)		\
	asm(".pushsection .text\n"					\
	    ".balign 16\n"						\
	    ".type " #name ", @function\n"				\
	    #name ":\n"							\
	    before							\
	    call " " TOMBSTONE(symbol) "\n"				\
	    "1:\n"							\
	    after							\
	    ".size " #name ", . - " #name "\n"				\
	    KLP_RELOC(object, symbol, CALL_ADDEND, "1b" CALL_PLACE, R_CALL) \
	    ".popsection\n")

typedef unsigned long count_t(struct super_block *sb);

count_t client_free_blocks;
extern count_t *client_free_inodes;
extern spinlock_t *client_bitmap_lock;
extern char **client_command_line;

KLP_POINTER(client_free_inodes, minix, minix_count_free_inodes);
KLP_POINTER(client_bitmap_lock, minix, bitmap_lock);
KLP_POINTER(client_command_line, vmlinux, saved_command_line);

#if defined(CONFIG_X86_64)
KLP_CALLER(client_free_blocks, minix, minix_count_free_blocks,
	   "sub $8, %rsp\n", "call", "add $8, %rsp\n" ASM_RET);
#elif defined(CONFIG_S390)
KLP_CALLER(client_free_blocks, minix, minix_count_free_blocks,
	   "stmg %r14, %r15, 112(%r15)\n aghi %r15, -160\n", "brasl %r14,",
	   "lmg %r14, %r15, 272(%r15)\n br %r14\n");
#elif defined(CONFIG_PPC64)
KLP_CALLER(client_free_blocks, minix, minix_count_free_blocks,
	   "mflr 0\n std 0, 16(1)\n stdu 1, -32(1)\n", "bl",
	   "nop\n addi 1, 1, 32\n ld 0, 16(1)\n mtlr 0\n blr\n");
#endif

static int client_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct super_block *sb = dentry->d_sb;

	buf->f_type = sb->s_magic;
	buf->f_bsize = sb->s_blocksize;
	spin_lock(client_bitmap_lock);
	buf->f_bfree = client_free_blocks(sb) / 2;
	spin_unlock(client_bitmap_lock);
	buf->f_ffree = client_free_inodes(sb) / 2;

	return 0;
}

static int client_cmdline_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%s patched\n", *client_command_line);
	return 0;
}

static struct klp_func minix_funcs[] = {
	{ .old_name = "minix_statfs", .new_func = client_statfs },
	{ }
};

static struct klp_func vmlinux_funcs[] = {
	{ .old_name = "cmdline_proc_show", .new_func = client_cmdline_show },
	{ }
};

static struct klp_object objs[] = {
	{ .name = "minix", .funcs = minix_funcs },
	{ .funcs = vmlinux_funcs },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init client_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit client_exit(void)
{
}

module_init(client_init);
module_exit(client_exit);
MODULE_DESCRIPTION("Livepatch with klp relocations by objtool klp post-link");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
