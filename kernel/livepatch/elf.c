// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * elf.c - Check the ELF file of a livepatch module
 *
 * Sections and symbols have been checked for every module, see
 * elf_validity_cache_copy(), and are where they stay.  What is checked here is what
 * livepatch relies on in addition: the names of klp symbols, and relocations.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kallsyms.h>
#include "elf.h"

/**
 * klp_refuse_section() - log why a livepatch module is refused
 * @mod:	the module
 * @sec:	section that is the reason
 * @why:	what is wrong with it
 *
 * Return: -ENOEXEC
 */
int klp_refuse_section(const struct module *mod, const Elf_Shdr *sec, const char *why)
{
	const char *name = klp_elf_section_name(mod, sec);

	pr_err("%s: section %*pE: %s\n", mod->name, klp_log_len(name), name, why);

	return -ENOEXEC;
}

/**
 * klp_refuse_symbol() - log why a livepatch module is refused
 * @mod:	the module
 * @index:	symbol that is the reason; its name is within the string table
 * @why:	what is wrong with it
 *
 * Return: -ENOEXEC
 */
int klp_refuse_symbol(const struct module *mod, unsigned int index, const char *why)
{
	const char *name = klp_elf_symbol_name(mod, index);

	pr_err("%s: symbol %u '%*pE': %s\n", mod->name, index,
	       klp_log_len(name), name, why);

	return -ENOEXEC;
}

/* The function or variable at an address, whether simplify_symbols() has run or not */
static const char *klp_place_name(const struct module *mod, unsigned long addr)
{
	unsigned int i;

	for (i = 1; i < klp_elf_num_symbols(mod); i++) {
		const Elf_Sym *sym = &klp_elf_symtab(mod)[i];
		unsigned int type = ELF_ST_TYPE(sym->st_info);
		unsigned long start = sym->st_value;

		if ((type != STT_FUNC && type != STT_OBJECT) ||
		    sym->st_shndx >= klp_elf_num_sections(mod))
			continue;
		if (start < klp_elf_section(mod, sym->st_shndx)->sh_addr)
			start += klp_elf_section(mod, sym->st_shndx)->sh_addr;
		if (addr - start < sym->st_size)
			return klp_elf_symbol_name(mod, i);
	}

	return "?";
}

/**
 * klp_refuse_place() - log why a livepatch module is refused
 * @mod:	the module
 * @sec:	relocation section
 * @rela:	relocation of @sec that is the reason; its symbol is within the table
 * @place:	address of what the relocation is about
 * @why:	what is wrong with it
 *
 * Return: -ENOEXEC
 */
int klp_refuse_place(const struct module *mod, const Elf_Shdr *sec, const Elf_Rela *rela,
		     unsigned long place, const char *why)
{
	const char *secname = klp_elf_section_name(mod, klp_elf_target(mod, sec));
	const char *name = klp_elf_symbol_name(mod, ELF_R_SYM(rela->r_info));
	const char *user = klp_place_name(mod, place);

	pr_err("%s: %*pE (%*pE+0x%llx) uses symbol '%*pE': %s\n", mod->name,
	       klp_log_len(user), user, klp_log_len(secname), secname,
	       (u64)rela->r_offset, klp_log_len(name), name, why);

	return -ENOEXEC;
}

/**
 * klp_refuse_rela() - log why a livepatch module is refused
 * @mod:	the module
 * @sec:	relocation section
 * @rela:	relocation of @sec that is the reason; its symbol is within the table
 * @why:	what is wrong with it
 *
 * Return: -ENOEXEC
 */
int klp_refuse_rela(const struct module *mod, const Elf_Shdr *sec, const Elf_Rela *rela,
		    const char *why)
{
	return klp_refuse_place(mod, sec, rela,
				klp_elf_target(mod, sec)->sh_addr + rela->r_offset, why);
}

