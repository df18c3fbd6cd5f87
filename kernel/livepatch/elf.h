/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf.h - the ELF file of a livepatch module
 *
 * mod->klp_info has what is kept of it.  While the module is being loaded, the headers
 * say where the sections of the file are, so that all of them can be read; afterwards
 * only what stays in memory.
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

static inline Elf_Shdr *klp_elf_section(const struct module *mod, unsigned int index)
{
	return &mod->klp_info->sechdrs[index];
}

static inline unsigned int klp_elf_num_sections(const struct module *mod)
{
	return mod->klp_info->hdr.e_shnum;
}

static inline Elf_Shdr *klp_elf_symsec(const struct module *mod)
{
	return klp_elf_section(mod, mod->klp_info->symndx);
}

static inline Elf_Sym *klp_elf_symtab(const struct module *mod)
{
	return (Elf_Sym *)klp_elf_symsec(mod)->sh_addr;
}

static inline unsigned int klp_elf_num_symbols(const struct module *mod)
{
	return klp_elf_symsec(mod)->sh_size / sizeof(Elf_Sym);
}

static inline const char *klp_elf_strtab(const struct module *mod)
{
	return (const char *)klp_elf_section(mod, klp_elf_symsec(mod)->sh_link)->sh_addr;
}

static inline const char *klp_elf_symbol_name(const struct module *mod,
					      unsigned int index)
{
	return klp_elf_strtab(mod) + klp_elf_symtab(mod)[index].st_name;
}

static inline const char *klp_elf_section_name(const struct module *mod,
					       const Elf_Shdr *sec)
{
	return mod->klp_info->secstrings + sec->sh_name;
}

static inline Elf_Rela *klp_elf_relas(const Elf_Shdr *sec)
{
	return (Elf_Rela *)sec->sh_addr;
}

static inline Elf_Rela *klp_elf_relas_end(const Elf_Shdr *sec)
{
	return klp_elf_relas(sec) + sec->sh_size / sizeof(Elf_Rela);
}

/* A section .klp.rela.*; in sections of other types the flag has another meaning */
static inline bool klp_is_klp_section(const Elf_Shdr *sec)
{
	return sec->sh_type == SHT_RELA && sec->sh_flags & SHF_RELA_LIVEPATCH;
}

/* The section that is relocated */
static inline Elf_Shdr *klp_elf_target(const struct module *mod, const Elf_Shdr *sec)
{
	return klp_elf_section(mod, sec->sh_info);
}

/* Per-CPU data is relocated before each CPU gets its copy, and loses SHF_ALLOC at load */
static inline bool klp_is_percpu_section(const struct module *mod, const Elf_Shdr *sec)
{
	return !(sec->sh_flags & SHF_ALLOC) &&
	       !strcmp(klp_elf_section_name(mod, sec), ".data..percpu");
}

/* Does the module loader relocate something by this section? */
static inline bool klp_relocates(const struct module *mod, const Elf_Shdr *sec)
{
	const Elf_Shdr *target = klp_elf_target(mod, sec);

	return target->sh_flags & SHF_ALLOC || klp_is_percpu_section(mod, target);
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

static inline bool klp_is_plain_symbol(const struct module *mod, unsigned int index)
{
	return klp_elf_symtab(mod)[index].st_shndx == SHN_UNDEF &&
	       klp_is_symbol_name(klp_elf_symbol_name(mod, index));
}

/* elf.c */
int klp_check_symbols(const struct module *mod);
int klp_check_section(const struct module *mod, const Elf_Shdr *sec);
size_t klp_section_object(const struct module *mod, const Elf_Shdr *sec,
			  const char **object);
int klp_refuse_section(const struct module *mod, const Elf_Shdr *sec, const char *why);
int klp_refuse_symbol(const struct module *mod, unsigned int index, const char *why);
int klp_refuse_place(const struct module *mod, const Elf_Shdr *sec, const Elf_Rela *rela,
		     unsigned long place, const char *why);
int klp_refuse_rela(const struct module *mod, const Elf_Shdr *sec, const Elf_Rela *rela,
		    const char *why);

#endif /* _LIVEPATCH_ELF_H */
