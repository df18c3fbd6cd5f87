// SPDX-License-Identifier: GPL-2.0
/*
 * Symbols, relocations and sections as tools after the linker leave them.  Of the
 * converted module klp_shape_test makes what the assembler cannot make.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include "test_klp_reloc.h"

#if defined(CONFIG_X86_64)
#define NONE	"R_X86_64_NONE"
#elif defined(CONFIG_S390)
#define NONE	"R_390_NONE"
#elif defined(CONFIG_ARM64) && defined(CONFIG_AS_IS_GNU)
/* 256, which is R_AARCH64_NONE in the kernel; with that, gas means 0 */
#define NONE	"R_AARCH64_NULL"
#elif defined(CONFIG_ARM64)
#define NONE	"R_AARCH64_NONE"
#elif defined(CONFIG_LOONGARCH)
#define NONE	"R_LARCH_NONE"
#else
#define NONE	"R_PPC64_NONE"
#endif

/* Tombstones: symbols that only relocations without effect use */
asm(".weak test_klp_tombstone, \".klp.tombstone.test\"\n"
	".pushsection .rodata, \"a\"\n"
	".balign 8\n"
	".reloc ., " NONE ", test_klp_tombstone\n"
	".reloc ., " NONE ", \".klp.tombstone.test\"\n"
	".space 8\n"
	".popsection\n");

/* Ordinary relocations, which nobody applies, in a section of its own */
asm(".pushsection __klp_relocs, \"aw\"\n"
	".balign 8\n"
	".quad " SECRET "\n"
	".popsection\n");

/* No memory: the module's file has it, as it has debugging information */
asm(".pushsection test_klp_no_memory, \"\"\n"
	".quad " SECRET "\n"
	".popsection\n");

/* Relocations that do not say which section they are for */
asm(".pushsection test_klp_no_section, \"a\"\n"
	".balign 8\n"
	".quad " SECRET "\n"
	".popsection\n");

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s: %d\n", KBUILD_MODNAME, target_secret_plus(1));
}

#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: what tools after the linker leave");
