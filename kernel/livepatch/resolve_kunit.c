// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * resolve_kunit.c - Tests of how late symbols follow the modules that have them
 *
 * Only variables are relocated: they are written without the architecture.
 */

#include <linux/err.h>
#include "core.h"
#include "image_kunit.h"

/* A livepatch module that has been loaded, and the modules that it is for */
struct resolve_test {
	struct klp_image *image;
	struct klp_target *a;
	struct klp_target *b;
	struct klp_target *c;
	unsigned long *data;
};

static struct resolve_test *start(struct kunit *test)
{
	struct resolve_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->image = klp_image_alloc(test);
	t->data = klp_image_place(t->image, SEC_DATA, 0);
	t->a = klp_target_alloc(test, "a");
	klp_target_symbol(t->a, "x", t->a->core);
	t->b = klp_target_alloc(test, "b");
	klp_target_symbol(t->b, "x", t->b->core + 8);
	t->c = klp_target_alloc(test, "c");

	return t;
}

/* The next relocation, of a variable by a symbol that is added */
static void add_variable(struct resolve_test *t, const char *name)
{
	unsigned int symbol = klp_image_symbol(t->image, name, SHN_UNDEF);
	unsigned int nth = t->image->sechdrs[REL_DATA].sh_size / sizeof(Elf_Rela);

	klp_image_rela(t->image, REL_DATA, symbol, KLP_TYPE_POINTER,
		       nth * sizeof(unsigned long));
}

static void free_relocs(void *mod)
{
	klp_free_relocs(mod);
}

static void load(struct kunit *test, struct resolve_test *t)
{
	struct module *mod = &t->image->mod;

	KUNIT_ASSERT_EQ(test, 0, klp_load_symbols(mod));
	KUNIT_ASSERT_EQ(test, 0, klp_load_relocs(mod));

	mod->core_kallsyms.symtab = t->image->symtab;
	mod->core_kallsyms.strtab = t->image->strtab;
	klp_keep_relocs(mod);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_relocs, mod));
	mod->state = MODULE_STATE_LIVE;
}

static int apply(struct resolve_test *t, struct klp_target *target)
{
	int ret;

	mutex_lock(&klp_mutex);
	ret = klp_apply_relocs(&t->image->mod, &target->mod);
	mutex_unlock(&klp_mutex);

	return ret;
}

static void unresolve(struct klp_target *target)
{
	mutex_lock(&klp_mutex);
	klp_unresolve_module(&target->mod);
	mutex_unlock(&klp_mutex);
}

static unsigned long addr(const void *symbol)
{
	return (unsigned long)symbol;
}

static void test_apply(struct kunit *test)
{
	struct resolve_test *t = start(test);

	add_variable(t, ".klp.sym.a.x,0");
	add_variable(t, ".klp.sym.a.x,1");
	load(test, t);
	KUNIT_EXPECT_EQ(test, 0, t->data[0]);

	/* Nothing waits for that one */
	KUNIT_EXPECT_EQ(test, 0, apply(t, t->b));
	KUNIT_EXPECT_EQ(test, 0, t->data[0]);

	KUNIT_EXPECT_EQ(test, 0, apply(t, t->a));
	KUNIT_EXPECT_EQ(test, addr(t->a->core), t->data[0]);
	KUNIT_EXPECT_EQ(test, addr(t->a->core), t->data[1]);

	/* It is applied already */
	KUNIT_EXPECT_EQ(test, 0, apply(t, t->a));
	unresolve(t->b);
	KUNIT_EXPECT_EQ(test, addr(t->a->core), t->data[0]);

	t->data[1] = 5;
	unresolve(t->a);
	KUNIT_EXPECT_EQ(test, 0, t->data[0]);
	KUNIT_EXPECT_EQ(test, 5, t->data[1]);

	/* It is loaded again, elsewhere */
	t->a->symtab[0].st_value += 16;
	KUNIT_EXPECT_EQ(test, 0, apply(t, t->a));
	KUNIT_EXPECT_EQ(test, addr(t->a->core + 16), t->data[0]);
	KUNIT_EXPECT_EQ(test, 5, t->data[1]);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&t->a->mod.refcnt));
}

/* Expect that so many relocations of applied objects keep module b loaded, by one reference */
static void expect_pinned(struct kunit *test, const struct resolve_test *t, unsigned int borrowed)
{
	struct klp_reloc_object *object = klp_find_reloc_object(t->image->mod.klp_relocs, "b", 1);

	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_EXPECT_EQ(test, borrowed, object->borrowed);
	KUNIT_EXPECT_PTR_EQ(test, borrowed ? &t->b->mod : NULL, object->pinned);
	KUNIT_EXPECT_EQ(test, borrowed ? 2 : 1, atomic_read(&t->b->mod.refcnt));
}

