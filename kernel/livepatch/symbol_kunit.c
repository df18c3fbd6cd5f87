// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbol_kunit.c - Test of the search for symbols
 */

#include <kunit/test.h>
#include <linux/kallsyms.h>
#include <linux/slab.h>
#include "../kallsyms_internal.h"
#include "reloc.h"

/* There is another one in elf_kunit.c */
static int klp_kunit_twin __used = 1;

static const struct {
	const char *name;
	unsigned int pos;
	bool found;
} wanted[] = {
	{ "linux_banner", 0, true },
	{ "klp_find_symbols", 0, true },
	{ "klp_find_symbols", 1, true },
	{ "klp_find_symbols", 2, false },
	{ "klp_kunit_twin", 1, true },
	{ "klp_kunit_twin", 2, true },
	{ "klp_kunit_twin", 0, false },
	{ "no_such_symbol", 0, false },
};

/* More than are looked up one by one, see klp_search_vmlinux() */
#define MANY		10000
#define HASH_BITS	12

struct table {
	struct module mod;
	struct klp_relocs relocs;
	struct klp_reloc_source source;
	struct hlist_head buckets[1 << HASH_BITS];
	struct klp_symbol symbols[1 + MANY];
};

static void add_symbol(struct table *t, struct klp_symbol *sym,
		       const char *name, unsigned int pos)
{
	sym->name = name;
	sym->match.pos = pos;
	sym->source = &t->source;
	__llist_add(&sym->llnode, &t->source.symbols);
	hlist_add_head(&sym->node, klp_symbol_bucket(&t->relocs, name));
}

/* Find a symbol, together with @others; its address is put in @addr */
static int find(struct table *t, unsigned int i, unsigned int others,
		unsigned long *addr)
{
	unsigned int j;
	int ret;

	memset(t, 0, sizeof(*t));
	strscpy(t->mod.name, KBUILD_MODNAME);
	t->relocs.mod = &t->mod;
	t->relocs.buckets = t->buckets;
	t->relocs.hash_bits = HASH_BITS;
	strscpy(t->source.name, KLP_VMLINUX);

	for (j = 1; j <= others; j++)
		add_symbol(t, &t->symbols[j], "linux_banner", 0);
	add_symbol(t, &t->symbols[0], wanted[i].name, wanted[i].pos);

	ret = klp_find_symbols(&t->relocs, &t->source, NULL);
	*addr = t->symbols[0].match.addr;

	return ret;
}

/*
 * A few symbols are looked up by their names, many by going over all that there
 * are.  Both have to find the same.
 */
static void test_vmlinux(struct kunit *test)
{
	unsigned long few, many;
	struct table *t;
	unsigned int i;
	int ret;

	KUNIT_ASSERT_GT(test, MANY, kallsyms_num_syms / KLP_SYMBOLS_PER_LOOKUP);

	t = kvzalloc(sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);

	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		ret = wanted[i].found ? 0 : -EINVAL;
		KUNIT_EXPECT_EQ(test, ret, find(t, i, 0, &few));
		KUNIT_EXPECT_EQ(test, ret, find(t, i, MANY, &many));
		KUNIT_EXPECT_EQ(test, few, many);
	}

	kvfree(t);
}

static struct kunit_case klp_symbol_cases[] = {
	KUNIT_CASE(test_vmlinux),
	{}
};

static struct kunit_suite klp_symbol_suite = {
	.name = "livepatch-symbol",
	.test_cases = klp_symbol_cases,
};

kunit_test_suite(klp_symbol_suite);
