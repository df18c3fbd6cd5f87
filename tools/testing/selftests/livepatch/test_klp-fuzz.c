// SPDX-License-Identifier: GPL-2.0
/*
 * test_klp-fuzz - load damaged livepatch modules
 *
 * Takes good modules, damages what the kernel checks in them, or relies on, when
 * it relocates livepatch modules, and loads them.  They may be refused or not,
 * but must do no harm, and the good modules must still work.
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

#include <elf.h>
#include <endian.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "klp_modules.h"

#define SHN_LIVEPATCH		0xff20
#define SHF_RELA_LIVEPATCH	0x00100000
#define SYM_PREFIX		".klp.sym."
#define RELA_PREFIX		".klp.rela."
#define PERCPU			".data..percpu"

#define MODULES_DIR		"test_modules"
#define TARGET2			"test_klp_reloc_target2"

#define MAX_DAMAGES		3
#define MAX_NAME		8192
#define MAX_ERRNO		256
#define TRIES			1000

/* Bits 5, 7, 9, 14: bad page (also KASAN's), oops, warning, soft lockup */
#define BAD_TAINT		0x42a0UL

/* A relocation against a klp symbol */
struct place {
	unsigned int section;
	unsigned int target;
	Elf64_Rela *rela;
};

/* A good module; pointers are to its image */
struct good {
	char path[64];
	const struct source *source;
	struct image image;
	Elf64_Shdr *shdrs;
	unsigned int nsections;
	unsigned int symtab;
	unsigned int strtab;
	unsigned int shstrtab;
	Elf64_Sym *syms;
	unsigned int nsyms;
	unsigned int *klp_syms;
	unsigned int nklp_syms;
	struct place *places;
	unsigned int nplaces;
};

/* What a livepatch lets the target report, of the value that this was given */
static const struct source {
	const char *name;
	const char *report;
	int first;
} sources[] = {
	{ "test_klp_reloc", "code %d %d ", 0 },
	{ "test_klp_reloc_vmlinux", NULL, 0 },
	{ "test_klp_reloc_for", "own %d %d other %d %d", 0 },
	{ "test_klp_reloc_both", "own %d %d other %d %d", 0 },
	{ "test_klp_reloc_s390", "PLT16DBL %d ", 1 },
	{ "test_klp_reloc_ppc64", "call %d ", 1 },
};

struct mutant {
	const struct good *good;
	struct image image;
	size_t capacity;
	unsigned long long random;
	/* Section headers and places that have a damage, which get no other */
	bool *headers;
	bool *places;
	unsigned int ndamages;
	unsigned int damages[MAX_DAMAGES];
	char words[1024];

	/* What is damaged next: where it is, its section or symbol, or place */
	void *thing;
	unsigned int index;
	const struct place *place;
};

static struct good goods[2 * ARRAY_SIZE(sources)];
static unsigned int ngoods;
static struct image targets[2];
static struct mutant mutant;

static unsigned long long seed;
static unsigned long first, count = 100, batch = 100;
static bool verbose;

/* The mutant being tried; shared with the process that tells how it ended */
static unsigned long *current;

static int kmsg;
static unsigned long bad_taint = BAD_TAINT;

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

static unsigned int pick(struct mutant *m, unsigned int n)
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

