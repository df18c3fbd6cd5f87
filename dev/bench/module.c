// SPDX-License-Identifier: GPL-2.0
/*
 * Every module of the bench.  The macros in the file that includes this say
 * what it is:
 *
 *  SYMBOLS	assembler file: its own symbols, two bytes each
 *  CALLS	assembler file: a call for each relocation, which nobody runs
 *  OBJECT	what it patches if it is a livepatch, a module's name or NULL
 *  FUNCTION	the function that it patches there
 */

#include <linux/livepatch.h>
#include <linux/module.h>

#ifdef SYMBOLS
asm(".macro bench_symbol name\n"
	"\\name: .2byte 0\n"
	".endm\n"
	/* As EXPORT_SYMBOL() does it */
	".macro bench_export name\n"
	"\\name: .2byte 0\n"
	".globl \\name\n"
	".pushsection .export_symbol, \"a\"\n"
	"__export_symbol_\\name:\n"
	".asciz \"GPL\"\n"
	".asciz \"\"\n"
	".balign 8\n"
	".quad \\name\n"
	".popsection\n"
	".endm\n"
	".pushsection .data\n"
	".balign 2\n"
	".include \"" SYMBOLS "\"\n"
	".popsection\n");
#endif

#ifdef CALLS
asm(".macro bench_call name\n"
#ifdef CONFIG_S390
	"brasl %r14, \"\\name\"@PLT\n"
#elif defined(CONFIG_PPC64)
	/* The loader makes the nop reload the TOC pointer */
	"bl \"\\name\"\n"
	"nop\n"
#else
	"call \"\\name\"\n"
#endif
	".endm\n");

static noinline __used void bench_calls(void)
{
	asm volatile(".include \"" CALLS "\"\n" : : : "memory");
}
#endif

/* Livepatches replace it */
static noinline __used int bench_patched(void)
{
	return 0;
}

#ifdef OBJECT
static struct klp_func funcs[] = {
	{
		.old_name = FUNCTION,
		.new_func = bench_patched,
	}, { }
};

static struct klp_object objs[] = {
	{
		.name = OBJECT,
		.funcs = funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

MODULE_INFO(livepatch, "Y");
#endif

static int bench_init(void)
{
#ifdef OBJECT
	return klp_enable_patch(&patch);
#else
	return 0;
#endif
}

static void bench_exit(void)
{
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Livepatch bench");
