// SPDX-License-Identifier: GPL-2.0
/*
 * oracle_file.c - what every module's file has to be
 */
#include "oracle.h"

#define PART_MAX	(0xffffffffUL / 4)

static const Elf64_Ehdr *header(const struct oracle *o)
{
	return (const Elf64_Ehdr *)o->file;
}

/* The first section in memory of that name, or 0 */
static unsigned int find(const struct oracle *o, const char *name)
{
	unsigned int i;

	for (i = 1; i < o->nsecs; i++) {
		if (o->secs[i].sh_flags & 2 && !strcmp(oracle_section_name(o, i), name))
			return i;
	}
	return 0;
}

static unsigned int count(const struct oracle *o, const char *name, unsigned int *last)
{
	unsigned int i, n = 0;

	for (i = 1; i < o->nsecs; i++) {
		if (!strcmp(oracle_section_name(o, i), name)) {
			n++;
			*last = i;
		}
	}
	return n;
}

static bool overlap(const Elf64_Shdr *sec, unsigned long start, unsigned long size)
{
	unsigned long first, last;

	if (sec->sh_type == SHT_NOBITS || !sec->sh_size || !size)
		return false;
	first = max_t(unsigned long, start, sec->sh_offset);
	last = min_t(unsigned long, start + size, (sec->sh_offset + sec->sh_size));

	return first < last;
}

/* Read in the file, and not kept: the first one of each name that is in memory */
static const char * const dropped[] = {
	"__versions",
#ifdef VERS_EXT
	"__version_ext_crcs", "__version_ext_names",
#endif
	".data..percpu",
};

/* Does the loader modify or rely on it, so that nothing may overlap it? */
static bool is_alone(const struct oracle *o, unsigned int i)
{
	unsigned int j;

	for (j = 0; j < ARRAY_SIZE(dropped); j++) {
		if (i == find(o, dropped[j]))
			return true;
	}

	return i == o->symtab || i == o->secs[o->symtab].sh_link ||
	       i == header(o)->e_shstrndx || !strcmp(oracle_section_name(o, i), ".modinfo") ||
	       !strcmp(oracle_section_name(o, i), ".gnu.linkonce.this_module");
}

static bool good_header(const struct oracle *o)
{
	const Elf64_Ehdr *h = header(o);

	return o->len >= 64 && !memcmp(h->e_ident, "\177ELF", 4) && h->e_type == 1 &&
	       h->e_machine == 62 && h->e_shentsize == 64 && h->e_shnum &&
	       h->e_shoff >= 64 && h->e_shoff < o->len &&
	       h->e_shnum * 64UL <= o->len - h->e_shoff;
}

static bool in_file(const struct oracle *o, const Elf64_Shdr *sec)
{
	return sec->sh_offset <= o->len && sec->sh_size <= o->len - sec->sh_offset;
}

static bool good_memory(const struct oracle *o)
{
	unsigned __int128 total = 0;
	unsigned int i;

	for (i = 1; i < o->nsecs; i++) {
		const Elf64_Shdr *s = &o->secs[i];

		if (!(s->sh_flags & 2) && s->sh_type != SHT_SYMTAB && s->sh_type != SHT_STRTAB)
			continue;
		total += s->sh_size;
		total += s->sh_addralign;
		if (total > PART_MAX || __builtin_popcountl(s->sh_addralign) > 1)
			return false;
	}
	return true;
}

/* SHT_NULL headers are cleared, and the size of a NOBITS section without SHF_ALLOC */
static bool good_sections(struct oracle *o)
{
	unsigned int i;

	if (o->secs[0].sh_type || o->secs[0].sh_size || o->secs[0].sh_addr)
		return false;
	for (i = 0; i < o->nsecs; i++) {
		Elf64_Shdr *s = &o->secs[i];

		if (!s->sh_type)
			*s = (Elf64_Shdr){ 0 };
		else if (s->sh_type == SHT_NOBITS)
			s->sh_size = s->sh_flags & 2 ? s->sh_size : 0;
		else if (!in_file(o, s))
			return false;
	}
	return good_memory(o);
}

/* Is it a table of strings with a NUL at its end? */
static bool good_strings(const struct oracle *o, unsigned int i)
{
	const Elf64_Shdr *s = &o->secs[i];

	return i && i < o->nsecs && s->sh_type == SHT_STRTAB && s->sh_size &&
	       !o->file[s->sh_offset + s->sh_size - 1];
}

static bool good_names(struct oracle *o)
{
	unsigned int i, table = header(o)->e_shstrndx;

	if (!good_strings(o, table))
		return false;
	for (i = 0; i < o->nsecs; i++) {
		if (o->secs[i].sh_name >= o->secs[table].sh_size)
			return false;
	}
	o->secnames = (const char *)o->file + o->secs[table].sh_offset;
	return true;
}

static bool good_module(struct oracle *o)
{
	unsigned int i = 0;
	const Elf64_Shdr *s;

	if (count(o, ".gnu.linkonce.this_module", &i) != 1)
		return false;
	s = &o->secs[i];
	if (s->sh_type != SHT_PROGBITS || !(s->sh_flags & 2) || !s->sh_addralign ||
	    s->sh_addralign % 64 || s->sh_size != MODULE_SIZE)
		return false;
	o->modname = (const char *)o->file + s->sh_offset + 24;
	return memchr(o->modname, '\0', OBJECT_MAX);
}

