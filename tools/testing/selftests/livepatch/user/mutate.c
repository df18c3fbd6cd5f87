// SPDX-License-Identifier: GPL-2.0
/*
 * mutate.c - change what a module's file says, rather than any byte
 *
 * Most of the bytes of a file are code and names that nothing looks at, and most changes
 * of headers are refused at once. So find headers, symbols and relocations through the
 * file's own headers, and give their fields plausible values.
 */
#include "user.h"

struct file {
	uint8_t *data;
	size_t len;
	unsigned int seed;
};

static unsigned int pick(struct file *f, unsigned int n)
{
	f->seed = f->seed * 1103515245 + 12345;

	return (f->seed >> 8) % n;
}

/* Something of the file, NULL if it is not in it */
static void *at(struct file *f, uint64_t offset, uint64_t size)
{
	return offset <= f->len && size <= f->len - offset ? f->data + offset : NULL;
}

static Elf64_Shdr *section(struct file *f, unsigned int i)
{
	const Elf64_Ehdr *h = (Elf64_Ehdr *)f->data;

	return i < h->e_shnum ? at(f, h->e_shoff + i * 64UL, 64) : NULL;
}

/* Any section of a type, 0 for all types */
static Elf64_Shdr *any_section(struct file *f, unsigned int type)
{
	const Elf64_Ehdr *h = (Elf64_Ehdr *)f->data;
	unsigned int i, start = h->e_shnum ? pick(f, h->e_shnum) : 0;
	Elf64_Shdr *s;

	for (i = 0; i < h->e_shnum; i++) {
		s = section(f, (start + i) % h->e_shnum);
		if (s && (!type || s->sh_type == type))
			return s;
	}

	return NULL;
}

/* Any entry of a table, NULL if there is none */
static void *any_entry(struct file *f, const Elf64_Shdr *s, size_t size)
{
	uint64_t n = s ? s->sh_size / size : 0;

	if (!n || n > f->len / size)
		return NULL;

	return at(f, s->sh_offset + pick(f, n) * size, size);
}

static uint64_t new_value(struct file *f, uint64_t old, uint64_t other)
{
	static const unsigned long values[] = {
		0, 1, 2, 3, 4, 8, 0xff, 0x100, 0xff1f, 0xff20, 0xff21, 0xfff1, 0xffff,
		0xfffff, 0x100000, 0x3fffffff, 0x7fffffff, 0xffffffff, 1UL << 63, -1UL,
	};

	switch (pick(f, 8)) {
	case 0:
		return values[pick(f, ARRAY_SIZE(values))];
	case 1:
		return old + pick(f, 17) - 8;
	case 2:
		return old ^ BIT(pick(f, 64));
	case 3:
		return f->len - pick(f, 9);
	case 4:
		return pick(f, 64);
	default:
		return other;
	}
}

static void change_field(struct file *f, uint8_t *field, const uint8_t *other, size_t size)
{
	uint64_t value = 0, from = 0;

	memcpy(&value, field, size);
	memcpy(&from, other, size);
	value = new_value(f, value, from);
	memcpy(field, &value, size);
}

struct field {
	size_t offset;
	size_t size;
};

static void change_header(struct file *f)
{
	static const struct field fields[] = {
		{ 0, 4 }, { 9, 1 }, { 9, 1 }, { offsetof(Elf64_Ehdr, e_type), 2 },
		{ offsetof(Elf64_Ehdr, e_machine), 2 }, { offsetof(Elf64_Ehdr, e_shoff), 8 },
		{ offsetof(Elf64_Ehdr, e_shentsize), 2 }, { offsetof(Elf64_Ehdr, e_shnum), 2 },
		{ offsetof(Elf64_Ehdr, e_shstrndx), 2 },
	};
	const struct field *field = &fields[pick(f, ARRAY_SIZE(fields))];

	change_field(f, f->data + field->offset, f->data + 16 + pick(f, 40), field->size);
}

static void change_section(struct file *f)
{
	static const struct field fields[] = {
		{ offsetof(Elf64_Shdr, sh_name), 4 }, { offsetof(Elf64_Shdr, sh_type), 4 },
		{ offsetof(Elf64_Shdr, sh_flags), 8 }, { offsetof(Elf64_Shdr, sh_offset), 8 },
		{ offsetof(Elf64_Shdr, sh_size), 8 }, { offsetof(Elf64_Shdr, sh_link), 4 },
		{ offsetof(Elf64_Shdr, sh_info), 4 }, { offsetof(Elf64_Shdr, sh_addralign), 8 },
		{ offsetof(Elf64_Shdr, sh_addr), 8 },
	};
	static const unsigned int types[] = { 0, 0, SHT_RELA, SHT_RELA, SHT_SYMTAB, SHT_STRTAB };
	const struct field *field = &fields[pick(f, ARRAY_SIZE(fields))];
	uint8_t *s = (uint8_t *)any_section(f, types[pick(f, ARRAY_SIZE(types))]);
	uint8_t *other = (uint8_t *)any_section(f, 0);

	if (s && other)
		change_field(f, s + field->offset, other + field->offset, field->size);
}

/* Toggle a section flag */
static void change_flags(struct file *f)
{
	static const uint64_t flags[] = { SHF_ALLOC, SHF_EXECINSTR, 0x00100000 };
	Elf64_Shdr *s = any_section(f, pick(f, 2) ? SHT_RELA : 0);

	if (s)
		s->sh_flags ^= flags[pick(f, ARRAY_SIZE(flags))];
}

