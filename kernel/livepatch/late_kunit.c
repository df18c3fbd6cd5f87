// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * late_kunit.c - Tests of where late relocations are rejected
 */

#include <linux/moduleparam.h>
#include "image_kunit.h"

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
	KUNIT_EXPECT_EQ(test, c->ret, klp_check_late(relocs, &image->elf));
}

/* By its name alone, where the architecture has no memory for it */
static void test_init_name(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	struct klp_relocs *relocs;

	strscpy(image->secstrings + image->sechdrs[SEC_DATA].sh_name, ".init", 6);
	add_rela(image, REL_DATA, 8);
	relocs = klp_image_scan(test, image);
	KUNIT_EXPECT_EQ(test, -ENOEXEC, klp_check_late(relocs, &image->elf));
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
	KUNIT_EXPECT_EQ(test, 0, klp_check_late(relocs, &image->elf));
}

static struct kunit_case klp_late_cases[] = {
	KUNIT_CASE_PARAM(test_late, late_gen_params),
	KUNIT_CASE(test_init_name),
	KUNIT_CASE(test_not_late),
	{}
};

static struct kunit_suite klp_late_suite = {
	.name = "livepatch-late",
	.test_cases = klp_late_cases,
};

kunit_test_suite(klp_late_suite);
