// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file.c - Check the layout of a livepatch module's file
 *
 * The module loader adds up sizes in an int, writes to parts of the file, and keeps
 * pointers into sections, without a check that the file allows that.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "elf.h"

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
static int klp_check_ranges(const struct klp_elf *elf)
{
	unsigned int i, n = 0;
	struct klp_range *ranges;
	int ret = 0;

	if (elf->hdr->e_shoff < sizeof(*elf->hdr)) {
		pr_err("%s: section headers overlap the ELF header\n", elf->mod->name);
		return -ENOEXEC;
	}

	ranges = kvmalloc_array(elf->shnum + 2, sizeof(*ranges), GFP_KERNEL);
	if (!ranges)
		return -ENOMEM;

	ranges[n++] = (struct klp_range) {
		.end = sizeof(*elf->hdr),
	};
	ranges[n++] = (struct klp_range) {
		.start = elf->hdr->e_shoff,
		.end = elf->hdr->e_shoff + elf->shnum * sizeof(Elf_Shdr),
	};
	for (i = 1; i < elf->shnum; i++) {
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
			ret = klp_refuse_section(elf,
						 ranges[i].sec ?: ranges[i - 1].sec,
						 "overlaps something else in the file");
	}
	if (!ret && ranges[n - 1].end > INT_MAX) {
		pr_err("%s: too big\n", elf->mod->name);
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
	unsigned int i, nsyms = klp_elf_num_symbols(elf);
	u64 names = (u64)nsyms * strsec->sh_size;

	if (names > INT_MAX / 2) {
		names = 0;
		for (i = 0; i < nsyms && names <= INT_MAX; i++)
			names += strlen(klp_elf_symbol_name(elf, i)) + 1;
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
static int klp_check_sizes(const struct klp_elf *elf)
{
	u64 size = klp_symbols_size(elf);
	unsigned int i;

	for (i = 1; i < elf->shnum && size <= INT_MAX; i++) {
		const Elf_Shdr *sec = &elf->sechdrs[i];

		if (!klp_takes_memory(elf, i)) {
			if (sec->sh_size && klp_is_kept(klp_elf_section_name(elf, sec)))
				return klp_refuse_section(elf, sec,
							  "takes no memory");
			continue;
		}
		if (sec->sh_addralign & (sec->sh_addralign - 1))
			return klp_refuse_section(elf, sec, "bad alignment");
		if (sec->sh_size > INT_MAX || sec->sh_addralign > INT_MAX)
			return klp_refuse_section(elf, sec, "too big");
		size += (u64)sec->sh_size + sec->sh_addralign;
	}

	if (size <= INT_MAX)
		return 0;

	pr_err("%s: too big\n", elf->mod->name);
	return -ENOEXEC;
}

/**
 * klp_check_file() - check where things are in the file, and what memory they want
 * @elf:	ELF file of a livepatch module that is being loaded; its symbol names are
 *		within the string table
 *
 * Context: Process context.
 * Return: 0, -ENOMEM, or -ENOEXEC, which is logged
 */
int klp_check_file(const struct klp_elf *elf)
{
	return klp_check_ranges(elf) ?: klp_check_sizes(elf);
}
