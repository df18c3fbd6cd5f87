// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * elf_kunit.c - Tests of the names, checks and table of livepatch's ELF files
 */

#include <kunit/test.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/moduleloader.h>
#include "reloc.h"

/* For symbol_kunit.c, which has one of its own */
static int klp_kunit_twin __used = 2;

/*
 * Names
 */

struct name_case {
	const char *name;
	const char *object;	/* NULL: the name is bad */
	const char *symbol;
	unsigned int pos;
	const char *target;
};

#define LEN_56	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct name_case name_cases[] = {
	{ ".klp.sym.vmlinux.foo,0", "vmlinux", "foo", 0, "vmlinux" },
	{ ".klp.sym.mod.foo,1", "mod", "foo", 1, "mod" },
	{ ".klp.sym.mod.foo.isra.0,2", "mod", "foo.isra.0", 2, "mod" },
	{ ".klp.sym.mod.foo,4294967295", "mod", "foo", 4294967295U, "mod" },
	{ ".klp.sym.mod.foo,007", "mod", "foo", 7, "mod" },
	{ ".klp.sym.mod.foo,0,other", "mod", "foo", 0, "other" },
	{ ".klp.sym.mod.foo,0,mod", "mod", "foo", 0, "mod" },
	{ ".klp.sym.mod.foo,0,vmlinux", "mod", "foo", 0, "vmlinux" },
	{ ".klp.sym.vmlinux.foo,0,vmlinux", "vmlinux", "foo", 0, "vmlinux" },
	{ ".klp.sym.vmlinux2.foo,0,mod", "vmlinux2", "foo", 0, "mod" },
	{ ".klp.sym.", },
	{ ".klp.sym.mod", },
	{ ".klp.sym.mod.", },
	{ ".klp.sym..foo,0", },
	{ ".klp.sym.mod.,0", },
	{ ".klp.sym.mod,foo,0", },
	{ ".klp.sym.mod.foo", },
	{ ".klp.sym.mod.foo,", },
	{ ".klp.sym.mod.foo,x", },
	{ ".klp.sym.mod.foo,-1", },
	{ ".klp.sym.mod.foo,+1", },
	{ ".klp.sym.mod.foo, 1", },
	{ ".klp.sym.mod.foo,1x", },
	{ ".klp.sym.mod.foo,0x1", },
	{ ".klp.sym.mod.foo,4294967296", },
	{ ".klp.sym.mod.foo,18446744073709551616", },
	{ ".klp.sym.mod.foo,0,", },
	{ ".klp.sym.mod.foo,0,a.b", },
	{ ".klp.sym.mod.foo,0,a,b", },
	{ ".klp.sym.mod.foo,0,mod,", },
	{ ".klp.sym.vmlinux.foo,0,mod", },
	{ ".klp.sym." LEN_56 ".foo,0", },
	{ ".klp.sym.mod.foo,0," LEN_56, },
};

