// SPDX-License-Identifier: GPL-2.0
/*
 * Types of relocations, and places, that the compiler does not make of a module
 * as the kernel builds it: in read-only memory, across words, at the end of a page
 * (erratum 843419), and with the PLT entry in sight.
 */

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <linux/unaligned.h>
#include "test_klp_reloc.h"

#define ADRP_OFFSET	0xff8

asm(".pushsection .text\n"
	".balign 4096\n"
	"arm64_text:\n"
	".type arm64_call, @function\n"
	"arm64_call:\n"
	"stp x29, x30, [sp, #-16]!\n"
	"arm64_branch:\n"
	"bl " SECRET_PLUS "\n"
	"ldp x29, x30, [sp], #16\n"
	"ret\n"
	".size arm64_call, . - arm64_call\n"
	".type arm64_movw, @function\n"
	"arm64_movw:\n"
	"movz x0, #:abs_g3:" SECRET "\n"
	"movk x0, #:abs_g2_nc:" SECRET "\n"
	"movk x0, #:abs_g1_nc:" SECRET "\n"
	"movk x0, #:abs_g0_nc:" SECRET "\n"
	"ret\n"
	".size arm64_movw, . - arm64_movw\n"
	".type arm64_movn, @function\n"
	"arm64_movn:\n"
	"movz x0, #:abs_g2_s:" SECRET "\n"
	"movk x0, #:abs_g1_nc:" SECRET "\n"
	"movk x0, #:abs_g0_nc:" SECRET "\n"
	"ret\n"
	".size arm64_movn, . - arm64_movn\n"
	".type arm64_ldr, @function\n"
	"arm64_ldr:\n"
	"adrp x0, " SECRET "\n"
	"ldr w0, [x0, #:lo12:" SECRET "]\n"
	"ret\n"
	".size arm64_ldr, . - arm64_ldr\n"
	".type arm64_ldrb, @function\n"
	"arm64_ldrb:\n"
	"adrp x0, " SECRET "\n"
	"ldrb w0, [x0, #:lo12:" SECRET "]\n"
	"ret\n"
	".size arm64_ldrb, . - arm64_ldrb\n"
	".space " __stringify(ADRP_OFFSET) " - (. - arm64_text)\n"
	".type arm64_adrp, @function\n"
	"arm64_adrp:\n"
	"adrp x0, " SECRET "\n"
	"add x0, x0, #:lo12:" SECRET "\n"
	"ret\n"
	".size arm64_adrp, . - arm64_adrp\n"
#ifdef OUT_OF_RANGE
	".reloc ., R_AARCH64_ABS32, " SECRET "\n"
	".space 4\n"
#endif
	"arm64_text_end:\n"
	".popsection\n");

/* Bytes before it: 0, 8, 16 and, not aligned, 21 and 29 */
asm(".pushsection .rodata, \"a\"\n"
	".balign 8\n"
	"arm64_places:\n"
	".quad " SECRET "\n"
	".reloc ., R_AARCH64_PREL64, " SECRET "\n"
	".quad 0\n"
	".reloc ., R_AARCH64_PREL32, " SECRET "\n"
	".long 0\n"
	".byte 0\n"
	".reloc ., R_AARCH64_ABS64, " SECRET "\n"
	".space 8\n"
	".reloc ., R_AARCH64_PREL32, " SECRET "\n"
	".space 4\n"
	"arm64_places_end:\n"
	".popsection\n");

static const u8 *place(unsigned int offset)
{
	const u8 *places;

	asm("" : "=r" (places) : "0" (arm64_places));

	return places + offset;
}

/* See struct klp_plt_entry.  The branch leads to it. */
static struct entry {
	u32 insns[2];
	unsigned long addr;
} *entry;

static void find_entry(void)
{
	s32 branch = READ_ONCE(arm64_branch[0]) << 6;

	entry = (void *)arm64_branch + (branch >> 6) * 4;
}

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer,
		       "%s: call %d MOVZ %d MOVN %d LDST32 %d LDST8 %d ADRP %d ABS64 %d PREL64 %d PREL32 %d unaligned %d %d\n",
		       KBUILD_MODNAME, arm64_call(1), *arm64_movw(), *arm64_movn(),
		       arm64_ldr(), arm64_ldrb(), *arm64_adrp(),
		       **(int **)place(0),
		       *(int *)(place(8) + *(s64 *)place(8)),
		       *(int *)(place(16) + *(s32 *)place(16)),
		       *(int *)get_unaligned((unsigned long *)place(21)),
		       *(int *)(place(29) + get_unaligned((s32 *)place(29))));
}

/* All that is relocated but for the C code */
struct snapshot {
	u8 text[0x1010];
	u8 places[64];
	struct entry entry;
};

static struct snapshot first, now;

static void take_snapshot(struct snapshot *snapshot)
{
	find_entry();
	memcpy(snapshot->text, arm64_text, arm64_text_end - arm64_text);
	memcpy(snapshot->places, place(0), arm64_places_end - arm64_places);
	snapshot->entry = *entry;
}

/* Because of erratum 843419 a branch to a veneer can replace the ADRP instruction */
static bool has_veneer(const struct snapshot *snapshot)
{
	return get_unaligned((u32 *)(snapshot->text + ADRP_OFFSET)) >> 26 == 5;
}

/* What the entry and the places hold, also while the target is not loaded */
static int slots_get(char *buffer, const struct kernel_param *kp)
{
	take_snapshot(&now);

	return sprintf(buffer, "%s PLT %lx ADRP %s\n",
		       memcmp(&now, &first, sizeof(now)) ? "changed" : "kept",
		       now.entry.addr, has_veneer(&now) ? "veneer" : "kept");
}

static const struct kernel_param_ops slots_ops = {
	.get = slots_get,
};
module_param_cb(slots, &slots_ops, NULL, 0400);
MODULE_PARM_DESC(slots, "what is relocated");

#define BEFORE_ENABLE() take_snapshot(&first)
#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: PLT entries and read-only places on arm64");
