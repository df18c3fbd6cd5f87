// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * elf_kunit.c - Tests of the checks of a livepatch module's ELF file
 */

#include "image_kunit.h"

/* Symbols of the good image, in their order */
enum {
	SYM_NULL, SYM_LOCAL, SYM_EXPORTED, SYM_PLAIN, SYM_MARKED, SYM_TOMBSTONE,
};

static struct klp_image *make_image(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);

	klp_image_symbol(image, "local", SEC_TEXT);
	klp_image_symbol(image, "exported", SHN_UNDEF);
	klp_image_symbol(image, ".klp.sym.a.plain,0", SHN_UNDEF);
	klp_image_symbol(image, ".klp.sym.a.marked,0", SHN_LIVEPATCH);
	klp_image_symbol(image, "tombstone", SHN_LIVEPATCH);

	klp_image_rela(image, REL_TEXT, SYM_LOCAL, KLP_TYPE_ADDRESS, 0);
	klp_image_rela(image, REL_TEXT, SYM_PLAIN, KLP_TYPE_ADDRESS, 8);
	klp_image_rela(image, REL_DATA, SYM_EXPORTED, KLP_TYPE_POINTER, KLP_IMAGE_SIZE - 8);
	klp_image_rela(image, REL_PERCPU, SYM_LOCAL, KLP_TYPE_POINTER, 0);
	/* Nothing is relocated there: offsets may be what they like */
	klp_image_rela(image, REL_DEBUG, SYM_LOCAL, KLP_TYPE_POINTER, KLP_IMAGE_SIZE + 8);
	klp_image_rela(image, KLP_A_TEXT, SYM_MARKED, KLP_TYPE_ADDRESS, 16);
	klp_image_rela(image, KLP_A_TEXT, SYM_TOMBSTONE, KLP_TYPE_NONE, KLP_IMAGE_SIZE);
	klp_image_rela(image, KLP_A, SYM_MARKED, KLP_TYPE_POINTER, KLP_IMAGE_SIZE + 8);

	return image;
}

/* What is done to the good image */
#define CHANGE(name, statement)						\
	static void name(struct klp_image *image) { statement; }

#define SEC(index)	(image->sechdrs[index])
#define SYM(index)	(image->symtab[index])
#define RELA(sec, nth)	(image->relas[sec][nth])
#define SYM_NAME(index)	(image->strtab + SYM(index).st_name)
#define SEC_NAME(index)	(image->secstrings + SEC(index).sh_name)

/* Relocate by another symbol */
static void set_symbol(Elf_Rela *rela, u64 symbol)
{
	rela->r_info = symbol << 32 | ELF_R_TYPE(rela->r_info);
}

CHANGE(nothing, (void)image)
CHANGE(absolute, SYM(SYM_LOCAL).st_shndx = SHN_ABS)
/* Any symbol can be a klp symbol, the table has room for it */
CHANGE(null_plain, SYM(SYM_NULL) = SYM(SYM_PLAIN);
		   set_symbol(&RELA(REL_TEXT, 1), SYM_NULL))
CHANGE(marked_ordinary, set_symbol(&RELA(REL_TEXT, 0), SYM_MARKED))
CHANGE(note_with_flag, SEC(KLP_A_TEXT).sh_type = SHT_NOTE)
CHANGE(none_offset, RELA(REL_TEXT, 0).r_offset = ~0UL;
		    RELA(REL_TEXT, 0).r_info &= ~0xffffffffUL)
CHANGE(last_offset, RELA(REL_TEXT, 0).r_offset = KLP_IMAGE_SIZE - 1)
CHANGE(empty, SEC(REL_TEXT).sh_size = 0)

/* The module loader does not look at it */
CHANGE(link, SEC(REL_TEXT).sh_link = SEC_STRTAB; SEC(KLP_A_TEXT).sh_link = NUM_SECTIONS)

