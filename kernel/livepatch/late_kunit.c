// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * late_kunit.c - Tests of where late relocations are rejected
 */

#include <linux/moduleparam.h>
#include <linux/static_call.h>
#include "image_kunit.h"

#ifdef CONFIG_PPC64
#include <asm/feature-fixups.h>
#else
#include <asm/alternative.h>
#endif

struct late_case {
	const char *what;
	unsigned int first;		/* section of one relocation, which is at 8 */
	unsigned int second;		/* of another; 0 if there is none */
	unsigned int offset;		/* of the other */
	const struct kernel_param_ops *ops;	/* of a parameter, whose variable is there */
	unsigned int param;		/* offset of that in SEC_DATA */
	int ret;
};

static const struct late_case late_cases[] = {
	{ "text", REL_TEXT },
	{ "rodata", REL_RODATA },
	{ "data", REL_DATA },
	{ "init", REL_INIT, .ret = -ENOEXEC },
	{ "used by the loader", REL_PARAM, .ret = -ENOEXEC },
	{ "other section", REL_TEXT, REL_DATA, 8 },
	{ "other place", REL_TEXT, REL_TEXT, 16 },
	{ "same place", REL_TEXT, REL_TEXT, 8, .ret = -ENOEXEC },
	{ "same place, two forms", REL_TEXT, KLP_A_TEXT, 8, .ret = -ENOEXEC },
	{ "same place, two objects", KLP_A_TEXT, KLP_B_TEXT, 8, .ret = -ENOEXEC },
	{ "string", REL_DATA, .ops = &param_ops_string, .param = 8, .ret = -ENOEXEC },
	{ "array", REL_DATA, .ops = &param_array_ops, .param = 8, .ret = -ENOEXEC },
	{ "in an array", REL_DATA, .ops = &param_array_ops, .ret = -ENOEXEC },
	{ "before a string", REL_DATA, .ops = &param_ops_string, .param = 16 },
	{ "before an array", REL_DATA, .ops = &param_array_ops, .param = 16 },
	{ "after an array", REL_DATA, REL_DATA, 120, .ops = &param_array_ops,
	  .param = 120 - sizeof(struct kparam_array), .ret = 0 },
	{ "other parameter", REL_DATA, .ops = &param_ops_uint, .param = 8 },
};

static void late_desc(const struct late_case *c, char *desc)
{
	strscpy(desc, c->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(late, late_cases, late_desc);

static void add_rela(struct klp_image *image, unsigned int secndx, unsigned int offset)
{
	bool plain = secndx < KLP_A_TEXT;
	unsigned int symbol = klp_image_symbol(image, ".klp.sym.a.x,0",
					       plain ? SHN_UNDEF : SHN_LIVEPATCH);

	klp_image_rela(image, secndx, symbol, KLP_TYPE_POINTER, offset);
}

static void test_late(struct kunit *test)
{
	const struct late_case *c = test->param_value;
	struct klp_image *image = klp_image_alloc(test);
	struct kernel_param param = {
		.ops = c->ops,
		.arg = klp_image_place(image, SEC_DATA, c->param),
	};
	struct klp_relocs *relocs;

	add_rela(image, c->first, 8);
	if (c->second)
		add_rela(image, c->second, c->offset);
	if (c->ops) {
		image->mod.kp = &param;
		image->mod.num_kp = 1;
	}

	relocs = klp_image_scan(test, image);
	KUNIT_EXPECT_EQ(test, c->ret, klp_check_late(relocs));
}

/* By its name alone: where the architecture has no memory for it, or reads it at load */
static void test_section_name(struct kunit *test)
{
	static const struct {
		const char *name;
		int ret;
	} cases[] = {
		{ ".init", -ENOEXEC },
		{ "__jump_table", -ENOEXEC },
		{ "__ksymtab_gpl", -ENOEXEC },
		{ ".gnu.linkonce.this_module", -ENOEXEC },
		{ KLP_ALT_SECTION, -ENOEXEC },
		{ ".return_sites", -ENOEXEC },
		{ ".s390_return_mem", -ENOEXEC },
		{ "__lwsync_fixup", -ENOEXEC },
		{ ".noinstr.text" },
		{ "__bug_table" },
		{ "x.altinstructions" },
	};
	struct klp_image *image;
	struct klp_relocs *relocs;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		image = klp_image_alloc(test);
		image->sechdrs[SEC_DATA].sh_name = KLP_IMAGE_STRINGS - 32;
		strscpy(image->secstrings + KLP_IMAGE_STRINGS - 32, cases[i].name, 32);
		add_rela(image, REL_DATA, 8);
		relocs = klp_image_scan(test, image);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].ret, klp_check_late(relocs), "%s",
				    cases[i].name);
	}
}