static void name_desc(const struct name_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(name, name_cases, name_desc);

static bool is_part(const char *expect, const char *part, size_t len)
{
	return strlen(expect) == len && !memcmp(expect, part, len);
}

static void test_name(struct kunit *test)
{
	const struct name_case *c = test->param_value;
	struct klp_symbol_name parts;
	const char *why;

	KUNIT_ASSERT_TRUE(test, klp_is_symbol_name(c->name));

	why = klp_parse_symbol(c->name, MODULE_NAME_LEN, KSYM_NAME_LEN, &parts);
	if (!c->object) {
		KUNIT_EXPECT_NOT_NULL(test, why);
		return;
	}

	KUNIT_ASSERT_NULL(test, why);
	KUNIT_EXPECT_TRUE(test, is_part(c->object, parts.object, parts.object_len));
	KUNIT_EXPECT_TRUE(test, is_part(c->symbol, parts.symbol, parts.symbol_len));
	KUNIT_EXPECT_TRUE(test, is_part(c->target, parts.target, parts.target_len));
	KUNIT_EXPECT_EQ(test, c->pos, parts.pos);
}

static void test_long_symbol(struct kunit *test)
{
	static const char head[] = KLP_SYM_PREFIX "mod.";
	struct klp_symbol_name parts;
	char *name;

	name = kunit_kzalloc(test, sizeof(head) + KSYM_NAME_LEN + 2, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, name);

	memcpy(name, head, sizeof(head));
	memset(name + sizeof(head) - 1, 'x', KSYM_NAME_LEN - 1);
	strcat(name, ",0");
	KUNIT_EXPECT_NULL(test, klp_parse_symbol(name, MODULE_NAME_LEN,
						 KSYM_NAME_LEN, &parts));

	memset(name + sizeof(head) - 1, 'x', KSYM_NAME_LEN);
	memcpy(name + sizeof(head) - 1 + KSYM_NAME_LEN, ",0", sizeof(",0"));
	KUNIT_EXPECT_NOT_NULL(test, klp_parse_symbol(name, MODULE_NAME_LEN,
						     KSYM_NAME_LEN, &parts));
}

/*
 * A small ELF file, of both forms
 */

enum {
	NONE, SYMTAB, STRTAB, SHSTRTAB, TEXT, INIT_TEXT, PERCPU, DEBUG, RELA,
	RELA_INIT, RELA_PERCPU, RELA_DEBUG, KLP_RELA,
	NUM_SECTIONS
};

enum {
	SYM_NULL, SYM_LOCAL, SYM_EXPORTED, SYM_VMLINUX, SYM_TARGET, SYM_OTHER,
	SYM_MARKED,
	NUM_SYMBOLS
};

static const char * const section_names[NUM_SECTIONS] = {
	[NONE]		= "",
	[SYMTAB]	= ".symtab",
	[STRTAB]	= ".strtab",
	[SHSTRTAB]	= ".shstrtab",
	[TEXT]		= ".text",
	[INIT_TEXT]	= ".init.text",
	[PERCPU]	= ".data..percpu",
	[DEBUG]		= ".debug_info",
	[RELA]		= ".rela.text",
	[RELA_INIT]	= ".rela.init.text",
	[RELA_PERCPU]	= ".rela.data..percpu",
	[RELA_DEBUG]	= ".rela.debug_info",
	[KLP_RELA]	= ".klp.rela.a.text",
};

static const char * const symbol_names[NUM_SYMBOLS] = {
	[SYM_NULL]	= "",
	[SYM_LOCAL]	= "local",
	[SYM_EXPORTED]	= "exported",
	[SYM_VMLINUX]	= ".klp.sym.vmlinux.var,0",
	[SYM_TARGET]	= ".klp.sym.a.fn,1",
	[SYM_OTHER]	= ".klp.sym.b.fn,0,a",
	[SYM_MARKED]	= ".klp.sym.a.marked,2",
};

#define TEXT_SIZE	64
#define NUM_RELAS	6
#define STR_SIZE	512

/* Takes 4 bytes in all architectures that have livepatch */
#if defined(CONFIG_S390)
#define R_4_BYTES	R_390_32
#elif defined(CONFIG_X86)
#define R_4_BYTES	R_X86_64_32
#elif defined(CONFIG_PPC)
#define R_4_BYTES	R_PPC_ADDR32
#else
#define R_4_BYTES	1
#endif

struct elf_file {
	struct module mod;
	struct klp_elf elf;
	Elf_Ehdr hdr;
	Elf_Shdr sechdrs[NUM_SECTIONS];
	Elf_Sym symtab[NUM_SYMBOLS];
	char strtab[STR_SIZE];
	char secstrings[STR_SIZE];
	char text[TEXT_SIZE];
	char init_text[TEXT_SIZE];
	char percpu[TEXT_SIZE];
	char debug[TEXT_SIZE];
	Elf_Rela rela[NUM_RELAS];
	Elf_Rela rela_init[1];
	Elf_Rela rela_percpu[1];
	Elf_Rela rela_debug[1];
	Elf_Rela klp_rela[2];
};

static unsigned int add_string(char *table, unsigned int *len, const char *s)
{
	unsigned int at = *len;

	*len += strscpy(table + at, s, STR_SIZE - at) + 1;

	return at;
}

static void set_section(struct elf_file *f, unsigned int i, u32 type, u64 flags,
			void *data, size_t size)
{
	f->sechdrs[i].sh_type = type;
	f->sechdrs[i].sh_flags = flags;
	f->sechdrs[i].sh_addr = (unsigned long)data;
	f->sechdrs[i].sh_offset = data - (void *)&f->hdr;
	f->sechdrs[i].sh_size = size;
}

static void set_rela(struct elf_file *f, unsigned int i, unsigned int target,
		     u64 flags, Elf_Rela *relas, unsigned int n)
{
	set_section(f, i, SHT_RELA, flags, relas, n * sizeof(*relas));
	f->sechdrs[i].sh_info = target;
	f->sechdrs[i].sh_link = SYMTAB;
	f->sechdrs[i].sh_entsize = sizeof(*relas);
}

static Elf_Rela make_rela(unsigned int sym, unsigned int offset)
{
	return (Elf_Rela) {
		.r_offset = offset,
#ifdef CONFIG_64BIT
		.r_info = ((u64)sym << 32) | R_4_BYTES,
#else
		.r_info = (sym << 8) | R_4_BYTES,
#endif
	};
}

static struct elf_file *make_file(struct kunit *test)
{
	unsigned int i, len = 0, seclen = 0;
	struct elf_file *f;

	f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f);

	strscpy(f->mod.name, "elf_kunit");
	for (i = 0; i < NUM_SECTIONS; i++)
		f->sechdrs[i].sh_name = add_string(f->secstrings, &seclen,
						   section_names[i]);
	for (i = 0; i < NUM_SYMBOLS; i++)
		f->symtab[i].st_name = add_string(f->strtab, &len, symbol_names[i]);
	f->symtab[SYM_LOCAL].st_shndx = TEXT;
	f->symtab[SYM_MARKED].st_shndx = SHN_LIVEPATCH;

	set_section(f, SYMTAB, SHT_SYMTAB, 0, f->symtab, sizeof(f->symtab));
	f->sechdrs[SYMTAB].sh_link = STRTAB;
	f->sechdrs[SYMTAB].sh_entsize = sizeof(Elf_Sym);
	set_section(f, STRTAB, SHT_STRTAB, 0, f->strtab, len);
	set_section(f, SHSTRTAB, SHT_STRTAB, 0, f->secstrings, seclen);
	set_section(f, TEXT, SHT_PROGBITS, SHF_ALLOC, f->text, TEXT_SIZE);
	set_section(f, INIT_TEXT, SHT_PROGBITS, SHF_ALLOC, f->init_text, TEXT_SIZE);
	f->mod.mem[MOD_INIT_TEXT].base = f->init_text;
	f->mod.mem[MOD_INIT_TEXT].size = TEXT_SIZE;
	set_section(f, PERCPU, SHT_PROGBITS, SHF_ALLOC, f->percpu, TEXT_SIZE);
	set_section(f, DEBUG, SHT_PROGBITS, 0, f->debug, TEXT_SIZE);

	f->rela[0] = make_rela(SYM_LOCAL, 0);
	f->rela[1] = make_rela(SYM_TARGET, 4);
	f->rela[2] = make_rela(SYM_VMLINUX, 8);
	f->rela[3] = make_rela(SYM_OTHER, 12);
	f->rela[4] = make_rela(SYM_TARGET, 16);
	f->rela[5] = make_rela(SYM_EXPORTED, TEXT_SIZE - 4);
	set_rela(f, RELA, TEXT, 0, f->rela, NUM_RELAS);

	/* Empty, unless a test wants one */
	set_rela(f, RELA_INIT, INIT_TEXT, 0, f->rela_init, 0);
	set_rela(f, RELA_PERCPU, PERCPU, 0, f->rela_percpu, 0);
	/* Compressed, it has offsets behind its end */
	f->rela_debug[0] = make_rela(SYM_LOCAL, TEXT_SIZE + 4);
	set_rela(f, RELA_DEBUG, DEBUG, 0, f->rela_debug, 1);

	f->klp_rela[0] = make_rela(SYM_MARKED, 20);
	f->klp_rela[1] = make_rela(SYM_MARKED, 24);
	set_rela(f, KLP_RELA, TEXT, SHF_RELA_LIVEPATCH | SHF_ALLOC, f->klp_rela, 2);

	f->hdr.e_shnum = NUM_SECTIONS;
	f->hdr.e_shoff = (void *)f->sechdrs - (void *)&f->hdr;
	f->elf = (struct klp_elf) {
		.hdr = &f->hdr,
		.sechdrs = f->sechdrs,
		.secstrings = f->secstrings,
		.strtab = f->strtab,
		.symndx = SYMTAB,
	};

	return f;
}

