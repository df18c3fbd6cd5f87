// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * name_kunit.c - Tests of the names of klp symbols
 */

#include <kunit/test.h>
#include <linux/kallsyms.h>
#include <linux/livepatch_symbol.h>
#include <linux/module.h>

struct name_case {
	const char *name;
	const char *object;	/* NULL: the name is bad */
	const char *symbol;
	unsigned int pos;
	const char *target;
};

#define LEN_55	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static_assert(sizeof(LEN_55) == MODULE_NAME_LEN);

static const struct name_case name_cases[] = {
	{ ".klp.sym.vmlinux.foo,0", "vmlinux", "foo", 0, "vmlinux" },
	{ ".klp.sym.mod.foo,1", "mod", "foo", 1, "mod" },
	{ ".klp.sym.mod.foo.isra.0,2", "mod", "foo.isra.0", 2, "mod" },
	{ ".klp.sym.mod.foo-bar,0", "mod", "foo-bar", 0, "mod" },
	{ ".klp.sym.mod.ko,0", "mod", "ko", 0, "mod" },
	{ ".klp.sym.mod.foo,999999999", "mod", "foo", 999999999, "mod" },
	{ ".klp.sym.mod.foo,007", "mod", "foo", 7, "mod" },
	{ ".klp.sym.mod.foo,0,other", "mod", "foo", 0, "other" },
	{ ".klp.sym.mod.foo,0,mod", "mod", "foo", 0, "mod" },
	{ ".klp.sym.mod.foo,0,vmlinux", "mod", "foo", 0, "vmlinux" },
	{ ".klp.sym.vmlinux.foo,0,vmlinux", "vmlinux", "foo", 0, "vmlinux" },
	{ ".klp.sym.vmlinux2.foo,0,mod", "vmlinux2", "foo", 0, "mod" },
	{ ".klp.sym." LEN_55 ".foo,0", LEN_55, "foo", 0, LEN_55 },
	{ ".klp.sym.mod.foo,0," LEN_55, "mod", "foo", 0, LEN_55 },
	{ ".klp.sym.rela.mod.mod.foo,0", "mod", "foo", 0, "mod" },
	{ ".klp.sym.rela.mod.other.foo,2", "other", "foo", 2, "mod" },
	{ ".klp.sym.rela.vmlinux.mod.foo,0", "mod", "foo", 0, "vmlinux" },
	{ ".klp.sym.rela.mod.vmlinux.foo,1", "vmlinux", "foo", 1, "vmlinux" },
	{ ".klp.sym.rela.vmlinux.vmlinux.foo,0", "vmlinux", "foo", 0, "vmlinux" },
	{ ".klp.sym.rela.mod.other.foo.isra.0,2", "other", "foo.isra.0", 2, "mod" },
	{ ".klp.sym.rela.mod.other.foo.0,2", "other", "foo.0", 2, "mod" },
	{ ".klp.sym.rela.mod.other.foo.2", "other", "foo", 2, "mod" },
	{ ".klp.sym.rela.mod.other.foo.isra.0.2", "other", "foo.isra.0", 2, "mod" },
	{ ".klp.sym.rela." LEN_55 "." LEN_55 ".foo,0", LEN_55, "foo", 0, LEN_55 },
	{ ".klp.sym.rela.", },
	{ ".klp.sym.rela.foo,0", },
	{ ".klp.sym.rela.foo.0,0", },
	{ ".klp.sym.rela.mod.other.foo", },
	{ ".klp.sym.rela.mod.other.foo.isra", },
	{ ".klp.sym.rela.mod.other.foo.1000000000", },
	{ ".klp.sym.rela.mod.other..2", },
	{ ".klp.sym.rela.mod.other.foo,", },
	{ ".klp.sym.rela.mod.other.foo,x", },
	{ ".klp.sym.rela.mod.other.foo,0,mod", },
	{ ".klp.sym.rela.mod.vmlinux.foo,0,vmlinux", },
	{ ".klp.sym.rela.mod.other.,0", },
	{ ".klp.sym.rela.mod..foo,0", },
	{ ".klp.sym.rela..other.foo,0", },
	{ ".klp.sym.rela.my-mod.other.foo,0", },
	{ ".klp.sym.rela.mod.my-other.foo,0", },
	{ ".klp.sym.rela.mod.ko.other.foo,0", },
	{ ".klp.sym.rela." LEN_55 "x.other.foo,0", },
	{ ".klp.sym.", },
	{ ".klp.sym.mod", },
	{ ".klp.sym.mod.", },
	{ ".klp.sym..foo,0", },
	{ ".klp.sym.mod.,0", },
	{ ".klp.sym.mod,foo,0", },
	{ ".klp.sym.my-mod.foo,0", },
	{ ".klp.sym.mod.ko.foo,0", },
	{ ".klp.sym.mod.foo", },
	{ ".klp.sym.mod.foo,", },
	{ ".klp.sym.mod.foo,x", },
	{ ".klp.sym.mod.foo,-1", },
	{ ".klp.sym.mod.foo,+1", },
	{ ".klp.sym.mod.foo, 1", },
	{ ".klp.sym.mod.foo,1x", },
	{ ".klp.sym.mod.foo,0x1", },
	{ ".klp.sym.mod.foo,1000000000", },
	{ ".klp.sym.mod.foo,18446744073709551616", },
	{ ".klp.sym.mod.foo,0,", },
	{ ".klp.sym.mod.foo,0,a.b", },
	{ ".klp.sym.mod.foo,0,a,b", },
	{ ".klp.sym.mod.foo,0,a-b", },
	{ ".klp.sym.mod.foo,0,mod.ko", },
	{ ".klp.sym.mod.foo,0,mod,", },
	{ ".klp.sym.vmlinux.foo,0,mod", },
	{ ".klp.sym." LEN_55 "x.foo,0", },
	{ ".klp.sym.mod.foo,0," LEN_55 "x", },
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

static void test_other_name(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, klp_is_symbol_name(""));
	KUNIT_EXPECT_FALSE(test, klp_is_symbol_name(".klp.sym"));
	KUNIT_EXPECT_FALSE(test, klp_is_symbol_name(".klp.rela.mod.foo"));
}

/* What klp_parse_symbol() says about a name whose symbol has this length */
static const char *parse_long(struct kunit *test, size_t len)
{
	static const char head[] = KLP_SYM_PREFIX "mod.";
	struct klp_symbol_name parts;
	char *name;

	name = kunit_kzalloc(test, sizeof(head) + len + strlen(",0"), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, name);

	memcpy(name, head, strlen(head));
	memset(name + strlen(head), 'x', len);
	memcpy(name + strlen(head) + len, ",0", strlen(",0"));

	return klp_parse_symbol(name, MODULE_NAME_LEN, KSYM_NAME_LEN, &parts);
}

static void test_long_symbol(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, parse_long(test, KSYM_NAME_LEN - 1));
	KUNIT_EXPECT_NOT_NULL(test, parse_long(test, KSYM_NAME_LEN));
}

static struct kunit_case klp_name_cases[] = {
	KUNIT_CASE_PARAM(test_name, name_gen_params),
	KUNIT_CASE(test_other_name),
	KUNIT_CASE(test_long_symbol),
	{}
};

static struct kunit_suite klp_name_suite = {
	.name = "livepatch-name",
	.test_cases = klp_name_cases,
};

kunit_test_suite(klp_name_suite);