/* Nothing is relocated by these */
CHANGE(debug_flag, SEC(KLP_A_TEXT).sh_info = SEC_DEBUG; set_symbol(&RELA(KLP_A_TEXT, 0), SYM_LOCAL))
CHANGE(marked_unused, SYM_NAME(SYM_MARKED)[strlen(".klp.sym.a")] = '\0';
		      SEC(KLP_A_TEXT).sh_type = SHT_NULL)

CHANGE(name_bad, SYM_NAME(SYM_PLAIN)[strlen(".klp.sym.a")] = 'x')
CHANGE(name_dash, SYM_NAME(SYM_PLAIN)[strlen(".klp.sym.")] = '-')
CHANGE(name_unused, SYM_NAME(SYM_PLAIN)[strlen(".klp.sym.")] = '-'; SEC(REL_TEXT).sh_size = 0)
CHANGE(marked_bad, SYM_NAME(SYM_MARKED)[strlen(".klp.sym.a")] = '\0')
CHANGE(null_defined, SYM(SYM_NULL) = SYM(SYM_PLAIN); SYM(SYM_NULL).st_shndx = SEC_TEXT)
CHANGE(own_symbol, SYM(SYM_PLAIN).st_shndx = SEC_TEXT)
CHANGE(own_absolute, SYM(SYM_PLAIN).st_shndx = SHN_ABS)
CHANGE(own_common, SYM(SYM_PLAIN).st_shndx = SHN_COMMON)
CHANGE(rela_size, SEC(REL_TEXT).sh_size -= 8)
CHANGE(klp_size, SEC(KLP_A_TEXT).sh_size -= 8)
CHANGE(rela_info, SEC(REL_TEXT).sh_info = NUM_SECTIONS)
CHANGE(klp_info, SEC(KLP_A_TEXT).sh_info = ~0U)
CHANGE(info_klp, SEC(REL_TEXT).sh_info = KLP_A_TEXT)
CHANGE(debug_symbol, set_symbol(&RELA(REL_DEBUG, 0), SYM_TOMBSTONE + 1))
CHANGE(debug_klp_name, SEC(KLP_A_TEXT).sh_info = SEC_DEBUG; SEC_NAME(KLP_A_TEXT)[0] = 'x')
CHANGE(info_rela, SEC(REL_TEXT).sh_info = REL_DATA; SEC(REL_DATA).sh_flags |= SHF_ALLOC)
CHANGE(info_symtab, SEC(REL_TEXT).sh_info = SEC_SYMTAB)
CHANGE(info_strtab, SEC(KLP_A_TEXT).sh_info = SEC_STRTAB)
CHANGE(klp_name, SEC_NAME(KLP_A_TEXT)[0] = 'x')
CHANGE(klp_no_object, SEC_NAME(KLP_A_TEXT)[strlen(".klp.rela.")] = '.')
CHANGE(klp_empty_object, SEC_NAME(KLP_A_TEXT)[strlen(".klp.rela.")] = '\0')
CHANGE(rela_symbol, set_symbol(&RELA(REL_TEXT, 0), SYM_TOMBSTONE + 1))
CHANGE(klp_symbol, set_symbol(&RELA(KLP_A_TEXT, 0), ~0U))
CHANGE(none_symbol, set_symbol(&RELA(KLP_A_TEXT, 1), SYM_TOMBSTONE + 1))
CHANGE(percpu_symbol, set_symbol(&RELA(REL_PERCPU, 0), SYM_TOMBSTONE + 1))
CHANGE(rela_offset, RELA(REL_TEXT, 0).r_offset = KLP_IMAGE_SIZE)
CHANGE(klp_offset, RELA(KLP_A_TEXT, 0).r_offset = ~0UL)
CHANGE(klp_local, set_symbol(&RELA(KLP_A_TEXT, 0), SYM_LOCAL))
CHANGE(klp_plain, set_symbol(&RELA(KLP_A_TEXT, 0), SYM_PLAIN))
CHANGE(klp_null, set_symbol(&RELA(KLP_A_TEXT, 0), SYM_NULL))

