// SPDX-License-Identifier: GPL-2.0
/*
 * klp_object.c - the symbols of the objects that livepatch modules name
 */

#include <fnmatch.h>
#include <limits.h>

#include <xalloc.h>
#include "modpost.h"
#include "klp.h"

static struct klp_object *objects;

/* Files of objects, and lists of such files, in the order in which they are looked into */
static const char **places;
static unsigned int nr_places;

void klp_add_place(const char *path)
{
	places = xrealloc(places, (nr_places + 1) * sizeof(*places));
	places[nr_places++] = path;
}

static bool is_map(const char *path)
{
	return !fnmatch("System.map*", get_basename(path), 0);
}

static bool is_list(const char *path)
{
	return !strcmp(get_basename(path), "modules.order") ||
	       !strcmp(get_basename(path), "modules.dep");
}

/* Is it the path of this object?  File names can have '-' where modules have '_'. */
static bool is_path_of(const char *path, const char *object)
{
	const char *p = get_basename(path);

	if (!strcmp(object, KLP_VMLINUX))
		return is_map(p) || !strcmp(p, KLP_VMLINUX) || strstarts(p, KLP_VMLINUX "-");

	for (; *object; p++, object++) {
		if (*p != *object && !(*p == '-' && *object == '_'))
			return false;
	}

	return !strcmp(p, ".ko") || !strcmp(p, ".o");
}

static bool has_symtab(FILE *f, const Elf_Ehdr *hdr)
{
	Elf_Shdr sec;
	unsigned int i;

	if (fseek(f, TO_NATIVE(hdr->e_shoff), SEEK_SET))
		return false;

	for (i = 0; i < TO_NATIVE(hdr->e_shnum) && fread(&sec, sizeof(sec), 1, f); i++) {
		if (TO_NATIVE(sec.sh_type) == SHT_SYMTAB)
			return true;
	}

	return false;
}

/*
 * A file that is compressed, or for another architecture, or has no symbols, as the
 * vmlinux that some distributions have beside their headers, is not at hand.
 */
static bool is_usable(const char *path, const struct elf_info *lp)
{
	FILE *f = fopen(path, "r");
	Elf_Ehdr hdr;
	bool ret;

	if (!f)
		return false;
	ret = is_map(path) ||
	      (fread(&hdr, sizeof(hdr), 1, f) &&
	       !memcmp(hdr.e_ident, lp->hdr->e_ident, EI_OSABI) &&
	       TO_NATIVE(hdr.e_machine) == lp->hdr->e_machine && has_symtab(f, &hdr));
	fclose(f);

	return ret;
}

/* Look for a module in a list, whose paths are relative to where the list is */
static char *find_in_list(const char *list, const char *object, const struct elf_info *lp)
{
	int dir_len = get_basename(list) - list;
	char path[PATH_MAX], *buf, *pos, *line, *found = NULL;

	if (access(list, R_OK))
		return NULL;

	buf = read_text_file(list);
	pos = buf;
	while (!found && (line = get_line(&pos))) {
		line[strcspn(line, ":")] = '\0';
		if (!is_path_of(line, object))
			continue;
		snprintf(path, sizeof(path) - 1, "%.*s%s", dir_len, list, line);
		/* What is left of a build tree can be without */
		if (access(path, R_OK) && strends(path, ".o"))
			memcpy(path + strlen(path) - 1, "ko", sizeof("ko"));
		if (is_usable(path, lp))
			found = xstrdup(path);
	}
	free(buf);

	return found;
}

/* As long as the kernel is being built, its vmlinux is what it was before */
static bool is_current(const char *path)
{
	struct stat st, st_o;

	if (strcmp(path, "vmlinux") && strcmp(path, "System.map"))
		return true;

	return stat("vmlinux.o", &st_o) || (!stat(path, &st) && st.st_mtime >= st_o.st_mtime);
}

static char *find_object(const char *object, const struct elf_info *lp)
{
	char *path = NULL;
	unsigned int i;

	for (i = 0; !path && i < nr_places; i++) {
		if (is_list(places[i]))
			path = find_in_list(places[i], object, lp);
		else if (is_path_of(places[i], object) && is_current(places[i]) &&
			 is_usable(places[i], lp))
			path = xstrdup(places[i]);
	}

	return path;
}

static void add_symbol(struct klp_object *obj, const struct klp_object_symbol *sym)
{
	if (!(obj->count % 1024))
		obj->symbols = xrealloc(obj->symbols, (obj->count + 1024) * sizeof(*sym));
	obj->symbols[obj->count++] = *sym;
}

