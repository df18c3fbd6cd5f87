/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Symbols of test_klp_reloc_target, which exports none. klp_convert_test makes
 * livepatch symbols of them.
 */
#ifndef _TEST_KLP_RELOC_FIX_H
#define _TEST_KLP_RELOC_FIX_H

#include <linux/livepatch.h>

/* For assembler, which needs quotes for the comma */
#define OF_TARGET(symbol)	"\".klp.sym.test_klp_reloc_target." symbol ",0\""

/* GCC writes an asm label as it is. Clang quotes it if that is needed. */
#ifndef KLP_SYMBOL
#ifdef __clang__
#define KLP_SYMBOL(object, symbol, pos) \
	__asm__(".klp.sym." #object "." #symbol "," #pos)
#else
#define KLP_SYMBOL(object, symbol, pos) \
	__asm__("\".klp.sym." #object "." #symbol "," #pos "\"")
#endif
#endif

extern int target_secret KLP_SYMBOL(test_klp_reloc_target, secret, 0);
extern int target_written KLP_SYMBOL(test_klp_reloc_target, written, 0);
int target_secret_plus(int n) KLP_SYMBOL(test_klp_reloc_target, secret_plus, 0);

/* What test_klp_reloc_fix.c and _s390.c have in assembler */
extern int *const rodata_place;
extern const s32 place;
int plt16dbl(int n);

#endif /* _TEST_KLP_RELOC_FIX_H */
