// SPDX-License-Identifier: GPL-2.0
/*
 * Every type of relocation through the GOT and PLT, against symbols of a module.  The
 * compiler makes but a few of them.  The assembler makes each of them at a
 * place in .data, and C finds the symbol from what the place holds.
 */

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "test_klp_reloc.h"

#define PLACE_OF_DATA(type, ...)	".reloc ., R_390_" #type ", " SECRET "\n.quad 0\n"
#define PLACE_OF_CODE(type, ...)	".reloc ., R_390_" #type ", " SECRET_PLUS "\n.quad 0\n"

asm(".pushsection .data\n"
	".balign 8\n"
	"places:\n"
#include "test_klp_reloc_s390.h"
#ifdef OUT_OF_RANGE
	/* The place is after those of which relocations succeed */
	".reloc ., R_390_16, " SECRET "\n"
	".quad 0\n"
#endif
	"places_end:\n"
	".popsection\n");

/*
 * This type has to be near the PLT, which precedes the text.  The space keeps
 * modules after this one out of its reach.
 */
asm(".pushsection .text\n"
	"plt16dbl:\n"
	"j " SECRET_PLUS "@PLT\n"
	".space 0x18000, 0x07\n"
	".popsection\n");

struct place {
	const char *type;
	unsigned int bits;
	enum { FROM_GOT, FROM_PLACE } from;
	unsigned int unit;
	enum { TO_SLOT, TO_DATA, TO_CODE } to;
};

#undef PLACE_OF_DATA
#undef PLACE_OF_CODE
#define PLACE_OF_DATA(type, ...)	{ #type, __VA_ARGS__ },
#define PLACE_OF_CODE			PLACE_OF_DATA

static const struct place place_types[] = {
#include "test_klp_reloc_s390.h"
};

/*
 * All that is relocated: the places in .data, and in .text the slots of GOT and
 * PLT, and the branch after them
 */
struct snapshot {
	unsigned char data[256];
	unsigned char code[4096];
};

static struct snapshot first;

static void take_snapshot(struct snapshot *snapshot)
{
	void *start;

	asm("larl %0,_GLOBAL_OFFSET_TABLE_" : "=a" (start));
	memset(snapshot, 0, sizeof(*snapshot));
	memcpy(snapshot->data, places, (void *)places_end - (void *)places);
	memcpy(snapshot->code, start,
	       min_t(size_t, (void *)plt16dbl + 4 - start, sizeof(snapshot->code)));
}

/* The slots do not move: where they are, once it is known */
static unsigned long *got_slot;
static unsigned char *plt_slot;

static long place_value(const struct place *place, const u64 *addr)
{
	u32 insn;

	switch (place->bits) {
	case 12:
		return *(u16 *)addr & 0xfff;
	case 16:
		return *(s16 *)addr;
	case 20:
		insn = *(u32 *)addr;
		return (insn >> 16 & 0xfff) | (insn & 0xff00) << 4;
	case 32:
		return *(s32 *)addr;
	default:
		return *(s64 *)addr;
	}
}

static int place_result(const struct place *place, const u64 *addr)
{
	unsigned long base = (unsigned long)addr;
	void *ptr;

	if (place->from == FROM_GOT)
		asm("larl %0,_GLOBAL_OFFSET_TABLE_" : "=a" (base));
	ptr = (void *)(base + place_value(place, addr) * place->unit);

	switch (place->to) {
	case TO_SLOT:
		got_slot = ptr;
		return **(int **)ptr;
	case TO_CODE:
		/* PLT32DBL may be near enough to do without */
		if (place->unit == 1)
			plt_slot = ptr;
		return ((typeof(target_secret_plus) *)ptr)(1);
	default:
		return *(int *)ptr;
	}
}

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	unsigned int i;
	int len;

	len = sprintf(buffer, "%s: PLT16DBL %d", KBUILD_MODNAME, plt16dbl(1));
	for (i = 0; i < ARRAY_SIZE(place_types); i++)
		len += sprintf(buffer + len, " %s %d", place_types[i].type,
			       place_result(&place_types[i], &places[i]));

	return len + sprintf(buffer + len, "\n");
}

/* What slots and places hold, also while the target is not loaded */
static int slots_get(char *buffer, const struct kernel_param *kp)
{
	static struct snapshot now;

	take_snapshot(&now);

	/* The PLT's instructions have the address at their end */
	return sprintf(buffer, "%s GOT %lx PLT %llx\n",
		       memcmp(&now, &first, sizeof(now)) ? "changed" : "kept",
		       got_slot ? READ_ONCE(*got_slot) : 0,
		       plt_slot ? get_unaligned_be64(plt_slot + 14) : 0);
}

static const struct kernel_param_ops slots_ops = {
	.get = slots_get,
};
module_param_cb(slots, &slots_ops, NULL, 0400);
MODULE_PARM_DESC(slots, "what is relocated");

#define BEFORE_ENABLE() take_snapshot(&first)
#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: relocations through the GOT and PLT on s390");