/* If one symbol cannot be resolved, none is */
static void test_missing(struct kunit *test)
{
	struct resolve_test *t = start(test);
	struct klp_reloc_object *object;
	unsigned int i;

	add_variable(t, ".klp.sym.a.x,0");
	add_variable(t, ".klp.sym.a.missing,0");
	add_variable(t, ".klp.sym.b.x,0,a");
	load(test, t);

	KUNIT_EXPECT_EQ(test, -EINVAL, apply(t, t->a));
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, 0, t->data[i]);
	object = klp_find_reloc_object(t->image->mod.klp_relocs, "a", 1);
	KUNIT_EXPECT_FALSE(test, object->applied);
	expect_pinned(test, t, 0);

	/* The next module of that name has it */
	klp_target_symbol(t->a, "missing", t->a->core + 8);
	KUNIT_EXPECT_EQ(test, 0, apply(t, t->a));
	KUNIT_EXPECT_EQ(test, addr(t->a->core), t->data[0]);
	KUNIT_EXPECT_EQ(test, addr(t->a->core + 8), t->data[1]);
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[2]);
}

/* A module that has symbols for what waits for another one is kept loaded */
static void test_pin(struct kunit *test)
{
	struct resolve_test *t = start(test);

	add_variable(t, ".klp.sym.b.x,0,a");
	load(test, t);

	strscpy(t->b->mod.name, "d");
	KUNIT_EXPECT_EQ(test, -ENOENT, apply(t, t->a));
	strscpy(t->b->mod.name, "b");

	t->b->mod.state = MODULE_STATE_COMING;
	KUNIT_EXPECT_EQ(test, -EBUSY, apply(t, t->a));
	t->b->mod.state = MODULE_STATE_LIVE;
	KUNIT_EXPECT_EQ(test, 0, t->data[0]);
	expect_pinned(test, t, 0);

	KUNIT_EXPECT_EQ(test, 0, apply(t, t->a));
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[0]);
	expect_pinned(test, t, 1);

	/* Nothing waits for it */
	KUNIT_EXPECT_EQ(test, 0, apply(t, t->b));
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[0]);
	expect_pinned(test, t, 1);

	unresolve(t->a);
	KUNIT_EXPECT_EQ(test, 0, t->data[0]);
	expect_pinned(test, t, 0);
}

/* One reference is enough, whatever number of objects it is for */
static void test_pin_once(struct kunit *test)
{
	struct resolve_test *t = start(test);

	add_variable(t, ".klp.sym.b.x,0,a");
	add_variable(t, ".klp.sym.b.x,1,a");
	add_variable(t, ".klp.sym.b.x,0,c");
	add_variable(t, ".klp.sym.c.missing,0");
	load(test, t);

	KUNIT_EXPECT_EQ(test, 0, apply(t, t->a));
	expect_pinned(test, t, 2);

	/* What fails leaves the other one alone */
	KUNIT_EXPECT_EQ(test, -EINVAL, apply(t, t->c));
	expect_pinned(test, t, 2);
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[0]);
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[1]);
	KUNIT_EXPECT_EQ(test, 0, t->data[2]);

	klp_target_symbol(t->c, "missing", t->c->core);
	KUNIT_EXPECT_EQ(test, 0, apply(t, t->c));
	expect_pinned(test, t, 3);
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[2]);
	KUNIT_EXPECT_EQ(test, addr(t->c->core), t->data[3]);

	unresolve(t->a);
	expect_pinned(test, t, 1);
	KUNIT_EXPECT_EQ(test, 0, t->data[0]);
	KUNIT_EXPECT_EQ(test, 0, t->data[1]);
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[2]);

	unresolve(t->c);
	expect_pinned(test, t, 0);
	KUNIT_EXPECT_EQ(test, 0, t->data[2]);
}

/* What waits for vmlinux is resolved as long as the livepatch module is there */
static void test_vmlinux(struct kunit *test)
{
	struct resolve_test *t = start(test);

	add_variable(t, ".klp.sym.b.x,0,vmlinux");
	add_variable(t, ".klp.sym.b.x,0,a");
	load(test, t);
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[0]);
	KUNIT_EXPECT_EQ(test, 0, t->data[1]);
	expect_pinned(test, t, 1);

	KUNIT_EXPECT_EQ(test, 0, apply(t, t->a));
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[1]);
	unresolve(t->a);
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[0]);
	KUNIT_EXPECT_EQ(test, 0, t->data[1]);
	expect_pinned(test, t, 1);

	kunit_release_action(test, free_relocs, &t->image->mod);
	KUNIT_EXPECT_NULL(test, t->image->mod.klp_relocs);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&t->b->mod.refcnt));
}