/* Nothing is late: what the sections still have may be anywhere */
static void test_not_late(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	unsigned int symbol = klp_image_symbol(image, ".klp.sym.vmlinux.x,0", SHN_UNDEF);
	struct klp_relocs *relocs;

	klp_image_rela(image, REL_INIT, symbol, KLP_TYPE_POINTER, 0);
	klp_image_rela(image, REL_PARAM, symbol, KLP_TYPE_POINTER, 0);
	relocs = klp_image_scan(test, image);
	KUNIT_EXPECT_EQ(test, 0, klp_check_late(relocs));
}

/* What is applied when the module is loaded is not late, but written all the same */
static void test_applied(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	struct klp_relocs *relocs;

	add_rela(image, REL_INIT, 8);
	add_rela(image, REL_PARAM, 8);
	relocs = klp_image_scan(test, image);
	KUNIT_EXPECT_EQ(test, -ENOEXEC, klp_check_late(relocs));
	klp_find_reloc_object(relocs, "a", 1)->applied = true;
	KUNIT_EXPECT_EQ(test, 0, klp_check_late(relocs));

	add_rela(image, KLP_B_TEXT, 8);
	add_rela(image, REL_TEXT, 8);
	relocs = klp_image_scan(test, image);
	klp_find_reloc_object(relocs, "a", 1)->applied = true;
	KUNIT_EXPECT_EQ(test, -ENOEXEC, klp_check_late(relocs));
}

/* In the table of alternatives: @len bytes at @code are replaced by those at @other */
static void set_alternative(struct klp_image *image, unsigned int nth, const void *code,
			    const void *other, unsigned int len)
{
#ifdef CONFIG_PPC64
	struct fixup_entry *entry = (void *)image->memory[SEC_ALT];

	entry += nth;
	entry->start_off = code - (void *)entry;
	entry->end_off = entry->start_off + len;
	entry->alt_start_off = other - (void *)entry;
	entry->alt_end_off = entry->alt_start_off + len;
#elif defined(CONFIG_ARM64)
	struct alt_instr *alt = (void *)image->memory[SEC_ALT];

	alt += nth;
	alt->orig_offset = code - (void *)&alt->orig_offset;
	alt->alt_offset = other - (void *)&alt->alt_offset;
	alt->orig_len = len;
	alt->alt_len = len;
#elif defined(CONFIG_LOONGARCH)
	struct alt_instr *alt = (void *)image->memory[SEC_ALT];

	alt += nth;
	alt->instr_offset = code - (void *)&alt->instr_offset;
	alt->replace_offset = other - (void *)&alt->replace_offset;
	alt->instrlen = len;
	alt->replacementlen = len;
#else
	struct alt_instr *alt = (void *)image->memory[SEC_ALT];

	alt += nth;
	alt->instr_offset = code - (void *)&alt->instr_offset;
	alt->repl_offset = other - (void *)&alt->repl_offset;
	alt->instrlen = len;
#ifdef CONFIG_X86
	alt->replacementlen = len;
#endif
#endif
}

struct alternative_case {
	const char *what;
	unsigned int code;	/* offset in SEC_TEXT, where a relocation is at 8 */
	unsigned int other;
	unsigned int len;
	int ret;
};

static const struct alternative_case alternative_cases[] = {
	{ "elsewhere", 64, 96, 16 },
	{ "around", 4, 64, 8, -ENOEXEC },
	{ "first byte", 8, 64, 1, -ENOEXEC },
	{ "last byte", 4, 64, 5, -ENOEXEC },
	{ "before", 4, 64, 4 },
	{ "after", 9, 64, 8 },
	{ "empty", 8, 64, 0 },
	{ "replacement around", 64, 4, 8, -ENOEXEC },
	{ "replacement before", 64, 0, 8 },
	{ "replacement after", 64, 9, 8 },
};

