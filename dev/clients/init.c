// SPDX-License-Identifier: GPL-2.0
/*
 * The init function of a livepatch from "objtool klp diff", which says in two
 * sections what the livepatch replaces. init.lds puts symbols around them.
 */

#include <linux/livepatch.h>
#include <linux/module.h>

struct client_func {
	const char *old_name;
	void *new_func;
	unsigned long sympos;
};

struct client_object {
	const char *name;
	struct client_func *funcs;
	struct klp_callbacks callbacks;
	unsigned int nr_funcs;
};

extern struct client_object client_objects[], client_objects_end[];

static struct klp_func funcs[8];
static struct klp_object objs[2] = { { .funcs = funcs } };
static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init client_init(void)
{
	const struct client_object *from = client_objects;
	unsigned int i;

	if (client_objects_end - client_objects != 1 || from->nr_funcs >= ARRAY_SIZE(funcs))
		return -EINVAL;

	objs[0].name = from->name;
	for (i = 0; i < from->nr_funcs; i++) {
		funcs[i].old_name = from->funcs[i].old_name;
		funcs[i].new_func = from->funcs[i].new_func;
		funcs[i].old_sympos = from->funcs[i].sympos;
	}

	return klp_enable_patch(&patch);
}

static void __exit client_exit(void)
{
}

module_init(client_init);
module_exit(client_exit);
MODULE_DESCRIPTION("Livepatch by objtool klp diff");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
