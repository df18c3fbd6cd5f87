// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * elf.c - Check the ELF file of a livepatch module and make its table
 *
 * There are two forms of klp relocations:
 *
 *  - Plain: a rela in an ordinary section against an undefined symbol with a
 *    name of livepatch_symbol.h.  The name says what object it belongs to.
 *  - Converted: a rela in a section with SHF_RELA_LIVEPATCH, whose name says
 *    what object it belongs to, against a symbol in SHN_LIVEPATCH.
 *
 * What the ELF file says about either, and what the module loader and
 * apply_relocate_add() believe, is checked before they use it.  The bounds and
 * names of the sections have been checked before (elf_validity_cache_copy()).
 * Then relocations that belong to a module are moved from the sections of the
 * ELF file to the table, while those that belong to vmlinux stay.  What is left
 * in the sections can be applied like the relocations of any other module.
 *
 * All of this runs while the module is being loaded and nobody else knows it.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/kallsyms.h>
#include <linux/log2.h>
#include <linux/moduleloader.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>
#include "reloc.h"

/*
 * A livepatch names few objects, which are looked for one after the other.  This
 * is only a bound.
 */
#define KLP_MAX_OBJECTS	1024

#ifdef CONFIG_64BIT
#define KLP_R_INFO(sym, type)	(((Elf64_Xword)(sym) << 32) | (type))
#else
#define KLP_R_INFO(sym, type)	(((sym) << 8) | (type))
#endif

static const char *klp_symbol_name(const struct klp_elf *elf, unsigned int index)
{
	const Elf_Sym *symtab = (Elf_Sym *)elf->sechdrs[elf->symndx].sh_addr;

	return elf->strtab + symtab[index].st_name;
}

static unsigned int klp_num_symbols(const struct klp_elf *elf)
{
	return elf->sechdrs[elf->symndx].sh_size / sizeof(Elf_Sym);
}

static bool klp_is_klp_symbol(const struct klp_elf *elf, unsigned int index)
{
	const Elf_Sym *symtab = (Elf_Sym *)elf->sechdrs[elf->symndx].sh_addr;

	if (symtab[index].st_shndx == SHN_LIVEPATCH)
		return true;

	return symtab[index].st_shndx == SHN_UNDEF &&
	       klp_is_symbol_name(klp_symbol_name(elf, index));
}

static const char *klp_parse(const char *name, struct klp_symbol_name *parts)
{
	if (!klp_is_symbol_name(name))
		return "no " KLP_SYM_PREFIX;

	return klp_parse_symbol(name, MODULE_NAME_LEN, KSYM_NAME_LEN, parts);
}

/* In sections of other types the flag has another meaning */
static bool klp_is_klp_section(const Elf_Shdr *sec)
{
	return sec->sh_type == SHT_RELA && sec->sh_flags & SHF_RELA_LIVEPATCH;
}

static bool klp_is_name(const char *name, const char *part, size_t len)
{
	return !strncmp(name, part, len) && !name[len];
}

/* The object that a section's name, .klp.rela.OBJECT.SECTION, is about */
static size_t klp_parse_section(const char *name, const char **object)
{
	size_t len;

	if (strncmp(name, KLP_RELA_PREFIX, strlen(KLP_RELA_PREFIX)))
		return 0;

	*object = name + strlen(KLP_RELA_PREFIX);
	len = klp_object_name_len(*object, ".", MODULE_NAME_LEN);

	return (*object)[len] == '.' && (*object)[len + 1] ? len : 0;
}

static const char *klp_section_name(const struct klp_elf *elf, const Elf_Shdr *sec)
{
	return elf->secstrings + sec->sh_name;
}

static int klp_refuse_section(const struct module *mod,
			      const struct klp_elf *elf, const Elf_Shdr *sec,
			      const char *why)
{
	const char *secname = klp_section_name(elf, sec);

	pr_err("%s: section %*pE: %s\n", mod->name, klp_log_len(secname),
	       secname, why);

	return -ENOEXEC;
}

static int klp_refuse_symbol(const struct module *mod, const struct klp_elf *elf,
			     unsigned int index, const char *name,
			     const char *why)
{
	const char *secname = klp_section_name(elf, &elf->sechdrs[elf->symndx]);

	pr_err("%s: section %*pE: symbol %u '%*pE': %s\n", mod->name,
	       klp_log_len(secname), secname, index, klp_log_len(name), name,
	       why);

	return -ENOEXEC;
}

static int klp_refuse_rela(const struct module *mod, const struct klp_elf *elf,
			   const Elf_Shdr *sec, const Elf_Rela *rela,
			   const char *why)
{
	const char *name = "", *secname = klp_section_name(elf, sec);
	unsigned int index = ELF_R_SYM(rela->r_info);

	if (index < klp_num_symbols(elf))
		name = klp_symbol_name(elf, index);

	pr_err("%s: section %*pE: relocation at 0x%llx: symbol %u '%*pE': %s\n",
	       mod->name, klp_log_len(secname), secname, (u64)rela->r_offset,
	       index, klp_log_len(name), name, why);

	return -ENOEXEC;
}

