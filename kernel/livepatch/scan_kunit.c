// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scan_kunit.c - Tests of what the table of a livepatch module is made from
 */

#include <linux/err.h>
#include "image_kunit.h"

/* Does another object use its symbols? */
static bool is_foreign(const struct klp_relocs *relocs, const char *name)
{
	const struct klp_reloc_object *object = klp_find_reloc_object(relocs, name, strlen(name));

	return object && object->foreign;
}

static bool is_wanted(const struct klp_relocs *relocs, unsigned int index)
{
	const struct klp_symbol *sym = klp_image_klp_symbol(relocs, index);

	return klp_is_wanted(sym, sym->holder);
}

/* Expect that an object's relocations of one section and class are at these offsets */
static void expect_group(struct kunit *test, const struct klp_relocs *relocs,
			 const char *name, unsigned int secndx, enum klp_reloc_class class,
			 const unsigned int *offsets, unsigned int count)
{
	struct klp_reloc_object *object = klp_find_reloc_object(relocs, name, strlen(name));
	struct klp_reloc_group *group, *found = NULL;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, object);
	list_for_each_entry(group, &relocs->groups, node) {
		if (group->object != object || group->class != class ||
		    group->sec != klp_elf_section(relocs->mod, secndx))
			continue;
		KUNIT_EXPECT_NULL_MSG(test, found, "more than one group");
		found = group;
	}

	KUNIT_ASSERT_NOT_NULL(test, found);
	KUNIT_ASSERT_EQ(test, count, found->count);
	KUNIT_EXPECT_GE(test, found->size, count);
	for (i = 0; i < count; i++) {
		KUNIT_EXPECT_EQ(test, offsets[i], found->relas[i].r_offset);
		KUNIT_EXPECT_FALSE(test, klp_is_none(&found->relas[i]));
	}
}

#define EXPECT_GROUP(test, relocs, name, secndx, class, ...)			\
do {										\
	static const unsigned int offsets[] = { __VA_ARGS__ };			\
										\
	expect_group(test, relocs, name, secndx, class, offsets, ARRAY_SIZE(offsets)); \
} while (0)

/* What is left of a relocation that is in the table: R_*_NONE of no symbol */
#define LATE(offset)	((offset) | 0x10000)

/* Expect that a section has relocations at these offsets, as many as before */
static void expect_relas(struct kunit *test, struct klp_image *image, unsigned int secndx,
			 const unsigned int *offsets, unsigned int count)
{
	unsigned int i;

	KUNIT_ASSERT_EQ(test, count, image->sechdrs[secndx].sh_size / sizeof(Elf_Rela));
	for (i = 0; i < count; i++) {
		const Elf_Rela *rela = &image->relas[secndx][i];

		KUNIT_EXPECT_EQ(test, offsets[i],
				rela->r_info ? rela->r_offset : LATE(rela->r_offset));
	}
}

#define EXPECT_RELAS(test, image, secndx, ...)					\
do {										\
	static const unsigned int offsets[] = { __VA_ARGS__ };			\
										\
	expect_relas(test, image, secndx, offsets, ARRAY_SIZE(offsets));	\
} while (0)

