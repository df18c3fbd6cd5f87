// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * write_kunit.c - Tests of what late relocations write
 *
 * The modules are being loaded, or only their variables are written: elsewhere the
 * architectures write by other means, which are for the memory of true modules.
 */

#include <linux/kallsyms.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>
#include "image_kunit.h"

#define ADDR_A	0x1234560
#define ADDR_B	0x789abc0

static unsigned long value(enum klp_reloc_class class, s64 addend)
{
	const Elf_Rela rela = { .r_addend = addend };

	return klp_unresolved_value(class, &rela);
}

static void test_unresolved(struct kunit *test)
{
	unsigned long address = value(KLP_RELOC_ADDRESS, 0);
	unsigned long call = value(KLP_RELOC_CALL, 0);
	u8 byte;

	KUNIT_EXPECT_EQ(test, 0, value(KLP_RELOC_POINTER, 0));
	KUNIT_EXPECT_EQ(test, -8UL, value(KLP_RELOC_POINTER, 8));
	KUNIT_EXPECT_EQ(test, 4, value(KLP_RELOC_POINTER, -4));

	KUNIT_EXPECT_TRUE(test, kernel_text_address(call));
	KUNIT_EXPECT_EQ(test, call, value(KLP_RELOC_CALL, -4));

	/* What addends lead to is not mapped either */
	KUNIT_EXPECT_EQ(test, address, value(KLP_RELOC_ADDRESS, -4));
	KUNIT_EXPECT_NE(test, 0, get_kernel_nofault(byte, (u8 *)address));
	KUNIT_EXPECT_NE(test, 0, get_kernel_nofault(byte, (u8 *)address - SZ_512K));
	KUNIT_EXPECT_NE(test, 0, get_kernel_nofault(byte, (u8 *)address + SZ_512K));
}

/* A module with two symbols */
struct write_test {
	struct klp_image *image;
	unsigned int a;
	unsigned int b;
	struct klp_relocs *relocs;
	struct klp_symbol *sym_a;
	struct klp_symbol *sym_b;
};

static void start(struct kunit *test, struct write_test *t)
{
	t->image = klp_image_alloc(test);
	t->a = klp_image_symbol(t->image, ".klp.sym.a.x,0", SHN_UNDEF);
	t->b = klp_image_symbol(t->image, ".klp.sym.b.x,0", SHN_UNDEF);
}

static void scan(struct kunit *test, struct write_test *t)
{
	t->relocs = klp_image_scan(test, t->image);
	t->sym_a = klp_image_klp_symbol(t->relocs, t->a);
	t->sym_b = klp_image_klp_symbol(t->relocs, t->b);
}

static void write(struct kunit *test, struct write_test *t)
{
	KUNIT_ASSERT_EQ(test, 0, klp_write_relocs(t->relocs));
}

/* As when the module is loaded */
static void write_first(struct kunit *test, struct write_test *t)
{
	t->sym_a->written = KLP_NOT_WRITTEN;
	t->sym_b->written = KLP_NOT_WRITTEN;
	write(test, t);
}

static void test_first(struct kunit *test)
{
	unsigned long *text, *rodata, *data;
	struct write_test t;

	start(test, &t);
	klp_image_rela(t.image, REL_TEXT, t.a, KLP_TYPE_ADDRESS, 16)->r_addend = 4;
	klp_image_rela(t.image, REL_RODATA, t.a, KLP_TYPE_POINTER, 0)->r_addend = 8;
	klp_image_rela(t.image, REL_RODATA, t.b, KLP_TYPE_POINTER, 8)->r_addend = 24;
	klp_image_rela(t.image, REL_DATA, t.a, KLP_TYPE_POINTER, 0)->r_addend = 8;
	scan(test, &t);

	/* What is in the file is not what the livepatch has set */
	text = klp_image_place(t.image, SEC_TEXT, 16);
	rodata = klp_image_place(t.image, SEC_RODATA, 0);
	data = klp_image_place(t.image, SEC_DATA, 0);
	data[0] = 1;
	write_first(test, &t);

	KUNIT_EXPECT_EQ(test, value(KLP_RELOC_ADDRESS, 0) + 4 - (unsigned long)text, text[0]);
	KUNIT_EXPECT_EQ(test, 0, rodata[0]);
	KUNIT_EXPECT_EQ(test, 0, rodata[1]);
	KUNIT_EXPECT_EQ(test, 0, data[0]);
}