static bool klp_has_contents(const Elf_Shdr *sec)
{
	return sec->sh_type != SHT_NULL && sec->sh_type != SHT_NOBITS &&
	       sec->sh_size;
}

/* A part of the file; @sec is NULL for the headers, which do not overlap */
struct klp_range {
	const Elf_Shdr *sec;
	unsigned long start;
	unsigned long end;
};

static int klp_cmp_ranges(const void *a, const void *b)
{
	const struct klp_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/*
 * The module loader writes to the headers, to struct module, and elf.c to the
 * relocations.  What has been checked must not change by that.
 */
static int klp_check_ranges(const struct module *mod, const struct klp_elf *elf)
{
	unsigned int i, n = 0;
	struct klp_range *ranges;
	int ret = 0;

	if (elf->hdr->e_shoff < sizeof(*elf->hdr)) {
		pr_err("%s: section headers overlap the ELF header\n", mod->name);
		return -ENOEXEC;
	}

	ranges = kvmalloc_array(elf->hdr->e_shnum + 2, sizeof(*ranges), GFP_KERNEL);
	if (!ranges)
		return -ENOMEM;

	ranges[n++] = (struct klp_range) {
		.end = sizeof(*elf->hdr),
	};
	ranges[n++] = (struct klp_range) {
		.start = elf->hdr->e_shoff,
		.end = elf->hdr->e_shoff + elf->hdr->e_shnum * sizeof(Elf_Shdr),
	};
	for (i = 1; i < elf->hdr->e_shnum; i++) {
		const Elf_Shdr *sec = &elf->sechdrs[i];

		if (klp_has_contents(sec))
			ranges[n++] = (struct klp_range) {
				.sec = sec,
				.start = sec->sh_offset,
				.end = sec->sh_offset + sec->sh_size,
			};
	}
	sort(ranges, n, sizeof(*ranges), klp_cmp_ranges, NULL);

	for (i = 1; i < n && !ret; i++) {
		if (ranges[i].start < ranges[i - 1].end)
			ret = klp_refuse_section(mod, elf,
						 ranges[i].sec ?: ranges[i - 1].sec,
						 "overlaps something else in the file");
	}
	if (!ret && ranges[n - 1].end > INT_MAX) {
		pr_err("%s: too big\n", mod->name);
		ret = -ENOEXEC;
	}
	kvfree(ranges);

	return ret;
}

/*
 * How much memory the symbols can take, see layout_symtab().  Names can be the
 * ends of other names.
 */
static u64 klp_symbols_size(const struct klp_elf *elf)
{
	const Elf_Shdr *symsec = &elf->sechdrs[elf->symndx];
	const Elf_Shdr *strsec = &elf->sechdrs[symsec->sh_link];
	unsigned int i, nsyms = klp_num_symbols(elf);
	u64 names = (u64)nsyms * strsec->sh_size;

	if (names > INT_MAX / 2) {
		names = 0;
		for (i = 0; i < nsyms && names <= INT_MAX; i++)
			names += strlen(klp_symbol_name(elf, i)) + 1;
	}

	return names + strsec->sh_size + 2 * ((u64)symsec->sh_size + nsyms);
}

/* The kernel keeps a pointer to these, and does not ask whether they stay */
static bool klp_is_kept(const char *name)
{
	return !strcmp(name, "__bug_table") || !strcmp(name, "__kcfi_traps") ||
	       !strcmp(name, ".smp_locks") || strstarts(name, ".orc_unwind");
}

/* Symbols and their names get memory by layout_symtab(), whatever they say */
static bool klp_takes_memory(const struct klp_elf *elf, unsigned int index)
{
	return elf->sechdrs[index].sh_flags & SHF_ALLOC || index == elf->symndx ||
	       index == elf->sechdrs[elf->symndx].sh_link;
}

/*
 * The module loader adds up sizes in an int, rounded up to what each section
 * wants.  Nothing has bounded those of sections that are not in the file.
 */
static int klp_check_sizes(const struct module *mod, const struct klp_elf *elf)
{
	u64 size = klp_symbols_size(elf);
	unsigned int i;

	for (i = 1; i < elf->hdr->e_shnum && size <= INT_MAX; i++) {
		const Elf_Shdr *sec = &elf->sechdrs[i];

		if (!klp_takes_memory(elf, i)) {
			if (sec->sh_size && klp_is_kept(klp_section_name(elf, sec)))
				return klp_refuse_section(mod, elf, sec,
							  "takes no memory");
			continue;
		}
		if (sec->sh_addralign & (sec->sh_addralign - 1))
			return klp_refuse_section(mod, elf, sec, "bad alignment");
		if (sec->sh_size > INT_MAX || sec->sh_addralign > INT_MAX)
			return klp_refuse_section(mod, elf, sec, "too big");
		size += (u64)sec->sh_size + sec->sh_addralign;
	}

	if (size <= INT_MAX)
		return 0;

	pr_err("%s: too big\n", mod->name);
	return -ENOEXEC;
}

static bool klp_string_table_ok(const struct klp_elf *elf, const Elf_Shdr *strsec)
{
	return strsec->sh_size && !elf->strtab[0] &&
	       !elf->strtab[strsec->sh_size - 1];
}

/* What is wrong with a symbol whose name is one; or NULL */
static const char *klp_check_symbol(const struct klp_elf *elf, unsigned int index)
{
	const Elf_Sym *symtab = (Elf_Sym *)elf->sechdrs[elf->symndx].sh_addr;
	unsigned int shndx = symtab[index].st_shndx;
	struct klp_symbol_name parts;

	/* The module loader, too, looks at the null symbol as at any other */
	if (!index && (symtab[0].st_name || shndx != SHN_UNDEF))
		return "not the null symbol";
	if (shndx >= elf->hdr->e_shnum && shndx != SHN_ABS &&
	    shndx != SHN_COMMON && shndx != SHN_LIVEPATCH)
		return "section out of range";
	if (klp_is_klp_symbol(elf, index))
		return klp_parse(klp_symbol_name(elf, index), &parts);

	return NULL;
}

static int klp_check_symbols(const struct module *mod, const struct klp_elf *elf)
{
	const Elf_Shdr *symsec = &elf->sechdrs[elf->symndx];
	const Elf_Shdr *strsec = &elf->sechdrs[symsec->sh_link];
	const Elf_Sym *symtab = (Elf_Sym *)symsec->sh_addr;
	const char *why;
	unsigned int i;

	if (symsec->sh_entsize != sizeof(Elf_Sym) ||
	    symsec->sh_size % sizeof(Elf_Sym))
		return klp_refuse_section(mod, elf, symsec, "bad size");
	if (!klp_string_table_ok(elf, strsec))
		return klp_refuse_section(mod, elf, strsec,
					  "does not begin and end with a null");

	for (i = 0; i < klp_num_symbols(elf); i++) {
		if (symtab[i].st_name >= strsec->sh_size)
			return klp_refuse_symbol(mod, elf, i, "",
						 "name out of range");

		why = klp_check_symbol(elf, i);
		if (why)
			return klp_refuse_symbol(mod, elf, i,
						 klp_symbol_name(elf, i), why);
	}

	return 0;
}

/* How many bytes a relocation writes, if the architecture knows its type */
static unsigned int klp_reloc_size(const Elf_Rela *rela)
{
	return max(module_arch_reloc_size(ELF_R_TYPE(rela->r_info)), 0);
}

/* Does all that a relocation writes lie in the section? */
static bool klp_offset_ok(const Elf_Rela *rela, const Elf_Shdr *target)
{
	unsigned int size = klp_reloc_size(rela);

	return rela->r_offset <= target->sh_size &&
	       size <= target->sh_size - rela->r_offset;
}

/* What is wrong with a relocation section, apart from the relocations; or NULL */
static const char *klp_check_shdr(const struct klp_elf *elf, const Elf_Shdr *sec)
{
	const Elf_Shdr *target;
	const char *object;

	if (sec->sh_entsize != sizeof(Elf_Rela) || sec->sh_size % sizeof(Elf_Rela))
		return "bad size";
	if (sec->sh_link != elf->symndx)
		return "not linked to the symbol table";
	if (!sec->sh_info || sec->sh_info >= elf->hdr->e_shnum)
		return "section to relocate out of range";

	/* Some of these get memory from the module loader, but not yet */
	target = &elf->sechdrs[sec->sh_info];
	if (target->sh_type == SHT_NULL || target->sh_type == SHT_RELA ||
	    target->sh_type == SHT_SYMTAB || target->sh_type == SHT_STRTAB)
		return "section to relocate is not the program's";
	if (sec->sh_size && target->sh_flags & SHF_ALLOC && !klp_has_contents(target))
		return "section to relocate has no contents";

	if (!klp_is_klp_section(sec))
		return NULL;
	if (!klp_parse_section(klp_section_name(elf, sec), &object))
		return "bad name";
	if (!(target->sh_flags & SHF_ALLOC))
		return "section to relocate takes no memory";

	return NULL;
}

/* What is wrong with a relocation; or NULL */
static const char *klp_check_rela(const struct klp_elf *elf, const Elf_Shdr *sec,
				  const Elf_Rela *rela)
{
	const Elf_Sym *symtab = (Elf_Sym *)elf->sechdrs[elf->symndx].sh_addr;
	const Elf_Shdr *target = &elf->sechdrs[sec->sh_info];
	unsigned int index = ELF_R_SYM(rela->r_info);

	if (index >= klp_num_symbols(elf))
		return "symbol out of range";
	if (klp_is_klp_section(sec) && symtab[index].st_shndx != SHN_LIVEPATCH)
		return "symbol is not marked as a livepatch symbol";

	/* Nobody relocates what takes no memory, but some look at the symbols */
	if (!(target->sh_flags & SHF_ALLOC))
		return NULL;
	if (!klp_offset_ok(rela, target))
		return "offset out of range";
	if (!klp_is_klp_symbol(elf, index))
		return NULL;
	/* Where no architecture tells how much is written, something is */
	if (rela->r_offset == target->sh_size && ELF_R_TYPE(rela->r_info))
		return "offset out of range";
	if (module_arch_reloc_size(ELF_R_TYPE(rela->r_info)) < 0)
		return "type is not known";
	/* Nor does the module loader relocate this */
	if (!strcmp(klp_section_name(elf, target), ".data..percpu"))
		return "per-CPU data is not relocated";

	return NULL;
}

static int klp_check_section(const struct module *mod, const struct klp_elf *elf,
			     const Elf_Shdr *sec)
{
	const Elf_Rela *relas = (Elf_Rela *)sec->sh_addr;
	const char *why;
	unsigned int i;

	why = klp_check_shdr(elf, sec);
	if (why)
		return klp_refuse_section(mod, elf, sec, why);

	for (i = 0; i < sec->sh_size / sizeof(*relas); i++) {
		why = klp_check_rela(elf, sec, &relas[i]);
		if (why)
			return klp_refuse_rela(mod, elf, sec, &relas[i], why);
	}

	return 0;
}

/* Does the module loader relocate something by this section? */
static bool klp_relocates(const struct klp_elf *elf, const Elf_Shdr *sec)
{
	return sec->sh_type == SHT_RELA &&
	       elf->sechdrs[sec->sh_info].sh_flags & SHF_ALLOC;
}

/*
 * The bytes that relocations write: a bit for each byte of the sections, one
 * behind the other.  @first is where a section's bits begin.
 */
struct klp_written {
	unsigned long *bits;
	unsigned int first[];
};

/* What is relocated has contents and takes memory; klp_check_sizes() bounds the sum */
static struct klp_written *klp_alloc_written(const struct klp_elf *elf)
{
	struct klp_written *written;
	unsigned int i, size = 0;

	written = kvzalloc(struct_size(written, first, elf->hdr->e_shnum), GFP_KERNEL);
	if (!written)
		return NULL;

	for (i = 1; i < elf->hdr->e_shnum; i++) {
		written->first[i] = size;
		if (elf->sechdrs[i].sh_flags & SHF_ALLOC &&
		    klp_has_contents(&elf->sechdrs[i]))
			size += elf->sechdrs[i].sh_size;
	}

	written->bits = kvcalloc(BITS_TO_LONGS(size), sizeof(long), GFP_KERNEL);
	if (!written->bits) {
		kvfree(written);
		return NULL;
	}

	return written;
}

static void klp_free_written(struct klp_written *written)
{
	kvfree(written->bits);
	kvfree(written);
}

/* Mark what a relocation writes; false if any of it was marked already */
static bool klp_mark_place(struct klp_written *written, const Elf_Shdr *sec,
			   const Elf_Rela *rela)
{
	unsigned int start = written->first[sec->sh_info] + rela->r_offset;
	unsigned int size = klp_reloc_size(rela);
	bool clean;

	clean = find_next_bit(written->bits, start + size, start) >= start + size;
	bitmap_set(written->bits, start, size);

	return clean;
}

/* Mark the places of klp relocations, which nobody may have marked, or of others */
static int klp_mark_places(const struct module *mod, const struct klp_elf *elf,
			   struct klp_written *written, bool klp)
{
	const Elf_Shdr *sec = elf->sechdrs + 1, *end = elf->sechdrs + elf->hdr->e_shnum;

	for (; sec < end; sec++) {
		const Elf_Rela *rela = (Elf_Rela *)sec->sh_addr;
		size_t n = sec->sh_size / sizeof(*rela);

		if (!klp_relocates(elf, sec))
			continue;

		for (; n--; rela++) {
			if (klp_is_klp_symbol(elf, ELF_R_SYM(rela->r_info)) != klp)
				continue;
			if (!klp_mark_place(written, sec, rela) && klp)
				return klp_refuse_rela(mod, elf, sec, rela,
						       "another one writes the same place");
		}
	}

	return 0;
}

/*
 * Nothing else may write the place of a klp relocation: what is there, and
 * whether it can be undone, would depend on what comes first.
 */
static int klp_check_places(const struct module *mod, const struct klp_elf *elf)
{
	struct klp_written *written;
	int ret;

	written = klp_alloc_written(elf);
	if (!written)
		return -ENOMEM;

	klp_mark_places(mod, elf, written, false);
	ret = klp_mark_places(mod, elf, written, true);
	klp_free_written(written);

	return ret;
}

static unsigned int klp_count_klp_symbols(const struct klp_elf *elf)
{
	unsigned int i, n = 0;

	for (i = 1; i < klp_num_symbols(elf); i++)
		n += klp_is_klp_symbol(elf, i);

	return n;
}

/**
 * klp_check_elf() - check the ELF file of a livepatch module
 * @mod:	livepatch module that is being loaded
 * @elf:	its ELF file, of which the section headers and the names of the
 *		sections have been checked
 *
 * Must come before anything looks at a symbol or a relocation.  Sections of the
 * converted form are not needed any more when the module has been loaded, so
 * that they lose SHF_ALLOC here.
 *
 * Context: Process context.
 * Return: 0, -ENOMEM, or -ENOEXEC, which is logged
 */
int klp_check_elf(const struct module *mod, const struct klp_elf *elf)
{
	unsigned int i;
	int ret;

	ret = klp_check_ranges(mod, elf);
	if (ret)
		return ret;

	ret = klp_check_symbols(mod, elf);
	if (ret)
		return ret;

	ret = klp_check_sizes(mod, elf);
	if (ret)
		return ret;

	for (i = 1; i < elf->hdr->e_shnum; i++) {
		Elf_Shdr *sec = &elf->sechdrs[i];

		if (sec->sh_type != SHT_RELA)
			continue;

		ret = klp_check_section(mod, elf, sec);
		if (ret)
			return ret;

		if (klp_is_klp_section(sec))
			sec->sh_flags &= ~(unsigned long)SHF_ALLOC;
	}

	return klp_count_klp_symbols(elf) ? klp_check_places(mod, elf) : 0;
}

/*
 * While the table is made: what is known of each symbol of the ELF file.
 * @entries are the klp symbols that it stands for.  There is more than one if
 * sections of several objects use it, which only the converted form can do.
 */
struct klp_elf_symbol {
	struct hlist_head entries;
	struct klp_reloc_object *object;
	unsigned int index;
	bool klp;
};

struct klp_builder {
	struct module *mod;
	const struct klp_elf *elf;
	struct klp_relocs *relocs;
	struct klp_elf_symbol *symbols;
	unsigned int nobjects;
	unsigned int nsources;
	unsigned int nentries;
	size_t strsize;
};

/* Is there room for one more object, or for one more source? */
static int klp_count_object(const struct klp_builder *b, unsigned int *count)
{
	if (++*count <= KLP_MAX_OBJECTS)
		return 0;

	pr_err("%s: symbols of more than %u objects\n", b->mod->name,
	       KLP_MAX_OBJECTS);
	return -ENOEXEC;
}

static struct klp_reloc_object *klp_get_object(struct klp_builder *b,
					       const char *name, size_t len)
{
	struct klp_reloc_object *object;
	int ret;

	list_for_each_entry(object, &b->relocs->objects, node) {
		if (klp_is_name(object->name, name, len))
			return object;
	}

	ret = klp_count_object(b, &b->nobjects);
	if (ret)
		return ERR_PTR(ret);

	object = kzalloc(sizeof(*object), GFP_KERNEL);
	if (!object)
		return ERR_PTR(-ENOMEM);

	memcpy(object->name, name, len);
	object->late = !klp_is_vmlinux(name, len);
	INIT_LIST_HEAD(&object->sources);
	INIT_LIST_HEAD(&object->sections);
	list_add_tail(&object->node, &b->relocs->objects);

	return object;
}

static struct klp_reloc_source *klp_get_source(struct klp_builder *b,
					       struct klp_reloc_object *object,
					       const char *name, size_t len)
{
	struct klp_reloc_source *source;
	int ret;

	list_for_each_entry(source, &object->sources, node) {
		if (klp_is_name(source->name, name, len))
			return source;
	}

	ret = klp_count_object(b, &b->nsources);
	if (ret)
		return ERR_PTR(ret);

	source = kzalloc(sizeof(*source), GFP_KERNEL);
	if (!source)
		return ERR_PTR(-ENOMEM);

	memcpy(source->name, name, len);
	source->object = object;
	list_add_tail(&source->node, &object->sources);

	return source;
}

static struct klp_symbol *klp_add_symbol(struct klp_builder *b,
					 struct klp_reloc_object *object,
					 unsigned int index)
{
	struct klp_elf_symbol *elf_sym = &b->symbols[index];
	struct klp_reloc_source *source;
	struct klp_symbol_name parts;
	const char *why = NULL;
	struct klp_symbol *sym;

	if (WARN_ON_ONCE(klp_parse(klp_symbol_name(b->elf, index), &parts)))
		return ERR_PTR(-ENOEXEC);
	if (object->late && klp_is_vmlinux(parts.object, parts.object_len))
		why = "of vmlinux, but relocations of a module use it";
	else if (parts.target != parts.object &&
		 !klp_is_name(object->name, parts.target, parts.target_len))
		why = "for another object than the section is";
	else if (klp_is_name(b->mod->name, parts.object, parts.object_len))
		why = "of the livepatch module itself";
	if (why)
		return ERR_PTR(klp_refuse_symbol(b->mod, b->elf, index,
						 klp_symbol_name(b->elf, index),
						 why));

	source = klp_get_source(b, object, parts.object, parts.object_len);
	if (IS_ERR(source))
		return ERR_CAST(source);

	sym = kzalloc(sizeof(*sym), GFP_KERNEL);
	if (!sym)
		return ERR_PTR(-ENOMEM);

	sym->source = source;
	sym->name = parts.symbol;
	sym->match.pos = parts.pos;
	if (object->late && !elf_sym->index)
		elf_sym->index = b->relocs->nsyms++;
	sym->index = object->late ? elf_sym->index : index;

	hlist_add_head(&sym->node, &elf_sym->entries);
	__llist_add(&sym->llnode, &source->symbols);
	object->nsyms++;
	b->nentries++;
	b->strsize += parts.symbol_len + 1;

	return sym;
}

/* The object that a relocation against symbol @index in an ordinary section is for */
static struct klp_reloc_object *klp_plain_object(struct klp_builder *b,
						 unsigned int index)
{
	struct klp_elf_symbol *elf_sym = &b->symbols[index];
	struct klp_symbol_name parts;

	if (!elf_sym->object) {
		if (WARN_ON_ONCE(klp_parse(klp_symbol_name(b->elf, index), &parts)))
			return ERR_PTR(-ENOEXEC);
		elf_sym->object = klp_get_object(b, parts.target,
						 parts.target_len);
	}

	return elf_sym->object;
}

/* The object that a section of the converted form is for; NULL for others */
static struct klp_reloc_object *klp_section_object(struct klp_builder *b,
						   const Elf_Shdr *shdr)
{
	const char *name;
	size_t len;

	if (!klp_is_klp_section(shdr))
		return NULL;

	len = klp_parse_section(klp_section_name(b->elf, shdr), &name);

	return klp_get_object(b, name, len);
}

/* The table's symbol for relocations of @object against ELF symbol @index */
static struct klp_symbol *klp_get_symbol(struct klp_builder *b,
					 struct klp_reloc_object *object,
					 unsigned int index)
{
	struct klp_symbol *sym;

	hlist_for_each_entry(sym, &b->symbols[index].entries, node) {
		if (sym->source->object == object)
			return sym;
	}

	return klp_add_symbol(b, object, index);
}

/*
 * Some sections are used up when the module is loaded: what they say is done,
 * or registered, at once.  Nobody would look at what is written there later.
 * See find_module_sections(), module_finalize() of the architectures, and the
 * module notifiers.
 */
static bool klp_is_consumed(const char *name)
{
	static const char * const consumed[] = {
		".altinstr_replacement", ".altinstructions", ".call_sites",
		".cfi_sites", ".ctors", ".gnu.linkonce.this_module",
		".ibt_endbr_seal", ".init_array", ".kunit_", ".orc_unwind",
		".parainstructions", ".retpoline_sites",
		".return_sites", ".s390_indirect", ".s390_return", ".smp_locks",
		".static_call_sites", "___srcu_struct_ptrs", "__bpf_raw_tp_map",
		"__dyndbg", "__ex_table", "__ftr_", "__fw_ftr_", "__jump_table", "__kcrctab",
		"__ksymtab", "__lwsync_", "__mcount_loc", "__mmu_ftr_",
		"__param", "__patchable_function_entries", "__spec_barrier_",
		"__trace_printk_fmt", "__tracepoints_ptrs", "_error_injection_whitelist",
		"_ftrace_ev", "_kprobe_blacklist",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(consumed); i++) {
		if (strstarts(name, consumed[i]))
			return true;
	}

	return false;
}

/* Why a section cannot be relocated late; or NULL */
static const char *klp_check_late(const struct klp_builder *b,
				  const Elf_Shdr *target)
{
	if (within_module_init(target->sh_addr, b->mod))
		return "a module's symbol in init memory, which is gone when the module comes";
	if (klp_is_consumed(klp_section_name(b->elf, target)))
		return "a module's symbol in a section that is used up before the module comes";

	return NULL;
}

static int klp_open_section(struct klp_builder *b,
			    struct klp_reloc_object *object,
			    const Elf_Shdr *shdr)
{
	const Elf_Shdr *target = &b->elf->sechdrs[shdr->sh_info];
	struct klp_reloc_section *sec;
	size_t size;

	/* kvzalloc() would take up to twice that, for as long as the module is there */
	size = struct_size(sec, relas, object->pending);
	sec = size > PAGE_SIZE ? vzalloc(size) : kzalloc(size, GFP_KERNEL);
	if (!sec)
		return -ENOMEM;

	sec->count = object->pending;
	sec->addr = target->sh_addr;
	list_add_tail(&sec->node, &object->sections);

	return 0;
}

/*
 * Is this a relocation by a klp symbol?  Type 0 is R_*_NONE everywhere: there is
 * nothing to write, now or later, wherever it says.
 */
static bool klp_is_klp_rela(const struct klp_builder *b, const Elf_Rela *rela)
{
	return b->symbols[ELF_R_SYM(rela->r_info)].klp &&
	       ELF_R_TYPE(rela->r_info);
}

/* Add the symbols that a section's relocations need, and count what is late */
static int klp_scan_relas(struct klp_builder *b, const Elf_Shdr *shdr,
			  struct klp_reloc_object *fixed)
{
	const Elf_Shdr *target = &b->elf->sechdrs[shdr->sh_info];
	const Elf_Rela *relas = (Elf_Rela *)shdr->sh_addr;
	const char *not_late = klp_check_late(b, target);
	unsigned int i, index;

	for (i = 0; i < shdr->sh_size / sizeof(*relas); i++) {
		struct klp_reloc_object *object = fixed;
		struct klp_symbol *sym;

		if (!klp_is_klp_rela(b, &relas[i]))
			continue;

		index = ELF_R_SYM(relas[i].r_info);
		if (!object)
			object = klp_plain_object(b, index);
		if (IS_ERR(object))
			return PTR_ERR(object);
		if (object->late && not_late)
			return klp_refuse_rela(b->mod, b->elf, shdr, &relas[i],
					       not_late);
		if (object->late &&
		    !module_arch_reloc_is_zero((void *)target->sh_addr + relas[i].r_offset,
					       ELF_R_TYPE(relas[i].r_info)))
			return klp_refuse_rela(b->mod, b->elf, shdr, &relas[i],
					       "place does not hold zeroes");

		sym = klp_get_symbol(b, object, index);
		if (IS_ERR(sym))
			return PTR_ERR(sym);

		sym->nrelas++;
		object->nrelas++;
		if (object->late)
			object->pending++;
	}

	return 0;
}

/* Move late relocations from a section of the ELF file to the table */
static void klp_move_relas(struct klp_builder *b, Elf_Shdr *shdr,
			   struct klp_reloc_object *fixed)
{
	Elf_Rela *relas = (Elf_Rela *)shdr->sh_addr;
	unsigned int nrelas = shdr->sh_size / sizeof(*relas);
	unsigned int i, kept = 0;

	for (i = 0; i < nrelas; i++) {
		struct klp_reloc_object *object = NULL;
		struct klp_elf_symbol *elf_sym;
		struct klp_reloc_section *sec;
		Elf_Rela rela = relas[i];

		elf_sym = &b->symbols[ELF_R_SYM(rela.r_info)];
		if (klp_is_klp_rela(b, &rela))
			object = fixed ?: elf_sym->object;
		if (!object || !object->late) {
			relas[kept++] = rela;
			continue;
		}

		rela.r_info = KLP_R_INFO(elf_sym->index, ELF_R_TYPE(rela.r_info));
		sec = list_last_entry(&object->sections, typeof(*sec), node);
		sec->relas[sec->count - object->pending--] = rela;
	}

	shdr->sh_size = kept * sizeof(*relas);
}

static int klp_take_section(struct klp_builder *b, Elf_Shdr *shdr)
{
	struct klp_reloc_object *object, *fixed;
	int ret;

	if (!shdr->sh_size)
		return 0;

	fixed = klp_section_object(b, shdr);
	if (IS_ERR(fixed))
		return PTR_ERR(fixed);

	ret = klp_scan_relas(b, shdr, fixed);
	if (ret)
		return ret;

	list_for_each_entry(object, &b->relocs->objects, node) {
		if (!object->pending)
			continue;
		ret = klp_open_section(b, object, shdr);
		if (ret)
			return ret;
	}

	klp_move_relas(b, shdr, fixed);

	return 0;
}

/* Copy the names and symbols, which so far are those of the ELF file */
static int klp_copy_symbols(struct klp_builder *b)
{
	const Elf_Sym *elf_symtab;
	struct klp_relocs *relocs = b->relocs;
	struct klp_reloc_object *object;
	struct klp_reloc_source *source;
	struct klp_symbol *sym;
	unsigned int i, index;
	char *str;

	/* A name is there once for each object that it is wanted for */
	if (b->strsize > INT_MAX) {
		pr_err("%s: too big\n", b->mod->name);
		return -ENOEXEC;
	}

	relocs->symtab = kvcalloc(relocs->nsyms, sizeof(*relocs->symtab),
				  GFP_KERNEL);
	relocs->elf_index = kvcalloc(relocs->nsyms, sizeof(*relocs->elf_index),
				     GFP_KERNEL);
	relocs->strtab = kvzalloc(b->strsize, GFP_KERNEL);
	if (!relocs->symtab || !relocs->elf_index || !relocs->strtab)
		return -ENOMEM;

	elf_symtab = (Elf_Sym *)b->elf->sechdrs[b->elf->symndx].sh_addr;
	for (i = 0; i < klp_num_symbols(b->elf); i++) {
		index = b->symbols[i].index;
		if (!index)
			continue;
		relocs->elf_index[index] = i;
		relocs->symtab[index] = elf_symtab[i];
		relocs->symtab[index].st_value = 0;
	}

	str = relocs->strtab + 1;
	list_for_each_entry(object, &relocs->objects, node) {
		list_for_each_entry(source, &object->sources, node) {
			llist_for_each_entry(sym, source->symbols.first, llnode) {
				size_t len = strcspn(sym->name, ",");

				sym->name = memcpy(str, sym->name, len);
				if (object->late)
					relocs->symtab[sym->index].st_name =
						str - relocs->strtab;
				str += len + 1;
			}
		}
	}

	return 0;
}

static int klp_hash_symbols(struct klp_builder *b)
{
	struct klp_relocs *relocs = b->relocs;
	struct klp_reloc_object *object;
	struct klp_reloc_source *source;
	struct klp_symbol *sym;

	relocs->hash_bits = order_base_2(max(b->nentries, 2U));
	relocs->buckets = kvcalloc(1UL << relocs->hash_bits,
				   sizeof(*relocs->buckets), GFP_KERNEL);
	if (!relocs->buckets)
		return -ENOMEM;

	list_for_each_entry(object, &relocs->objects, node) {
		list_for_each_entry(source, &object->sources, node) {
			llist_for_each_entry(sym, source->symbols.first, llnode)
				hlist_add_head(&sym->node,
					       klp_symbol_bucket(relocs, sym->name));
		}
	}

	return 0;
}

static int klp_build(struct klp_builder *b)
{
	unsigned int i;
	int ret;

	for (i = 1; i < b->elf->hdr->e_shnum; i++) {
		if (!klp_relocates(b->elf, &b->elf->sechdrs[i]))
			continue;
		ret = klp_take_section(b, &b->elf->sechdrs[i]);
		if (ret)
			return ret;
		cond_resched();
	}

	ret = klp_copy_symbols(b);
	if (ret)
		return ret;

	return klp_hash_symbols(b);
}

/**
 * klp_relocs_create() - make the table of a livepatch module
 * @mod:	livepatch module that is being loaded
 * @elf:	its ELF file, after klp_check_elf(); the headers hold the final
 *		addresses of the sections
 *
 * The relocations in the table are no longer in the sections of the ELF file.
 *
 * Context: Process context.
 * Return: the table, NULL if there are no klp relocations, or an error pointer:
 *	-ENOMEM, or -ENOEXEC for a relocation that is refused, which is logged
 */
struct klp_relocs *klp_relocs_create(struct module *mod,
				     const struct klp_elf *elf)
{
	unsigned int i, nsyms = klp_num_symbols(elf);
	struct klp_builder b = {
		.mod = mod,
		.elf = elf,
		.strsize = 1,
	};
	int ret;

	if (!klp_count_klp_symbols(elf))
		return NULL;

	b.symbols = kvcalloc(nsyms, sizeof(*b.symbols), GFP_KERNEL);
	b.relocs = kzalloc(sizeof(*b.relocs), GFP_KERNEL);
	if (!b.symbols || !b.relocs) {
		kvfree(b.symbols);
		kfree(b.relocs);
		return ERR_PTR(-ENOMEM);
	}

	for (i = 1; i < nsyms; i++)
		b.symbols[i].klp = klp_is_klp_symbol(elf, i);
	INIT_LIST_HEAD(&b.relocs->list);
	INIT_LIST_HEAD(&b.relocs->objects);
	b.relocs->mod = mod;
	b.relocs->nsyms = 1;

	ret = klp_build(&b);
	if (ret) {
		klp_relocs_destroy(b.relocs);
		b.relocs = ERR_PTR(ret);
	}
	kvfree(b.symbols);

	return b.relocs;
}

static void klp_destroy_object(struct klp_reloc_object *object)
{
	struct klp_reloc_section *sec, *tmp_sec;
	struct klp_reloc_source *source, *tmp_source;
	struct klp_symbol *sym, *tmp_sym;

	list_for_each_entry_safe(sec, tmp_sec, &object->sections, node)
		kvfree(sec);

	list_for_each_entry_safe(source, tmp_source, &object->sources, node) {
		llist_for_each_entry_safe(sym, tmp_sym, source->symbols.first, llnode)
			kfree(sym);
		kfree(source);
	}

	kfree(object);
}

/**
 * klp_relocs_destroy() - free a table
 * @relocs:	table of a livepatch module, in any stage of its making
 *
 * Context: Process context.
 */
void klp_relocs_destroy(struct klp_relocs *relocs)
{
	struct klp_reloc_object *object, *tmp;

	list_for_each_entry_safe(object, tmp, &relocs->objects, node)
		klp_destroy_object(object);

	kvfree(relocs->symtab);
	kvfree(relocs->elf_index);
	kvfree(relocs->strtab);
	kvfree(relocs->buckets);
	kfree(relocs);
}