static void test_plain(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	unsigned int local = klp_image_symbol(image, "local", SEC_TEXT);
	unsigned int exported = klp_image_symbol(image, "exported", SHN_UNDEF);
	unsigned int fn = klp_image_symbol(image, ".klp.sym.a.fn,2", SHN_UNDEF);
	unsigned int other = klp_image_symbol(image, ".klp.sym.b.fn,0,a", SHN_UNDEF);
	struct klp_reloc_object *object;
	const struct klp_symbol *sym;
	struct klp_relocs *relocs;

	klp_image_rela(image, REL_TEXT, local, KLP_TYPE_ADDRESS, 0);
	klp_image_rela(image, REL_TEXT, fn, KLP_TYPE_ADDRESS, 24);
	klp_image_rela(image, REL_TEXT, fn, KLP_TYPE_CALL, 8);
	klp_image_rela(image, REL_TEXT, other, KLP_TYPE_ADDRESS, 16);
	klp_image_rela(image, REL_TEXT, exported, KLP_TYPE_CALL, 40);
	klp_image_rela(image, REL_DATA, fn, KLP_TYPE_POINTER, KLP_IMAGE_SIZE - 8);
	relocs = klp_image_scan(test, image);

	EXPECT_RELAS(test, image, REL_TEXT, 0, LATE(24), LATE(8), LATE(16), 40);
	EXPECT_RELAS(test, image, REL_DATA, LATE(KLP_IMAGE_SIZE - 8));
	EXPECT_GROUP(test, relocs, "a", REL_TEXT, KLP_RELOC_ADDRESS, 24, 16);
	EXPECT_GROUP(test, relocs, "a", REL_TEXT, KLP_RELOC_CALL, 8);
	EXPECT_GROUP(test, relocs, "a", REL_DATA, KLP_RELOC_POINTER, KLP_IMAGE_SIZE - 8);

	object = klp_find_reloc_object(relocs, "a", 1);
	KUNIT_EXPECT_EQ(test, 2, list_count_nodes(&relocs->objects));
	KUNIT_EXPECT_FALSE(test, is_foreign(relocs, "a"));
	KUNIT_EXPECT_TRUE(test, is_foreign(relocs, "b"));

	KUNIT_EXPECT_EQ(test, 2, relocs->nsymbols);
	sym = klp_image_klp_symbol(relocs, fn);
	KUNIT_ASSERT_NOT_NULL(test, sym);
	KUNIT_EXPECT_STREQ(test, "fn", sym->name);
	KUNIT_EXPECT_STREQ(test, "a", sym->holder->name);
	KUNIT_EXPECT_EQ(test, 2, sym->pos);
	KUNIT_EXPECT_EQ(test, 3, sym->nrelas);
	KUNIT_EXPECT_PTR_EQ(test, object, sym->holder);
	KUNIT_EXPECT_PTR_EQ(test, object, sym->object);
	KUNIT_EXPECT_FALSE(test, klp_is_wanted(sym, sym->holder));
}

static void test_converted(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	unsigned int tombstone = klp_image_symbol(image, ".klp.sym.x", SHN_LIVEPATCH);
	unsigned int fn = klp_image_symbol(image, ".klp.sym.a.fn,1", SHN_LIVEPATCH);
	unsigned int other = klp_image_symbol(image, ".klp.sym.b.fn,0", SHN_LIVEPATCH);
	struct klp_relocs *relocs;

	klp_image_rela(image, KLP_A_TEXT, tombstone, KLP_TYPE_NONE, 0);
	klp_image_rela(image, KLP_A_TEXT, fn, KLP_TYPE_CALL, 8);
	klp_image_rela(image, KLP_A_TEXT, other, KLP_TYPE_ADDRESS, 16);
	klp_image_rela(image, KLP_A_DATA, other, KLP_TYPE_POINTER, 24);
	relocs = klp_image_scan(test, image);

	EXPECT_RELAS(test, image, KLP_A_TEXT, 0, LATE(8), LATE(16));
	EXPECT_RELAS(test, image, KLP_A_DATA, LATE(24));
	EXPECT_GROUP(test, relocs, "a", KLP_A_TEXT, KLP_RELOC_CALL, 8);
	EXPECT_GROUP(test, relocs, "a", KLP_A_TEXT, KLP_RELOC_ADDRESS, 16);
	EXPECT_GROUP(test, relocs, "a", KLP_A_DATA, KLP_RELOC_POINTER, 24);

	KUNIT_EXPECT_EQ(test, 2, list_count_nodes(&relocs->objects));
	KUNIT_EXPECT_FALSE(test, is_foreign(relocs, "a"));
	KUNIT_EXPECT_TRUE(test, is_foreign(relocs, "b"));
	KUNIT_EXPECT_EQ(test, 2, relocs->nsymbols);
	KUNIT_EXPECT_NULL(test, klp_image_klp_symbol(relocs, tombstone));
	KUNIT_EXPECT_FALSE(test, klp_is_plain(klp_image_klp_symbol(relocs, fn)));
}

static void test_shared(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	unsigned int fn = klp_image_symbol(image, ".klp.sym.a.fn,0", SHN_LIVEPATCH);
	struct klp_relocs *relocs;

	klp_image_rela(image, KLP_A_TEXT, fn, KLP_TYPE_ADDRESS, 0);
	klp_image_rela(image, KLP_B_TEXT, fn, KLP_TYPE_ADDRESS, 8);
	relocs = klp_image_scan(test, image);

	EXPECT_GROUP(test, relocs, "a", KLP_A_TEXT, KLP_RELOC_ADDRESS, 0);
	EXPECT_GROUP(test, relocs, "b", KLP_B_TEXT, KLP_RELOC_ADDRESS, 8);
	KUNIT_EXPECT_EQ(test, 1, relocs->nsymbols);
	KUNIT_EXPECT_EQ(test, 2, list_count_nodes(&relocs->objects));
	KUNIT_EXPECT_EQ(test, 2, klp_image_klp_symbol(relocs, fn)->nrelas);
	KUNIT_EXPECT_TRUE(test, is_foreign(relocs, "a"));
	KUNIT_EXPECT_FALSE(test, is_foreign(relocs, "b"));
}

