/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The symbols that the livepatches of the relocation tests use.  None is
 * exported, but for two of vmlinux.
 */
#ifndef _TEST_KLP_RELOC_H
#define _TEST_KLP_RELOC_H

#include <linux/livepatch.h>
#include <linux/seq_file.h>
#include <linux/utsname.h>

/* test_klp_reloc_target has two files, each with its twin */
extern int target_secret KLP_SYMBOL(test_klp_reloc_target, secret, 0);
extern int target_twin_1 KLP_SYMBOL(test_klp_reloc_target, twin, 1);
extern int target_twin_2 KLP_SYMBOL(test_klp_reloc_target, twin, 2);
int target_secret_plus(int n) KLP_SYMBOL(test_klp_reloc_target, secret_plus, 0);
int target_twin_minus_1(int n) KLP_SYMBOL(test_klp_reloc_target, twin_minus, 1);
int target_twin_minus_2(int n) KLP_SYMBOL(test_klp_reloc_target, twin_minus, 2);

extern int target2_secret KLP_SYMBOL(test_klp_reloc_target2, secret, 0);
int target2_secret_plus(int n) KLP_SYMBOL(test_klp_reloc_target2, secret_plus, 0);

extern int target3_twin_1 KLP_SYMBOL(test_klp_reloc_target3, twin, 1);
extern int target3_twin_2 KLP_SYMBOL(test_klp_reloc_target3, twin, 2);
int target3_twin_minus_1(int n) KLP_SYMBOL(test_klp_reloc_target3, twin_minus, 1);
int target3_twin_minus_2(int n) KLP_SYMBOL(test_klp_reloc_target3, twin_minus, 2);

/* Symbols of one object that are wanted when another one is loaded */
extern int for_target_secret
	KLP_SYMBOL_FOR(test_klp_reloc_target2, secret, 0, test_klp_reloc_target);
int for_target_secret_plus(int n)
	KLP_SYMBOL_FOR(test_klp_reloc_target2, secret_plus, 0, test_klp_reloc_target);
extern int for_vmlinux_secret
	KLP_SYMBOL_FOR(test_klp_reloc_target2, secret, 0, vmlinux);
int for_vmlinux_secret_plus(int n)
	KLP_SYMBOL_FOR(test_klp_reloc_target2, secret_plus, 0, vmlinux);

/* vmlinux: not exported, static, exported, and a name that is not unique */
extern const char vmlinux_banner[] KLP_SYMBOL(vmlinux, linux_banner, 0);
unsigned long vmlinux_lookup_name(const char *name)
	KLP_SYMBOL(vmlinux, kallsyms_lookup_name, 0);
extern struct kobject *vmlinux_klp_kobj KLP_SYMBOL(vmlinux, klp_root_kobj, 0);
int vmlinux_version_show(struct seq_file *m, void *v)
	KLP_SYMBOL(vmlinux, version_proc_show, 0);
extern struct uts_namespace vmlinux_uts KLP_SYMBOL(vmlinux, init_uts_ns, 0);
int vmlinux_sprintf(char *buf, const char *fmt, ...)
	KLP_SYMBOL(vmlinux, sprintf, 0);
void *vmlinux_c_next_1(struct seq_file *m, void *v, loff_t *pos)
	KLP_SYMBOL(vmlinux, c_next, 1);
void *vmlinux_c_next_2(struct seq_file *m, void *v, loff_t *pos)
	KLP_SYMBOL(vmlinux, c_next, 2);

/* The same for assembler */
#define SECRET		"\".klp.sym.test_klp_reloc_target.secret,0\""
#define SECRET_PLUS	"\".klp.sym.test_klp_reloc_target.secret_plus,0\""

#if defined(CONFIG_X86_64)
#define TAIL_CALL(name)		"jmp " name "\n"
#elif defined(CONFIG_S390)
#define TAIL_CALL(name)		"jg " name "@PLT\n"
#else
#define TAIL_CALL(name)		"b " name "\n"
#endif

#ifdef CONFIG_PPC_KERNEL_PCREL
#define REL24		"R_PPC64_REL24_NOTOC"
#else
#define REL24		"R_PPC64_REL24"
#endif

int tail_insn(int n);

/* Exported by test_klp_reloc_target */
int test_klp_reloc_exported(int n);

/* What test_klp_reloc.c, _arm64.c, _loongarch.c, _s390.c and _ppc64.c have in assembler */
extern const unsigned long rodata_places[];
extern const u64 places[], places_end[];
int plt16dbl(int n);
int arm64_call(int n);
int *arm64_movw(void);
int *arm64_movn(void);
int arm64_ldr(void);
int arm64_ldrb(void);
int *arm64_adrp(void);
extern u32 arm64_branch[];
extern const u8 arm64_text[], arm64_text_end[], arm64_places[], arm64_places_end[];
int loongarch_call(int n);
int *loongarch_got(void);
int *loongarch_pcala(void);
int loongarch_load(void);
extern u32 loongarch_branch[], loongarch_got_insns[] __asm__("loongarch_got");
extern const u8 loongarch_text[], loongarch_text_end[];
extern const u8 loongarch_places[], loongarch_places_end[];
int ppc64_call(int n);
int *ppc64_load(void);
extern u32 ppc64_branch[2], ppc64_load_insns[] __asm__("ppc64_load");
extern const u8 ppc64_places[], ppc64_places_end[];

#endif /* _TEST_KLP_RELOC_H */