static void change_symbol(struct file *f)
{
	static const struct field fields[] = {
		{ offsetof(Elf64_Sym, st_name), 4 }, { offsetof(Elf64_Sym, st_shndx), 2 },
		{ offsetof(Elf64_Sym, st_info), 1 },
		{ offsetof(Elf64_Sym, st_value), 8 }, { offsetof(Elf64_Sym, st_size), 8 },
	};
	const struct field *field = &fields[pick(f, ARRAY_SIZE(fields))];
	const Elf64_Shdr *s = any_section(f, SHT_SYMTAB);
	uint8_t *sym = any_entry(f, s, sizeof(Elf64_Sym));
	uint8_t *other = any_entry(f, s, sizeof(Elf64_Sym));

	if (sym && other)
		change_field(f, sym + field->offset, other + field->offset, field->size);
}

static void change_rela(struct file *f)
{
	static const struct field fields[] = {
		{ 0, 8 }, { 8, 4 }, { 8, 4 }, { 12, 4 }, { 12, 4 }, { 16, 8 }, { 16, 8 },
	};
	const struct field *field = &fields[pick(f, ARRAY_SIZE(fields))];
	uint8_t *rela = any_entry(f, any_section(f, SHT_RELA), sizeof(Elf64_Rela));
	uint8_t *other = any_entry(f, any_section(f, SHT_RELA), sizeof(Elf64_Rela));

	if (rela && other)
		change_field(f, rela + field->offset, other + field->offset, field->size);
}

/* A whole relocation as another one is */
static void copy_rela(struct file *f)
{
	uint8_t *rela = any_entry(f, any_section(f, SHT_RELA), sizeof(Elf64_Rela));
	uint8_t *other = any_entry(f, any_section(f, SHT_RELA), sizeof(Elf64_Rela));

	if (rela && other)
		memmove(rela, other, sizeof(Elf64_Rela));
}

/* A branch before a place, for which relocations are of another class */
static void change_branch(struct file *f)
{
	static const uint8_t branches[][2] = { { 0x0f, 0x85 }, { 0x0f, 0x05 }, { 0x90, 0xe9 } };
	const Elf64_Shdr *s = any_section(f, SHT_RELA), *target;
	Elf64_Rela *rela = any_entry(f, s, sizeof(*rela));
	uint8_t *code;

	target = s ? section(f, s->sh_info) : NULL;
	if (!rela || !target || rela->r_offset < 2)
		return;
	code = at(f, target->sh_offset + rela->r_offset - 2, 2);
	if (code)
		memcpy(code, branches[pick(f, ARRAY_SIZE(branches))], 2);
	if (pick(f, 2))
		rela->r_addend = -4;
}

/* The name in struct module */
static void change_module_name(struct file *f)
{
	const Elf64_Shdr *s = any_section(f, SHT_PROGBITS);
	char *name;

	if (s && s->sh_size == MODULE_SIZE) {
		name = at(f, s->sh_offset + offsetof(struct module, name), MODULE_NAME_LEN);
		if (name)
			memset(name, 'a', MODULE_NAME_LEN - pick(f, 2));
	}
}

/* A byte of a table of strings, and how many follow it but for the last */
static char *any_name(struct file *f, size_t *left)
{
	Elf64_Shdr *s = any_section(f, SHT_STRTAB);
	size_t i, n;
	char *names;

	if (!s || !s->sh_size || !at(f, s->sh_offset, s->sh_size))
		return NULL;
	names = (char *)f->data + s->sh_offset;
	if (names[s->sh_size - 1])
		return NULL;
	/* One that livepatch knows, if it is found soon */
	for (n = 0; n < 64; n++) {
		i = pick(f, s->sh_size);
		while (i && names[i - 1])
			i--;
		if (!strncmp(names + i, ".klp.", 5))
			break;
	}
	*left = s->sh_size - 1 - i;

	return names + i;
}

static void change_name(struct file *f)
{
	static const char * const words[] = {
		".", ",", "-", "0", "1", "9", "vmlinux.", ".vmlinux", ".ko.", ",0", ",1", ",1,",
		",99999999", ".klp.sym.", ".klp.rela.", "rela.", ".1", "a", "..", ".,",
	};
	static const char * const names[] = {
		".data..percpu", "__versions", "__version_ext_crcs", "__version_ext_names",
		".modinfo", ".klp.rela.vmlinux.x", ".klp.sym.vmlinux.x,0", ".klp.sym.rela.a.b.c.1",
	};
	const char *word = words[pick(f, ARRAY_SIZE(words))];
	size_t left = 0, len, i;
	char *name = any_name(f, &left);

	len = name ? strlen(name) : 0;
	if (!len)
		return;
	i = pick(f, len);
	switch (pick(f, 6)) {
	case 0:
		/* A word over some letters */
		memcpy(name + i, word, strnlen(word, len - i));
		break;
	case 1:
		/* Another name, over others that follow it, too */
		word = names[pick(f, ARRAY_SIZE(names))];
		memcpy(name, word, strnlen(word, left - 1) + 1);
		break;
	case 2:
		/* Longer than names can be */
		memset(name + i, 'a', min_t(size_t, left - i, 30 + pick(f, 600)));
		break;
	case 3:
		/* A part of the name only */
		memmove(name, name + i, len - i + 1);
		break;
	default:
		name[i] = ".,-0129aRk_"[pick(f, 11)];
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	static void (* const changes[])(struct file *f) = {
		change_header, change_section, change_section, change_flags, change_symbol,
		change_symbol, change_rela, change_rela, change_rela, copy_rela, change_branch,
		change_name, change_name, change_name, change_module_name,
	};
	struct file f = { .data = data, .len = size, .seed = seed };
	unsigned int n;

	if (size < sizeof(Elf64_Ehdr) || !pick(&f, 50))
		return LLVMFuzzerMutate(data, size, max);

	for (n = 1 + pick(&f, 3); n; n--)
		changes[pick(&f, ARRAY_SIZE(changes))](&f);

	return size;
}