/**
 * klp_section_object() - the object that a section of the converted form is for
 * @mod:	livepatch module
 * @sec:	section with klp_is_klp_section()
 * @object:	where to put the start of the object's name, which is not terminated
 *
 * Return: length of the name, 0 if the name of the section is not .klp.rela.OBJECT
 */
size_t klp_section_object(const struct module *mod, const Elf_Shdr *sec,
			  const char **object)
{
	const char *name = klp_elf_section_name(mod, sec);

	if (strncmp(name, KLP_RELOC_SEC_PREFIX, strlen(KLP_RELOC_SEC_PREFIX)))
		return 0;

	*object = name + strlen(KLP_RELOC_SEC_PREFIX);
	return klp_object_name_len(*object, ".", MODULE_NAME_LEN);
}

/**
 * klp_check_symbols() - check the names of klp symbols
 * @mod:	livepatch module that is being loaded
 *
 * Return: 0, or -ENOEXEC, which is logged
 */
int klp_check_symbols(const struct module *mod)
{
	struct klp_symbol_name parts;
	const char *name, *why;
	unsigned int i, shndx;

	for (i = 0; i < klp_elf_num_symbols(mod); i++) {
		name = klp_elf_symbol_name(mod, i);
		shndx = klp_elf_symtab(mod)[i].st_shndx;
		if (shndx == SHN_LIVEPATCH || !klp_is_symbol_name(name))
			continue;

		why = "defined in the livepatch module itself";
		if (shndx == SHN_UNDEF)
			why = klp_parse_symbol(name, MODULE_NAME_LEN, KSYM_NAME_LEN, &parts);
		if (why)
			return klp_refuse_symbol(mod, i, why);
	}

	return 0;
}

static int klp_check_rela(const struct module *mod, const Elf_Shdr *sec,
			  const Elf_Rela *rela)
{
	unsigned int index = ELF_R_SYM(rela->r_info);

	if (index >= klp_elf_num_symbols(mod))
		return klp_refuse_section(mod, sec, "symbol out of range");
	if (!klp_relocates(mod, sec) || klp_is_none(rela))
		return 0;
	if (rela->r_offset >= klp_elf_target(mod, sec)->sh_size)
		return klp_refuse_rela(mod, sec, rela, "offset out of range");
	if (klp_is_klp_section(sec) && klp_elf_symtab(mod)[index].st_shndx != SHN_LIVEPATCH)
		return klp_refuse_rela(mod, sec, rela, "not marked as a livepatch symbol");

	return 0;
}

/* Symbols have been checked already, and the table takes relocations away */
static bool klp_is_table(const Elf_Shdr *sec)
{
	return sec->sh_type == SHT_SYMTAB || sec->sh_type == SHT_STRTAB ||
	       sec->sh_type == SHT_RELA;
}

/**
 * klp_check_section() - check a relocation section
 * @mod:	livepatch module that is being loaded
 * @sec:	section of type SHT_RELA
 *
 * Return: 0, or -ENOEXEC, which is logged
 */
int klp_check_section(const struct module *mod, const Elf_Shdr *sec)
{
	const Elf_Rela *rela;
	const char *object;
	int ret;

	if (sec->sh_size % sizeof(Elf_Rela))
		return klp_refuse_section(mod, sec, "bad size");
	if (sec->sh_info >= klp_elf_num_sections(mod))
		return klp_refuse_section(mod, sec, "section out of range");
	if (klp_is_table(klp_elf_target(mod, sec)))
		return klp_refuse_section(mod, sec,
					  "relocates a symbol, string or relocation table");
	if (klp_is_klp_section(sec) && !klp_section_object(mod, sec, &object))
		return klp_refuse_section(mod, sec, "bad name");

	for (rela = klp_elf_relas(sec); rela < klp_elf_relas_end(sec); rela++) {
		ret = klp_check_rela(mod, sec, rela);
		if (ret)
			return ret;
	}

	return 0;
}
