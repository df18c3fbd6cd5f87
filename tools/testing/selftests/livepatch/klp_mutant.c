// SPDX-License-Identifier: GPL-2.0
/*
 * Make damaged livepatch modules of good ones, in what the kernel checks, or
 * relies on, when it relocates livepatch modules.
 *
 * A module that harms the kernel by its own code or data, as any broken module
 * does, tells nothing.  That is why ordinary relocations, and the symbols and
 * sections that they need, only get damages that are always refused, and klp
 * relocations write only where nobody looks: to the functions and variables that
 * have them.  Nothing uses these while a damaged module is loaded.
 *
 * A mutant depends on the seed and its number only, and on the good modules, so
 * that it can be made again by itself.
 */

#include <endian.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include "klp_mutant.h"

#define SHN_LIVEPATCH		0xff20
#define SHF_RELA_LIVEPATCH	0x00100000
#define SYM_PREFIX		".klp.sym."
#define RELA_PREFIX		".klp.rela."
#define PERCPU			".data..percpu"

#define MAX_NAME		8192
#define TRIES			1000

/* splitmix64 */
static unsigned long long mix(unsigned long long x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static unsigned long long next(struct mutant *m)
{
	m->random += 0x9e3779b97f4a7c15;
	return mix(m->random);
}

unsigned int pick(struct mutant *m, unsigned int n)
{
	return next(m) % n;
}

/* Values at which something may wrap, of any size */
static unsigned long long edge(struct mutant *m)
{
	unsigned long long bit = 1ULL << pick(m, 64);

	switch (pick(m, 4)) {
	case 0:
		return bit;
	case 1:
		return bit - 1;
	case 2:
		return -bit;
	default:
		return next(m);
	}
}

/* The same, not below @min, nor if only the low 32 bits of it are used */
static unsigned long long above(struct mutant *m, unsigned long long min)
{
	unsigned long long value = edge(m);

	return (unsigned int)value < min ? min + pick(m, 3) : value;
}

/* Say in words what is damaged */
static bool __printf(2, 3) say(struct mutant *m, const char *fmt, ...)
{
	size_t len = strlen(m->words);
	va_list args;

	va_start(args, fmt);
	vsnprintf(m->words + len, sizeof(m->words) - len, fmt, args);
	va_end(args);

	return true;
}

/* The same place in the mutant */
static void *in(struct mutant *m, const void *ptr)
{
	return m->image.data + ((const char *)ptr - m->good->image.data);
}

static Elf64_Shdr *shdr(struct mutant *m, unsigned int section)
{
	return in(m, &m->good->shdrs[section]);
}

static const char *section_name(const struct good *good, unsigned int section)
{
	return good->image.data + good->shdrs[good->shstrtab].sh_offset +
	       good->shdrs[section].sh_name;
}

static const char *symbol_name(const struct good *good, unsigned int symbol)
{
	return good->image.data + good->shdrs[good->strtab].sh_offset +
	       good->syms[symbol].st_name;
}

static bool is_klp_symbol(const struct good *good, unsigned int symbol)
{
	return has_prefix(symbol_name(good, symbol), SYM_PREFIX);
}

/* Add a name to a string table, which moves to the end of the file; 0 if not */
static unsigned int add_name(struct mutant *m, unsigned int table,
			     const char *name, size_t len)
{
	Elf64_Shdr *sec = shdr(m, table);
	size_t index = sec->sh_size, end = m->image.size;

	if (m->headers[table] || end + index + len + 1 > m->capacity)
		return 0;

	memcpy(m->image.data + end, m->image.data + sec->sh_offset, index);
	memcpy(m->image.data + end + index, name, len);
	m->image.data[end + index + len] = '\0';
	sec->sh_offset = end;
	sec->sh_size += len + 1;
	m->image.size += sec->sh_size;

	return index;
}

/*
 * What sections there are.  Notes are only shown by /sys/module.  Consumed ones
 * are used up when the module is loaded, which is too late for the relocations of
 * a module, but not for those of vmlinux.
 */
enum section {
	RELA, KLP, LATE, TABLE, NOTE, UNUSED, MEMORY, KEPT, THIS_MODULE, CONSUMED,
	CONSUMED_RELA
};

static bool is_consumed(const char *name)
{
	static const char * const prefixes[] = {
		".altinstr", ".call_sites", ".ctors", ".gnu.linkonce.this_module",
		".ibt_endbr_seal", ".init", ".orc_unwind", ".retpoline_sites",
		".return_sites", ".s390_", ".smp_locks", ".static_call_sites",
		"__dyndbg", "__ex_table", "__jump_table", "__ksymtab", "__mcount_loc",
		"__patchable_function_entries", "__trace_printk_fmt",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		if (has_prefix(name, prefixes[i]))
			return true;
	}

	return false;
}

static bool is_section(const struct good *good, unsigned int section,
		       enum section what)
{
	const Elf64_Shdr *sec = &good->shdrs[section];
	const char *name = section_name(good, section);
	bool rela = sec->sh_type == SHT_RELA;

	switch (what) {
	case RELA:
		return rela;
	case KLP:
		return rela && sec->sh_flags & SHF_RELA_LIVEPATCH;
	case LATE:
		return is_section(good, section, KLP) &&
		       !has_prefix(name, RELA_PREFIX "vmlinux.");
	case TABLE:
		return rela || sec->sh_type == SHT_SYMTAB ||
		       sec->sh_type == SHT_STRTAB;
	case NOTE:
		return sec->sh_type == SHT_NOTE && sec->sh_size >= 16;
	case UNUSED:
		return sec->sh_type == SHT_NOTE || !(sec->sh_flags & SHF_ALLOC);
	case MEMORY:
		return sec->sh_flags & SHF_ALLOC && !rela;
	case KEPT:
		return has_prefix(name, ".orc_unwind") ||
		       !strcmp(name, ".smp_locks") || !strcmp(name, "__bug_table");
	case THIS_MODULE:
		return !strcmp(name, ".gnu.linkonce.this_module");
	case CONSUMED:
		return is_consumed(name);
	default:
		return rela && is_consumed(section_name(good, sec->sh_info));
	}
}

/* A section whose header has no damage yet; or 0 */
static unsigned int any_section(struct mutant *m, enum section what)
{
	unsigned int tries, section;

	for (tries = 0; tries < TRIES; tries++) {
		section = 1 + pick(m, m->good->nsections - 1);
		if (!m->headers[section] && is_section(m->good, section, what))
			return section;
	}

	return 0;
}

static unsigned int any_klp_symbol(struct mutant *m)
{
	return m->good->klp_syms[pick(m, m->good->nklp_syms)];
}

/* A symbol that is none of livepatch's */
static unsigned int any_other_symbol(struct mutant *m)
{
	unsigned int symbol;

	do {
		symbol = 1 + pick(m, m->good->nsyms - 1);
	} while (is_klp_symbol(m->good, symbol));

	return symbol;
}

/* ftrace looks at the first instructions of a function, and takes up to as many bytes */
#define ENTRY_SIZE	16

/*
 * Does only klp code use these 8 bytes of a section?  They have to lie in one of
 * the functions or variables that have klp relocations, or be what the assembler
 * has at such a place.
 */
static bool is_klp_place(const struct good *good, unsigned int section,
			 unsigned long long offset)
{
	unsigned long long at, start, end;
	unsigned int i, j;

	for (i = 0; i < good->nplaces; i++) {
		if (good->places[i].target != section)
			continue;
		at = good->places[i].rela->r_offset;
		start = at;
		end = at + 8;
		for (j = 1; j < good->nsyms; j++) {
			const Elf64_Sym *sym = &good->syms[j];

			if (sym->st_shndx != section || at < sym->st_value ||
			    at - sym->st_value >= sym->st_size)
				continue;
			start = sym->st_value;
			end = start + sym->st_size;
			if (ELF64_ST_TYPE(sym->st_info) == STT_FUNC)
				start += ENTRY_SIZE;
		}
		if (offset >= start && offset + 8 <= end)
			return true;
	}

	return false;
}

/* What is damaged: find one of these, which has not been damaged before */
enum thing {
	EHDR, FILE_SIZE, NULL_SHDR, RELA_SHDR, KLP_SHDR, LATE_SHDR, NOTE_SHDR,
	MEMORY_SHDR, KEPT_SHDR, MODULE_SHDR, SYMTAB_SHDR, STRTAB_SHDR, TABLE_SHDR, TABLE_END,
	PLACE, PLACE_BYTE, CONSUMED_PLACE, KLP_SYM, OTHER_SYM, NULL_SYM,
	MODINFO
};

static bool find_header(struct mutant *m, unsigned int section)
{
	if (!section || m->headers[section])
		return false;
	m->headers[section] = true;
	m->index = section;
	m->thing = shdr(m, section);
	return say(m, " of section %u", section);
}

static bool find_table(struct mutant *m, bool end)
{
	const Elf64_Shdr *sec;

	if (!find_header(m, pick(m, 3) ? m->good->strtab : m->good->shstrtab))
		return false;
	sec = m->thing;
	if (end)
		m->thing = m->image.data + sec->sh_offset + sec->sh_size - 1;
	return true;
}

static bool find_place(struct mutant *m)
{
	unsigned int i = pick(m, m->good->nplaces);

	if (m->places[i])
		return false;
	m->places[i] = true;
	m->place = &m->good->places[i];
	m->thing = in(m, m->place->rela);
	return say(m, " at %#llx of section %u",
		   (unsigned long long)m->place->rela->r_offset,
		   m->place->section);
}

/* One that holds nothing else, so that nobody runs what it becomes */
static bool find_place_byte(struct mutant *m)
{
	static const char zero[4];
	const Elf64_Shdr *sec;
	char *place;

	if (!find_place(m))
		return false;
	sec = &m->good->shdrs[m->place->target];
	place = m->image.data + sec->sh_offset + m->place->rela->r_offset;
	m->thing = place + pick(m, sizeof(zero));
	return !memcmp(place, zero, sizeof(zero));
}

static bool find_consumed_place(struct mutant *m)
{
	unsigned int i, section = any_section(m, CONSUMED_RELA);
	const Elf64_Shdr *sec = shdr(m, section);

	if (!section)
		return false;
	i = pick(m, sec->sh_size / sizeof(Elf64_Rela));
	m->thing = m->image.data + sec->sh_offset + i * sizeof(Elf64_Rela);
	return say(m, " %u of section %u", i, section);
}

static bool find_symbol(struct mutant *m, unsigned int symbol)
{
	m->index = symbol;
	m->thing = in(m, &m->good->syms[symbol]);
	return say(m, " of symbol %u", symbol);
}

static bool find_modinfo(struct mutant *m)
{
	static const char mark[] = "livepatch=Y";
	char *str = memmem(m->image.data, m->image.size, mark, sizeof(mark));

	if (str)
		m->thing = str + pick(m, strlen(mark));
	return str;
}

static bool find_thing(struct mutant *m, enum thing thing)
{
	switch (thing) {
	case EHDR:
		m->thing = m->image.data;
		return true;
	case FILE_SIZE:
		m->thing = &m->image;
		return true;
	case NULL_SHDR:
		m->thing = shdr(m, 0);
		return true;
	case RELA_SHDR:
		return find_header(m, any_section(m, RELA));
	case KLP_SHDR:
		return find_header(m, any_section(m, KLP));
	case LATE_SHDR:
		return find_header(m, any_section(m, LATE));
	case NOTE_SHDR:
		return find_header(m, any_section(m, NOTE));
	case MEMORY_SHDR:
		return find_header(m, any_section(m, MEMORY));
	case KEPT_SHDR:
		return find_header(m, any_section(m, KEPT));
	case MODULE_SHDR:
		return find_header(m, any_section(m, THIS_MODULE));
	case SYMTAB_SHDR:
		return find_header(m, m->good->symtab);
	case STRTAB_SHDR:
		return find_header(m, m->good->strtab);
	case TABLE_SHDR:
	case TABLE_END:
		return find_table(m, thing == TABLE_END);
	case PLACE:
		return find_place(m);
	case PLACE_BYTE:
		return find_place_byte(m);
	case CONSUMED_PLACE:
		return find_consumed_place(m);
	case KLP_SYM:
		return find_symbol(m, any_klp_symbol(m));
	case OTHER_SYM:
		return find_symbol(m, any_other_symbol(m));
	case NULL_SYM:
		return find_symbol(m, 0);
	default:
		return find_modinfo(m);
	}
}

/* What it becomes.  To stay as it is means that there is nothing to do here. */
enum value {
	/* Anywhere */
	ANY, NEAR, ZERO, FLIP, LETTER, SHORTER, UNMARKED,
	/* Section headers */
	SECTION, NO_SECTION, TO_TABLE, TO_UNUSED, TO_CONSUMED, TO_PERCPU, TYPE,
	FLAGS, ALLOC, OUTSIDE, INSIDE, HUGE, NOT_ALIGNED, LESS_ALIGNED,
	NULL_TYPE, ODD, KLP_SIZE, SYMTAB_SIZE, STRTAB_SIZE, NAME_AT,
	NAME_SWAP, NO_NAME, NAMED_SECTION, SECTION_BYTE,
	/* Relocations */
	NO_SYMBOL, OTHER_SYMBOL, KLP_SYMBOL, LATE_SYMBOL, BEYOND, LAST_BYTES, SAME,
	OVERLAP, ANYWHERE, RELOC_TYPE,
	/* Symbols */
	MIDDLE, SWAP, KLP_SHNDX, OTHER_SHNDX, NULL_NAME, NAMED_SYMBOL, SYMBOL_BYTE
};

/* Not to be a livepatch any more, with or without its sections */
static char unmark(struct mutant *m)
{
	unsigned int i, keep = pick(m, 2);

	for (i = 1; i < m->good->nsections && !keep; i++) {
		if (is_section(m->good, i, KLP))
			shdr(m, i)->sh_flags &= ~(Elf64_Xword)SHF_RELA_LIVEPATCH;
	}
	return pick(m, 2) ? 'x' : '\0';
}

static unsigned long long any_value(struct mutant *m, enum value how,
				    unsigned long long old)
{
	switch (how) {
	case NEAR:
		return old + pick(m, 128) - 64;
	case ZERO:
		return 0;
	case FLIP:
		return old ^ 1 << pick(m, 8);
	case LETTER:
		return 'a' + pick(m, 26);
	case SHORTER:
		return old - 1 - pick(m, pick(m, 2) ? 100 : old - 1);
	case UNMARKED:
		return unmark(m);
	default:
		return edge(m);
	}
}

/* A section of the loader's own: there is none, so one of notes becomes it */
static unsigned int percpu(struct mutant *m, unsigned int old)
{
	unsigned int i, note = any_section(m, NOTE);
	unsigned int name = note ? add_name(m, m->good->shstrtab, PERCPU,
					    strlen(PERCPU)) : 0;

	if (!name)
		return old;
	m->headers[note] = true;
	shdr(m, note)->sh_name = name;
	for (i = 0; i < m->good->nplaces; i++) {
		const struct place *place = &m->good->places[i];

		if (place->section != m->index)
			continue;
		((Elf64_Rela *)in(m, place->rela))->r_offset = 0;
		m->places[i] = true;
	}
	return note;
}

static const char * const symbol_names[] = {
	/* Form */
	".klp.sym", ".klp.sym.", ".klp.sym..", ".klp.sym.,", ".klp.sym.%o",
	".klp.sym.%o.", ".klp.sym.%o.,", ".klp.sym.%o.,%p",
	".klp.sym.%o%s,%p", ".klp.sym.%o..%s,%p", ".klp.sym..%o.%s,%p",
	".klp.sym.%o,%s,%p", ".klp.sym.%o,.%s,%p", ".klp.sym.%o.%s",
	".klp.sym.%o.%s%p", ".klp.sym.%o.%s,,%p", ".klp.sym.%o.%s.%p",
	".klp.sym.%o.,%s,%p", ".klp.sym%o.%s,%p", "klp.sym.%o.%s,%p",
	".klp.rela.%o.%s,%p", ".KLP.sym.%o.%s,%p", "%s", "%s,%p", "",
	/* Object */
	".klp.sym..%s,%p", ".klp.sym.%t.%s,%p", ".klp.sym.%T.%s,%p",
	".klp.sym.%m.%s,%p", ".klp.sym.vmlinux.%s,%p",
	".klp.sym.nosuch.%s,%p", ".klp.sym.vmlinu.%s,%p",
	".klp.sym.vmlinuxx.%s,%p", ".klp.sym.%l.%s,%p",
	".klp.sym.%L.%s,%p", ".klp.sym.%H.%s,%p",
	/* Symbol */
	".klp.sym.%o.nosuch,%p", ".klp.sym.%o.secret,%p",
	".klp.sym.%o.init_module,%p", ".klp.sym.vmlinux.jiffies,0",
	".klp.sym.vmlinux.start_kernel,0", ".klp.sym.%o.%s.%s,%p",
	".klp.sym.%o. %s,%p", ".klp.sym.%o.%k,%p", ".klp.sym.%o.%K,%p",
	".klp.sym.%o.%H,%p",
	/* Position */
	".klp.sym.%o.%s,", ".klp.sym.%o.%s,0", ".klp.sym.%o.%s,1",
	".klp.sym.%o.%s,2", ".klp.sym.%o.%s,3", ".klp.sym.%o.%s,00000001",
	".klp.sym.%o.%s,4294967295", ".klp.sym.%o.%s,4294967296",
	".klp.sym.%o.%s,4294967297", ".klp.sym.%o.%s,18446744073709551617",
	".klp.sym.%o.%s,-1", ".klp.sym.%o.%s,+1", ".klp.sym.%o.%s, 1",
	".klp.sym.%o.%s,0x1", ".klp.sym.%o.%s,1x", ".klp.sym.%o.%s,x",
	/* For */
	".klp.sym.%o.%s,%p,", ".klp.sym.%o.%s,%p,,", ".klp.sym.%o.%s,%p,%o",
	".klp.sym.%o.%s,%p,%t", ".klp.sym.%o.%s,%p,%T",
	".klp.sym.%o.%s,%p,%m", ".klp.sym.%o.%s,%p,vmlinux",
	".klp.sym.%o.%s,%p,nosuch", ".klp.sym.%o.%s,%p,%t.",
	".klp.sym.%o.%s,%p,%t,", ".klp.sym.%o.%s,%p,%t,0",
	".klp.sym.%o.%s,%p,%l", ".klp.sym.%o.%s,%p,%L",
	".klp.sym.%o.%s,%p,%H",
};

static const char * const section_names[] = {
	".klp.rela", ".klp.rela.", ".klp.rela..", ".klp.rela.%o",
	".klp.rela.%o.", ".klp.rela.%o..", ".klp.rela.%s",
	".klp.rela..%o%s", ".klp.rela%o%s", "klp.rela.%o%s",
	".KLP.rela.%o%s", ".klp.sym.%o%s", ".klp.rela.%t%s",
	".klp.rela.%T%s", ".klp.rela.%m%s", ".klp.rela.vmlinux%s",
	".klp.rela.nosuch%s", ".klp.rela.%o,%s", ".klp.rela.%l%s",
	".klp.rela.%L%s", ".klp.rela.%H%s", ".klp.rela.%o%s%H", "",
};

/*
 * Make a name from a template: %o object, %s symbol or section, %p position, %t
 * and %T the targets, %m the module itself; as long as may be, and longer: %l
 * and %L object, %k and %K symbol, %H more than any buffer.
 */
static int make_name(struct mutant *m, char *buf, const char *template,
		     const char *name, const char *prefix)
{
	const char *object = name + strlen(prefix), *symbol, *position;
	int object_len = strcspn(object, "."), symbol_len, len = 0, n;

	say(m, " '%s'", template);

	/* The dot is part of a section's name */
	symbol = object + object_len + !strcmp(prefix, SYM_PREFIX);
	symbol_len = strcspn(symbol, ",");
	position = symbol + symbol_len + !!symbol[symbol_len];

	for (; *template; template++) {
		if (*template != '%') {
			buf[len++] = *template;
			continue;
		}
		n = 0;
		switch (*++template) {
		case 'o':
			len += sprintf(buf + len, "%.*s", object_len, object);
			break;
		case 's':
			len += sprintf(buf + len, "%.*s", symbol_len, symbol);
			break;
		case 'p':
			len += sprintf(buf + len, "%.*s",
				       (int)strcspn(position, ","), position);
			break;
		case 't':
			len += sprintf(buf + len, TARGET);
			break;
		case 'T':
			len += sprintf(buf + len, TARGET2);
			break;
		case 'm':
			len += sprintf(buf + len, "%s", m->good->source->name);
			break;
		case 'l':
			n = 55;
			break;
		case 'L':
			n = 56;
			break;
		case 'k':
			n = 511;
			break;
		case 'K':
			n = 512;
			break;
		default:
			n = 5000;
		}
		memset(buf + len, 'x', n);
		len += n;
	}

	return len;
}

/* Any byte of the name becomes another one, or its end */
static int change_byte(struct mutant *m, char *buf, const char *name)
{
	static const char bytes[] = ".,01x %\x7f\xff";
	unsigned int i = pick(m, strlen(name));

	memcpy(buf, name, strlen(name));
	buf[i] = bytes[pick(m, sizeof(bytes))];
	say(m, " byte %u", i);

	return strlen(name);
}

static unsigned int add_new_name(struct mutant *m, unsigned int table,
				 const char *name, const char *prefix,
				 const char *template, bool byte)
{
	char buf[MAX_NAME];
	int len;

	if (byte)
		len = change_byte(m, buf, name);
	else
		len = make_name(m, buf, template, name, prefix);
	return add_name(m, table, buf, len);
}

static unsigned int add_symbol_name(struct mutant *m, bool byte)
{
	return add_new_name(m, m->good->strtab, symbol_name(m->good, m->index),
			    SYM_PREFIX,
			    symbol_names[pick(m, ARRAY_SIZE(symbol_names))], byte);
}

static unsigned int add_section_name(struct mutant *m, bool byte)
{
	return add_new_name(m, m->good->shstrtab, section_name(m->good, m->index),
			    RELA_PREFIX,
			    section_names[pick(m, ARRAY_SIZE(section_names))], byte);
}

/*
 * Where in the file another section has its contents; but not other relocations: they
 * could be good ones for this section as well, and powerpc sorts those of each section
 */
static unsigned long long other_contents(struct mutant *m)
{
	const Elf64_Shdr *sec;
	unsigned int i;

	do {
		i = 1 + pick(m, m->good->nsections - 1);
		sec = &m->good->shdrs[i];
	} while (i == m->index || sec->sh_type == SHT_NOBITS || sec->sh_size < 24 ||
		 sec->sh_type == SHT_RELA);

	return sec->sh_offset + pick(m, 24);
}

static unsigned long long section_value(struct mutant *m, enum value how,
					unsigned long long old)
{
	static const Elf64_Word types[] = {
		SHT_NULL, SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_NOTE, SHT_NOBITS,
		SHT_REL, SHT_DYNSYM, SHT_GROUP, 0x7fffffff, 0xffffffff,
	};
	static const Elf64_Xword flags[] = {
		SHF_ALLOC, SHF_RELA_LIVEPATCH, SHF_ALLOC | SHF_RELA_LIVEPATCH,
		SHF_ALLOC | SHF_WRITE, SHF_INFO_LINK, SHF_COMPRESSED,
	};
	const struct good *good = m->good;
	unsigned int n = old / sizeof(Elf64_Rela);

	switch (how) {
	case SECTION:
		return pick(m, 2) ? edge(m) : pick(m, good->nsections + 2);
	case NO_SECTION:
		return pick(m, 4) ? above(m, good->nsections) : 0;
	case TO_TABLE:
		return any_section(m, TABLE) ?: old;
	case TO_UNUSED:
		return any_section(m, UNUSED) ?: old;
	case TO_CONSUMED:
		return any_section(m, CONSUMED) ?: old;
	case TO_PERCPU:
		return percpu(m, old);
	case TYPE:
		return types[pick(m, ARRAY_SIZE(types))];
	case FLAGS:
		return old ^ flags[pick(m, ARRAY_SIZE(flags))];
	case ALLOC:
		return old ^ SHF_ALLOC;
	case OUTSIDE:
		return above(m, m->capacity);
	case INSIDE:
		return pick(m, 4) ? other_contents(m) :
				    ((Elf64_Ehdr *)m->image.data)->e_shoff + pick(m, 256);
	case HUGE:
		/* Only what is not in the file can be that big */
		((Elf64_Shdr *)m->thing)->sh_type = SHT_NOBITS;
		return INT_MAX + 1ULL + edge(m) / 2;
	case NOT_ALIGNED:
		return pick(m, 2) ? 3ULL << pick(m, 62) : 1ULL << (31 + pick(m, 33));
	case LESS_ALIGNED:
		return old >> (1 + pick(m, 7));
	case NULL_TYPE:
		/* Nothing else of the header means anything then */
		((Elf64_Shdr *)m->thing)->sh_name = edge(m);
		((Elf64_Shdr *)m->thing)->sh_offset = edge(m);
		((Elf64_Shdr *)m->thing)->sh_size = edge(m);
		((Elf64_Shdr *)m->thing)->sh_flags ^= SHF_ALLOC;
		return SHT_NULL;
	case ODD:
		return old + 1 + pick(m, sizeof(Elf64_Rela) - 1);
	case KLP_SIZE:
		/* What follows in the file may be relocations for code */
		if (pick(m, 2) || good->shdrs[good->shdrs[m->index].sh_info].sh_flags &
				  SHF_EXECINSTR)
			return pick(m, n) * sizeof(Elf64_Rela);
		return (n + 1 + pick(m, 20)) * sizeof(Elf64_Rela);
	case SYMTAB_SIZE:
		return (pick(m, 2) ? pick(m, good->nsyms) :
				     good->nsyms + pick(m, 20)) * sizeof(Elf64_Sym);
	case STRTAB_SIZE:
		return pick(m, 3) ? pick(m, old) : old + pick(m, 100);
	case NAME_AT:
		/* The name is checked before anything looks for it */
		return pick(m, 2) ? pick(m, good->shdrs[good->shstrtab].sh_size + 2) :
				    old + pick(m, 40);
	case NAME_SWAP:
		n = any_section(m, KLP);
		return n ? good->shdrs[n].sh_name : old;
	case NO_NAME:
		return above(m, m->capacity);
	default:
		return add_section_name(m, how == SECTION_BYTE) ?: old;
	}
}

/* Of the plain form: in such a section the others are ordinary symbols, with value 0 */
static unsigned int late_symbol(struct mutant *m, unsigned int old)
{
	unsigned int symbol = any_klp_symbol(m);
	const char *name = symbol_name(m->good, symbol);

	return m->good->syms[symbol].st_shndx != SHN_UNDEF ||
	       has_prefix(name, SYM_PREFIX "vmlinux.") ||
	       strstr(name, ",vmlinux") ? old : symbol;
}

/* Near another place, if code does not suffer */
static unsigned long long near_other(struct mutant *m, int distance,
				     unsigned long long old)
{
	const struct place *other = &m->good->places[pick(m, m->good->nplaces)];
	unsigned long long offset = other->rela->r_offset + distance;

	return other->target == m->place->target &&
	       is_klp_place(m->good, other->target, offset) ? offset : old;
}

static unsigned long long place_value(struct mutant *m, enum value how,
				      unsigned long long old)
{
	const struct good *good = m->good;
	unsigned int target = m->place->target;
	unsigned long long size = good->shdrs[target].sh_size;

	switch (how) {
	case NO_SYMBOL:
		return above(m, good->nsyms);
	case OTHER_SYMBOL:
		return any_other_symbol(m);
	case KLP_SYMBOL:
		return any_klp_symbol(m);
	case BEYOND:
		/* No place is one byte only */
		return pick(m, 2) ? size - 1 + pick(m, 10) : above(m, size);
	case LAST_BYTES:
		return size >= 8 && is_klp_place(good, target, size - 8) ?
		       size - 1 - pick(m, 8) : old;
	case SAME:
		return near_other(m, 0, old);
	case OVERLAP:
		return near_other(m, (int)pick(m, 15) - 7, old);
	case ANYWHERE:
		return near_other(m, (int)pick(m, 400) - 200, old);
	default:
		/* A type may write 8 bytes */
		if (!is_klp_place(good, target, m->place->rela->r_offset))
			return old;
		return pick(m, 4) ? pick(m, 64) : edge(m);
	}
}

static unsigned long long symbol_value(struct mutant *m, enum value how,
				       unsigned long long old)
{
	static const Elf64_Half special[] = {
		/* The first three are not always refused for ordinary symbols */
		SHN_UNDEF, SHN_ABS, SHN_LIVEPATCH, SHN_COMMON, SHN_LIVEPATCH + 1,
		SHN_LORESERVE, SHN_XINDEX,
	};
	const struct good *good = m->good;

	switch (how) {
	case MIDDLE:
		return old + 1 + pick(m, strlen(symbol_name(good, m->index)));
	case SWAP:
		return good->syms[any_klp_symbol(m)].st_name;
	case KLP_SHNDX:
		return pick(m, 3) ? special[pick(m, ARRAY_SIZE(special))] :
				    pick(m, good->nsections + 3);
	case OTHER_SHNDX:
		return pick(m, 2) ? special[3 + pick(m, ARRAY_SIZE(special) - 3)] :
				    good->nsections + pick(m, 3);
	case NULL_NAME:
		if (pick(m, 2))
			((Elf64_Sym *)m->thing)->st_shndx = SHN_LIVEPATCH;
		return pick(m, 2) ? good->syms[any_klp_symbol(m)].st_name : edge(m);
	default:
		return add_symbol_name(m, how == SYMBOL_BYTE) ?: old;
	}
}

static unsigned long long new_value(struct mutant *m, enum value how,
				    unsigned long long old)
{
	if (how == LATE_SYMBOL)
		return late_symbol(m, old);
	if (how >= MIDDLE)
		return symbol_value(m, how, old);
	if (how >= NO_SYMBOL)
		return place_value(m, how, old);
	if (how >= SECTION)
		return section_value(m, how, old);
	return any_value(m, how, old);
}

struct field {
	size_t offset;
	size_t size;
};

/* A member of a struct at address 0 */
#define FIELD(member)		{ (size_t)&(member), sizeof(member) }
#define HDR(field)		FIELD(((Elf64_Ehdr *)0)->e_##field)
#define SEC(field)		FIELD(((Elf64_Shdr *)0)->sh_##field)
#define SYM(field)		FIELD(((Elf64_Sym *)0)->st_##field)
#define REL(field)		FIELD(((Elf64_Rela *)0)->r_##field)
/* The halves of r_info */
#define REL_SYM			{ offsetof(Elf64_Rela, r_info) + 4 * LITTLE, 4 }
#define REL_TYPE		{ offsetof(Elf64_Rela, r_info) + 4 * !LITTLE, 4 }
#define BYTE			{ 0, 1 }
#define LITTLE			(BYTE_ORDER == LITTLE_ENDIAN)

/*
 * What is mostly not refused has a low weight, since to enable and disable a
 * livepatch takes long.
 */
static const struct kind {
	const char *name;
	unsigned int weight;
	enum thing thing;
	struct field field;
	enum value value;
} kinds[] = {
	{ "e_ident",			1, EHDR, BYTE, FLIP },
	{ "e_type",			1, EHDR, HDR(type), ANY },
	{ "e_machine",			1, EHDR, HDR(machine), ANY },
	{ "e_shentsize",		1, EHDR, HDR(shentsize), ANY },
	{ "e_shnum",			1, EHDR, HDR(shnum), SECTION },
	{ "e_shnum, near",		2, EHDR, HDR(shnum), NEAR },
	{ "e_shstrndx",			2, EHDR, HDR(shstrndx), SECTION },
	{ "e_shoff",			1, EHDR, HDR(shoff), ANY },
	{ "e_shoff, near",		1, EHDR, HDR(shoff), NEAR },
	{ "file size",			1, FILE_SIZE, FIELD(((struct image *)0)->size), SHORTER },
	{ "null section name",		2, NULL_SHDR, SEC(name), NO_NAME },
	{ "null section flags",		2, NULL_SHDR, SEC(flags), FLAGS },
	{ "null section offset",	1, NULL_SHDR, SEC(offset), ANY },
	{ "section name out of range",	4, RELA_SHDR, SEC(name), NO_NAME },
	{ "section flags",		3, RELA_SHDR, SEC(flags), FLAGS },
	{ "section offset",		3, RELA_SHDR, SEC(offset), OUTSIDE },
	/* With other relocations, the module would damage its own code */
	{ "klp section offset inside",	5, KLP_SHDR, SEC(offset), INSIDE },
	{ "section size",		3, RELA_SHDR, SEC(size), OUTSIDE },
	{ "section size odd",		4, RELA_SHDR, SEC(size), ODD },
	{ "section link",		4, RELA_SHDR, SEC(link), SECTION },
	{ "section info to table",	4, RELA_SHDR, SEC(info), TO_TABLE },
	{ "section align",		1, RELA_SHDR, SEC(addralign), ANY },
	{ "section entsize",		4, RELA_SHDR, SEC(entsize), ANY },
	{ "klp section name",		6, KLP_SHDR, SEC(name), NAMED_SECTION },
	{ "klp section name byte",	4, KLP_SHDR, SEC(name), SECTION_BYTE },
	{ "klp section name elsewhere",	4, KLP_SHDR, SEC(name), NAME_AT },
	{ "klp section name swapped",	2, KLP_SHDR, SEC(name), NAME_SWAP },
	{ "klp section type",		3, KLP_SHDR, SEC(type), TYPE },
	{ "klp section flags",		3, KLP_SHDR, SEC(flags), FLAGS },
	{ "klp section offset odd",	4, KLP_SHDR, SEC(offset), ODD },
	{ "klp section size",		2, KLP_SHDR, SEC(size), KLP_SIZE },
	/* As for the offset: the module would have no init function, say */
	{ "klp section info",		4, KLP_SHDR, SEC(info), NO_SECTION },
	{ "klp section info to unused",	4, KLP_SHDR, SEC(info), TO_UNUSED },
	{ "klp section info consumed",	6, LATE_SHDR, SEC(info), TO_CONSUMED },
	{ "klp section info per-CPU",	4, KLP_SHDR, SEC(info), TO_PERCPU },
	{ "rela symbol null",		3, PLACE, REL_SYM, ZERO },
	{ "rela symbol out of range",	5, PLACE, REL_SYM, NO_SYMBOL },
	{ "rela symbol ordinary",	3, PLACE, REL_SYM, OTHER_SYMBOL },
	{ "rela symbol klp",		3, PLACE, REL_SYM, KLP_SYMBOL },
	{ "rela symbol for consumed",	9, CONSUMED_PLACE, REL_SYM, LATE_SYMBOL },
	{ "rela offset out of range",	6, PLACE, REL(offset), BEYOND },
	{ "rela offset last bytes",	4, PLACE, REL(offset), LAST_BYTES },
	{ "rela offset twice",		5, PLACE, REL(offset), SAME },
	{ "rela offset overlapping",	5, PLACE, REL(offset), OVERLAP },
	{ "rela offset elsewhere",	3, PLACE, REL(offset), ANYWHERE },
	{ "rela type",			6, PLACE, REL_TYPE, RELOC_TYPE },
	{ "rela addend",		3, PLACE, REL(addend), ANY },
	{ "rela place",			5, PLACE_BYTE, BYTE, FLIP },
	{ "note section null",		2, NOTE_SHDR, SEC(type), NULL_TYPE },
	{ "memory section huge",	3, MEMORY_SHDR, SEC(size), HUGE },
	{ "memory section not in memory", 2, KEPT_SHDR, SEC(flags), ALLOC },
	{ "memory section not aligned",	3, MEMORY_SHDR, SEC(addralign), NOT_ALIGNED },
	{ "struct module not aligned",	2, MODULE_SHDR, SEC(addralign), LESS_ALIGNED },
	{ "symbol name out of range",	3, OTHER_SYM, SYM(name), NO_NAME },
	{ "symbol section",		4, OTHER_SYM, SYM(shndx), OTHER_SHNDX },
	{ "symbol size",		1, OTHER_SYM, SYM(size), ANY },
	{ "klp symbol name",		25, KLP_SYM, SYM(name), NAMED_SYMBOL },
	{ "klp symbol name byte",	5, KLP_SYM, SYM(name), SYMBOL_BYTE },
	{ "klp symbol name middle",	3, KLP_SYM, SYM(name), MIDDLE },
	{ "klp symbol name swapped",	2, KLP_SYM, SYM(name), SWAP },
	{ "klp symbol name no",		3, KLP_SYM, SYM(name), NO_NAME },
	{ "klp symbol section",		4, KLP_SYM, SYM(shndx), KLP_SHNDX },
	{ "klp symbol info",		1, KLP_SYM, SYM(info), ANY },
	{ "klp symbol size",		1, KLP_SYM, SYM(size), ANY },
	{ "klp symbol value",		1, KLP_SYM, SYM(value), ANY },
	{ "null symbol name",		3, NULL_SYM, SYM(name), NULL_NAME },
	{ "null symbol section",	1, NULL_SYM, SYM(shndx), KLP_SHNDX },
	{ "symbol table size",		4, SYMTAB_SHDR, SEC(size), SYMTAB_SIZE },
	{ "symbol table size odd",	2, SYMTAB_SHDR, SEC(size), ODD },
	{ "symbol table link",		2, SYMTAB_SHDR, SEC(link), SECTION },
	{ "symbol table entsize",	2, SYMTAB_SHDR, SEC(entsize), ANY },
	{ "symbol table info",		1, SYMTAB_SHDR, SEC(info), ANY },
	{ "symbol table flags",		1, SYMTAB_SHDR, SEC(flags), ALLOC },
	{ "symbol table not aligned",	3, SYMTAB_SHDR, SEC(addralign), NOT_ALIGNED },
	{ "string table size",		5, TABLE_SHDR, SEC(size), STRTAB_SIZE },
	{ "string table size outside",	2, TABLE_SHDR, SEC(size), OUTSIDE },
	{ "string table end",		4, TABLE_END, BYTE, LETTER },
	{ "string table type",		2, STRTAB_SHDR, SEC(type), TYPE },
	{ "string table offset",	2, STRTAB_SHDR, SEC(offset), ODD },
	{ "string table flags",		1, STRTAB_SHDR, SEC(flags), ALLOC },
	{ "string table not aligned",	3, STRTAB_SHDR, SEC(addralign), NOT_ALIGNED },
	{ "modinfo",			4, MODINFO, BYTE, UNMARKED },
};

/* Together with others these would do harm, or hide them */
static bool is_alone(const struct kind *kind)
{
	return kind->thing == FILE_SIZE || kind->thing == CONSUMED_PLACE ||
	       kind->thing == MODINFO;
}

const unsigned int nkinds = ARRAY_SIZE(kinds);

const char *kind_name(unsigned int kind)
{
	return kinds[kind].name;
}

static unsigned int pick_kind(struct mutant *m)
{
	unsigned int i, sum = 0;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		sum += kinds[i].weight;
	sum = pick(m, sum);
	for (i = 0; sum >= kinds[i].weight; i++)
		sum -= kinds[i].weight;

	return i;
}

static bool damage(struct mutant *m, const struct kind *kind)
{
	size_t len = strlen(m->words);
	unsigned long long old = 0, new = 0, value;
	/* The bytes that the field has of these */
	size_t low = LITTLE ? 0 : sizeof(value) - kind->field.size;
	char *field;

	say(m, "; %s", kind->name);
	if (find_thing(m, kind->thing)) {
		field = (char *)m->thing + kind->field.offset;
		memcpy((char *)&old + low, field, kind->field.size);
		value = new_value(m, kind->value, old);
		memcpy((char *)&new + low, (char *)&value + low, kind->field.size);
		memcpy(field, (char *)&new + low, kind->field.size);
	}
	if (new == old)
		m->words[len] = '\0';
	else
		say(m, ": %#llx, was %#llx", new, old);

	return new != old;
}

void make_mutant(struct mutant *m, const struct good *goods, unsigned int ngoods,
		 unsigned long long seed, unsigned long number)
{
	const struct kind *kind;
	unsigned int wanted;

	m->random = mix(mix(seed) + number);
	m->good = &goods[pick(m, ngoods)];
	m->image.size = m->good->image.size;
	memcpy(m->image.data, m->good->image.data, m->image.size);
	memset(m->headers, 0, m->good->nsections * sizeof(*m->headers));
	memset(m->places, 0, m->good->nplaces * sizeof(*m->places));
	m->ndamages = 0;
	m->words[0] = '\0';

	wanted = 1 + pick(m, MAX_DAMAGES);
	do {
		kind = &kinds[pick_kind(m)];
		if ((is_alone(kind) && m->ndamages) || !damage(m, kind))
			continue;
		m->damages[m->ndamages++] = kind - kinds;
	} while (m->ndamages < wanted && !(m->ndamages && is_alone(kind)));
}

static void parse_places(struct good *good)
{
	unsigned int i, j;

	for (i = 1; i < good->nsections; i++) {
		const Elf64_Shdr *sec = &good->shdrs[i];
		Elf64_Rela *relas = (Elf64_Rela *)(good->image.data +
						   sec->sh_offset);

		if (sec->sh_type != SHT_RELA)
			continue;
		for (j = 0; j < sec->sh_size / sizeof(*relas); j++) {
			if (!is_klp_symbol(good, ELF64_R_SYM(relas[j].r_info)))
				continue;
			good->places[good->nplaces].section = i;
			good->places[good->nplaces].target = sec->sh_info;
			good->places[good->nplaces++].rela = &relas[j];
		}
	}
}

void parse_good(struct good *good)
{
	Elf64_Ehdr *hdr = (Elf64_Ehdr *)good->image.data;
	unsigned int i;

	if (good->image.size < sizeof(*hdr) ||
	    memcmp(hdr->e_ident, ELFMAG, SELFMAG) ||
	    hdr->e_ident[EI_CLASS] != ELFCLASS64)
		errx(1, "%s: no 64-bit ELF file", good->path);

	good->shdrs = (Elf64_Shdr *)(good->image.data + hdr->e_shoff);
	good->nsections = hdr->e_shnum;
	good->shstrtab = hdr->e_shstrndx;
	for (i = 1; i < good->nsections; i++) {
		if (good->shdrs[i].sh_type == SHT_SYMTAB)
			good->symtab = i;
	}
	good->strtab = good->shdrs[good->symtab].sh_link;
	good->syms = (Elf64_Sym *)(good->image.data +
				   good->shdrs[good->symtab].sh_offset);
	good->nsyms = good->shdrs[good->symtab].sh_size / sizeof(Elf64_Sym);

	good->klp_syms = get_memory(good->nsyms, sizeof(*good->klp_syms));
	for (i = 1; i < good->nsyms; i++) {
		if (is_klp_symbol(good, i))
			good->klp_syms[good->nklp_syms++] = i;
	}
	good->places = get_memory(good->image.size / sizeof(Elf64_Rela),
				  sizeof(*good->places));
	parse_places(good);
	if (!good->nplaces)
		errx(1, "%s: no livepatch relocations", good->path);
}

void prepare_mutant(struct mutant *m, const struct good *goods, unsigned int ngoods)
{
	unsigned int i, most = 0;

	for (i = 0; i < ngoods; i++) {
		const struct good *good = &goods[i];

		if (m->capacity < good->image.size)
			m->capacity = good->image.size;
		if (most < good->nsyms + good->nsections + good->nplaces)
			most = good->nsyms + good->nsections + good->nplaces;
	}
	m->headers = get_memory(most, sizeof(*m->headers));
	m->places = get_memory(most, sizeof(*m->places));

	/* Room for names */
	m->capacity += MAX_DAMAGES * 4 * MAX_NAME;
	m->image.data = get_memory(1, m->capacity);
}