static bool has_prefix(const char *str, const char *prefix)
{
	return !strncmp(str, prefix, strlen(prefix));
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

static unsigned int add_symbol_name(struct mutant *m, bool byte)
{
	const char *name = symbol_name(m->good, m->index);
	const char *template = symbol_names[pick(m, ARRAY_SIZE(symbol_names))];
	char buf[MAX_NAME];
	int len;

	if (byte)
		len = change_byte(m, buf, name);
	else
		len = make_name(m, buf, template, name, SYM_PREFIX);
	return add_name(m, m->good->strtab, buf, len);
}

static unsigned int add_section_name(struct mutant *m, bool byte)
{
	const char *name = section_name(m->good, m->index);
	const char *template = section_names[pick(m, ARRAY_SIZE(section_names))];
	char buf[MAX_NAME];
	int len;

	if (byte)
		len = change_byte(m, buf, name);
	else
		len = make_name(m, buf, template, name, RELA_PREFIX);
	return add_name(m, m->good->shstrtab, buf, len);
}

/* Where in the file another section has its contents */
static unsigned long long other_contents(struct mutant *m)
{
	const Elf64_Shdr *sec;
	unsigned int i;

	do {
		i = 1 + pick(m, m->good->nsections - 1);
		sec = &m->good->shdrs[i];
	} while (i == m->index || sec->sh_type == SHT_NOBITS || sec->sh_size < 24);

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

static unsigned int late_symbol(struct mutant *m, unsigned int old)
{
	unsigned int symbol = any_klp_symbol(m);
	const char *name = symbol_name(m->good, symbol);

	return has_prefix(name, SYM_PREFIX "vmlinux.") ||
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
		/* The first ones are not always refused for ordinary symbols */
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
		return pick(m, 2) ? special[2 + pick(m, ARRAY_SIZE(special) - 2)] :
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
	{ "section offset inside",	5, RELA_SHDR, SEC(offset), INSIDE },
	{ "section size",		3, RELA_SHDR, SEC(size), OUTSIDE },
	{ "section size odd",		4, RELA_SHDR, SEC(size), ODD },
	{ "section link",		4, RELA_SHDR, SEC(link), SECTION },
	{ "section info",		4, RELA_SHDR, SEC(info), NO_SECTION },
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

static struct {
	unsigned long made;
	unsigned long loaded;
} kind_counts[ARRAY_SIZE(kinds)];

/* Loads by their errors, of a batch and of all; the first is those that worked */
static unsigned long batch_results[MAX_ERRNO], results[MAX_ERRNO];

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

static void make_mutant(struct mutant *m, unsigned long number)
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

static void count_mutant(const struct mutant *m, int ret)
{
	unsigned int i, error = -ret < MAX_ERRNO ? -ret : MAX_ERRNO - 1;

	batch_results[error]++;
	results[error]++;
	for (i = 0; i < m->ndamages; i++) {
		kind_counts[m->damages[i]].made++;
		kind_counts[m->damages[i]].loaded += !ret;
	}
}

static void print_results(unsigned long counts[MAX_ERRNO])
{
	unsigned int i;

	printf("%lu loaded", counts[0]);
	for (i = 1; i < MAX_ERRNO; i++) {
		if (counts[i])
			printf(", %lu %s", counts[i], strerror(i));
	}
	printf("\n");
}

static bool is_loaded(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return !access(path, F_OK);
}

static unsigned long read_taint(void)
{
	char buf[32];

	if (!read_file(buf, sizeof(buf), "%s%s", "/proc/sys/kernel/", "tainted"))
		errx(1, "no /proc/sys/kernel/tainted");
	return strtoul(buf, NULL, 10);
}

static void load_targets(int value)
{
	if (load_target(&targets[1], value + 2) ||
	    load_target(&targets[0], value))
		errx(1, "a good target cannot be loaded");
}

static const char *target_name(unsigned int i)
{
	return i ? TARGET2 : TARGET;
}

/* A livepatch's symbols may be held by a target, a target's by a livepatch */
static void unload_all(const char *livepatch)
{
	unsigned int tries;

	for (tries = 0; tries < 10000; tries++) {
		if (livepatch && is_loaded(livepatch))
			unload_module(livepatch);
		unload_module(TARGET);
		unload_module(TARGET2);
		if (!is_loaded(TARGET) && !is_loaded(TARGET2) &&
		    !(livepatch && is_loaded(livepatch)))
			return;
		usleep(1000);
	}
	errx(1, "the livepatch or its targets cannot be unloaded");
}

/* The livepatch only, unless it has to wait for a target */
static void unload_livepatch(const char *livepatch)
{
	unsigned int tries;

	for (tries = 0; tries < 100; tries++) {
		if (!unload_module(livepatch))
			return;
		usleep(1000);
	}
	unload_all(livepatch);
}

/* What a livepatch that was not refused has to do */
static void use_mutant(struct mutant *m, bool early, unsigned long number)
{
	const char *name = m->good->source->name;
	unsigned int order = pick(m, 2);

	wait_enabled(name);
	if (early && !pick(m, 4)) {
		unload_module(target_name(order));
		unload_module(target_name(!order));
	}
	if (!is_loaded(TARGET)) {
		load_target(&targets[1], number);
		load_target(&targets[0], number);
	}
	if (!early && pick(m, 4)) {
		unload_module(target_name(order));
		unload_module(target_name(!order));
	}
	disable_livepatch(name);
	if (early)
		unload_livepatch(name);
	if (!early || !is_loaded(TARGET) || !is_loaded(TARGET2))
		unload_all(name);
	if (early && !is_loaded(TARGET))
		load_targets(number);
}

/* Has the kernel complained, be it without a taint? */
static void check_log(void)
{
	static const char * const bad[] = { "BUG:", "WARNING:", "UBSAN:" };
	char buf[8192];
	unsigned int i;
	ssize_t len;

	while ((len = read(kmsg, buf, sizeof(buf) - 1)) > 0 || errno == EPIPE) {
		buf[len > 0 ? len : 0] = '\0';
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			if (strstr(buf, bad[i]))
				errx(1, "the kernel says '%s'", buf);
		}
	}
}

static void check_kernel(void)
{
	unsigned long taint = read_taint() & bad_taint;

	if (taint)
		errx(1, "the kernel is tainted, %#lx", taint);
	check_log();
}

static void announce(const struct mutant *m, unsigned long number)
{
	char buf[sizeof(m->words) + 128];
	int len = snprintf(buf, sizeof(buf), "test_klp-fuzz: mutant %lu of %s%s",
			   number, m->good->path, m->words);

	if (write(kmsg, buf, len) != len)
		err(1, "/dev/kmsg");
	if (verbose)
		printf("%s\n", buf);
	fflush(stdout);
}

static void try_mutant(struct mutant *m, unsigned long number, bool early)
{
	int ret;

	*current = number;
	make_mutant(m, number);
	announce(m, number);

	ret = load_image(&m->image, "");
	count_mutant(m, ret);
	if (verbose)
		printf("%s\n", ret ? strerror(-ret) : "loaded");
	if (!ret)
		use_mutant(m, early, number);
	else if (is_loaded(m->good->source->name))
		errx(1, "refused, but not gone");
	check_kernel();
}

static void check_report(const struct good *good, int value)
{
	char expected[128], report[4096];
	int len;

	if (!good->source->report) {
		snprintf(expected, sizeof(expected), "banner Linux version ");
		if (!read_file(report, sizeof(report), "%s%s", "/proc/", "cmdline"))
			errx(1, "no /proc/cmdline");
	} else {
		len = snprintf(expected, sizeof(expected), "%s: ", good->source->name);
		snprintf(expected + len, sizeof(expected) - len,
			 good->source->report, value + good->source->first,
			 value + 1, value + 2, value + 4);
		if (!read_param(report, sizeof(report), TARGET, "report"))
			errx(1, "no report of " TARGET);
	}
	if (!has_prefix(report, expected))
		errx(1, "%s does not work: '%s', not '%s'", good->path, report,
		     expected);
}

/* With targets that come before and after it */
static void check_good(const struct good *good, int value)
{
	int ret;

	load_targets(value);
	ret = load_image(&good->image, "");
	if (ret)
		errx(1, "%s cannot be loaded: %s", good->path, strerror(-ret));
	wait_enabled(good->source->name);
	check_report(good, value);
	unload_module(TARGET);
	unload_module(TARGET2);
	load_targets(value + 1000);
	check_report(good, value + 1000);
	disable_livepatch(good->source->name);
	unload_all(good->source->name);
}

static void end_batch(unsigned long done, bool last)
{
	unsigned int i;

	/* One after the other, since each takes as long as many mutants */
	unload_all(NULL);
	for (i = 0; i < ngoods; i++) {
		if (last || i == done / batch % ngoods)
			check_good(&goods[i], done % 1000000);
	}
	check_kernel();
	printf("%lu of %lu: ", done - first, count);
	print_results(batch_results);
	fflush(stdout);
	memset(batch_results, 0, sizeof(batch_results));
}

static void print_summary(void)
{
	unsigned int i;

	printf("%-26s %8s %8s\n", "damage", "made", "loaded");
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		printf("%-26s %8lu %8lu\n", kinds[i].name,
		       kind_counts[i].made, kind_counts[i].loaded);
	printf("all: ");
	print_results(results);
}

static void run(void)
{
	unsigned long number, end = first + count;
	bool early;

	*current = ULONG_MAX;
	bad_taint &= ~read_taint();
	kmsg = open("/dev/kmsg", O_RDWR | O_NONBLOCK);
	if (kmsg < 0 || lseek(kmsg, 0, SEEK_END) < 0)
		err(1, "/dev/kmsg");
	for (number = first; number < end; number++) {
		early = number / batch % 2;
		if (early && (number == first || !(number % batch)))
			load_targets(number % 1000000);
		try_mutant(&mutant, number, early);
		if (number + 1 == end || !((number + 1) % batch))
			end_batch(number + 1, number + 1 == end);
	}
	print_summary();
}

/* In a process of its own, since an oops would kill it */
static int supervise(void)
{
	int status;
	pid_t pid;

	current = mmap(NULL, sizeof(*current), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (current == MAP_FAILED)
		err(1, "mmap");
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		run();
		exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	if (!status)
		return 0;

	if (WIFSIGNALED(status))
		printf("killed by signal %d\n", WTERMSIG(status));
	if (*current == ULONG_MAX)
		printf("FAILED before the first mutant\n");
	else
		printf("FAILED with mutant %lu, or one since %lu if a good module does not work;\n"
		       "again: test_klp-fuzz -v -s %ju -b %lu -f %lu -n 1\n",
		       *current, *current - *current % batch, (uintmax_t)seed,
		       batch, *current);

	return 1;
}

static void *get_memory(size_t count, size_t size)
{
	void *ptr = calloc(count, size);

	if (!ptr)
		err(1, "calloc");
	return ptr;
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

static void parse_good(struct good *good)
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

static void read_good(const struct source *source, const char *form)
{
	struct good *good = &goods[ngoods];

	snprintf(good->path, sizeof(good->path), MODULES_DIR "/%s%s.ko",
		 source->name, form);
	if (access(good->path, F_OK))
		return;
	good->source = source;
	good->image = read_image(good->path);
	parse_good(good);
	ngoods++;

	if (mutant.capacity < good->image.size)
		mutant.capacity = good->image.size;
}

static void read_modules(void)
{
	unsigned int i, most = 0;

	for (i = 0; i < ARRAY_SIZE(sources); i++) {
		read_good(&sources[i], "");
		read_good(&sources[i], "-converted");
	}
	if (!ngoods)
		errx(1, "no modules in " MODULES_DIR);
	for (i = 0; i < ngoods; i++) {
		if (most < goods[i].nsyms + goods[i].nsections + goods[i].nplaces)
			most = goods[i].nsyms + goods[i].nsections + goods[i].nplaces;
	}
	mutant.headers = get_memory(most, sizeof(*mutant.headers));
	mutant.places = get_memory(most, sizeof(*mutant.places));

	/* Room for names */
	mutant.capacity += MAX_DAMAGES * 4 * MAX_NAME;
	mutant.image.data = get_memory(1, mutant.capacity);

	targets[0] = read_image(MODULES_DIR "/" TARGET ".ko");
	targets[1] = read_image(MODULES_DIR "/" TARGET2 ".ko");
}

static int write_mutant(const char *path)
{
	FILE *file = fopen(path, "w");

	make_mutant(&mutant, first);
	printf("%lu: %s%s\n", first, mutant.good->path, mutant.words);
	if (!file || fwrite(mutant.image.data, 1, mutant.image.size, file) !=
		     mutant.image.size || fclose(file))
		err(1, "%s", path);

	return 0;
}

static void print_help(FILE *to)
{
	fprintf(to,
		"usage: test_klp-fuzz [OPTION...]\n"
		"Load damaged copies of the livepatches in " MODULES_DIR "/.\n"
		"  -s SEED   what the mutants are made from (0)\n"
		"  -f FIRST  the first mutant's number (0)\n"
		"  -n COUNT  how many mutants (100)\n"
		"  -b BATCH  mutants between checks of the good modules (100);\n"
		"            the targets are there first in every second batch\n"
		"  -v        tell each mutant\n"
		"  -d FILE   write mutant FIRST to FILE, and do not load it\n"
		"  --help    this text\n");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	const char *file = NULL;
	int opt;

	while ((opt = getopt_long(argc, argv, "s:f:n:b:vd:h", options, NULL)) != -1) {
		switch (opt) {
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'f':
			first = strtoul(optarg, NULL, 0);
			break;
		case 'n':
			count = strtoul(optarg, NULL, 0);
			break;
		case 'b':
			batch = strtoul(optarg, NULL, 0);
			break;
		case 'v':
			verbose = true;
			break;
		case 'd':
			file = optarg;
			break;
		case 'h':
			print_help(stdout);
			return 0;
		default:
			print_help(stderr);
			return 2;
		}
	}
	if (optind != argc || !batch) {
		print_help(stderr);
		return 2;
	}

	read_modules();
	if (file)
		return write_mutant(file);

	printf("seed %ju, %lu mutants from %lu of %u modules\n",
	       (uintmax_t)seed, count, first, ngoods);
	return supervise();
}
