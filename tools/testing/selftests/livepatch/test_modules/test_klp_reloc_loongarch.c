// SPDX-License-Identifier: GPL-2.0
/*
 * Types of relocations, and places, that the compiler does not make of a module
 * as the kernel builds it: across words, in text that a kprobe has left
 * read-only, to the next page, and with the GOT and PLT entries in sight.
 */

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <linux/unaligned.h>
#include "test_klp_reloc.h"

/* Half of this place is on the next page */
#define AT_PAGE_END	(PAGE_SIZE - 4)

/*
 * A kprobe can be only where ftrace can be, too, but not at the same instruction, which
 * is not written for a kprobe then.
 */
asm(".pushsection .text\n"
	".balign 1 << " __stringify(CONFIG_PAGE_SHIFT) "\n"
	"loongarch_text:\n"
	".type loongarch_call, @function\n"
	"loongarch_call:\n"
	"addi.d $sp, $sp, -16\n"
	"st.d $ra, $sp, 8\n"
	"loongarch_branch:\n"
	"bl " SECRET_PLUS "\n"
	"ld.d $ra, $sp, 8\n"
	"addi.d $sp, $sp, 16\n"
	"jr $ra\n"
	".size loongarch_call, . - loongarch_call\n"
	".type loongarch_got, @function\n"
	"loongarch_got:\n"
	"pcalau12i $a0, %got_pc_hi20(" SECRET ")\n"
	"ld.d $a0, $a0, %got_pc_lo12(" SECRET ")\n"
	"jr $ra\n"
	".size loongarch_got, . - loongarch_got\n"
	".type loongarch_pcala, @function\n"
	"loongarch_pcala:\n"
	"pcalau12i $a0, %pc_hi20(" SECRET ")\n"
	"addi.d $a0, $a0, %pc_lo12(" SECRET ")\n"
	"jr $ra\n"
	".size loongarch_pcala, . - loongarch_pcala\n"
	".type loongarch_load, @function\n"
	"loongarch_load:\n"
	"pcalau12i $a0, %pc_hi20(" SECRET ")\n"
	"ld.w $a0, $a0, %pc_lo12(" SECRET ")\n"
	"jr $ra\n"
	".size loongarch_load, . - loongarch_load\n"
	".type loongarch_nop, @function\n"
	"loongarch_nop:\n"
	"nop\n"
	"1: nop\n"
	"nop\n"
	"jr $ra\n"
	".size loongarch_nop, . - loongarch_nop\n"
	".space (1 << " __stringify(CONFIG_PAGE_SHIFT) ") - 4 - (. - loongarch_text)\n"
	".reloc ., R_LARCH_64, " SECRET "\n"
	".space 8\n"
#ifdef OUT_OF_RANGE
	".reloc ., R_LARCH_32, " SECRET "\n"
	".space 4\n"
#endif
	"loongarch_text_end:\n"
	".popsection\n"
	".pushsection __patchable_function_entries, \"awo\", @progbits, .text\n"
	".balign 8\n"
	".quad 1b\n"
	".popsection\n");

/* Bytes before it: 0, 8, 16 and, not aligned, 21 and 29 */
asm(".pushsection .rodata, \"a\"\n"
	".balign 8\n"
	"loongarch_places:\n"
	".quad " SECRET "\n"
	".reloc ., R_LARCH_64_PCREL, " SECRET "\n"
	".quad 0\n"
	".reloc ., R_LARCH_32_PCREL, " SECRET "\n"
	".long 0\n"
	".byte 0\n"
	".reloc ., R_LARCH_64, " SECRET "\n"
	".space 8\n"
	".reloc ., R_LARCH_32_PCREL, " SECRET "\n"
	".space 4\n"
	"loongarch_places_end:\n"
	".popsection\n");

static const u8 *hide(const u8 *places)
{
	asm("" : "+r" (places));

	return places;
}

static const u8 *place(unsigned int offset)
{
	return hide(loongarch_places) + offset;
}

static const u8 *text(unsigned int offset)
{
	return hide(loongarch_text) + offset;
}

/* As module_set_klp_plt_entry() writes it.  The branch leads to it. */
static struct entry {
	u32 insns[4];
} *entry;

static unsigned long *got, *plt_idx;

/* What PCALAU12I and LD.D lead to */
static unsigned long *loaded_from(const u32 *insns)
{
	unsigned long page = (unsigned long)insns & ~0xfffUL;

	return (void *)page + sign_extend64(insns[0] >> 5 & 0xfffff, 19) * 0x1000 +
		sign_extend64(insns[1] >> 10 & 0xfff, 11);
}

static void find_slots(void)
{
	u32 branch = READ_ONCE(loongarch_branch[0]);

	entry = (void *)loongarch_branch +
		sign_extend64((branch & 0x3ff) << 16 | (branch >> 10 & 0xffff), 25) * 4;
	plt_idx = loaded_from(entry->insns);
	got = loaded_from(loongarch_got_insns);
}

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer,
		       "%s: call %d GOT %d PCALA %d load %d 64 %d 64_PCREL %d 32_PCREL %d unaligned %d %d page %d\n",
		       KBUILD_MODNAME, loongarch_call(1), *loongarch_got(),
		       *loongarch_pcala(), loongarch_load(),
		       **(int **)place(0),
		       *(int *)(place(8) + *(s64 *)place(8)),
		       *(int *)(place(16) + *(s32 *)place(16)),
		       *(int *)get_unaligned((unsigned long *)place(21)),
		       *(int *)(place(29) + get_unaligned((s32 *)place(29))),
		       *(int *)get_unaligned((unsigned long *)text(AT_PAGE_END)));
}

/* All that is relocated but for the C code */
struct snapshot {
	u8 text[PAGE_SIZE + 8];
	u8 places[64];
	struct entry entry;
	unsigned long got, plt_idx;
};

static struct snapshot first, now;

static void take_snapshot(struct snapshot *snapshot)
{
	find_slots();
	memcpy(snapshot->text, text(0), loongarch_text_end - loongarch_text);
	memcpy(snapshot->places, place(0), loongarch_places_end - loongarch_places);
	snapshot->entry = *entry;
	snapshot->got = *got;
	snapshot->plt_idx = *plt_idx;
}

/* What slots and places hold, also while the target is not loaded */
static int slots_get(char *buffer, const struct kernel_param *kp)
{
	take_snapshot(&now);

	return sprintf(buffer, "%s GOT %lx PLT %lx\n",
		       memcmp(&now, &first, sizeof(now)) ? "changed" : "kept",
		       now.got, now.plt_idx);
}

static const struct kernel_param_ops slots_ops = {
	.get = slots_get,
};
module_param_cb(slots, &slots_ops, NULL, 0400);
MODULE_PARM_DESC(slots, "what is relocated");

#define BEFORE_ENABLE() take_snapshot(&first)
#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: GOT and PLT entries, and text that was probed, on LoongArch");
