/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the test livepatches have in common, included after the rest of each.
 * They replace report_get() of test_klp_reloc_target by livepatch_report_get(),
 * but for what they define before:
 *
 * OBJECT		another object, NULL for vmlinux
 * OLD_NAME, NEW_FUNC	another function of it, and what replaces that
 * PRE_PATCH		its callback
 * OBJECT2		a second object, whose functions are in funcs2
 * BEFORE_ENABLE(), BEFORE_EXIT()
 * ENABLE(patch)	instead of klp_enable_patch(patch)
 */
#ifndef OLD_NAME
#define OLD_NAME	"report_get"
#endif
#ifndef NEW_FUNC
#define NEW_FUNC	livepatch_report_get
#endif
#ifndef OBJECT
#define OBJECT		"test_klp_reloc_target"
#endif
#ifndef PRE_PATCH
#define PRE_PATCH	NULL
#endif
#ifndef BEFORE_ENABLE
#define BEFORE_ENABLE()
#endif
#ifndef BEFORE_EXIT
#define BEFORE_EXIT()
#endif
#ifndef ENABLE
#define ENABLE		klp_enable_patch
#endif

static struct klp_func funcs[] = {
	{
		.old_name = OLD_NAME,
		.new_func = NEW_FUNC,
	}, { }
};

static struct klp_object objs[] = {
	{
		.name = OBJECT,
		.funcs = funcs,
		.callbacks = {
			.pre_patch = PRE_PATCH,
		},
	},
#ifdef OBJECT2
	{
		.name = OBJECT2,
		.funcs = funcs2,
	},
#endif
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int test_klp_reloc_init(void)
{
	BEFORE_ENABLE();

	return ENABLE(&patch);
}

static void test_klp_reloc_exit(void)
{
	BEFORE_EXIT();
}

module_init(test_klp_reloc_init);
module_exit(test_klp_reloc_exit);
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
