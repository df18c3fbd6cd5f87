/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As many symbols as a distribution's kernel has.  Included before one file of
 * the kernel.
 */
asm(".altmacro\n"
	".macro bench_filler n\n"
	"kallsyms_filler_\\n: .byte 0\n"
	".endm\n"
	".pushsection .rodata, \"a\"\n"
	".set bench_i, 0\n"
	".rept 172000\n"
	"bench_filler %bench_i\n"
	".set bench_i, bench_i + 1\n"
	".endr\n"
	".popsection\n"
	".noaltmacro\n");