static void alternative_desc(const struct alternative_case *c, char *desc)
{
	strscpy(desc, c->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(alternative, alternative_cases, alternative_desc);

static void test_alternative(struct kunit *test)
{
	const struct alternative_case *c = test->param_value;
	struct klp_relocs *relocs;
	struct klp_image *image;
	unsigned int nth;

	for (nth = 0; nth < 2; nth++) {
		image = klp_image_alloc(test);
		set_alternative(image, nth, image->memory[SEC_TEXT] + c->code,
				image->memory[SEC_TEXT] + c->other, c->len);
		add_rela(image, REL_TEXT, 8);
		relocs = klp_image_scan(test, image);
		KUNIT_EXPECT_EQ_MSG(test, c->ret, klp_check_late(relocs),
				    "entry %u", nth);

		/* The place can be written again */
		klp_find_reloc_object(relocs, "a", 1)->applied = true;
		KUNIT_EXPECT_EQ(test, c->ret, klp_check_late(relocs));
	}
}

/* What the module has no memory for is not applied */
static void test_other_alternative(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	struct klp_relocs *relocs;

	set_alternative(image, 0, image->memory[SEC_TEXT] + 8, image->memory[SEC_TEXT] + 64, 8);
	image->sechdrs[SEC_ALT].sh_flags &= ~(unsigned long)SHF_ALLOC;
	add_rela(image, REL_TEXT, 8);
	relocs = klp_image_scan(test, image);
	KUNIT_EXPECT_EQ(test, 0, klp_check_late(relocs));
}

#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
/* The relocation is of the function of a static call, or not */
static void test_static_call(struct kunit *test)
{
	static const struct {
		unsigned int key;	/* offset in SEC_DATA, where a relocation is at 16 */
		long flags;
		int ret;
	} cases[] = {
		{ 16, 0, -ENOEXEC },
		{ 16, STATIC_CALL_SITE_FLAGS, -ENOEXEC },
		{ 16 - offsetof(struct static_call_key, mods), 0, -ENOEXEC },
		{ 16 - sizeof(struct static_call_key), 0, 0 },
		{ 16 - sizeof(struct static_call_key), STATIC_CALL_SITE_FLAGS, 0 },
		{ 24, 0, 0 },
	};
	struct klp_image *image = klp_image_alloc(test);
	struct static_call_site *sites = (void *)image->memory[SEC_RODATA];
	struct klp_relocs *relocs;
	unsigned int i;

	add_rela(image, REL_DATA, 16);
	relocs = klp_image_scan(test, image);
	image->mod.static_call_sites = sites;
	image->mod.num_static_call_sites = 2;
	/* The key of the other one is itself */
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		sites[1].key = (void *)klp_image_place(image, SEC_DATA, cases[i].key) -
			       (void *)&sites[1].key + cases[i].flags;
		KUNIT_EXPECT_EQ_MSG(test, cases[i].ret, klp_check_late(relocs),
				    "case %u", i);
	}

	image->mod.num_static_call_sites = 1;
	sites[1].key = (void *)klp_image_place(image, SEC_DATA, 16) - (void *)&sites[1].key;
	KUNIT_EXPECT_EQ(test, 0, klp_check_late(relocs));
}
#endif

static struct kunit_case klp_late_cases[] = {
	KUNIT_CASE_PARAM(test_late, late_gen_params),
	KUNIT_CASE(test_section_name),
	KUNIT_CASE(test_not_late),
	KUNIT_CASE(test_applied),
	KUNIT_CASE_PARAM(test_alternative, alternative_gen_params),
	KUNIT_CASE(test_other_alternative),
#ifdef CONFIG_HAVE_STATIC_CALL_INLINE
	KUNIT_CASE(test_static_call),
#endif
	{}
};

static struct kunit_suite klp_late_suite = {
	.name = "livepatch-late",
	.test_cases = klp_late_cases,
};

kunit_test_suite(klp_late_suite);