/*
 * Checks: what is done to a good file
 */

static void nothing(struct elf_file *f) { }

#define BREAK(name, statement) \
	static void name(struct elf_file *f) { statement; }

BREAK(over_header, f->sechdrs[TEXT].sh_offset = sizeof(Elf_Ehdr) - 1)
BREAK(headers_over_header, f->hdr.e_shoff = 8)
BREAK(over_headers, f->sechdrs[RELA].sh_offset =
	      f->hdr.e_shoff + TEXT * sizeof(Elf_Shdr) + 8)
BREAK(over_strtab, f->sechdrs[RELA].sh_offset = f->sechdrs[STRTAB].sh_offset)
BREAK(over_by_one, f->sechdrs[SYMTAB].sh_offset = f->sechdrs[STRTAB].sh_offset -
	      f->sechdrs[SYMTAB].sh_size + 1)
BREAK(over_nobits, f->sechdrs[PERCPU].sh_type = SHT_NOBITS;
		   f->sechdrs[PERCPU].sh_offset = 0)
BREAK(rela_info_nobits, f->sechdrs[PERCPU].sh_type = SHT_NOBITS;
			f->sechdrs[RELA_PERCPU].sh_size = sizeof(Elf_Rela))
BREAK(align_odd, f->sechdrs[TEXT].sh_addralign = 3)
BREAK(align_big, f->sechdrs[TEXT].sh_addralign = 1UL << (BITS_PER_LONG - 1))
BREAK(align_symtab, f->sechdrs[SYMTAB].sh_addralign = 1UL << 31)
BREAK(align_strtab, f->sechdrs[STRTAB].sh_addralign = 1UL << (BITS_PER_LONG - 1))
BREAK(bug_table, memcpy(f->secstrings + f->sechdrs[DEBUG].sh_name, "__bug_table", 12))
BREAK(nobits_big, f->sechdrs[PERCPU].sh_type = SHT_NOBITS;
		  f->sechdrs[PERCPU].sh_size = (unsigned long)INT_MAX + 1)
