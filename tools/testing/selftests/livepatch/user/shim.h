/* SPDX-License-Identifier: GPL-2.0 */
/*
 * shim.h - what the checks of livepatch modules need of the kernel, in user space
 *
 * Every file of the kernel that is built here is built with this first. What it
 * includes itself is in tools/include, or an empty file that the Makefile makes.
 */
#ifndef _SHIM_H
#define _SHIM_H

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <linux/bitops.h>
#include <linux/hash.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/elf.h>

#define Elf_Ehdr		Elf64_Ehdr
#define Elf_Shdr		Elf64_Shdr
#define Elf_Sym			Elf64_Sym
#define Elf_Rela		Elf64_Rela
#define ELF_R_SYM		ELF64_R_SYM
#define ELF_R_TYPE		ELF64_R_TYPE
#define elf_check_arch(hdr)	((hdr)->e_machine == EM_X86_64)
#define module_elf_check_arch(hdr) ((void)(hdr), true)

#undef KSYM_NAME_LEN
#define KSYM_NAME_LEN		512
#define MODULE_NAME_LEN		(64 - sizeof(unsigned long))
#define ARCH_SHF_SMALL		0
#define MODULE_INIT_IGNORE_MODVERSIONS 1
#define TAINT_PROPRIETARY_MODULE 0
#define KBUILD_MODNAME		"livepatch"

/* License strings */
#include "../../../../../include/linux/license.h"
#include "livepatch_symbol.h"

struct klp_relocs;
struct klp_patch;
struct load_info;

/* The offset and the length of the name, and the size of all, are as in the kernel */
struct module {
	unsigned int state;
	struct list_head list;
	char name[MODULE_NAME_LEN];
	unsigned long taints;
	bool using_gplonly_symbols;
	struct klp_modinfo *klp_info;
	struct klp_relocs *klp_relocs;
	char rest[MODULE_SIZE - 112];
} __aligned(64);
static_assert(sizeof(struct module) == MODULE_SIZE, "as large as in the seeds");

/* Definitions of the kernel's headers that are not for user space */
#include "types.h"

enum klp_reloc_class module_klp_reloc_class(const struct module *mod,
					    const Elf_Shdr *sechdrs, unsigned int target,
					    const Elf_Rela *rela);

#define cond_resched()		((void)0)

/* The kernel's %*pE is not what compilers know of formats */
void shim_log(const char *fmt, ...);
#undef pr_err
#undef pr_warn
#define pr_err			shim_log
#define pr_warn			shim_log

/* Memory: one allocation can be made to fail, and those that are not freed are counted */
#define kvcalloc(n, size, gfp)	kzalloc((n) * (size), gfp)
#define kvfree(p)		kfree(p)
void *kvrealloc(const void *old, size_t size, gfp_t gfp);
void *kmemdup(const void *from, size_t size, gfp_t gfp);
char *kstrndup(const char *from, size_t max, gfp_t gfp);
/* Names that were copied are constant */
#define kfree(p)		kfree((void *)(p))
unsigned int order_base_2(unsigned long n);
unsigned int full_name_hash(const void *salt, const char *name, unsigned int len);

/* What frees the table, when free_module_elf() is called */
void klp_free_relocs(struct module *mod);

extern unsigned int shim_fail;
extern bool shim_failed;
extern unsigned int shim_used;
extern bool shim_verbose;
extern unsigned char shim_read;

#endif /* _SHIM_H */