/* Symbols of vmlinux are not late, what waits for vmlinux can be */
static void test_vmlinux(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	unsigned int plain = klp_image_symbol(image, ".klp.sym.vmlinux.var,0", SHN_UNDEF);
	unsigned int marked = klp_image_symbol(image, ".klp.sym.vmlinux.var,0",
					       SHN_LIVEPATCH);
	unsigned int fn = klp_image_symbol(image, ".klp.sym.a.fn,0,vmlinux", SHN_UNDEF);
	struct klp_relocs *relocs;

	klp_image_rela(image, REL_TEXT, plain, KLP_TYPE_ADDRESS, 0);
	klp_image_rela(image, REL_TEXT, fn, KLP_TYPE_ADDRESS, 8);
	klp_image_rela(image, KLP_VMLINUX_TEXT, marked, KLP_TYPE_ADDRESS, 16);
	klp_image_rela(image, REL_PERCPU, plain, KLP_TYPE_POINTER, 0);
	relocs = klp_image_scan(test, image);

	EXPECT_RELAS(test, image, REL_TEXT, 0, LATE(8));
	EXPECT_RELAS(test, image, REL_PERCPU, 0);
	EXPECT_RELAS(test, image, KLP_VMLINUX_TEXT, 16);
	EXPECT_GROUP(test, relocs, "vmlinux", REL_TEXT, KLP_RELOC_ADDRESS, 8);

	KUNIT_EXPECT_EQ(test, 1, list_count_nodes(&relocs->groups));
	KUNIT_EXPECT_EQ(test, 2, list_count_nodes(&relocs->objects));
	KUNIT_EXPECT_TRUE(test, is_foreign(relocs, "a"));
	KUNIT_EXPECT_FALSE(test, is_foreign(relocs, "vmlinux"));
	KUNIT_EXPECT_TRUE(test, is_wanted(relocs, plain));
	KUNIT_EXPECT_TRUE(test, is_wanted(relocs, marked));
	KUNIT_EXPECT_FALSE(test, is_wanted(relocs, fn));
}

/* What the table has nothing of */
static void test_nothing(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	unsigned int plain = klp_image_symbol(image, ".klp.sym.a.plain,0", SHN_UNDEF);
	unsigned int marked = klp_image_symbol(image, ".klp.sym.a.marked,0", SHN_LIVEPATCH);
	unsigned int any = klp_image_symbol(image, "any", SHN_LIVEPATCH);
	struct klp_relocs *relocs;

	klp_image_rela(image, REL_TEXT, any, KLP_TYPE_ADDRESS, 0);
	klp_image_rela(image, REL_TEXT, marked, KLP_TYPE_ADDRESS, 8);
	klp_image_rela(image, REL_TEXT, plain, KLP_TYPE_NONE, 16);
	klp_image_rela(image, REL_DEBUG, plain, KLP_TYPE_POINTER, 0);
	klp_image_rela(image, REL_PERCPU, plain, KLP_TYPE_NONE, 0);
	klp_image_rela(image, KLP_A, marked, KLP_TYPE_POINTER, 0);
	relocs = klp_image_scan(test, image);

	EXPECT_RELAS(test, image, REL_TEXT, 0, 8, 16);
	EXPECT_RELAS(test, image, REL_DEBUG, 0);
	KUNIT_EXPECT_EQ(test, 0, relocs->nsymbols);
	KUNIT_EXPECT_TRUE(test, list_empty(&relocs->objects));
	KUNIT_EXPECT_TRUE(test, list_empty(&relocs->groups));
}

/* The memory of a group grows, and keeps what is there */
static void test_many(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	unsigned int fn = klp_image_symbol(image, ".klp.sym.a.fn,0", SHN_UNDEF);
	unsigned int var = klp_image_symbol(image, ".klp.sym.a.var,0", SHN_UNDEF);
	unsigned int i, offsets[KLP_IMAGE_RELAS];
	struct klp_relocs *relocs;

	for (i = 0; i < KLP_IMAGE_RELAS; i++) {
		offsets[i] = 4 * i;
		klp_image_rela(image, REL_TEXT, i % 2 ? fn : var, KLP_TYPE_ADDRESS, 4 * i);
	}
	relocs = klp_image_scan(test, image);

	expect_group(test, relocs, "a", REL_TEXT, KLP_RELOC_ADDRESS, offsets, KLP_IMAGE_RELAS);
	KUNIT_EXPECT_EQ(test, KLP_IMAGE_RELAS / 2, klp_image_klp_symbol(relocs, fn)->nrelas);
	KUNIT_EXPECT_EQ(test, KLP_IMAGE_RELAS / 2, klp_image_klp_symbol(relocs, var)->nrelas);
}