BREAK(all_big, f->sechdrs[PERCPU].sh_type = SHT_NOBITS;
	       f->sechdrs[PERCPU].sh_size = INT_MAX - TEXT_SIZE)
BREAK(symtab_entsize, f->sechdrs[SYMTAB].sh_entsize--)
BREAK(symtab_size, f->sechdrs[SYMTAB].sh_size--)
BREAK(strtab_empty, f->sechdrs[STRTAB].sh_size = 0)
BREAK(strtab_open, f->sechdrs[STRTAB].sh_size--)
BREAK(strtab_start, f->strtab[0] = 'x')
BREAK(null_name_out, f->symtab[SYM_NULL].st_name = ~0U)
BREAK(null_name, f->symtab[SYM_NULL].st_name = f->symtab[SYM_TARGET].st_name)
BREAK(null_marked, f->symtab[SYM_NULL].st_shndx = SHN_LIVEPATCH)
BREAK(symbol_name_out, f->symtab[SYM_LOCAL].st_name = f->sechdrs[STRTAB].sh_size)
BREAK(symbol_name_bad, f->strtab[f->symtab[SYM_TARGET].st_name + 14] = 'x')
BREAK(marked_name_bad, f->strtab[f->symtab[SYM_MARKED].st_name] = 'x')
BREAK(klp_type, f->sechdrs[KLP_RELA].sh_type = SHT_NOTE)
BREAK(rela_entsize, f->sechdrs[RELA].sh_entsize = 16)
BREAK(klp_entsize, f->sechdrs[KLP_RELA].sh_entsize = 0)
BREAK(rela_size, f->sechdrs[RELA].sh_size -= 8)
BREAK(klp_size, f->sechdrs[KLP_RELA].sh_size -= 8)
BREAK(rela_link, f->sechdrs[RELA].sh_link = STRTAB)
BREAK(klp_link, f->sechdrs[KLP_RELA].sh_link = NUM_SECTIONS)
BREAK(rela_info, f->sechdrs[RELA].sh_info = NUM_SECTIONS)
BREAK(klp_info, f->sechdrs[KLP_RELA].sh_info = ~0U)
BREAK(klp_info_none, f->sechdrs[KLP_RELA].sh_info = 0)
BREAK(rela_info_rela, f->sechdrs[RELA].sh_info = KLP_RELA)
BREAK(rela_info_symtab, f->sechdrs[RELA].sh_info = SYMTAB)
BREAK(klp_info_strtab, f->sechdrs[KLP_RELA].sh_info = STRTAB)
BREAK(rela_info_null, f->sechdrs[DEBUG].sh_type = SHT_NULL)
BREAK(klp_info_debug, f->sechdrs[KLP_RELA].sh_info = DEBUG)
BREAK(klp_name_bad, f->secstrings[f->sechdrs[KLP_RELA].sh_name] = 'x')
BREAK(klp_name_no_object, f->sechdrs[KLP_RELA].sh_name = f->sechdrs[RELA].sh_name)
BREAK(rela_symbol, f->rela[0] = make_rela(NUM_SYMBOLS, 0))
BREAK(klp_symbol, f->klp_rela[1] = make_rela(~0U, 0))
BREAK(debug_symbol, f->rela_debug[0] = make_rela(NUM_SYMBOLS, 0))
BREAK(klp_unmarked, f->klp_rela[1] = make_rela(SYM_TARGET, 0))
BREAK(klp_local, f->klp_rela[1] = make_rela(SYM_LOCAL, 0))
BREAK(rela_offset, f->rela[1].r_offset = TEXT_SIZE)
BREAK(rela_offset_cut, f->rela[1].r_offset = TEXT_SIZE - 3)
BREAK(klp_offset, f->klp_rela[0].r_offset = ~0UL)
BREAK(klp_offset_wrap, f->klp_rela[0].r_offset = -2UL)
BREAK(symbol_shndx, f->symtab[SYM_LOCAL].st_shndx = NUM_SECTIONS)
BREAK(symbol_reserved, f->symtab[SYM_LOCAL].st_shndx = SHN_HIRESERVE)
BREAK(symbol_abs, f->symtab[SYM_LOCAL].st_shndx = SHN_ABS)
BREAK(klp_name_no_section, f->secstrings[f->sechdrs[KLP_RELA].sh_name +
					 strlen(".klp.rela.a.")] = '\0')
