/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The symbols of test_klp_reloc_ccp.c, which includes this before and after the code
 * that uses them.  clang does not accept names after uses.
 */
#ifndef AFTER_USES
extern int secret;
int secret_plus(int n);
int twin_minus(int n);
#endif

#if defined(__clang__) != defined(AFTER_USES)
extern typeof(kallsyms_lookup_name) kallsyms_lookup_name
	KLP_RELOC_SYMBOL(test_klp_reloc_target, vmlinux, kallsyms_lookup_name);
extern typeof(secret) secret
	KLP_RELOC_SYMBOL(test_klp_reloc_target, test_klp_reloc_target, secret);
extern typeof(twin_minus) twin_minus
	KLP_RELOC_SYMBOL_POS(test_klp_reloc_target, test_klp_reloc_target, twin_minus, 2);
extern typeof(secret_plus) secret_plus
	KLP_RELOC_SYMBOL(test_klp_reloc_target, test_klp_reloc_target2, secret_plus);
#endif
