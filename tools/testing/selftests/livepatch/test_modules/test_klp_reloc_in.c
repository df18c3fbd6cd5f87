// SPDX-License-Identifier: GPL-2.0
/*
 * A livepatch module uses a symbol of its target where that cannot be relocated
 * late.  The Makefile defines IN_... for one such place.
 */
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/static_call.h>
#include "test_klp_reloc.h"

/* The symbol is in what is replaced, or in what replaces it */
#if defined(CONFIG_X86_64)
#include <asm/alternative.h>
#define INSN		"movl " SECRET "(%%rip), %%eax"
#define OTHER_INSN	"movl $5, %%eax"
#define CLOBBERS	"eax"
#define FEATURE		0
#define REPLACE(old, new)	ALTERNATIVE(old, new, X86_FEATURE_ALWAYS)
#define TABLE	".return_sites"
#elif defined(CONFIG_S390)
#include <asm/alternative.h>
#define INSN		"larl %%r1," SECRET
#define OTHER_INSN	"lgfi %%r1,5"
#define CLOBBERS	"r1"
#define FEATURE		0
#define REPLACE(old, new)	ALTERNATIVE(old, new, ALT_FACILITY(1))
#define TABLE	".s390_return_mem"
#elif defined(CONFIG_ARM64)
#include <asm/alternative.h>
#define INSN		"adrp x0, " SECRET
#define OTHER_INSN	"mov x0, #5"
#define CLOBBERS	"x0"
#define FEATURE		0
#define REPLACE(old, new)	ALTERNATIVE(old, new, ARM64_ALWAYS_SYSTEM)
#define TABLE	".altinstructions"
#elif defined(CONFIG_LOONGARCH)
#include <asm/alternative.h>
#include <asm/cpu.h>
#define INSN		"pcalau12i $t0, %%pc_hi20(" SECRET ")"
#define OTHER_INSN	"addi.d $t0, $zero, 5"
#define CLOBBERS	"$t0"
#define FEATURE		0
#define REPLACE(old, new)	ALTERNATIVE(old, new, CPU_FEATURE_CPUCFG)
#define TABLE	"_kprobe_blacklist"	/* objtool reads .altinstructions */
#elif defined(CONFIG_PPC64)
#include <asm/cputable.h>
#include <asm/feature-fixups.h>
#define INSN		".reloc ., " REL24 ", " SECRET_PLUS "; bl .; nop"
#define OTHER_INSN	"nop; nop"
#define CLOBBERS	"lr"
#define FEATURE		CPU_FTR_ARCH_206
#define REPLACE(old, new)	ASM_FTR_IFCLR(old, new, %0)
#define TABLE	"__lwsync_fixup"
#endif

#if defined(IN_INIT)
static noinline __used int __init place_init(void)
{
	return target_secret_plus(1);
}
#elif defined(IN_INITDATA)
static int *place_initdata __initdata __used = &target_secret;
#elif defined(IN_PARAM)
module_param_named(place_param, target_secret, int, 0644);
#elif defined(IN_PARAM_ARRAY)
extern int target_array[1] KLP_SYMBOL(test_klp_reloc_target, secret, 0);

module_param_array_named(place_param, target_array, int, NULL, 0644);
#elif defined(IN_PARAM_STRING)
extern char target_string[4] KLP_SYMBOL(test_klp_reloc_target, secret, 0);

module_param_string(place_param, target_string, 4, 0644);
#elif defined(IN_JUMP_LABEL)
extern struct static_key_false target_key KLP_SYMBOL(test_klp_reloc_target, key, 0);

static noinline __used int place_jump_label(void)
{
	return static_branch_unlikely(&target_key) ? 1 : 0;
}
#elif defined(IN_STATIC_CALL)
/* As DEFINE_STATIC_CALL() does for a function that is defined */
DECLARE_STATIC_CALL(own_call, target_secret_plus);
struct static_call_key STATIC_CALL_KEY(own_call) = {
	.func = target_secret_plus,
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
	.type = 1,
#endif
};

#ifdef CONFIG_HAVE_STATIC_CALL
__ARCH_DEFINE_STATIC_CALL_TRAMP(own_call, ".byte 0xe9; .long " SECRET_PLUS " - (. + 4)");
#endif

static noinline __used int place_own_call(void)
{
	return static_call(own_call)(1);
}

#define PLACE_VALUE() place_own_call()
#elif defined(IN_TABLE)
/* The entry of a table of code that the architecture patches: the distance to it */
asm(".pushsection " TABLE ", \"a\"\n"
#if defined(CONFIG_PPC64)
	".8byte " SECRET " - .\n"
#elif defined(CONFIG_LOONGARCH)
	".quad " SECRET "\n"	/* clang 19 makes a pair of the distance */
#else
	".long " SECRET " - .\n"
#endif
	".popsection\n");
#elif defined(IN_ORIGINAL)
static noinline __used void place_original(void)
{
	asm volatile(REPLACE(INSN, OTHER_INSN) : : "i" (FEATURE) : CLOBBERS);
}
#elif defined(IN_REPLACEMENT)
static noinline __used void place_replacement(void)
{
	asm volatile(REPLACE(OTHER_INSN, INSN) : : "i" (FEATURE) : CLOBBERS);
}
#else
#error "no place"
#endif

#ifndef PLACE_VALUE
#define PLACE_VALUE() 0
#endif

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s: %d %d\n", KBUILD_MODNAME, target_secret_plus(1),
		       PLACE_VALUE());
}

#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: a symbol where it cannot be relocated late");