BREAK(same_place, f->rela[4].r_offset = f->rela[1].r_offset)
BREAK(same_place_vmlinux, f->rela[2].r_offset = f->rela[1].r_offset + 3)
BREAK(same_place_forms, f->klp_rela[1].r_offset = f->rela[3].r_offset - 1)
BREAK(same_place_ordinary, f->rela[1].r_offset = f->rela[0].r_offset + 1)
BREAK(ordinary_twice, f->rela[5].r_offset = f->rela[0].r_offset)
BREAK(not_sorted, swap(f->rela[1], f->rela[4]))
BREAK(no_bytes_there, f->rela[4].r_offset = f->rela[1].r_offset;
		      f->rela[4].r_info &= ~(typeof(f->rela[4].r_info))0xff)
BREAK(type_unknown, f->rela[1].r_info |= 0xff)
BREAK(type_unknown_ordinary, f->rela[0].r_info |= 0xff)
BREAK(percpu, f->sechdrs[RELA_PERCPU].sh_size = sizeof(Elf_Rela);
	      f->rela_percpu[0] = make_rela(SYM_VMLINUX, 0))

struct elf_case {
	const char *name;
	void (*break_it)(struct elf_file *f);
	int ret;
	bool sizes;	/* needs module_arch_reloc_size() */
};

