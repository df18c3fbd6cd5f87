// SPDX-License-Identifier: GPL-2.0

/* No livepatches: modules that can, or cannot, be loaded */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/percpu.h>

#if defined(WX)
asm(".pushsection .klp_wx, \"awx\"\n"
	".long 0\n"
	".popsection\n");
#elif defined(PERCPU)
static int variable;
static DEFINE_PER_CPU(int *, pointer) = &variable;
#else
#if defined(CONFIG_X86_64)
#define NONE	"R_X86_64_NONE"
#elif defined(CONFIG_S390)
#define NONE	"R_390_NONE"
#elif defined(CONFIG_ARM64)
#define NONE	"R_AARCH64_NONE"
#elif defined(CONFIG_LOONGARCH)
#define NONE	"R_LARCH_NONE"
#else
#define NONE	"R_PPC64_NONE"
#endif
asm(".pushsection .data\n"
	".reloc ., " NONE ", _printk\n"
	".long 0\n"
	".popsection\n");
#endif

static int test_klp_reloc_init(void)
{
#if defined(PERCPU)
	if (raw_cpu_read(pointer) != &variable)
		return -EINVAL;
#endif
	return 0;
}

static void test_klp_reloc_exit(void)
{
}

module_init(test_klp_reloc_init);
module_exit(test_klp_reloc_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Livepatch test: module for the module loader");
