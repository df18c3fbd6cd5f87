// SPDX-License-Identifier: GPL-2.0
/*
 * oracle.c - read the symbols and relocations of a livepatch module
 */
#include "oracle.h"

#define PREFIX		".klp.sym."
#define LIVEPATCH_INDEX	0xff20
#define PERCPU		".data..percpu"
#define FAR		((long)SZ_1M)

static const char *symbol_name(const struct oracle *o, unsigned int i)
{
	return o->names + o->syms[i].st_name;
}

static bool is_klp_name(const char *name)
{
	return !strncmp(name, PREFIX, strlen(PREFIX));
}

static bool is_vmlinux(struct name name)
{
	return name.len == 7 && !memcmp(name.start, "vmlinux", 7);
}

/* Everything up to one of these characters, which is the next */
static struct name part(const char **p, const char *ends)
{
	struct name name = { *p, strcspn(*p, ends) };

	*p += name.len;

	return name;
}

static bool good_object(struct name name)
{
	return name.len && name.len < OBJECT_MAX && !memchr(name.start, '-', name.len);
}

/* [1-9 digits], then the end, or ",FOR" if that is possible */
static bool read_end(struct want_symbol *s, const char *p, bool is_for)
{
	unsigned int digits = strspn(p, "0123456789");
	char number[10] = "";

	if (!digits || digits > 9)
		return false;
	memcpy(number, p, digits);
	s->pos = atoi(number);
	p += digits;
	if (!*p)
		return true;
	if (!is_for || *p++ != ',')
		return false;
	s->object = part(&p, ".,");

	return !*p && good_object(s->object) &&
	       (!is_vmlinux(s->holder) || is_vmlinux(s->object));
}

/* OBJECT.SYMBOL,POS[,FOR], or rela.FOR.OBJECT.SYMBOL,POS or .POS */
static bool read_name(struct want_symbol *s, const char *p)
{
	bool rela = !strncmp(p, "rela.", 5);
	struct name object = { 0 };
	const char *dot;

	if (rela) {
		p += 5;
		object = part(&p, ".,");
		if (!good_object(object) || *p != '.' || !strncmp(p, ".ko.", 4))
			return false;
		p++;
	}
	s->holder = part(&p, ".,");
	if (!good_object(s->holder) || *p != '.' || !strncmp(p, ".ko.", 4))
		return false;
	p++;
	s->object = rela && !is_vmlinux(s->holder) ? object : s->holder;

	s->name = part(&p, ",");
	dot = strrchr(s->name.start, '.');
	if (!*p && rela && dot) {
		s->name.len = dot - s->name.start;
		p = dot;
	}

	return *p && s->name.len && s->name.len < KSYM_NAME_LEN && read_end(s, p + 1, !rela);
}

/* The converted form: what the section is for */
static bool read_object(const struct oracle *o, unsigned int sec, struct name *object)
{
	const char *p = oracle_section_name(o, sec);

	if (strncmp(p, ".klp.rela.", 10))
		return false;
	p += 10;
	*object = part(&p, ".");

	return object->len && object->len < OBJECT_MAX;
}

static struct want_symbol *get_symbol(struct oracle *o, unsigned int index,
				      struct name waits)
{
	struct want *want = o->want;
	struct name self = { o->modname, strlen(o->modname) };
	struct want_symbol *s;
	unsigned int i;

	for (i = 0; i < want->nsymbols; i++) {
		if (want->symbols[i].index == index)
			return &want->symbols[i];
	}

	s = &want->symbols[want->nsymbols++];
	s->index = index;
	if (!is_klp_name(symbol_name(o, index)) ||
	    !read_name(s, symbol_name(o, index) + strlen(PREFIX)) || same(s->holder, self))
		return NULL;
	if (waits.start)
		s->object = (struct name){ 0 };
	else if (!o->gpl)
		return NULL;

	return s;
}

static const unsigned char *contents(const struct oracle *o, unsigned int sec)
{
	return o->secs[sec].sh_type == SHT_NOBITS ? NULL : o->file + o->secs[sec].sh_offset;
}

