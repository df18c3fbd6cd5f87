// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbol_kunit.c - Tests of the search for symbols
 */

#include <linux/kallsyms.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include "../kallsyms_internal.h"
#include "image_kunit.h"

/*
 * There are others in image_kunit.c: before this, a twin in init memory, and a pair
 * that stays.
 */
static int klp_kunit_twin __used;
static int klp_kunit_pair __used;

/* The address in kallsyms is the template's, or what stands for it */
static DEFINE_PER_CPU(int, klp_kunit_percpu);
#define PERCPU	((__force const void *)&klp_kunit_percpu)

#define ANYWHERE	((void *)1)

struct wanted {
	const char *name;
	unsigned int pos;
	bool plain;
	const void *addr;	/* NULL: it cannot be resolved */
};

/**
 * struct search - a table that wants symbols of one object
 * @relocs:	the table
 * @holder:	the object
 * @object:	what the symbols of the plain form wait for
 * @expect:	what is to be found, for each of the first symbols
 * @nexpect:	number of elements in @expect
 */
struct search {
	struct klp_relocs relocs;
	struct klp_reloc_object holder;
	struct klp_reloc_object object;
	const struct wanted *expect;
	unsigned int nexpect;
};

#define HASH_BITS	8

static void add_symbol(struct search *s, const char *name, unsigned int pos, bool plain)
{
	struct klp_symbol *sym = &s->relocs.symbols[s->relocs.nsymbols++];

	sym->name = name;
	sym->pos = pos;
	sym->holder = &s->holder;
	sym->object = plain ? &s->object : NULL;
	sym->users = 1;
	hlist_add_head(&sym->node, klp_symbol_bucket(&s->relocs, name));
}

static struct search *make_search(struct kunit *test, struct module *pmod,
				  const char *object, const struct wanted *expect,
				  unsigned int nexpect, unsigned int room)
{
	struct search *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->expect = expect;
	s->nexpect = nexpect;
	strscpy(s->holder.name, object);
	s->relocs.mod = pmod;
	s->relocs.hash_bits = HASH_BITS;
	s->relocs.buckets = kunit_kcalloc(test, 1 << HASH_BITS, sizeof(*s->relocs.buckets),
					  GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s->relocs.buckets);
	s->relocs.symbols = kunit_kcalloc(test, nexpect + room, sizeof(*s->relocs.symbols),
					  GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s->relocs.symbols);

	for (i = 0; i < nexpect; i++)
		add_symbol(s, expect[i].name, expect[i].pos, expect[i].plain);

	return s;
}

/* Each one is resolved or not, whatever happens to the others */
static void expect_found(struct kunit *test, const struct search *s, int ret)
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < s->nexpect; i++) {
		const struct wanted *w = &s->expect[i];
		unsigned long addr = s->relocs.symbols[i].addr;

		all &= !!w->addr;
		if (w->addr == ANYWHERE)
			KUNIT_EXPECT_NE_MSG(test, 0, addr, "%s,%u", w->name, w->pos);
		else
			KUNIT_EXPECT_EQ_MSG(test, (unsigned long)w->addr, addr, "%s,%u%s",
					    w->name, w->pos, w->plain ? " plain" : "");
	}

	KUNIT_EXPECT_EQ(test, all ? 0 : -EINVAL, ret);
}

static const struct wanted vmlinux_wanted[] = {
	{ "no_such_symbol", 0, true, NULL },
	{ "no_such_symbol", 1, false, NULL },
	{ "linux_banner", 0, true, linux_banner },
	{ "linux_banner", 1, false, linux_banner },
	{ "linux_banner", 2, false, NULL },
	{ "klp_kunit_pair", 0, true, NULL },
	{ "klp_kunit_pair", 0, false, NULL },
	{ "klp_kunit_pair", 1, true, ANYWHERE },
	{ "klp_kunit_pair", 2, true, &klp_kunit_pair },
	{ "klp_kunit_pair", 2, false, &klp_kunit_pair },
	{ "klp_kunit_pair", 3, true, NULL },
	{ "klp_kunit_twin", 0, true, &klp_kunit_twin },
	{ "klp_kunit_twin", 0, false, &klp_kunit_twin },
	{ "klp_kunit_twin", 1, true, &klp_kunit_twin },
	{ "klp_kunit_twin", 1, false, NULL },
	{ "klp_kunit_twin", 2, true, NULL },
	{ "klp_kunit_twin", 2, false, &klp_kunit_twin },
	{ "klp_kunit_percpu", 0, true, PERCPU },
	{ "klp_kunit_percpu", 1, true, PERCPU },
	{ "klp_kunit_percpu", 1, false, PERCPU },
	{ "klp_kunit_percpu", 2, false, NULL },
};

/* A few symbols are looked up by their names, many by going over all that there are */
static void test_vmlinux_few(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	struct search *s;

	s = make_search(test, &image->mod, KLP_VMLINUX, vmlinux_wanted,
			ARRAY_SIZE(vmlinux_wanted), 0);
	expect_found(test, s, klp_find_symbols(&s->relocs, &s->holder, NULL));
}

static void test_vmlinux_many(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	unsigned int i, many = kallsyms_num_syms / 16;
	struct search *s;

	s = make_search(test, &image->mod, KLP_VMLINUX, vmlinux_wanted,
			ARRAY_SIZE(vmlinux_wanted), many);
	for (i = 0; i < many; i++)
		add_symbol(s, "linux_proc_banner", 0, true);

	expect_found(test, s, klp_find_symbols(&s->relocs, &s->holder, NULL));
	KUNIT_EXPECT_NE(test, 0, s->relocs.symbols[s->nexpect].addr);
}