/* Each of the relocations that are written together has its own symbol and addend */
static void test_resolved(struct kunit *test)
{
	unsigned long *text, *rodata;
	struct write_test t;
	Elf_Shdr sec;

	start(test, &t);
	klp_image_rela(t.image, REL_TEXT, t.a, KLP_TYPE_ADDRESS, 16)->r_addend = 4;
	klp_image_rela(t.image, REL_TEXT, t.b, KLP_TYPE_ADDRESS, 24);
	klp_image_rela(t.image, REL_RODATA, t.a, KLP_TYPE_POINTER, 0)->r_addend = 8;
	klp_image_rela(t.image, REL_RODATA, t.b, KLP_TYPE_POINTER, 8)->r_addend = 8;
	klp_image_rela(t.image, REL_RODATA, t.b, KLP_TYPE_POINTER, 16)->r_addend = 24;
	scan(test, &t);
	t.sym_a->addr = ADDR_A;
	sec = t.image->sechdrs[REL_RODATA];
	write_first(test, &t);

	text = klp_image_place(t.image, SEC_TEXT, 16);
	rodata = klp_image_place(t.image, SEC_RODATA, 0);
	KUNIT_EXPECT_EQ(test, ADDR_A + 4 - (unsigned long)&text[0], text[0]);
	KUNIT_EXPECT_EQ(test, value(KLP_RELOC_ADDRESS, 0) - (unsigned long)&text[1], text[1]);
	KUNIT_EXPECT_EQ(test, ADDR_A + 8, rodata[0]);
	KUNIT_EXPECT_EQ(test, 0, rodata[1]);
	KUNIT_EXPECT_EQ(test, 0, rodata[2]);
	KUNIT_EXPECT_EQ(test, ADDR_A, t.sym_a->written);
	KUNIT_EXPECT_EQ(test, 0, t.sym_b->written);
	KUNIT_EXPECT_MEMEQ(test, &sec, &t.image->sechdrs[REL_RODATA], sizeof(sec));
}

/* Only groups with a symbol that has got another value are written, and these whole */
static void test_dirty(struct kunit *test)
{
	unsigned long *text, *rodata;
	struct write_test t;

	start(test, &t);
	klp_image_rela(t.image, REL_TEXT, t.a, KLP_TYPE_ADDRESS, 16);
	klp_image_rela(t.image, REL_TEXT, t.a, KLP_TYPE_ADDRESS, 24);
	klp_image_rela(t.image, REL_RODATA, t.b, KLP_TYPE_POINTER, 0);
	klp_image_rela(t.image, REL_RODATA, t.a, KLP_TYPE_ADDRESS, 8);
	scan(test, &t);
	text = klp_image_place(t.image, SEC_TEXT, 16);
	rodata = klp_image_place(t.image, SEC_RODATA, 0);

	write(test, &t);
	KUNIT_EXPECT_EQ(test, 0, text[0]);
	KUNIT_EXPECT_EQ(test, 0, rodata[0]);
	KUNIT_EXPECT_EQ(test, 0, rodata[1]);

	t.sym_b->addr = ADDR_B;
	write(test, &t);
	KUNIT_EXPECT_EQ(test, 0, text[0]);
	KUNIT_EXPECT_EQ(test, ADDR_B, rodata[0]);
	KUNIT_EXPECT_EQ(test, 0, rodata[1]);

	rodata[0] = 0;
	t.sym_a->addr = ADDR_A;
	write(test, &t);
	KUNIT_EXPECT_EQ(test, ADDR_A - (unsigned long)&text[0], text[0]);
	KUNIT_EXPECT_EQ(test, ADDR_A - (unsigned long)&text[1], text[1]);
	KUNIT_EXPECT_EQ(test, 0, rodata[0]);
	KUNIT_EXPECT_EQ(test, ADDR_A - (unsigned long)&rodata[1], rodata[1]);

	/* All have been written by now */
	text[0] = 0;
	write(test, &t);
	KUNIT_EXPECT_EQ(test, 0, text[0]);
}