/* call, jmp, or jcc with a displacement of four bytes */
static bool is_branch(const unsigned char *code, unsigned long offset)
{
	return code && ((offset > 0 && (code[offset - 1] == 0xe8 || code[offset - 1] == 0xe9)) ||
			(offset > 1 && code[offset - 2] == 0x0f && code[offset - 1] / 16 == 8));
}

static enum klp_reloc_class class_of(const struct oracle *o, unsigned int target,
				     const Elf64_Rela *rela)
{
	unsigned int type = rela->r_info & 0xffffffff;

	if (type == R_X86_64_64)
		return KLP_RELOC_POINTER;
	if ((type == R_X86_64_PC32 || type == R_X86_64_PLT32) && rela->r_addend == -4 &&
	    o->secs[target].sh_flags & SHF_EXECINSTR &&
	    is_branch(contents(o, target), rela->r_offset))
		return KLP_RELOC_CALL;

	return KLP_RELOC_ADDRESS;
}

static bool is_percpu(const struct oracle *o, unsigned int sec)
{
	return !(o->secs[sec].sh_flags & SHF_ALLOC) &&
	       !strcmp(oracle_section_name(o, sec), PERCPU);
}

/* A relocation against a symbol of a module */
static bool add_late(struct oracle *o, unsigned int sec, const Elf64_Rela *rela,
		     struct name object, bool plain)
{
	const Elf64_Shdr *target = &o->secs[o->secs[sec].sh_info];
	struct want_rela *late = &o->want->relas[o->want->nrelas++];

	*late = (struct want_rela){
		.object = object,
		.sec = sec,
		.class = class_of(o, o->secs[sec].sh_info, rela),
		.rela = *rela,
	};
	if (is_percpu(o, o->secs[sec].sh_info))
		return false;
	if (late->class == KLP_RELOC_ADDRESS)
		return !plain || (rela->r_addend < FAR && rela->r_addend > -FAR);

	return late->class == KLP_RELOC_CALL || rela->r_offset + 8 <= target->sh_size;
}

static bool read_klp_rela(struct oracle *o, unsigned int sec, Elf64_Rela *rela,
			  struct name waits)
{
	const Elf64_Shdr *target = &o->secs[o->secs[sec].sh_info];
	struct want_symbol *s;
	struct name object;

	if (target->sh_size - rela->r_offset < 4)
		return false;
	s = get_symbol(o, rela->r_info >> 32, waits);
	if (!s)
		return false;
	s->nrelas++;
	object = waits.start ? waits : s->object;
	s->foreign |= !same(object, s->holder);
	if (is_vmlinux(s->holder)) {
		s->users++;
		return is_vmlinux(object);
	}
	if (!add_late(o, sec, rela, object, !waits.start))
		return false;
	rela->r_info = 0;

	return true;
}

static bool is_plain(const struct oracle *o, unsigned int index)
{
	return o->syms[index].st_shndx == SHN_UNDEF && is_klp_name(symbol_name(o, index));
}

/* One relocation as the file has it, of which r_info can change */
static bool read_rela(struct oracle *o, unsigned int sec, Elf64_Rela *rela, bool relocates,
		      struct name waits)
{
	const Elf64_Shdr *target = &o->secs[o->secs[sec].sh_info];
	unsigned int index = rela->r_info >> 32;

	if (!relocates || !(rela->r_info & 0xffffffff))
		return true;
	if (rela->r_offset >= target->sh_size)
		return false;
	if (waits.start && o->syms[index].st_shndx != LIVEPATCH_INDEX)
		return false;

	return (!waits.start && !is_plain(o, index)) || read_klp_rela(o, sec, rela, waits);
}

