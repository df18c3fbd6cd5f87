// SPDX-License-Identifier: GPL-2.0
/*
 * Types of relocations, and places, that the compiler does not make of a module
 * as the kernel builds it: in read-only memory, across words, and with the stub
 * or GOT entry in sight.
 */

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "test_klp_reloc.h"

#define SECRET		"\".klp.sym.test_klp_reloc_target.secret,0\""
#define SECRET_PLUS	"\".klp.sym.test_klp_reloc_target.secret_plus,0\""

/* The half of an instruction that has the immediate value */
#ifdef __LITTLE_ENDIAN__
#define IMMEDIATE	"0"
#else
#define IMMEDIATE	"2"
#endif

#ifdef CONFIG_PPC_KERNEL_PCREL
#define REL24		"R_PPC64_REL24_NOTOC"
#else
#define REL24		"R_PPC64_REL24"
#endif

/* A prefixed instruction must not cross 64 bytes */
asm(".pushsection .text\n"
	".balign 64\n"
	".type ppc64_call, @function\n"
	"ppc64_call:\n"
	"mflr 0\n"
	"std 0,16(1)\n"
	"stdu 1,-32(1)\n"
	"ppc64_branch:\n"
	".reloc ., " REL24 ", " SECRET_PLUS "\n"
	"bl .\n"
	".type ppc64_nop, @function\n"
	"ppc64_nop:\n"
	"nop\n"
	"addi 1,1,32\n"
	"ld 0,16(1)\n"
	"mtlr 0\n"
	"blr\n"
	".size ppc64_call, . - ppc64_call\n"
	".balign 64\n"
	".type ppc64_load, @function\n"
	"ppc64_load:\n"
#ifdef CONFIG_PPC_KERNEL_PCREL
	".reloc ., R_PPC64_GOT_PCREL34, " SECRET "\n"
	"pld 3,0(0),1\n"
	"blr\n"
#else
	".reloc .+" IMMEDIATE ", R_PPC64_TOC16_HA, " SECRET "\n"
	"addis 3,2,0\n"
	".reloc .+" IMMEDIATE ", R_PPC64_TOC16_LO, " SECRET "\n"
	"addi 3,3,0\n"
	"blr\n"
#endif
	".size ppc64_load, . - ppc64_load\n"
#ifdef OUT_OF_RANGE
	/* The last one of the symbol: relocations are sorted, types descend */
	".reloc ., R_PPC64_ADDR32, " SECRET_PLUS "\n"
	".space 4\n"
#endif
	".popsection\n");

/* Bytes before it: 0, 8, 16 and, not aligned, 21 */
asm(".pushsection .rodata, \"a\"\n"
	".balign 8\n"
	"ppc64_places:\n"
	".quad " SECRET "\n"
	".reloc ., R_PPC64_REL64, " SECRET "\n"
	".quad 0\n"
	".reloc ., R_PPC64_REL32, " SECRET "\n"
	".long 0\n"
	".byte 0\n"
	".reloc ., R_PPC64_ADDR64, " SECRET "\n"
	".space 8\n"
	"ppc64_places_end:\n"
	".popsection\n");

static const u8 *place(unsigned int offset)
{
	const u8 *places;

	asm("" : "=r" (places) : "0" (ppc64_places));

	return places + offset;
}

/* See struct ppc64_stub_entry.  It does not move; where it is, once it is known. */
static struct {
	u32 jump[7];
	u32 magic;
	unsigned long addr;
} *stub;

/* Only with CONFIG_PPC_KERNEL_PCREL */
static unsigned long *got;

static void find_slots(void)
{
	s32 branch = READ_ONCE(ppc64_branch[0]) << 6;

	stub = (void *)ppc64_branch + (branch >> 8) * 4;
	if (IS_ENABLED(CONFIG_PPC_KERNEL_PCREL))
		got = (void *)ppc64_load_insns +
		      ((s32)(ppc64_load_insns[0] << 14) >> 14) * 0x10000L +
		      (ppc64_load_insns[1] & 0xffff);
}

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	find_slots();

	return sprintf(buffer,
		       "%s: call %d load %d ADDR64 %d REL64 %d REL32 %d unaligned %d\n",
		       KBUILD_MODNAME, ppc64_call(1), *ppc64_load(),
		       **(int **)place(0),
		       *(int *)(place(8) + *(s64 *)place(8)),
		       *(int *)(place(16) + *(s32 *)place(16)),
		       *(int *)get_unaligned((unsigned long *)place(21)));
}

static bool is_code_clear(void)
{
	if (ppc64_branch[0] != 0x48000001 || ppc64_branch[1] != 0x60000000)
		return false;
	if (IS_ENABLED(CONFIG_PPC_KERNEL_PCREL))
		return ppc64_load_insns[0] == 0x04100000 &&
		       ppc64_load_insns[1] == 0xe4600000;

	return ppc64_load_insns[0] == 0x3c620000 &&
	       ppc64_load_insns[1] == 0x38630000;
}

/* What slots and places hold, also while the target is not there */
static int slots_get(char *buffer, const struct kernel_param *kp)
{
	size_t size = ppc64_places_end - ppc64_places;

	return sprintf(buffer, "places %s code %s stub %x %x %lx GOT %lx\n",
		       memchr_inv(place(0), 0, size) ? "set" : "clear",
		       is_code_clear() ? "clear" : "set",
		       stub ? READ_ONCE(stub->jump[0]) != 0 : 0,
		       stub ? READ_ONCE(stub->magic) : 0,
		       stub ? READ_ONCE(stub->addr) : 0,
		       got ? READ_ONCE(*got) : 0);
}

static const struct kernel_param_ops slots_ops = {
	.get = slots_get,
};
module_param_cb(slots, &slots_ops, NULL, 0400);
MODULE_PARM_DESC(slots, "what is relocated");

static struct klp_func funcs[] = {
	{
		.old_name = "report_get",
		.new_func = livepatch_report_get,
	}, { }
};

static struct klp_object objs[] = {
	{
		.name = "test_klp_reloc_target",
		.funcs = funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int test_klp_reloc_init(void)
{
	return klp_enable_patch(&patch);
}

static void test_klp_reloc_exit(void)
{
}

module_init(test_klp_reloc_init);
module_exit(test_klp_reloc_exit);
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch test: stubs, GOT and read-only places on ppc64");