/* It is unloaded all the same: there is nothing to put then */
static void test_forced(struct kunit *test)
{
	struct resolve_test *t = start(test);

	klp_target_symbol(t->c, "y", t->c->core);
	add_variable(t, ".klp.sym.b.x,0,a");
	add_variable(t, ".klp.sym.c.y,0");
	load(test, t);

	KUNIT_EXPECT_EQ(test, 0, apply(t, t->a));
	unresolve(t->b);
	KUNIT_EXPECT_EQ(test, 0, t->data[0]);
	unresolve(t->a);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&t->b->mod.refcnt));

	/* What does not need it is loaded without it, in between as well */
	atomic_set(&t->b->mod.refcnt, 1);
	KUNIT_EXPECT_EQ(test, 0, apply(t, t->a));
	unresolve(t->b);
	strscpy(t->b->mod.name, "gone");
	KUNIT_EXPECT_EQ(test, 0, apply(t, t->c));
	unresolve(t->c);
	strscpy(t->b->mod.name, "b");
	unresolve(t->a);

	/* Another module is loaded, which has nothing to do with it */
	atomic_set(&t->b->mod.refcnt, 1);
	KUNIT_EXPECT_EQ(test, 0, apply(t, t->a));
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[0]);
	expect_pinned(test, t, 1);
	unresolve(t->a);
	expect_pinned(test, t, 0);
}

/* A symbol of two objects is resolved as long as one of them is applied */
static void test_shared(struct kunit *test)
{
	struct resolve_test *t = start(test);
	unsigned int symbol;

	symbol = klp_image_symbol(t->image, ".klp.sym.b.x,0", SHN_LIVEPATCH);
	t->image->sechdrs[KLP_B_TEXT].sh_info = SEC_DATA;
	klp_image_rela(t->image, KLP_A_DATA, symbol, KLP_TYPE_POINTER, 0);
	klp_image_rela(t->image, KLP_B_TEXT, symbol, KLP_TYPE_POINTER, 8);
	load(test, t);

	KUNIT_EXPECT_EQ(test, 0, apply(t, t->b));
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[0]);
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[1]);
	expect_pinned(test, t, 0);

	KUNIT_EXPECT_EQ(test, 0, apply(t, t->a));
	expect_pinned(test, t, 1);
	unresolve(t->a);
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[0]);
	expect_pinned(test, t, 0);

	unresolve(t->b);
	KUNIT_EXPECT_EQ(test, 0, t->data[0]);
	KUNIT_EXPECT_EQ(test, 0, t->data[1]);
}

/* The plain form is for symbols of GPL-compatible modules, the converted one as on stock */
static void test_license(struct kunit *test)
{
	struct resolve_test *t = start(test);
	unsigned int symbol;

	add_variable(t, ".klp.sym.a.x,0");
	symbol = klp_image_symbol(t->image, ".klp.sym.b.x,0", SHN_LIVEPATCH);
	t->image->sechdrs[KLP_B_TEXT].sh_info = SEC_DATA;
	klp_image_rela(t->image, KLP_B_TEXT, symbol, KLP_TYPE_POINTER, 8);
	load(test, t);

	__set_bit(TAINT_PROPRIETARY_MODULE, &t->a->mod.taints);
	__set_bit(TAINT_PROPRIETARY_MODULE, &t->b->mod.taints);
	KUNIT_EXPECT_EQ(test, -EINVAL, apply(t, t->a));
	KUNIT_EXPECT_EQ(test, 0, t->data[0]);
	KUNIT_EXPECT_EQ(test, 0, apply(t, t->b));
	KUNIT_EXPECT_EQ(test, addr(t->b->core + 8), t->data[1]);
}

/* A livepatch patches the objects of its symbols of the plain form */
static void test_objects(struct kunit *test)
{
	struct klp_func funcs[] = { { } };
	struct klp_object objs[] = { { .name = "a", .funcs = funcs }, { } };
	struct resolve_test *t = start(test);
	struct klp_patch patch = { .mod = &t->image->mod, .objs = objs };

	add_variable(t, ".klp.sym.a.x,0");
	add_variable(t, ".klp.sym.b.x,0,a");
	add_variable(t, ".klp.sym.b.x,0,vmlinux");
	load(test, t);
	KUNIT_EXPECT_EQ(test, 0, klp_check_patch_symbols(&patch));

	objs[0].name = "b";
	KUNIT_EXPECT_EQ(test, -EINVAL, klp_check_patch_symbols(&patch));
}

static struct kunit_case klp_resolve_cases[] = {
	KUNIT_CASE(test_apply),
	KUNIT_CASE(test_missing),
	KUNIT_CASE(test_pin),
	KUNIT_CASE(test_pin_once),
	KUNIT_CASE(test_vmlinux),
	KUNIT_CASE(test_forced),
	KUNIT_CASE(test_shared),
	KUNIT_CASE(test_license),
	KUNIT_CASE(test_objects),
	{}
};

static struct kunit_suite klp_resolve_suite = {
	.name = "livepatch-resolve",
	.test_cases = klp_resolve_cases,
};

kunit_test_suite(klp_resolve_suite);