/* What stands for an unresolved symbol has room around it for small addends */
static void test_addend(struct kunit *test)
{
	const long max = KLP_NOWHERE_SIZE / 2 - 1;
	struct klp_image *image = klp_image_alloc(test);
	unsigned int var = klp_image_symbol(image, ".klp.sym.a.var,0", SHN_UNDEF);

	klp_image_rela(image, REL_TEXT, var, KLP_TYPE_ADDRESS, 0)->r_addend = max;
	klp_image_rela(image, REL_TEXT, var, KLP_TYPE_ADDRESS, 8)->r_addend = -max;
	klp_image_rela(image, REL_DATA, var, KLP_TYPE_POINTER, 0)->r_addend = max + 1;
	klp_image_scan(test, image);

	image = klp_image_alloc(test);
	var = klp_image_symbol(image, ".klp.sym.a.var,0", SHN_UNDEF);
	klp_image_rela(image, REL_TEXT, var, KLP_TYPE_ADDRESS, 0)->r_addend = max + 1;
	KUNIT_EXPECT_EQ(test, -ENOEXEC, klp_scan_elf(&image->mod));

	/* The converted form as before, though it can reach something else */
	image = klp_image_alloc(test);
	var = klp_image_symbol(image, ".klp.sym.a.var,0", SHN_LIVEPATCH);
	klp_image_rela(image, KLP_A_TEXT, var, KLP_TYPE_ADDRESS, 0)->r_addend = max + 1;
	klp_image_scan(test, image);
}

struct refuse_case {
	const char *what;
	const char *symbol;
	unsigned int shndx;
	unsigned int secndx;
	unsigned int offset;
	bool proprietary;	/* the livepatch module; with another one it is accepted */
};

static const struct refuse_case refuse_cases[] = {
	{ "own plain", ".klp.sym.klp_kunit.x,0", SHN_UNDEF, REL_TEXT },
	{ "own converted", ".klp.sym.klp_kunit.x,0", SHN_LIVEPATCH, KLP_A_TEXT },
	{ "no prefix", "x", SHN_LIVEPATCH, KLP_A_TEXT },
	{ "bad name", ".klp.sym.a.x", SHN_LIVEPATCH, KLP_A_TEXT },
	{ "vmlinux for a module", ".klp.sym.vmlinux.x,0", SHN_LIVEPATCH, KLP_A_TEXT },
	{ "per-CPU", ".klp.sym.a.x,0", SHN_UNDEF, REL_PERCPU },
	{ "per-CPU, converted", ".klp.sym.a.x,0", SHN_LIVEPATCH, KLP_A_PERCPU },
	{ "vmlinux, over the end", ".klp.sym.vmlinux.x,0", SHN_UNDEF, REL_TEXT,
	  KLP_IMAGE_SIZE - 3 },
	{ "pointer over the end", ".klp.sym.a.x,0", SHN_UNDEF, REL_DATA, KLP_IMAGE_SIZE - 7 },
	{ "proprietary", ".klp.sym.a.x,0", SHN_UNDEF, REL_DATA, .proprietary = true },
	{ "proprietary, vmlinux", ".klp.sym.vmlinux.x,0", SHN_UNDEF, REL_DATA,
	  .proprietary = true },
};