/* What the livepatch has set stays, unless it is what the relocation has written */
static void test_variables(struct kunit *test)
{
	const size_t odd = 33;
	unsigned long *data;
	struct write_test t;
	void *unaligned;

	start(test, &t);
	klp_image_rela(t.image, REL_DATA, t.a, KLP_TYPE_POINTER, 0)->r_addend = 8;
	klp_image_rela(t.image, REL_DATA, t.a, KLP_TYPE_POINTER, 8);
	klp_image_rela(t.image, REL_DATA, t.b, KLP_TYPE_POINTER, 16);
	klp_image_rela(t.image, REL_DATA, t.a, KLP_TYPE_POINTER, odd);
	scan(test, &t);
	data = klp_image_place(t.image, SEC_DATA, 0);
	unaligned = t.image->memory[SEC_DATA] + odd;
	t.image->mod.state = MODULE_STATE_LIVE;

	data[1] = 5;
	t.sym_a->addr = ADDR_A;
	write(test, &t);
	KUNIT_EXPECT_EQ(test, ADDR_A + 8, data[0]);
	KUNIT_EXPECT_EQ(test, 5, data[1]);
	KUNIT_EXPECT_EQ(test, 0, data[2]);
	KUNIT_EXPECT_EQ(test, ADDR_A, get_unaligned((unsigned long *)unaligned));

	/* The symbols have no other values: nothing is written */
	data[1] = ADDR_A;
	data[2] = 6;
	write(test, &t);
	KUNIT_EXPECT_EQ(test, ADDR_A + 8, data[0]);
	KUNIT_EXPECT_EQ(test, 6, data[2]);

	t.sym_a->addr = 0;
	t.sym_b->addr = ADDR_B;
	write(test, &t);
	KUNIT_EXPECT_EQ(test, 0, data[0]);
	KUNIT_EXPECT_EQ(test, 0, data[1]);	/* as if it had never been set */
	KUNIT_EXPECT_EQ(test, 6, data[2]);
	KUNIT_EXPECT_EQ(test, 0, get_unaligned((unsigned long *)unaligned));

	/* From one address to another */
	t.sym_a->addr = ADDR_A;
	write(test, &t);
	t.sym_a->addr = ADDR_B;
	write(test, &t);
	KUNIT_EXPECT_EQ(test, ADDR_B + 8, data[0]);
}

/* An error is returned, and what can be written is */
static void test_error(struct kunit *test)
{
	struct write_test t;
	unsigned long *data;

	start(test, &t);
	klp_image_rela(t.image, REL_TEXT, t.a, KLP_TYPE_FAILS, 16);
	klp_image_rela(t.image, REL_DATA, t.a, KLP_TYPE_POINTER, 0);
	scan(test, &t);
	data = klp_image_place(t.image, SEC_DATA, 0);

	t.sym_a->addr = ADDR_A;
	KUNIT_EXPECT_GT(test, 0, klp_write_relocs(t.relocs));
	KUNIT_EXPECT_EQ(test, ADDR_A, data[0]);
	KUNIT_EXPECT_EQ(test, ADDR_A, t.sym_a->written);
}

static struct kunit_case klp_write_cases[] = {
	KUNIT_CASE(test_unresolved),
	KUNIT_CASE(test_first),
	KUNIT_CASE(test_resolved),
	KUNIT_CASE(test_dirty),
	KUNIT_CASE(test_variables),
	KUNIT_CASE(test_error),
	{}
};

static struct kunit_suite klp_write_suite = {
	.name = "livepatch-write",
	.test_cases = klp_write_cases,
};

kunit_test_suite(klp_write_suite);
