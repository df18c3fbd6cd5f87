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

/* The half of an instruction that has the immediate value */
#ifdef __LITTLE_ENDIAN__
#define IMMEDIATE	"0"
#else
#define IMMEDIATE	"2"
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

/* See struct ppc64_stub_entry.  The branch leads to it. */
static struct stub {
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
	return sprintf(buffer,
		       "%s: call %d load %d ADDR64 %d REL64 %d REL32 %d unaligned %d\n",
		       KBUILD_MODNAME, ppc64_call(1), *ppc64_load(),
		       **(int **)place(0),
		       *(int *)(place(8) + *(s64 *)place(8)),
		       *(int *)(place(16) + *(s32 *)place(16)),
		       *(int *)get_unaligned((unsigned long *)place(21)));
}

/* All that is relocated but for the C code */
struct snapshot {
	u32 branch[2];
	u32 load[2];
	u8 places[64];
	struct stub stub;
	unsigned long got;
};

static struct snapshot first;

static void take_snapshot(struct snapshot *snapshot)
{
	find_slots();
	memset(snapshot, 0, sizeof(*snapshot));
	memcpy(snapshot->branch, ppc64_branch, sizeof(snapshot->branch));
	memcpy(snapshot->load, ppc64_load_insns, sizeof(snapshot->load));
	memcpy(snapshot->places, place(0), ppc64_places_end - ppc64_places);
	snapshot->stub = *stub;
	if (got)
		snapshot->got = *got;
}

/* What slots and places hold, also while the target is not loaded */
static int slots_get(char *buffer, const struct kernel_param *kp)
{
	static struct snapshot now;

	take_snapshot(&now);

	return sprintf(buffer, "%s stub %x %lx GOT %lx\n",
		       memcmp(&now, &first, sizeof(now)) ? "changed" : "kept",
		       now.stub.magic, now.stub.addr, now.got);
}

static const struct kernel_param_ops slots_ops = {
	.get = slots_get,
};
module_param_cb(slots, &slots_ops, NULL, 0400);
MODULE_PARM_DESC(slots, "what is relocated");

#define BEFORE_ENABLE() take_snapshot(&first)
#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: stubs, GOT and read-only places on ppc64");