struct elf_case {
	const char *name;
	void (*change)(struct klp_image *image);
	int ret;
};

#define ACCEPT(change)	{ #change, change, 0 }
#define REFUSE(change)	{ #change, change, -ENOEXEC }

static const struct elf_case elf_cases[] = {
	ACCEPT(nothing), ACCEPT(null_plain), ACCEPT(absolute), ACCEPT(marked_ordinary),
	ACCEPT(note_with_flag), ACCEPT(none_offset), ACCEPT(last_offset), ACCEPT(empty),
	ACCEPT(link), ACCEPT(debug_flag), ACCEPT(marked_unused),

	REFUSE(rela_size), REFUSE(klp_size),
	REFUSE(name_bad), REFUSE(name_dash), REFUSE(name_unused), REFUSE(marked_bad),
	REFUSE(null_defined), REFUSE(own_symbol), REFUSE(own_absolute),
	REFUSE(own_common), REFUSE(rela_info), REFUSE(klp_info), REFUSE(info_klp),
	REFUSE(debug_symbol), REFUSE(debug_klp_name), REFUSE(info_rela),
	REFUSE(info_symtab), REFUSE(info_strtab), REFUSE(klp_name),
	REFUSE(klp_no_object), REFUSE(klp_empty_object), REFUSE(rela_symbol),
	REFUSE(klp_symbol), REFUSE(none_symbol), REFUSE(percpu_symbol),
	REFUSE(rela_offset), REFUSE(klp_offset), REFUSE(klp_local), REFUSE(klp_plain),
	REFUSE(klp_null),
};

static void elf_desc(const struct elf_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(elf, elf_cases, elf_desc);

static void test_check(struct kunit *test)
{
	const struct elf_case *c = test->param_value;
	struct klp_image *image = make_image(test);

	c->change(image);
	KUNIT_EXPECT_EQ(test, c->ret, klp_scan_elf(&image->mod));
}

struct object_case {
	const char *section;
	const char *object;	/* NULL: there is none */
};

#define LEN_55	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static_assert(sizeof(LEN_55) == MODULE_NAME_LEN);

static const struct object_case object_cases[] = {
	{ ".klp.rela.vmlinux..text", "vmlinux" },
	{ ".klp.rela.mod..text.unlikely", "mod" },
	{ ".klp.rela.mod.", "mod" },
	{ ".klp.rela.mod", "mod" },
	{ ".klp.rela." LEN_55 ".x", LEN_55 },
	{ ".klp.rela." LEN_55 "x.x" },
	{ ".klp.rela." },
	{ ".klp.rela..text" },
	{ ".klp.rel" },
	{ ".rela.klp.text" },
};

static void object_desc(const struct object_case *c, char *desc)
{
	strscpy(desc, c->section, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(object, object_cases, object_desc);

static void test_object(struct kunit *test)
{
	const struct object_case *c = test->param_value;
	struct klp_image *image = klp_image_alloc(test);
	const Elf_Shdr sec = { .sh_name = 0 };
	const char *object = NULL;
	size_t len;

	strscpy(image->secstrings, c->section);
	len = klp_section_object(&image->mod, &sec, &object);
	KUNIT_ASSERT_EQ(test, c->object ? strlen(c->object) : 0, len);
	if (c->object)
		KUNIT_EXPECT_EQ(test, 0, strncmp(c->object, object, len));
}

static struct kunit_case klp_elf_cases[] = {
	KUNIT_CASE_PARAM(test_check, elf_gen_params),
	KUNIT_CASE_PARAM(test_object, object_gen_params),
	{}
};

static struct kunit_suite klp_elf_suite = {
	.name = "livepatch-elf",
	.test_cases = klp_elf_cases,
};

kunit_test_suite(klp_elf_suite);