#define REFUSED(name)		{ #name, name, -ENOEXEC }
#define REFUSED_SIZE(name)	{ #name, name, -ENOEXEC, true }

static const struct elf_case check_cases[] = {
	{ "good", nothing, 0 },
	/* The flag means something else there */
	{ "klp_type", klp_type, 0 },
	{ "symbol_abs", symbol_abs, 0 },
	{ "over_nobits", over_nobits, 0 },
	{ "ordinary_twice", ordinary_twice, 0 },
	{ "not_sorted", not_sorted, 0 },
	/* Type 0 writes nothing */
	{ "no_bytes_there", no_bytes_there, 0 },
	/* The architecture refuses it */
	{ "type_unknown_ordinary", type_unknown_ordinary, 0 },
	REFUSED(over_header), REFUSED(headers_over_header),
	REFUSED(over_headers), REFUSED(over_strtab),
	REFUSED(over_by_one), REFUSED(align_odd), REFUSED(align_big),
	REFUSED(align_symtab), REFUSED(align_strtab), REFUSED(bug_table),
	REFUSED(nobits_big), REFUSED(all_big),
	REFUSED(symtab_entsize), REFUSED(symtab_size), REFUSED(strtab_empty),
	REFUSED(strtab_open), REFUSED(strtab_start), REFUSED(null_name_out),
	REFUSED(null_name), REFUSED(null_marked), REFUSED(symbol_name_out),
	REFUSED(symbol_name_bad),
	REFUSED(marked_name_bad), REFUSED(rela_info_rela),
	REFUSED(rela_info_symtab), REFUSED(rela_info_nobits),
	REFUSED(klp_info_strtab),
	REFUSED(rela_info_null),
	REFUSED(rela_entsize), REFUSED(klp_entsize), REFUSED(rela_size),
	REFUSED(klp_size), REFUSED(rela_link), REFUSED(klp_link),
	REFUSED(rela_info), REFUSED(klp_info), REFUSED(klp_info_none),
	REFUSED(klp_info_debug), REFUSED(klp_name_bad),
	REFUSED(klp_name_no_object), REFUSED(rela_symbol), REFUSED(klp_symbol),
	REFUSED(debug_symbol), REFUSED(klp_unmarked), REFUSED(klp_local),
	REFUSED(rela_offset), REFUSED_SIZE(rela_offset_cut), REFUSED(klp_offset),
	REFUSED(klp_offset_wrap), REFUSED(percpu), REFUSED(symbol_shndx),
	REFUSED(symbol_reserved), REFUSED(klp_name_no_section),
	REFUSED_SIZE(type_unknown), REFUSED_SIZE(same_place), REFUSED_SIZE(same_place_vmlinux),
	REFUSED_SIZE(same_place_forms), REFUSED_SIZE(same_place_ordinary),
};