static void refuse_desc(const struct refuse_case *c, char *desc)
{
	strscpy(desc, c->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refuse, refuse_cases, refuse_desc);

static void expect_scan(struct kunit *test, struct klp_image *image, int ret)
{
	KUNIT_EXPECT_EQ(test, ret, klp_scan_elf(&image->mod));
	if (image->mod.klp_relocs)
		klp_destroy_relocs(image->mod.klp_relocs);
	image->mod.klp_relocs = NULL;
}

static void test_refuse(struct kunit *test)
{
	const struct refuse_case *c = test->param_value;
	struct klp_image *image = klp_image_alloc(test);
	unsigned int symbol = klp_image_symbol(image, c->symbol, c->shndx);

	klp_image_rela(image, c->secndx, symbol, KLP_TYPE_POINTER, c->offset);
	if (c->proprietary)
		__set_bit(TAINT_PROPRIETARY_MODULE, &image->mod.taints);
	expect_scan(test, image, -ENOEXEC);

	if (c->proprietary) {
		__clear_bit(TAINT_PROPRIETARY_MODULE, &image->mod.taints);
		expect_scan(test, image, 0);
		KUNIT_EXPECT_TRUE(test, image->mod.using_gplonly_symbols);
	}
}

/* The converted form is for all modules, and so is what does not use a symbol */
static void test_proprietary(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	unsigned int fn = klp_image_symbol(image, ".klp.sym.a.fn,0", SHN_LIVEPATCH);
	unsigned int plain = klp_image_symbol(image, ".klp.sym.a.x,0", SHN_UNDEF);

	klp_image_rela(image, KLP_A_TEXT, fn, KLP_TYPE_ADDRESS, 0);
	klp_image_rela(image, REL_TEXT, plain, KLP_TYPE_NONE, 0);
	klp_image_rela(image, REL_DEBUG, plain, KLP_TYPE_POINTER, 0);
	__set_bit(TAINT_PROPRIETARY_MODULE, &image->mod.taints);
	expect_scan(test, image, 0);
	KUNIT_EXPECT_FALSE(test, image->mod.using_gplonly_symbols);
}

static void test_symbol_at(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	unsigned int fn = klp_image_symbol(image, ".klp.sym.a.fn,0", SHN_UNDEF);
	unsigned int var = klp_image_symbol(image, ".klp.sym.a.var,0", SHN_UNDEF);
	unsigned long place = (unsigned long)klp_image_place(image, SEC_TEXT, 8);
	unsigned long data = (unsigned long)klp_image_place(image, SEC_DATA, 0);
	const struct klp_symbol *sym, *other;

	klp_image_rela(image, REL_TEXT, fn, KLP_TYPE_CALL, 8);
	klp_image_rela(image, REL_TEXT, var, KLP_TYPE_ADDRESS, 16);
	klp_image_rela(image, REL_DATA, var, KLP_TYPE_POINTER, 0);
	klp_image_rela(image, REL_DATA, fn, KLP_TYPE_POINTER, KLP_IMAGE_SIZE - 8);
	KUNIT_EXPECT_NULL(test, klp_symbol_at(&image->mod, place, place));

	image->mod.klp_relocs = klp_image_scan(test, image);
	sym = klp_image_klp_symbol(image->mod.klp_relocs, fn);
	other = klp_image_klp_symbol(image->mod.klp_relocs, var);
	KUNIT_EXPECT_PTR_EQ(test, sym, klp_symbol_at(&image->mod, place, place));
	KUNIT_EXPECT_PTR_EQ(test, sym, klp_symbol_at(&image->mod, place - 4, place));
	KUNIT_EXPECT_PTR_EQ(test, sym, klp_symbol_at(&image->mod, place, place + 4));
	KUNIT_EXPECT_NULL(test, klp_symbol_at(&image->mod, place - 4, place - 1));
	KUNIT_EXPECT_NULL(test, klp_symbol_at(&image->mod, place + 1, place + 7));
	KUNIT_EXPECT_PTR_EQ(test, other, klp_symbol_at(&image->mod, place + 1, place + 8));

	/* Ranges that begin or end outside of the section */
	KUNIT_EXPECT_PTR_EQ(test, other, klp_symbol_at(&image->mod, data - 8, data));
	KUNIT_EXPECT_NULL(test, klp_symbol_at(&image->mod, data - 8, data - 1));
	data += KLP_IMAGE_SIZE;
	KUNIT_EXPECT_PTR_EQ(test, sym, klp_symbol_at(&image->mod, data - 8, data + 8));
	KUNIT_EXPECT_NULL(test, klp_symbol_at(&image->mod, data - 7, data + 8));
	KUNIT_EXPECT_NULL(test, klp_symbol_at(&image->mod, data, data + 8));
}

static struct kunit_case klp_scan_cases[] = {
	KUNIT_CASE(test_plain),
	KUNIT_CASE(test_converted),
	KUNIT_CASE(test_shared),
	KUNIT_CASE(test_vmlinux),
	KUNIT_CASE(test_nothing),
	KUNIT_CASE(test_many),
	KUNIT_CASE(test_addend),
	KUNIT_CASE_PARAM(test_refuse, refuse_gen_params),
	KUNIT_CASE(test_proprietary),
	KUNIT_CASE(test_symbol_at),
	{}
};

static struct kunit_suite klp_scan_suite = {
	.name = "livepatch-scan",
	.test_cases = klp_scan_cases,
};

kunit_test_suite(klp_scan_suite);
