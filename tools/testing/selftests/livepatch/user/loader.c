// SPDX-License-Identifier: GPL-2.0
/*
 * loader.c - what load_module() does until klp_load_symbols(), around its own checks
 */
#include <stdlib.h>
#include "user.h"
#include "reloc.h"

/* Definitions of kernel/module/ and of the architecture's module.c */
#include "parts.h"

/* Each section gets memory of its own, so that ASan catches any access past its end */
static enum outcome move_sections(struct load *load)
{
	struct load_info *info = &load->info;
	unsigned long total = 0;
	unsigned int i;

	for (i = 0; i < info->hdr->e_shnum; i++) {
		Elf_Shdr *shdr = &info->sechdrs[i];

		if (!(shdr->sh_flags & SHF_ALLOC))
			continue;
		total += shdr->sh_size;
		if (total > MAX_MEMORY)
			return TOO_BIG;
		if (posix_memalign(&load->sections[i], 64, shdr->sh_size))
			return TOO_BIG;
		if (shdr->sh_type == SHT_NOBITS)
			memset(load->sections[i], 0, shdr->sh_size);
		else
			memcpy(load->sections[i], (void *)shdr->sh_addr, shdr->sh_size);
		shdr->sh_addr = (unsigned long)load->sections[i];
	}

	return ACCEPTED;
}

static enum outcome lay_out(struct load *load)
{
	struct load_info *info = &load->info;
	const char *license;
	enum outcome outcome;

	rewrite_section_headers(info, 0);
	info->sechdrs[info->index.pcpu].sh_flags &= ~(unsigned long)SHF_ALLOC;
	info->sechdrs[info->index.sym].sh_flags |= SHF_ALLOC;
	info->sechdrs[info->index.str].sh_flags |= SHF_ALLOC;

	outcome = move_sections(load);
	if (outcome != ACCEPTED)
		return outcome;

	load->mod = (void *)info->sechdrs[info->index.mod].sh_addr;
	license = get_modinfo(info, "license");
	if (!license || !license_is_gpl_compatible(license))
		load->mod->taints |= 1UL << TAINT_PROPRIETARY_MODULE;

	return ACCEPTED;
}

enum outcome load_file(struct load *load, void *file, size_t len)
{
	const struct load_info *info = &load->info;
	enum outcome outcome;
	int ret;

	*load = (struct load){ .info = { .hdr = file, .len = len } };
	if (elf_validity_cache_copy(&load->info, 0))
		return BAD_FILE;

	load->sections = calloc(load->info.hdr->e_shnum, sizeof(*load->sections));
	outcome = lay_out(load);
	if (outcome != ACCEPTED)
		return outcome;

	/* add_kallsyms() does this for all symbols; simplify_symbols() checks all but one */
	if (info->sechdrs[info->index.sym].sh_size >= sizeof(Elf_Sym))
		elf_type((void *)info->sechdrs[info->index.sym].sh_addr, info);

	ret = copy_module_elf(load->mod, &load->info) ?: klp_scan_elf(load->mod);
	if (ret && ret != -ENOMEM && ret != -ENOEXEC)
		abort();

	return !ret ? ACCEPTED : ret == -ENOMEM ? NO_MEMORY : REFUSED;
}

void klp_free_relocs(struct module *mod)
{
	if (mod->klp_relocs)
		klp_destroy_relocs(mod->klp_relocs);
}

void unload(struct load *load)
{
	struct module *mod = load->mod;
	unsigned int i;

	if (mod)
		free_module_elf(mod);
	for (i = 0; load->sections && i < load->info.hdr->e_shnum; i++)
		free(load->sections[i]);
	free(load->sections);
}