static void elf_desc(const struct elf_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(check, check_cases, elf_desc);

static void skip_without_sizes(struct kunit *test, const struct elf_case *c)
{
	if (c->sizes && !module_arch_reloc_size(R_4_BYTES))
		kunit_skip(test, "the architecture does not tell sizes");
}

static void test_check(struct kunit *test)
{
	const struct elf_case *c = test->param_value;
	struct elf_file *f = make_file(test);

	skip_without_sizes(test, c);
	c->break_it(f);
	KUNIT_EXPECT_EQ(test, c->ret, klp_check_elf(&f->mod, &f->elf));
}

/*
 * The table
 */

BREAK(late_in_init, f->sechdrs[RELA_INIT].sh_size = sizeof(Elf_Rela);
		    f->rela_init[0] = make_rela(SYM_TARGET, 0))
BREAK(vmlinux_in_init, f->sechdrs[RELA_INIT].sh_size = sizeof(Elf_Rela);
		       f->rela_init[0] = make_rela(SYM_VMLINUX, 0))
/* The name is the last one, and there is room behind it */
BREAK(vmlinux_marked, memcpy(f->strtab + f->symtab[SYM_MARKED].st_name,
			     ".klp.sym.vmlinux.x,0", sizeof(".klp.sym.vmlinux.x,0"));
		      f->sechdrs[STRTAB].sh_size++)

BREAK(marked_for, memcpy(f->strtab + f->symtab[SYM_MARKED].st_name,
			 ".klp.sym.a.xxxx,0,b", sizeof(".klp.sym.a.xxxx,0,b")))
BREAK(own_symbol, strscpy(f->mod.name, "b"))
BREAK(place_used, f->text[f->rela[3].r_offset + 1] = 1)
BREAK(place_used_vmlinux, f->text[f->rela[2].r_offset] = 1)
BREAK(place_used_ordinary, f->text[f->rela[0].r_offset] = 1)

static const struct elf_case table_cases[] = {
	{ "good", nothing, 0 },
	{ "vmlinux_in_init", vmlinux_in_init, 0 },
	/* The architecture refuses them, or not */
	{ "place_used_vmlinux", place_used_vmlinux, 0 },
	{ "place_used_ordinary", place_used_ordinary, 0 },
	REFUSED(late_in_init), REFUSED(vmlinux_marked), REFUSED(marked_for),
	REFUSED(own_symbol), REFUSED_SIZE(place_used),
};

KUNIT_ARRAY_PARAM(table, table_cases, elf_desc);

static void test_table(struct kunit *test)
{
	const struct elf_case *c = test->param_value;
	struct elf_file *f = make_file(test);
	struct klp_relocs *relocs;

	skip_without_sizes(test, c);
	c->break_it(f);
	KUNIT_ASSERT_EQ(test, 0, klp_check_elf(&f->mod, &f->elf));

	relocs = klp_relocs_create(&f->mod, &f->elf);
	KUNIT_ASSERT_EQ(test, c->ret, PTR_ERR_OR_ZERO(relocs));
	if (!IS_ERR(relocs))
		klp_relocs_destroy(relocs);
}

static unsigned int count_relas(const struct klp_reloc_object *object)
{
	const struct klp_reloc_section *sec;
	unsigned int n = 0;

	list_for_each_entry(sec, &object->sections, node)
		n += sec->count;

	return n;
}

static void test_table_content(struct kunit *test)
{
	struct elf_file *f = make_file(test);
	struct klp_reloc_object *object;
	struct klp_reloc_section *sec;
	struct klp_relocs *relocs;

	KUNIT_ASSERT_EQ(test, 0, klp_check_elf(&f->mod, &f->elf));
	KUNIT_EXPECT_FALSE(test, f->sechdrs[KLP_RELA].sh_flags & SHF_ALLOC);
	relocs = klp_relocs_create(&f->mod, &f->elf);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, relocs);

	/* What belongs to vmlinux stays, in order, with what is ordinary */
	KUNIT_EXPECT_EQ(test, 3 * sizeof(Elf_Rela), f->sechdrs[RELA].sh_size);
	KUNIT_EXPECT_EQ(test, 0, f->rela[0].r_offset);
	KUNIT_EXPECT_EQ(test, 8, f->rela[1].r_offset);
	KUNIT_EXPECT_EQ(test, TEXT_SIZE - 4, f->rela[2].r_offset);
	KUNIT_EXPECT_EQ(test, 0, f->sechdrs[KLP_RELA].sh_size);

	/* Three symbols are late: SYM_TARGET, SYM_OTHER, SYM_MARKED */
	KUNIT_EXPECT_EQ(test, 1 + 3, relocs->nsyms);

	list_for_each_entry(object, &relocs->objects, node) {
		if (!object->late) {
			KUNIT_EXPECT_STREQ(test, "vmlinux", object->name);
			KUNIT_EXPECT_EQ(test, 0, count_relas(object));
			continue;
		}

		KUNIT_EXPECT_STREQ(test, "a", object->name);
		KUNIT_EXPECT_EQ(test, 2, list_count_nodes(&object->sources));
		KUNIT_EXPECT_EQ(test, 2, list_count_nodes(&object->sections));
		KUNIT_EXPECT_EQ(test, 5, count_relas(object));

		sec = list_first_entry(&object->sections, typeof(*sec), node);
		KUNIT_EXPECT_EQ(test, (unsigned long)f->text, sec->addr);
		KUNIT_EXPECT_EQ(test, 4, sec->relas[0].r_offset);
		KUNIT_EXPECT_EQ(test, 12, sec->relas[1].r_offset);
		KUNIT_EXPECT_EQ(test, 16, sec->relas[2].r_offset);
		KUNIT_EXPECT_EQ(test, sec->relas[0].r_info, sec->relas[2].r_info);
		KUNIT_EXPECT_STREQ(test, "fn", relocs->strtab +
				   relocs->symtab[ELF_R_SYM(sec->relas[0].r_info)].st_name);
		KUNIT_EXPECT_EQ(test, SYM_TARGET,
				relocs->elf_index[ELF_R_SYM(sec->relas[0].r_info)]);
	}

	klp_relocs_destroy(relocs);
}

