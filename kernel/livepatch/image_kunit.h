/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image_kunit.h - a small livepatch module in memory, for the tests
 *
 * It has sections with nothing in them, the symbols and relocations are each
 * test's.  klp_scan_elf() accepts what is there.  Modules with symbols that it can
 * be relocated against are there, too.
 */
#ifndef _LIVEPATCH_IMAGE_KUNIT_H
#define _LIVEPATCH_IMAGE_KUNIT_H

#include <kunit/test.h>
#include "reloc.h"

/* One type of each class; those of 8 bytes take any value and keep nothing aside */
#if defined(CONFIG_X86_64)
#define KLP_TYPE_POINTER	R_X86_64_64
#define KLP_TYPE_ADDRESS	R_X86_64_PC64
#define KLP_TYPE_CALL		R_X86_64_PLT32
#define KLP_CALL_ADDEND		(-4)
#define KLP_ALT_SECTION		".altinstructions"
#elif defined(CONFIG_S390)
#define KLP_TYPE_POINTER	R_390_64
#define KLP_TYPE_ADDRESS	R_390_PC64
#define KLP_TYPE_CALL		R_390_PLT32DBL
#define KLP_CALL_ADDEND		2
#define KLP_ALT_SECTION		".altinstructions"
#elif defined(CONFIG_PPC64)
#define KLP_TYPE_POINTER	R_PPC64_ADDR64
#define KLP_TYPE_ADDRESS	R_PPC64_REL64
#define KLP_TYPE_CALL		R_PPC_REL24
#define KLP_CALL_ADDEND		0
#define KLP_ALT_SECTION		"__ftr_fixup"
#elif defined(CONFIG_ARM64)
#define KLP_TYPE_POINTER	R_AARCH64_ABS64
#define KLP_TYPE_ADDRESS	R_AARCH64_PREL64
#define KLP_TYPE_CALL		R_AARCH64_CALL26
#define KLP_CALL_ADDEND		0
#define KLP_ALT_SECTION		".altinstructions"
#elif defined(CONFIG_LOONGARCH)
#define KLP_TYPE_POINTER	R_LARCH_64
#define KLP_TYPE_ADDRESS	R_LARCH_64_PCREL
#define KLP_TYPE_CALL		R_LARCH_B26
#define KLP_TYPE_FAILS		R_LARCH_32_PCREL
#define KLP_CALL_ADDEND		0
#define KLP_ALT_SECTION		".altinstructions"
#endif

#define KLP_TYPE_NONE		0

/* What cannot be written; where an unknown type is refused before, it is out of range */
#ifndef KLP_TYPE_FAILS
#define KLP_TYPE_FAILS		0xff
#endif

/* The relocation sections come last; sections[] says what they relocate */
enum {
	SEC_NULL, SEC_SYMTAB, SEC_STRTAB, SEC_SHSTRTAB, SEC_TEXT, SEC_RODATA, SEC_DATA,
	SEC_INIT, SEC_PARAM, SEC_ALT, SEC_PERCPU, SEC_DEBUG,
	REL_TEXT, REL_RODATA, REL_DATA, REL_INIT, REL_PARAM, REL_PERCPU, REL_DEBUG,
	KLP_A_TEXT, KLP_A_DATA, KLP_B_TEXT, KLP_VMLINUX_TEXT, KLP_A_PERCPU, KLP_A,
	NUM_SECTIONS
};

#define KLP_IMAGE_SIZE		128
#define KLP_IMAGE_SYMBOLS	8
#define KLP_IMAGE_RELAS		18
#define KLP_IMAGE_STRINGS	512

struct klp_image {
	struct module mod;
	struct klp_modinfo info;
	Elf_Shdr sechdrs[NUM_SECTIONS];
	Elf_Sym symtab[KLP_IMAGE_SYMBOLS];
	Elf_Rela relas[NUM_SECTIONS][KLP_IMAGE_RELAS];
	char strtab[KLP_IMAGE_STRINGS];
	char secstrings[KLP_IMAGE_STRINGS];
	u8 memory[NUM_SECTIONS][KLP_IMAGE_SIZE] __aligned(sizeof(u64));
};

struct klp_image *klp_image_alloc(struct kunit *test);
unsigned int klp_image_symbol(struct klp_image *image, const char *name,
			      unsigned int shndx);
Elf_Rela *klp_image_rela(struct klp_image *image, unsigned int secndx,
			 unsigned int symbol, unsigned int type, unsigned int offset);
struct klp_relocs *klp_image_scan(struct kunit *test, struct klp_image *image);
struct klp_symbol *klp_image_klp_symbol(const struct klp_relocs *relocs,
					unsigned int symbol);

/* A module that others find by its name, with symbols */
struct klp_target {
	struct module mod;
	struct mod_kallsyms kallsyms;
	Elf_Sym symtab[KLP_IMAGE_SYMBOLS];
	char typetab[KLP_IMAGE_SYMBOLS];
	char strtab[KLP_IMAGE_STRINGS];
	Elf_Shdr strings;
	u8 core[KLP_IMAGE_SIZE];
	u8 init[KLP_IMAGE_SIZE];
};

struct klp_target *klp_target_alloc(struct kunit *test, const char *name);
void klp_target_symbol(struct klp_target *target, const char *name, void *addr);

static inline unsigned long *klp_image_place(struct klp_image *image, unsigned int secndx,
					     unsigned int offset)
{
	return (unsigned long *)(image->memory[secndx] + offset);
}

#endif /* _LIVEPATCH_IMAGE_KUNIT_H */