/* Is it one that kallsyms has? */
static bool is_kallsym(struct elf_info *elf, const Elf_Sym *sym, bool is_vmlinux)
{
	unsigned int secndx = get_secindex(elf, sym);

	if (!elf->strtab[sym->st_name] || secndx == SHN_UNDEF ||
	    ELF_ST_TYPE(sym->st_info) == STT_FILE || ELF_ST_TYPE(sym->st_info) == STT_SECTION)
		return false;
	if (is_vmlinux)
		return secndx < elf->num_sections || ELF_ST_BIND(sym->st_info) != STB_LOCAL;

	return secndx < elf->num_sections && elf->sechdrs[secndx].sh_flags & SHF_ALLOC;
}

static void read_elf(struct klp_object *obj, bool is_vmlinux)
{
	struct elf_info elf = { };
	struct klp_object_symbol new = { };
	const char *file = NULL;
	Elf_Sym *sym;

	/* The names are used until the end, so this is not finished */
	if (!parse_elf(&elf, obj->path))
		return;

	for (sym = elf.symtab_start; sym < elf.symtab_stop; sym++) {
		new.name = elf.strtab + sym->st_name;
		if (ELF_ST_TYPE(sym->st_info) == STT_FILE)
			file = new.name;
		if (!is_kallsym(&elf, sym, is_vmlinux))
			continue;

		new.addr = sym->st_value;
		new.file = ELF_ST_BIND(sym->st_info) == STB_LOCAL ? file : NULL;
		/* powerpc does not free it */
		new.is_init = !is_vmlinux && elf.hdr->e_machine != EM_PPC64 &&
			      strstarts(sec_name(&elf, get_secindex(&elf, sym)), ".init");
		add_symbol(obj, &new);
	}
}

static void read_map(struct klp_object *obj)
{
	char *line, *pos = read_text_file(obj->path);
	struct klp_object_symbol new = { };
	char *p;

	while ((line = get_line(&pos))) {
		new.addr = strtoull(line, &p, 16);
		if (p == line || strlen(p) < strlen(" t x"))
			continue;
		new.name = p + strlen(" t ");
		add_symbol(obj, &new);
	}
}

static int cmp_symbols(const void *a, const void *b)
{
	const struct klp_object_symbol *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static unsigned long long addr_of(const struct klp_object *obj, const char *name)
{
	size_t i;

	for (i = 0; i < obj->count; i++) {
		if (!strcmp(obj->symbols[i].name, name))
			return obj->symbols[i].addr;
	}

	return 0;
}

/* As kallsyms, and klp_vmlinux_keeps() in the kernel */
static void sort_vmlinux(struct klp_object *obj)
{
	unsigned long long init_begin = addr_of(obj, "__init_begin");
	unsigned long long init_end = addr_of(obj, "__init_end");
	unsigned long long percpu_start = addr_of(obj, "__per_cpu_start");
	unsigned long long percpu_end = addr_of(obj, "__per_cpu_end");
	struct klp_object_symbol *sym;

	qsort(obj->symbols, obj->count, sizeof(*obj->symbols), cmp_symbols);

	for (sym = obj->symbols; sym < obj->symbols + obj->count; sym++)
		sym->is_init = sym->addr >= init_begin && sym->addr < init_end &&
			       !(sym->addr >= percpu_start && sym->addr < percpu_end);
}

/**
 * klp_get_object() - read an object that has klp symbols
 * @parts:	the parts of the name of a symbol of it
 * @lp:		the livepatch module, which the object has to fit
 *
 * Return: the object; without symbols if its file is not at hand, which is said
 */
const struct klp_object *klp_get_object(const struct klp_symbol_name *parts,
					const struct elf_info *lp)
{
	bool is_vmlinux = klp_is_vmlinux(parts->object, parts->object_len);
	struct klp_object *obj;

	for (obj = objects; obj; obj = obj->next) {
		if (strlen(obj->name) == parts->object_len &&
		    !strncmp(obj->name, parts->object, parts->object_len))
			return obj;
	}

	obj = xcalloc(1, sizeof(*obj));
	obj->name = xstrndup(parts->object, parts->object_len);
	obj->path = find_object(obj->name, lp);
	obj->next = objects;
	objects = obj;

	if (!obj->path)
		fprintf(stderr, "modpost: no file of %s at hand: its klp symbols are not checked\n",
			obj->name);
	else if (is_map(obj->path))
		read_map(obj);
	else
		read_elf(obj, is_vmlinux);
	if (is_vmlinux)
		sort_vmlinux(obj);

	return obj;
}
