/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oracle.h - an independent, deliberately simple reader of livepatch modules
 *
 * It restates the rules of Documentation/livepatch/symbols.rst and module-elf-format.rst
 * there, and in oracle_file.c those of elf_validity_cache_copy(), one after the other,
 * and shares no checking code with the kernel.
 */
#ifndef _ORACLE_H
#define _ORACLE_H

#include <stdlib.h>
#include "user.h"

#define LIVEPATCH_FLAG	0x00100000
#define OBJECT_MAX	56

struct oracle {
	const unsigned char *file;
	size_t len;
	/* Headers as they are after the checks */
	Elf64_Shdr *secs;
	unsigned int nsecs;
	Elf64_Sym *syms;
	unsigned int nsyms;
	unsigned int symtab;
	const char *names;
	const char *secnames;
	const char *modname;
	bool gpl;
	struct want *want;
};

static inline const char *oracle_section_name(const struct oracle *o, unsigned int i)
{
	return o->secnames + o->secs[i].sh_name;
}

/* oracle_file.c: what every module has to be, and what is in memory of it */
bool oracle_file(struct oracle *o);
bool oracle_layout(struct oracle *o);

#endif /* _ORACLE_H */
