// SPDX-License-Identifier: GPL-2.0
/*
 * Relocations through the GOT and PLT that the compiler does not make. One module has one
 * of them.
 */

#include <linux/kernel.h>
#include <linux/module.h>
#include "test_klp_reloc_fix.h"

#if defined(PLT16DBL)

/*
 * This has to be near the PLT, which is before the text. The space keeps what is
 * loaded after this module out of its reach.
 */
asm(".pushsection .text\n"
	"plt16dbl:\n"
	"j " OF_TARGET("secret_plus") "@PLT\n"
	".space 0x18000, 0x07\n"
	".popsection\n");

static int result(void)
{
	return plt16dbl(1);
}

#elif defined(PLT32)

asm(".pushsection .data\n"
	".balign 8\n"
	"place:\n"
	".reloc ., R_390_PLT32, " OF_TARGET("secret_plus") "\n"
	".long 0\n"
	".popsection\n");

static int result(void)
{
	typeof(target_secret_plus) *fn = (void *)&place + READ_ONCE(place);

	return fn(1);
}

#else

asm(".pushsection .data\n"
	".balign 8\n"
	"place:\n"
	".reloc ., R_390_GOTOFF32, " OF_TARGET("secret") " + 1\n"
	".long 0\n"
	".popsection\n");

static int result(void)
{
	void *got;

	asm("larl %0,_GLOBAL_OFFSET_TABLE_" : "=a" (got));

	return *(int *)(got + READ_ONCE(place) - 1) + 1;
}

#endif

static int livepatch_report_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s: %d\n", KBUILD_MODNAME, result());
}

#include "test_klp_reloc_frame.h"
MODULE_DESCRIPTION("Livepatch test: relocations through the GOT and PLT on s390");
