// SPDX-License-Identifier: GPL-2.0
/*
 * klp_convert_test - turn a livepatch module of the plain form into one of the
 * converted form, for tests
 *
 * Plain:	undefined symbols .klp.sym.OBJECT.SYMBOL,POS[,FOR], and
 *		relocations against them in ordinary sections
 * Converted:	symbols .klp.sym.OBJECT.SYMBOL,POS in SHN_LIVEPATCH, and
 *		relocations against them in sections .klp.rela.OBJECT.SECTION
 *
 * In the converted form it is the section that says which object relocations
 * belong to, so that two plain symbols which differ in that become one.
 *
 * Changes the file in place.  The module may be of another architecture.
 */

#include <err.h>
#include <fcntl.h>
#include <gelf.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYM_PREFIX		".klp.sym."
#define RELA_PREFIX		".klp.rela."
#define SHN_LIVEPATCH		0xff20
#define SHF_RELA_LIVEPATCH	0x00100000

/* What a symbol becomes; only klp symbols have an object and a name */
struct symbol {
	char *object;
	char *name;
	size_t index;
};

static Elf *elf;
static size_t shstrndx;
static size_t symtab_index;
static Elf_Data *symtab;
static struct symbol *symbols;
static size_t nsymbols;

static void *check(void *ptr, const char *what)
{
	if (!ptr)
		errx(1, "%s: %s", what, elf_errmsg(-1));
	return ptr;
}

static void check_true(int ok, const char *what)
{
	if (!ok)
		errx(1, "%s: %s", what, elf_errmsg(-1));
}

static char *format(const char *fmt, const char *a, const char *b, const char *c)
{
	size_t size = strlen(fmt) + strlen(a) + strlen(b) + strlen(c) + 1;
	char *str = malloc(size);

	if (!str)
		err(1, "malloc");
	snprintf(str, size, fmt, a, b, c);
	return str;
}

static const char *section_name(Elf_Scn *scn)
{
	GElf_Shdr shdr;

	check(gelf_getshdr(scn, &shdr), "section header");
	return check(elf_strptr(elf, shstrndx, shdr.sh_name), "section name");
}

static Elf_Scn *find_symtab(void)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr shdr;

	while ((scn = elf_nextscn(elf, scn))) {
		check(gelf_getshdr(scn, &shdr), "section header");
		if (shdr.sh_type == SHT_SYMTAB)
			return scn;
	}
	errx(1, "no symbol table");
}

/* Split .klp.sym.OBJECT.SYMBOL,POS[,FOR] and cut ,FOR off */
static char *take_object(char *name)
{
	char *object = name + strlen(SYM_PREFIX);
	char *comma = strchr(name, ',');
	char *dot = strchr(object, '.');
	char *target;

	if (!comma || !dot || dot > comma)
		errx(1, "%s: bad name", name);

	target = strchr(comma + 1, ',');
	if (!target)
		return strndup(object, dot - object);

	*target++ = '\0';
	return strdup(target);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct symbol *)a)->name,
		      ((const struct symbol *)b)->name);
}

/* The first symbol with the name of this one, maybe itself */
static struct symbol *first_of_name(struct symbol *symbol)
{
	static void *tree;
	struct symbol **found = tsearch(symbol, &tree, compare_names);

	if (!found)
		errx(1, "tsearch");
	return *found;
}

static void convert_symbols(void)
{
	Elf_Scn *scn = find_symtab();
	Elf_Data *strtab;
	GElf_Shdr shdr;
	GElf_Sym sym;
	char *name;
	size_t i;

	check(gelf_getshdr(scn, &shdr), "symbol table");
	symtab_index = elf_ndxscn(scn);
	symtab = check(elf_getdata(scn, NULL), "symbol table");
	strtab = check(elf_getdata(elf_getscn(elf, shdr.sh_link), NULL),
		       "string table");
	nsymbols = shdr.sh_size / shdr.sh_entsize;
	symbols = calloc(nsymbols, sizeof(*symbols));
	if (!symbols)
		err(1, "calloc");

	for (i = 1; i < nsymbols; i++) {
		check(gelf_getsym(symtab, i, &sym), "symbol");
		name = (char *)strtab->d_buf + sym.st_name;
		if (sym.st_shndx != SHN_UNDEF ||
		    strncmp(name, SYM_PREFIX, strlen(SYM_PREFIX)))
			continue;

		symbols[i].object = take_object(name);
		symbols[i].name = name;
		symbols[i].index = first_of_name(&symbols[i]) - symbols;

		sym.st_shndx = SHN_LIVEPATCH;
		check_true(gelf_update_sym(symtab, i, &sym), "symbol");
	}
	elf_flagdata(symtab, ELF_C_SET, ELF_F_DIRTY);
	elf_flagdata(strtab, ELF_C_SET, ELF_F_DIRTY);
}