/* What writes nothing is not kept, though its offset may be the section's end */
static void test_none(struct kunit *test)
{
	struct elf_file *f = make_file(test);
	struct klp_reloc_object *object;
	struct klp_relocs *relocs;

	f->klp_rela[1].r_info &= ~(typeof(f->klp_rela[1].r_info))0xff;
	f->klp_rela[1].r_offset = TEXT_SIZE;
	KUNIT_ASSERT_EQ(test, 0, klp_check_elf(&f->mod, &f->elf));
	relocs = klp_relocs_create(&f->mod, &f->elf);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, relocs);

	KUNIT_EXPECT_EQ(test, sizeof(Elf_Rela), f->sechdrs[KLP_RELA].sh_size);
	list_for_each_entry(object, &relocs->objects, node)
		KUNIT_EXPECT_EQ(test, object->late ? 4 : 0, count_relas(object));

	klp_relocs_destroy(relocs);
}

static void test_no_table(struct kunit *test)
{
	struct elf_file *f = make_file(test);
	unsigned int i;

	for (i = SYM_NULL + 1; i < NUM_SYMBOLS; i++)
		f->symtab[i].st_shndx = TEXT;
	f->sechdrs[KLP_RELA].sh_size = 0;

	KUNIT_ASSERT_EQ(test, 0, klp_check_elf(&f->mod, &f->elf));
	KUNIT_EXPECT_NULL(test, klp_relocs_create(&f->mod, &f->elf));
}

static struct kunit_case klp_elf_cases[] = {
	KUNIT_CASE_PARAM(test_name, name_gen_params),
	KUNIT_CASE(test_long_symbol),
	KUNIT_CASE_PARAM(test_check, check_gen_params),
	KUNIT_CASE_PARAM(test_table, table_gen_params),
	KUNIT_CASE(test_table_content),
	KUNIT_CASE(test_none),
	KUNIT_CASE(test_no_table),
	{}
};

static struct kunit_suite klp_elf_suite = {
	.name = "livepatch-elf",
	.test_cases = klp_elf_cases,
};

kunit_test_suite(klp_elf_suite);
