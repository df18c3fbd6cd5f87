// SPDX-License-Identifier: GPL-2.0
/*
 * klp.c - say what the kernel would say of a livepatch module, at build time
 *
 * Whether an object has a klp symbol is known for sure when it is loaded.  But
 * the author need not wait for that where the object's file is at hand.
 */

#define _GNU_SOURCE
#include <fnmatch.h>

#include <xalloc.h>
#include "modpost.h"
#include "klp.h"

/* As in include/linux/kallsyms.h */
#define KSYM_NAME_LEN	512
/* As in include/uapi/linux/elf.h */
#define SHN_LIVEPATCH	0xff20
/* Symbols of one name that a message lists at most */
#define MAX_TWINS	10

/* A warning with KBUILD_MODPOST_WARN=1, as for other symbols */
#define klp_error(mod, fmt, args...)	modpost_log(!warn_unresolved, mod, fmt, ##args)

static void list_twin(struct buffer *buf, const struct klp_object_symbol *sym, unsigned int pos)
{
	if (pos > MAX_TWINS)
		return;

	buf_printf(buf, "%s %u: %s 0x%llx", pos > 1 ? "," : "", pos, sym->file ?: "?",
		   sym->addr);
}

/* What keeps the kernel from resolving a klp symbol, if its object is at hand? */
static void check_name(struct module *mod, const char *symname,
		       const struct klp_symbol_name *parts, const struct klp_object *obj)
{
	unsigned int count = 0, init = 0;
	struct buffer twins = { };
	size_t i;

	for (i = 0; i < obj->count; i++) {
		const struct klp_object_symbol *sym = &obj->symbols[i];

		if (strncmp(sym->name, parts->symbol, parts->symbol_len) ||
		    sym->name[parts->symbol_len])
			continue;
		if (sym->is_init)
			init++;
		else
			list_twin(&twins, sym, ++count);
	}
	buf_write(&twins, "", 1);

	if (!count)
		klp_error(mod, "'%s' %s %s (%s)\n", symname,
			  init ? "is in init memory of" : "is not in", obj->name, obj->path);
	else if ((!parts->pos && count > 1) || parts->pos > count)
		klp_error(mod, "'%s': %.*s: %u in %s (%s):%s%s\n", symname,
			  (int)parts->symbol_len, parts->symbol, count, obj->name,
			  obj->path, twins.p, count > MAX_TWINS ? ", ..." : "");
	free(twins.p);
}

/*
 * The names of the objects that a livepatch patches are strings somewhere in its
 * data, as the tail of longer ones if the compiler has merged them.
 */
static bool has_string(const struct elf_info *elf, const char *s, size_t len, bool whole)
{
	char *string = xcalloc(1, len + 2);
	bool ret = false;
	unsigned int i;

	memcpy(string + 1, s, len);
	for (i = 1; i < elf->num_sections && !ret; i++) {
		const Elf_Shdr *sec = &elf->sechdrs[i];
		const char *data = (char *)elf->hdr + sec->sh_offset;

		if (sec->sh_type != SHT_PROGBITS || !(sec->sh_flags & SHF_ALLOC))
			continue;
		ret = (sec->sh_size > len && !memcmp(data, string + 1, len + 1)) ||
		      memmem(data, sec->sh_size, string + !whole, len + 1 + whole);
	}
	free(string);

	return ret;
}

/**
 * klp_handle_symbol() - check a symbol of a livepatch module
 * @mod:	the livepatch module
 * @elf:	its object file
 * @sym:	one of its symbols
 * @symname:	the symbol's name
 *
 * Return: true if it is a klp symbol, good or bad: no module exports such symbols
 */
bool klp_handle_symbol(struct module *mod, const struct elf_info *elf,
		       const Elf_Sym *sym, const char *symname)
{
	const char *why = "it is defined in the module";
	const struct klp_object *obj;
	struct klp_symbol_name parts;

	if (!klp_is_symbol_name(symname) || sym->st_shndx == SHN_LIVEPATCH)
		return false;

	if (!mod->is_gpl_compatible)
		mod_error(mod, "GPL-incompatible module uses klp symbol '%s'\n", symname);

	if (sym->st_shndx == SHN_UNDEF)
		why = klp_parse_symbol(symname, MODULE_NAME_LEN, KSYM_NAME_LEN, &parts);
	if (why) {
		mod_error(mod, "'%s' is not a klp symbol: %s\n", symname, why);
		return true;
	}

	/* "objtool klp diff" makes weak ones, which "objtool klp post-link" processes */
	if (ELF_ST_BIND(sym->st_info) == STB_WEAK)
		return true;

	if (!klp_is_vmlinux(parts.target, parts.target_len) &&
	    !has_string(elf, parts.target, parts.target_len, false)) {
		klp_error(mod, "'%s': the livepatch does not patch module '%.*s'\n",
			  symname, (int)parts.target_len, parts.target);
		return true;
	}

	obj = klp_get_object(&parts, elf);
	if (obj->count)
		check_name(mod, symname, &parts, obj);

	return true;
}