static bool good_symbols(struct oracle *o)
{
	unsigned int i, n = 0;
	const Elf64_Shdr *s;

	for (i = 1; i < o->nsecs; i++) {
		if (o->secs[i].sh_type == SHT_SYMTAB) {
			n++;
			o->symtab = i;
		}
	}
	s = &o->secs[o->symtab];
	if (n != 1 || !good_strings(o, s->sh_link))
		return false;
	o->syms = (Elf64_Sym *)(o->file + s->sh_offset);
	o->nsyms = s->sh_size / 24;
	o->names = (const char *)o->file + o->secs[s->sh_link].sh_offset;
#ifdef VERS_EXT
	if (o->names[0])
		return false;
#endif
	for (i = 0; i < o->nsyms; i++) {
		if (o->syms[i].st_name >= o->secs[s->sh_link].sh_size)
			return false;
	}
	return true;
}

static bool good_modinfo(struct oracle *o)
{
	static const char * const gpl[] = {
		"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL",
		"Dual MIT/GPL", "Dual MPL/GPL",
	};
	unsigned int i = 0, n = count(o, ".modinfo", &i), j;
	const char *p, *end;

	if (!n)
		return true;
	if (n > 1 || o->secs[i].sh_type == SHT_NOBITS)
		return false;
	p = (const char *)o->file + o->secs[i].sh_offset;
	end = p + o->secs[i].sh_size;
	if (p == end || end[-1])
		return false;
	while (p < end && strncmp(p, "license=", 8))
		p += strlen(p) + 1;
	for (j = 0; p < end && j < ARRAY_SIZE(gpl); j++)
		o->gpl |= !strcmp(p + 8, gpl[j]);
	return true;
}

/* A section of that name that is in memory has contents, if there is one */
static bool has_contents(const struct oracle *o, const char *name)
{
	unsigned int i = find(o, name);

	return !i || o->secs[i].sh_type != SHT_NOBITS;
}

static bool good_versions(const struct oracle *o)
{
#ifdef VERS_EXT
	unsigned int crcs = find(o, "__version_ext_crcs");
	unsigned int names = find(o, "__version_ext_names");
	unsigned long i, n = 0;

	if (!crcs != !names || !has_contents(o, "__version_ext_crcs") ||
	    !has_contents(o, "__version_ext_names"))
		return false;
	for (i = 0; crcs && i < o->secs[names].sh_size; i++)
		n += !o->file[o->secs[names].sh_offset + i];
	if (crcs && n < o->secs[crcs].sh_size / 4)
		return false;
#endif
	return has_contents(o, "__versions");
}

/* Does anything else overlap this? */
static bool overlaps_others(const struct oracle *o, unsigned int sec)
{
	unsigned int i;

	for (i = 1; i < o->nsecs; i++) {
		if (i != sec &&
		    overlap(&o->secs[i], o->secs[sec].sh_offset, o->secs[sec].sh_size))
			return true;
	}
	return false;
}

static bool good_places(const struct oracle *o)
{
	unsigned int i;

	for (i = 1; i < o->nsecs; i++) {
		if (overlap(&o->secs[i], 0, 64) ||
		    overlap(&o->secs[i], header(o)->e_shoff, o->nsecs * 64))
			return false;
		if (is_alone(o, i) && overlaps_others(o, i))
			return false;
	}
	return true;
}

bool oracle_file(struct oracle *o)
{
	if (!good_header(o))
		return false;
	o->nsecs = header(o)->e_shnum;
	o->secs = malloc(o->nsecs * 64);
	memcpy(o->secs, o->file + header(o)->e_shoff, o->nsecs * 64);

	return good_sections(o) && good_names(o) && good_modinfo(o) && good_module(o) &&
	       good_symbols(o) && good_versions(o) && has_contents(o, ".data..percpu") &&
	       good_places(o);
}

/* Sections that are not kept are not copied to the module's memory */
bool oracle_layout(struct oracle *o)
{
	unsigned int drop[ARRAY_SIZE(dropped)], i;
	unsigned long total = 0;

	for (i = 0; i < ARRAY_SIZE(dropped); i++)
		drop[i] = find(o, dropped[i]);
	for (i = 0; i < ARRAY_SIZE(dropped); i++)
		o->secs[drop[i]].sh_flags &= ~2UL;
	for (i = 1; i < o->nsecs; i++) {
		Elf64_Shdr *s = &o->secs[i];

		if (!strcmp(oracle_section_name(o, i), ".modinfo") ||
		    (s->sh_type == SHT_RELA && s->sh_flags & LIVEPATCH_FLAG))
			s->sh_flags &= ~2UL;
		if (i == o->symtab || i == o->secs[o->symtab].sh_link)
			s->sh_flags |= 2;
		total += s->sh_flags & 2 ? s->sh_size : 0;
	}

	return total <= MAX_MEMORY;
}
