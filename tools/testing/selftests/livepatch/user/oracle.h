/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oracle.h - a livepatch module as naively as can be
 *
 * This is what Documentation/livepatch/symbols.rst and module-elf-format.rst there say of
 * a module's file, written down once more, one rule after the other. It is to find what
 * the kernel's checks omit, or refuse for no reason, and so uses nothing of them.
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
	/* Headers as they are after the checks, and the file, where relocations vanish */
	Elf64_Shdr *secs;
	unsigned char *now;
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