static size_t add_section_name(char *name)
{
	Elf_Scn *scn = elf_getscn(elf, shstrndx);
	Elf_Data *data;
	GElf_Shdr shdr;
	size_t offset;

	check(gelf_getshdr(scn, &shdr), "section names");
	offset = shdr.sh_size;
	data = check(elf_newdata(scn), "section names");
	data->d_buf = name;
	data->d_size = strlen(name) + 1;
	data->d_align = 1;
	shdr.sh_size += data->d_size;
	check_true(gelf_update_shdr(scn, &shdr), "section names");

	return offset;
}

static Elf_Data *add_rela_section(size_t target, const char *object, size_t max)
{
	const char *name = section_name(elf_getscn(elf, target));
	Elf_Scn *scn = check(elf_newscn(elf), "new section");
	Elf_Data *data = check(elf_newdata(scn), "new section");
	GElf_Shdr shdr = {
		.sh_name = add_section_name(format(RELA_PREFIX "%s%s%s", object,
						   *name == '.' ? "" : ".", name)),
		.sh_type = SHT_RELA,
		.sh_flags = SHF_RELA_LIVEPATCH | SHF_ALLOC | SHF_INFO_LINK,
		.sh_link = symtab_index,
		.sh_info = target,
		.sh_entsize = gelf_fsize(elf, ELF_T_RELA, 1, EV_CURRENT),
		.sh_addralign = 8,
	};

	data->d_type = ELF_T_RELA;
	data->d_align = shdr.sh_addralign;
	data->d_size = max * shdr.sh_entsize;
	data->d_version = EV_CURRENT;
	data->d_buf = calloc(max, shdr.sh_entsize);
	if (!data->d_buf)
		err(1, "calloc");
	check_true(gelf_update_shdr(scn, &shdr), "new section");

	return data;
}

/* Move the relocations of one object, or if it is NULL of none, to @to */
static size_t move_relas(Elf_Data *from, size_t count, const char *object,
			 Elf_Data *to)
{
	GElf_Rela rela;
	size_t i, moved = 0;

	for (i = 0; i < count; i++) {
		const struct symbol *sym;

		check(gelf_getrela(from, i, &rela), "relocation");
		sym = &symbols[GELF_R_SYM(rela.r_info)];
		if (object ? !sym->object || strcmp(sym->object, object) :
			     !!sym->object)
			continue;
		if (object)
			rela.r_info = GELF_R_INFO(sym->index,
						  GELF_R_TYPE(rela.r_info));
		check_true(gelf_update_rela(to, moved++, &rela), "relocation");
	}
	to->d_size = moved * gelf_fsize(elf, ELF_T_RELA, 1, EV_CURRENT);

	return moved;
}

static void convert_section(Elf_Scn *scn)
{
	Elf_Data *from, *to;
	GElf_Shdr shdr;
	size_t i, j, count;

	check(gelf_getshdr(scn, &shdr), "section header");
	if (shdr.sh_type != SHT_RELA || shdr.sh_link != symtab_index)
		return;

	from = check(elf_getdata(scn, NULL), "relocations");
	count = shdr.sh_size / shdr.sh_entsize;

	/* One section for each object, when its first symbol is seen */
	for (i = 1; i < nsymbols; i++) {
		if (!symbols[i].object)
			continue;
		for (j = 1; j < i; j++) {
			if (symbols[j].object &&
			    !strcmp(symbols[i].object, symbols[j].object))
				break;
		}
		if (j < i)
			continue;

		to = NULL;
		for (j = 0; j < count && !to; j++) {
			GElf_Rela rela;
			const char *object;

			check(gelf_getrela(from, j, &rela), "relocation");
			object = symbols[GELF_R_SYM(rela.r_info)].object;
			if (object && !strcmp(object, symbols[i].object))
				to = add_rela_section(shdr.sh_info, object, count);
		}
		if (to)
			move_relas(from, count, symbols[i].object, to);
	}

	shdr.sh_size = move_relas(from, count, NULL, from) * shdr.sh_entsize;
	check_true(gelf_update_shdr(scn, &shdr), "section header");
	elf_flagdata(from, ELF_C_SET, ELF_F_DIRTY);
}

int main(int argc, char **argv)
{
	size_t i, nsections;
	int fd;

	if (argc != 2)
		errx(2, "usage: klp_convert_test MODULE.ko");

	elf_version(EV_CURRENT);
	fd = open(argv[1], O_RDWR);
	if (fd < 0)
		err(1, "%s", argv[1]);
	elf = check(elf_begin(fd, ELF_C_RDWR, NULL), argv[1]);
	if (elf_kind(elf) != ELF_K_ELF || gelf_getclass(elf) != ELFCLASS64)
		errx(1, "%s: no 64-bit ELF file", argv[1]);
	check_true(!elf_getshdrstrndx(elf, &shstrndx), "section names");
	check_true(!elf_getshdrnum(elf, &nsections), "sections");

	convert_symbols();
	for (i = 1; i < nsections; i++)
		convert_section(check(elf_getscn(elf, i), "section"));

	/* If the section headers stay where they are, libelf forgets the new ones */
	elf_flagelf(elf, ELF_C_SET, ELF_F_DIRTY);
	check_true(elf_update(elf, ELF_C_WRITE) >= 0, argv[1]);
	elf_end(elf);
	close(fd);

	return 0;
}
