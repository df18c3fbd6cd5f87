/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf.h - the ELF file of a livepatch module
 *
 * struct klp_elf is a view of it: of the file while the module is being loaded,
 * of what mod->klp_info keeps of it afterwards.  Symbols and sections have the
 * same indices in both.
 */
#ifndef _LIVEPATCH_ELF_H
#define _LIVEPATCH_ELF_H

#include <linux/elf.h>
#include <linux/livepatch.h>
#include <linux/module.h>

/* As much of a name as goes into a message, which has room for the rest, too */
#define KLP_LOG_LEN	256

/* For "%*pE": a message stays one line, whatever a name has in it */
static inline int klp_log_len(const char *name)
{
	return min_t(size_t, strlen(name), KLP_LOG_LEN);
}

/* Names that are parts of others are not terminated */
static inline bool klp_name_is(const char *name, const char *part, size_t len)
{
	return !strncmp(name, part, len) && !name[len];
}

static inline Elf_Sym *klp_elf_symtab(const struct klp_elf *elf)
{
	return (Elf_Sym *)elf->sechdrs[elf->symndx].sh_addr;
}

static inline unsigned int klp_elf_num_symbols(const struct klp_elf *elf)
{
	return elf->sechdrs[elf->symndx].sh_size / sizeof(Elf_Sym);
}

static inline const char *klp_elf_symbol_name(const struct klp_elf *elf,
					      unsigned int index)
{
	return elf->strtab + klp_elf_symtab(elf)[index].st_name;
}

static inline const char *klp_elf_section_name(const struct klp_elf *elf,
					       const Elf_Shdr *sec)
{
	return elf->secstrings + sec->sh_name;
}

static inline Elf_Rela *klp_elf_relas(const Elf_Shdr *sec)
{
	return (Elf_Rela *)sec->sh_addr;
}

static inline unsigned int klp_elf_num_relas(const Elf_Shdr *sec)
{
	return sec->sh_size / sizeof(Elf_Rela);
}

/* A section .klp.rela.*; in sections of other types the flag has another meaning */
static inline bool klp_is_klp_section(const Elf_Shdr *sec)
{
	return sec->sh_type == SHT_RELA && sec->sh_flags & SHF_RELA_LIVEPATCH;
}

/* Per-CPU data is relocated before each CPU gets its copy, and loses SHF_ALLOC at load */
static inline bool klp_is_percpu_section(const struct klp_elf *elf, unsigned int index)
{
	return index && index == elf->pcpundx;
}

/* Does the module loader relocate something by this section? */
static inline bool klp_relocates(const struct klp_elf *elf, const Elf_Shdr *sec)
{
	return elf->sechdrs[sec->sh_info].sh_flags & SHF_ALLOC ||
	       klp_is_percpu_section(elf, sec->sh_info);
}

/* Type 0 is R_*_NONE on all architectures: nothing is written. arm64 has two of them. */
static inline bool klp_is_none(const Elf_Rela *rela)
{
#ifdef R_AARCH64_NONE
	if (ELF_R_TYPE(rela->r_info) == R_AARCH64_NONE)
		return true;
#endif
	return !ELF_R_TYPE(rela->r_info);
}

static inline bool klp_is_plain_symbol(const struct klp_elf *elf, unsigned int index)
{
	return klp_elf_symtab(elf)[index].st_shndx == SHN_UNDEF &&
	       klp_is_symbol_name(klp_elf_symbol_name(elf, index));
}

/* elf.c */
int klp_check_symbols(const struct klp_elf *elf);
int klp_check_section(const struct klp_elf *elf, const Elf_Shdr *sec);
size_t klp_section_object(const struct klp_elf *elf, const Elf_Shdr *sec,
			  const char **object);
int klp_refuse_section(const struct klp_elf *elf, const Elf_Shdr *sec, const char *why);
int klp_refuse_symbol(const struct klp_elf *elf, unsigned int index, const char *why);
int klp_refuse_place(const struct klp_elf *elf, const Elf_Shdr *sec, const Elf_Rela *rela,
		     unsigned long place, const char *why);
int klp_refuse_rela(const struct klp_elf *elf, const Elf_Shdr *sec, const Elf_Rela *rela,
		    const char *why);

#endif /* _LIVEPATCH_ELF_H */
