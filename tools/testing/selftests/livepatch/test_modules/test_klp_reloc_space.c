// SPDX-License-Identifier: GPL-2.0
/*
 * Takes the addresses near this module that other modules would get.  What
 * branches and ADR reach on arm64 is less than the memory that modules can be in.
 */

#include <linux/execmem.h>
#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

struct vm_struct *vmlinux_execmem_vmap(size_t size) KLP_SYMBOL(vmlinux, execmem_vmap, 0);

static struct vm_struct *areas[100];
static unsigned int count;

/* One area of addresses; false if there is none of that size, or none that is near */
static bool take_area(size_t size, size_t distance)
{
	struct vm_struct *area = vmlinux_execmem_vmap(size);

	if (!area)
		return false;
	if (count == ARRAY_SIZE(areas) ||
	    abs((long)area->addr - (long)take_area) >= distance) {
		free_vm_area(area);
		return false;
	}
	areas[count++] = area;

	return true;
}

static int take_set(const char *val, const struct kernel_param *kp)
{
	unsigned int mb;
	size_t size;
	int ret = kstrtouint(val, 0, &mb);

	if (ret)
		return ret;

	/* What has been freed is not available before that */
	vm_unmap_aliases();
	for (size = (size_t)mb * SZ_1M; size >= PAGE_SIZE; size /= 2) {
		while (take_area(size, (size_t)mb * SZ_1M))
			;
	}

	return 0;
}

static const struct kernel_param_ops take_ops = {
	.set = take_set,
};
module_param_cb(take, &take_ops, NULL, 0200);
MODULE_PARM_DESC(take, "take what is nearer than so many MB");

static int test_klp_reloc_space_init(void)
{
	return 0;
}

static void test_klp_reloc_space_exit(void)
{
	while (count)
		free_vm_area(areas[--count]);
}

module_init(test_klp_reloc_space_init);
module_exit(test_klp_reloc_space_exit);
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
MODULE_DESCRIPTION("Livepatch test: take the addresses of modules");
