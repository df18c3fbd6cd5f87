// SPDX-License-Identifier: GPL-2.0
/*
 * klp_shape_test - make of the converted test_klp_reloc_shape what other tools
 * after the linker have been seen to leave, and stock kernels load:
 *
 * - SHN_LIVEPATCH symbols of any name, which only R_*_NONE relocations use
 * - relocations against .klp.sym.* symbols in an ordinary section
 * - livepatch relocations with sh_info 0
 *
 * Changes the file in place.  The module may be of another architecture.
 */
#include <err.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#define SHN_LIVEPATCH		0xff20
#define SHF_RELA_LIVEPATCH	0x00100000

static Elf *elf;
static unsigned int changes;

static void check_true(int ok, const char *what)
{
	if (!ok)
		errx(1, "%s: %s", what, elf_errmsg(-1));
}

static void change_symbols(Elf_Scn *scn, const GElf_Shdr *shdr)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	const char *name;
	GElf_Sym sym;
	int i;

	check_true(!!data, "symbol table");
	for (i = 1; gelf_getsym(data, i, &sym); i++) {
		name = elf_strptr(elf, shdr->sh_link, sym.st_name);
		if (!name || !strstr(name, "tombstone"))
			continue;
		sym.st_shndx = SHN_LIVEPATCH;
		check_true(gelf_update_sym(data, i, &sym), name);
		changes++;
	}
	elf_flagdata(data, ELF_C_SET, ELF_F_DIRTY);
}

static void change_section(Elf_Scn *scn, size_t shstrndx)
{
	const char *name, *suffix;
	GElf_Shdr shdr;

	check_true(!!gelf_getshdr(scn, &shdr), "section header");
	if (shdr.sh_type == SHT_SYMTAB) {
		change_symbols(scn, &shdr);
		return;
	}

	name = elf_strptr(elf, shstrndx, shdr.sh_name);
	if (!name || strncmp(name, ".klp.rela.", 10))
		return;

	suffix = strstr(name, ".__klp_relocs");
	if (suffix) {
		shdr.sh_name += suffix - name;
		shdr.sh_flags &= ~(GElf_Xword)(SHF_RELA_LIVEPATCH | SHF_ALLOC);
	} else if (strstr(name, ".test_klp_no_section")) {
		shdr.sh_info = 0;
	} else {
		return;
	}
	check_true(gelf_update_shdr(scn, &shdr), name);
	changes++;
}

int main(int argc, char **argv)
{
	Elf_Scn *scn = NULL;
	size_t shstrndx;
	int fd;

	if (argc != 2)
		errx(2, "usage: klp_shape_test MODULE.ko");

	elf_version(EV_CURRENT);
	fd = open(argv[1], O_RDWR);
	if (fd < 0)
		err(1, "%s", argv[1]);
	elf = elf_begin(fd, ELF_C_RDWR, NULL);
	check_true(elf && gelf_getclass(elf) == ELFCLASS64, argv[1]);
	check_true(!elf_getshdrstrndx(elf, &shstrndx), "section names");

	/* What is where stays as it is */
	elf_flagelf(elf, ELF_C_SET, ELF_F_LAYOUT);
	while ((scn = elf_nextscn(elf, scn)))
		change_section(scn, shstrndx);
	if (changes != 4)
		errx(1, "%s: %u changes instead of 4", argv[1], changes);

	check_true(elf_update(elf, ELF_C_WRITE) >= 0, argv[1]);
	elf_end(elf);
	close(fd);

	return 0;
}
