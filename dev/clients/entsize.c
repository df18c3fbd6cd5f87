// SPDX-License-Identifier: GPL-2.0
/*
 * Give the tables of an object file the size of their entries, which objtool of
 * 7.3 asks for and the assembly code of 6.12 does not say.
 */

#include <err.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

/* The size that one of "SECTION=SIZE" names, or 0 */
static size_t entry_size(char *const *sizes, const char *section)
{
	size_t length = strlen(section);

	for (; *sizes; sizes++)
		if (!strncmp(*sizes, section, length) && (*sizes)[length] == '=')
			return strtoul(*sizes + length + 1, NULL, 10);
	return 0;
}

static void set_entsize(Elf *elf, size_t names, Elf_Scn *scn, char *const *sizes)
{
	GElf_Shdr shdr;
	size_t size;

	if (!gelf_getshdr(scn, &shdr))
		errx(1, "%s", elf_errmsg(-1));
	size = entry_size(sizes, elf_strptr(elf, names, shdr.sh_name));
	if (!size)
		return;
	if (shdr.sh_size % size)
		errx(1, "%s: no entries of %zu bytes", elf_strptr(elf, names, shdr.sh_name), size);
	shdr.sh_entsize = size;
	if (!gelf_update_shdr(scn, &shdr))
		errx(1, "%s", elf_errmsg(-1));
}

int main(int argc, char **argv)
{
	Elf_Scn *scn = NULL;
	size_t names;
	Elf *elf;
	int fd;

	if (argc < 3)
		errx(2, "usage: entsize FILE.o SECTION=SIZE...");
	fd = open(argv[1], O_RDWR);
	if (fd < 0)
		err(1, "%s", argv[1]);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_RDWR, NULL);
	if (!elf || elf_getshdrstrndx(elf, &names))
		errx(1, "%s: %s", argv[1], elf_errmsg(-1));
	elf_flagelf(elf, ELF_C_SET, ELF_F_LAYOUT);
	while ((scn = elf_nextscn(elf, scn)))
		set_entsize(elf, names, scn, argv + 2);
	if (elf_update(elf, ELF_C_WRITE) < 0)
		errx(1, "%s: %s", argv[1], elf_errmsg(-1));
	return 0;
}