/* SHF_ALLOC sections are copied; others are used in the file, and may overlap there */
static char *relocations(const struct oracle *o, unsigned int sec)
{
	const Elf64_Shdr *s = &o->secs[sec];
	unsigned char *relas = o->want->file + s->sh_offset;

	if (s->sh_flags & SHF_ALLOC)
		relas = memcpy(malloc(s->sh_size), o->file + s->sh_offset, s->sh_size);
	o->want->contents[sec] = relas;

	return (char *)relas;
}

static bool read_relas(struct oracle *o, unsigned int sec, char *relas, bool relocates,
		       struct name waits)
{
	unsigned long i, n = o->secs[sec].sh_size / 24;
	Elf64_Rela rela;
	bool good = true;

	/* All of a section is checked before any of it is taken */
	for (i = 0; i < n; i++) {
		memcpy(&rela, relas + i * 24, 24);
		if (rela.r_info >> 32 >= o->nsyms)
			return false;
	}
	for (i = 0; good && i < n; i++) {
		memcpy(&rela, relas + i * 24, 24);
		good = read_rela(o, sec, &rela, relocates, waits);
		memcpy(relas + i * 24, &rela, 24);
	}

	return good;
}

static bool read_section(struct oracle *o, unsigned int sec)
{
	const Elf64_Shdr *s = &o->secs[sec], *target;
	struct name waits = { 0 };

	if (s->sh_size % 24 || s->sh_info >= o->nsecs)
		return false;
	target = &o->secs[s->sh_info];
	if (target->sh_type == SHT_SYMTAB || target->sh_type == SHT_STRTAB ||
	    target->sh_type == SHT_RELA)
		return false;
	if (s->sh_flags & LIVEPATCH_FLAG && !read_object(o, sec, &waits))
		return false;

	if (target->sh_flags & SHF_ALLOC || is_percpu(o, s->sh_info))
		o->want->objects[sec] = waits;
	return read_relas(o, sec, relocations(o, sec), target->sh_flags & SHF_ALLOC ||
			  is_percpu(o, s->sh_info), waits);
}

static bool read_symbols(const struct oracle *o)
{
	unsigned int i;

	for (i = 0; i < o->nsyms; i++) {
		struct want_symbol s;

		if (o->syms[i].st_shndx == LIVEPATCH_INDEX || !is_klp_name(symbol_name(o, i)))
			continue;
		if (o->syms[i].st_shndx || !read_name(&s, symbol_name(o, i) + strlen(PREFIX)))
			return false;
	}
	return true;
}

static enum outcome read_file(struct oracle *o)
{
	unsigned long n = 0;
	unsigned int i;

	if (!oracle_file(o))
		return BAD_FILE;
	if (!oracle_layout(o))
		return TOO_BIG;
	if (!read_symbols(o))
		return REFUSED;

	for (i = 1; i < o->nsecs; i++)
		n += o->secs[i].sh_type == SHT_RELA ? o->secs[i].sh_size / 24 : 0;
	o->want->symbols = calloc(o->nsyms + 1, sizeof(*o->want->symbols));
	o->want->relas = calloc(n + 1, sizeof(*o->want->relas));
	o->want->contents = calloc(o->nsecs, sizeof(*o->want->contents));
	o->want->objects = calloc(o->nsecs, sizeof(*o->want->objects));
	o->want->nsections = o->nsecs;
	for (i = 1; i < o->nsecs; i++) {
		if (o->secs[i].sh_type == SHT_RELA && !read_section(o, i))
			return REFUSED;
	}

	return ACCEPTED;
}

void read_want(struct want *want, const void *file, size_t len)
{
	struct oracle o = { .file = file, .len = len, .want = want };

	*want = (struct want){ .file = memcpy(malloc(len), file, len), .len = len };
	want->outcome = read_file(&o);
	free(o.secs);
}

void free_want(struct want *want)
{
	unsigned int i;

	for (i = 0; i < want->nsections; i++) {
		if (want->contents[i] < want->file ||
		    want->contents[i] > want->file + want->len)
			free(want->contents[i]);
	}
	free(want->contents);
	free(want->objects);
	free(want->file);
	free(want->symbols);
	free(want->relas);
}