static struct klp_target *make_target(struct kunit *test)
{
	struct klp_target *target = klp_target_alloc(test, "klp_kunit_target");

	klp_target_symbol(target, "first_init", target->init);
	klp_target_symbol(target, "first_init", target->core);
	klp_target_symbol(target, "twice", target->core + 8);
	klp_target_symbol(target, "twice", target->core + 16);
	klp_target_symbol(target, "only_init", target->init + 8);

	return target;
}

/* Offsets into the module's memory are added to these */
#define CORE(offset)	((void *)offsetof(struct klp_target, core) + (offset))

static const struct wanted module_wanted[] = {
	{ "missing", 0, true, NULL },
	{ "first_init", 0, true, CORE(0) },
	{ "first_init", 1, true, CORE(0) },
	{ "first_init", 2, true, NULL },
	{ "first_init", 0, false, CORE(0) },
	{ "first_init", 1, false, NULL },
	{ "first_init", 2, false, CORE(0) },
	{ "first_init", 3, false, NULL },
	{ "twice", 0, true, NULL },
	{ "twice", 1, true, CORE(8) },
	{ "twice", 2, true, CORE(16) },
	{ "twice", 2, false, CORE(16) },
	{ "twice", 3, false, NULL },
	{ "only_init", 0, true, NULL },
	{ "only_init", 0, false, NULL },
	{ "only_init", 1, false, NULL },
};

/* With @proprietary the module has no symbols of the plain form */
static void expect_module(struct kunit *test, bool proprietary)
{
	struct klp_image *image = klp_image_alloc(test);
	struct klp_target *target = make_target(test);
	struct wanted expect[ARRAY_SIZE(module_wanted)];
	struct search *s;
	unsigned int i;

	if (proprietary)
		__set_bit(TAINT_PROPRIETARY_MODULE, &target->mod.taints);
	memcpy(expect, module_wanted, sizeof(expect));
	for (i = 0; i < ARRAY_SIZE(expect); i++) {
		if (expect[i].plain && proprietary)
			expect[i].addr = NULL;
		else if (expect[i].addr)
			expect[i].addr += (unsigned long)target;
	}

	s = make_search(test, &image->mod, target->mod.name, expect, ARRAY_SIZE(expect), 0);
	expect_found(test, s, klp_find_symbols(&s->relocs, &s->holder, &target->mod));
}

static void test_module(struct kunit *test)
{
	expect_module(test, false);
}

static void test_proprietary(struct kunit *test)
{
	expect_module(test, true);
}

/* Symbols without users, and those that have an address, are not searched for */
static void test_not_wanted(struct kunit *test)
{
	static const struct wanted expect[] = {
		{ "missing", 0, true, NULL }, { "missing", 0, true, NULL },
	};
	struct klp_image *image = klp_image_alloc(test);
	struct klp_target *target = make_target(test);
	struct search *s;

	s = make_search(test, &image->mod, target->mod.name, expect, ARRAY_SIZE(expect), 0);
	s->relocs.symbols[0].users = 0;
	s->relocs.symbols[1].addr = 1;
	KUNIT_EXPECT_EQ(test, 0, klp_find_symbols(&s->relocs, &s->holder, &target->mod));
	KUNIT_EXPECT_EQ(test, 0, s->relocs.symbols[0].addr);
	KUNIT_EXPECT_EQ(test, 1, s->relocs.symbols[1].addr);
}

/*
 * struct klp_func.old_sympos counts as the converted form does, and takes init functions,
 * of any module.
 */
static void test_object_symbol(struct kunit *test)
{
	struct klp_image *image = klp_image_alloc(test);
	struct klp_target *target = make_target(test);
	unsigned long addr = 1;

	__set_bit(TAINT_PROPRIETARY_MODULE, &target->mod.taints);
	KUNIT_EXPECT_EQ(test, 0, klp_find_object_symbol(&image->mod, &target->mod,
							"first_init", 1, &addr));
	KUNIT_EXPECT_EQ(test, (unsigned long)target->init, addr);
	KUNIT_EXPECT_EQ(test, 0, klp_find_object_symbol(&image->mod, &target->mod,
							"only_init", 0, &addr));
	KUNIT_EXPECT_EQ(test, (unsigned long)target->init + 8, addr);
	KUNIT_EXPECT_EQ(test, 0, klp_find_object_symbol(&image->mod, &target->mod,
							"first_init", 2, &addr));
	KUNIT_EXPECT_EQ(test, (unsigned long)target->core, addr);
	KUNIT_EXPECT_EQ(test, -EINVAL, klp_find_object_symbol(&image->mod, &target->mod,
							      "first_init", 0, &addr));
	KUNIT_EXPECT_EQ(test, 0, klp_find_object_symbol(&image->mod, NULL, "klp_kunit_pair",
							2, &addr));
	KUNIT_EXPECT_EQ(test, (unsigned long)&klp_kunit_pair, addr);
	KUNIT_EXPECT_EQ(test, -EINVAL, klp_find_object_symbol(&image->mod, NULL,
							      "klp_kunit_pair",
							      (1UL << 32) + 1, &addr));
	KUNIT_EXPECT_EQ(test, 0, addr);
}

static struct kunit_case klp_symbol_cases[] = {
	KUNIT_CASE(test_vmlinux_few),
	KUNIT_CASE(test_vmlinux_many),
	KUNIT_CASE(test_module),
	KUNIT_CASE(test_proprietary),
	KUNIT_CASE(test_not_wanted),
	KUNIT_CASE(test_object_symbol),
	{}
};

static struct kunit_suite klp_symbol_suite = {
	.name = "livepatch-symbol",
	.test_cases = klp_symbol_cases,
};

kunit_test_suite(klp_symbol_suite);