/* Why a place cannot hold the address of a klp symbol: what the kernel refuses as well */
static const char *klp_refusal(const char *secname, const char *user, bool is_late)
{
	if (!is_late)
		return NULL;
	if (!fnmatch(".data..percpu*", secname, 0))
		return "the copies of per-CPU data cannot be written late";
	if (!fnmatch(".init*", secname, 0))
		return "init memory is freed, and cannot be written late";
	if (!fnmatch("__param_*", user, 0))
		return "a parameter, which can be used while the module is not loaded";
	/* The kernel finds what replaces code by what is replaced */
	if (klp_is_load_section(secname) || !fnmatch(".altinstr_replacement", secname, 0) ||
	    !fnmatch("__ftr_alt_*", secname, 0))
		return "used at load, before the symbol's module is loaded";

	return NULL;
}

static Elf_Sym *rela_symbol(const struct elf_info *elf, const Elf_Rela *rela)
{
	return elf->symtab_start + ELF_R_SYM(TO_NATIVE(rela->r_info));
}

/*
 * Who uses a klp symbol?  The entries of tables have no names, but those about code begin
 * with its address, by a relocation before @rela.
 */
static Elf_Sym *find_user(struct elf_info *elf, const Elf_Rela *start, const Elf_Rela *rela,
			  unsigned int secndx, Elf_Addr *addr)
{
	Elf_Sym *sym, *user;

	*addr = TO_NATIVE(rela->r_offset);
	user = symsearch_find_nearest(elf, *addr, secndx, false, ~0);

	for (; !user && rela >= start; rela--) {
		sym = rela_symbol(elf, rela);
		secndx = get_secindex(elf, sym);
		if (secndx >= elf->num_sections ||
		    !(elf->sechdrs[secndx].sh_flags & SHF_EXECINSTR))
			continue;
		*addr = sym->st_value + TO_NATIVE(rela->r_addend);
		user = symsearch_find_nearest(elf, *addr, secndx, false, ~0);
	}

	return user;
}

/* The source file of a symbol: local ones follow the name of theirs */
static const char *source_file(const struct elf_info *elf, const Elf_Sym *sym)
{
	if (!sym || ELF_ST_BIND(sym->st_info) != STB_LOCAL)
		return "?";

	for (; sym > elf->symtab_start; sym--) {
		if (ELF_ST_TYPE(sym->st_info) == STT_FILE)
			return elf->strtab + sym->st_name;
	}

	return "?";
}

static void check_use(struct module *mod, struct elf_info *elf, unsigned int secndx,
		      const Elf_Rela *start, const Elf_Rela *rela)
{
	const Elf_Sym *sym = rela_symbol(elf, rela);
	const char *name = elf->strtab + sym->st_name, *why, *from;
	struct klp_symbol_name parts;
	const Elf_Sym *user;
	Elf_Addr addr;

	if (sym->st_shndx != SHN_UNDEF || ELF_ST_BIND(sym->st_info) == STB_WEAK ||
	    !klp_is_symbol_name(name) ||
	    klp_parse_symbol(name, MODULE_NAME_LEN, KSYM_NAME_LEN, &parts))
		return;

	user = find_user(elf, start, rela, secndx, &addr);
	from = user ? elf->strtab + user->st_name : "";
	why = klp_refusal(sec_name(elf, secndx), from,
			  !klp_is_vmlinux(parts.target, parts.target_len));
	if (why)
		klp_error(mod, "'%s' cannot be used in %s+0x%llx (section: %s, file: %s): %s\n",
			  name, from,
			  (unsigned long long)(addr - (user ? user->st_value : 0)),
			  sec_name(elf, secndx), source_file(elf, user), why);
}

/**
 * klp_check_uses() - check where a livepatch module uses klp symbols
 * @mod:	the livepatch module
 * @elf:	its object file
 */
void klp_check_uses(struct module *mod, struct elf_info *elf)
{
	const Elf_Rela *rela, *start, *stop;
	unsigned int i;

	for (i = 1; i < elf->num_sections; i++) {
		const Elf_Shdr *sec = &elf->sechdrs[i];

		if (sec->sh_type != SHT_RELA || sec->sh_info >= elf->num_sections ||
		    !(elf->sechdrs[sec->sh_info].sh_flags & SHF_ALLOC))
			continue;
		start = (void *)elf->hdr + sec->sh_offset;
		stop = (void *)start + sec->sh_size;
		for (rela = start; rela < stop; rela++)
			check_use(mod, elf, sec->sh_info, start, rela);
	}
}

/**
 * klp_check_export() - check a livepatch module's use of an exported symbol
 * @mod:	the livepatch module
 * @symname:	the symbol
 * @owner:	the module that exports it
 *
 * An ordinary reference makes the livepatch depend on a module that it patches.
 */
void klp_check_export(struct module *mod, const char *symname, const char *owner)
{
	char *name = xstrdup(get_basename(owner));
	char *p = name;

	while ((p = strchr(p, '-')))
		*p = '_';
	/* Tails of strings do not count: a wrong warning is worse than none */
	if (has_string(mod->livepatch, name, strlen(name), true))
		mod_warn(mod, "'%s' pins '%s', which the livepatch patches: use KLP_SYMBOL()\n",
			 symname, name);
	free(name);
}
