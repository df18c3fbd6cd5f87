// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * image_kunit.c - Put a small livepatch module together in memory
 */

#include <linux/rculist.h>
#include "../module/internal.h"
#include "image_kunit.h"

/* For symbol_kunit.c, which has others with these names */
static int klp_kunit_twin __initdata __used = 1;
static int klp_kunit_pair __used = 1;

static const struct klp_image_section {
	const char *name;
	u32 type;
	u64 flags;
	unsigned int info;
} sections[NUM_SECTIONS] = {
	[SEC_NULL]	= { "", SHT_NULL },
	/* The module loader has given SHF_ALLOC to these two */
	[SEC_SYMTAB]	= { ".symtab", SHT_SYMTAB, SHF_ALLOC },
	[SEC_STRTAB]	= { ".strtab", SHT_STRTAB, SHF_ALLOC },
	[SEC_SHSTRTAB]	= { ".shstrtab", SHT_STRTAB },
	[SEC_TEXT]	= { ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR },
	[SEC_RODATA]	= { ".rodata", SHT_PROGBITS, SHF_ALLOC },
	[SEC_DATA]	= { ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE },
	[SEC_INIT]	= { ".klp_kunit_init", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE },
	[SEC_PARAM]	= { "__param", SHT_PROGBITS, SHF_ALLOC },
	[SEC_ALT]	= { KLP_ALT_SECTION, SHT_PROGBITS, SHF_ALLOC },
	/* The module loader has taken SHF_ALLOC from it, and from .klp.rela.* */
	[SEC_PERCPU]	= { ".data..percpu", SHT_PROGBITS, SHF_WRITE },
	[SEC_DEBUG]	= { ".debug_info", SHT_PROGBITS },
	[REL_TEXT]	= { ".rela.text", SHT_RELA, 0, SEC_TEXT },
	[REL_RODATA]	= { ".rela.rodata", SHT_RELA, 0, SEC_RODATA },
	[REL_DATA]	= { ".rela.data", SHT_RELA, 0, SEC_DATA },
	[REL_INIT]	= { ".rela.klp_kunit_init", SHT_RELA, 0, SEC_INIT },
	[REL_PARAM]	= { ".rela__param", SHT_RELA, 0, SEC_PARAM },
	[REL_PERCPU]	= { ".rela.data..percpu", SHT_RELA, 0, SEC_PERCPU },
	[REL_DEBUG]	= { ".rela.debug_info", SHT_RELA, 0, SEC_DEBUG },
	[KLP_A_TEXT]	= { ".klp.rela.a.text", SHT_RELA, SHF_RELA_LIVEPATCH, SEC_TEXT },
	[KLP_A_DATA]	= { ".klp.rela.a.data", SHT_RELA, SHF_RELA_LIVEPATCH, SEC_DATA },
	[KLP_B_TEXT]	= { ".klp.rela.b.text", SHT_RELA, SHF_RELA_LIVEPATCH, SEC_TEXT },
	[KLP_VMLINUX_TEXT] = { ".klp.rela.vmlinux.text", SHT_RELA, SHF_RELA_LIVEPATCH,
			       SEC_TEXT },
	[KLP_A_PERCPU]	= { ".klp.rela.a.data..percpu", SHT_RELA, SHF_RELA_LIVEPATCH,
			    SEC_PERCPU },
	/* Tools make such ones, too */
	[KLP_A]		= { ".klp.rela.a", SHT_RELA, SHF_RELA_LIVEPATCH, SEC_NULL },
};

/* Add a string to a table whose first one is empty; returns where it is */
static unsigned int add_string(char *table, Elf_Shdr *sec, const char *string)
{
	unsigned int at = sec->sh_size ?: 1;

	sec->sh_size = at + strscpy(table + at, string, KLP_IMAGE_STRINGS - at) + 1;

	return at;
}

static void add_sections(struct klp_image *image)
{
	Elf_Shdr names = {};
	unsigned int i;

	for (i = 1; i < NUM_SECTIONS; i++) {
		const struct klp_image_section *section = &sections[i];
		Elf_Shdr *sec = &image->sechdrs[i];

		sec->sh_name = add_string(image->secstrings, &names, section->name);
		sec->sh_type = section->type;
		sec->sh_flags = section->flags;
		sec->sh_addr = (unsigned long)image->memory[i];
		sec->sh_size = KLP_IMAGE_SIZE;
		if (section->type != SHT_RELA)
			continue;

		/* Without relocations there is none */
		sec->sh_type = SHT_NULL;
		sec->sh_addr = (unsigned long)image->relas[i];
		sec->sh_size = 0;
		sec->sh_entsize = sizeof(Elf_Rela);
		sec->sh_link = SEC_SYMTAB;
		sec->sh_info = section->info;
	}

	image->sechdrs[SEC_SYMTAB].sh_addr = (unsigned long)image->symtab;
	image->sechdrs[SEC_SYMTAB].sh_size = sizeof(Elf_Sym);
	image->sechdrs[SEC_SYMTAB].sh_entsize = sizeof(Elf_Sym);
	image->sechdrs[SEC_SYMTAB].sh_link = SEC_STRTAB;
	image->sechdrs[SEC_STRTAB].sh_addr = (unsigned long)image->strtab;
	image->sechdrs[SEC_STRTAB].sh_size = 1;
	image->sechdrs[SEC_SHSTRTAB].sh_addr = (unsigned long)image->secstrings;
	image->sechdrs[SEC_SHSTRTAB].sh_size = names.sh_size;
}

static void add_memory(struct klp_image *image, enum mod_mem_type type, unsigned int secndx)
{
	image->mod.mem[type].base = image->memory[secndx];
	image->mod.mem[type].size = KLP_IMAGE_SIZE;
}

static void free_relocs(void *data)
{
	struct klp_image *image = data;

	if (image->mod.klp_relocs)
		klp_destroy_relocs(image->mod.klp_relocs);
}

/**
 * klp_image_alloc() - a livepatch module without symbols and relocations
 * @test:	the test that it is for, with which it is freed
 *
 * Return: the module, which is being loaded
 */
struct klp_image *klp_image_alloc(struct kunit *test)
{
	struct klp_image *image = kunit_kzalloc(test, sizeof(*image), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, image);

	strscpy(image->mod.name, "klp_kunit");
	image->mod.state = MODULE_STATE_UNFORMED;
	add_sections(image);
	add_memory(image, MOD_TEXT, SEC_TEXT);
	add_memory(image, MOD_RODATA, SEC_RODATA);
	add_memory(image, MOD_DATA, SEC_DATA);
	add_memory(image, MOD_INIT_DATA, SEC_INIT);
	add_memory(image, MOD_RO_AFTER_INIT, SEC_PARAM);
	image->info.hdr.e_shnum = NUM_SECTIONS;
	image->info.sechdrs = image->sechdrs;
	image->info.secstrings = image->secstrings;
	image->info.symndx = SEC_SYMTAB;
	image->mod.klp_info = &image->info;
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_relocs, image));

	return image;
}

/**
 * klp_image_symbol() - add a symbol
 * @image:	the module
 * @name:	name of the symbol
 * @shndx:	section that it is in, or a special one
 *
 * Return: its index
 */
unsigned int klp_image_symbol(struct klp_image *image, const char *name,
			      unsigned int shndx)
{
	Elf_Shdr *sec = &image->sechdrs[SEC_SYMTAB];
	unsigned int index = sec->sh_size / sizeof(Elf_Sym);

	image->symtab[index].st_name = add_string(image->strtab, &image->sechdrs[SEC_STRTAB],
						  name);
	image->symtab[index].st_shndx = shndx;
	sec->sh_size += sizeof(Elf_Sym);

	return index;
}

/**
 * klp_image_rela() - add a relocation
 * @image:	the module
 * @secndx:	relocation section
 * @symbol:	index of the symbol
 * @type:	KLP_TYPE_*; for KLP_TYPE_CALL an x86 call is put around the place
 * @offset:	of the place in the section that is relocated
 *
 * Return: the relocation, with the addend of a call, or 0
 */
Elf_Rela *klp_image_rela(struct klp_image *image, unsigned int secndx,
			 unsigned int symbol, unsigned int type, unsigned int offset)
{
	Elf_Shdr *sec = &image->sechdrs[secndx];
	Elf_Rela *rela = &image->relas[secndx][sec->sh_size / sizeof(*rela)];

	sec->sh_type = SHT_RELA;
	rela->r_offset = offset;
	rela->r_info = ((u64)symbol << 32) | type;
	sec->sh_size += sizeof(*rela);
	if (type == KLP_TYPE_CALL) {
		rela->r_addend = KLP_CALL_ADDEND;
		image->memory[sec->sh_info][offset - 1] = 0xe8;
	}

	return rela;
}

/**
 * klp_image_scan() - make the table of a good module
 * @test:	the test
 * @image:	the module, with which the table is freed, or when another one is made
 *
 * Return: the table
 */
struct klp_relocs *klp_image_scan(struct kunit *test, struct klp_image *image)
{
	struct klp_relocs *relocs;
	unsigned int i;

	if (image->mod.klp_relocs)
		klp_destroy_relocs(image->mod.klp_relocs);
	KUNIT_ASSERT_EQ(test, 0, klp_scan_elf(&image->mod));
	relocs = image->mod.klp_relocs;

	/* As if the places had been written: they are NULL */
	for (i = 0; i < relocs->nsymbols; i++)
		relocs->symbols[i].written = 0;

	return relocs;
}

/**
 * klp_image_klp_symbol() - the klp symbol of the table for a symbol of the module
 * @relocs:	table of the module
 * @symbol:	index of the symbol in the module
 *
 * Return: the klp symbol, or NULL
 */
struct klp_symbol *klp_image_klp_symbol(const struct klp_relocs *relocs,
					unsigned int symbol)
{
	unsigned int index = relocs->index[symbol];

	return index ? &relocs->symbols[index - 1] : NULL;
}

static void remove_target(void *data)
{
	struct klp_target *target = data;

	mutex_lock(&module_mutex);
	list_del_rcu(&target->mod.list);
	mutex_unlock(&module_mutex);
	synchronize_rcu();
}

/**
 * klp_target_alloc() - a module that is loaded, and has no symbols
 * @test:	the test that it is for, with which it is unloaded and freed
 * @name:	name of the module
 *
 * Return: the module
 */
struct klp_target *klp_target_alloc(struct kunit *test, const char *name)
{
	struct klp_target *target = kunit_kzalloc(test, sizeof(*target), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, target);

	strscpy(target->mod.name, name);
	target->mod.state = MODULE_STATE_LIVE;
	atomic_set(&target->mod.refcnt, 1);
	target->mod.mem[MOD_DATA].base = target->core;
	target->mod.mem[MOD_DATA].size = sizeof(target->core);
	target->mod.mem[MOD_INIT_DATA].base = target->init;
	target->mod.mem[MOD_INIT_DATA].size = sizeof(target->init);
	target->kallsyms.symtab = target->symtab;
	target->kallsyms.strtab = target->strtab;
	target->kallsyms.typetab = target->typetab;
#ifdef CONFIG_MODULE_UNLOAD
	/* For /proc/modules */
	INIT_LIST_HEAD(&target->mod.source_list);
	INIT_LIST_HEAD(&target->mod.target_list);
#endif
	rcu_assign_pointer(target->mod.kallsyms, &target->kallsyms);

	mutex_lock(&module_mutex);
	list_add_rcu(&target->mod.list, &modules);
	mutex_unlock(&module_mutex);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, remove_target, target));

	return target;
}

/**
 * klp_target_symbol() - add a symbol
 * @target:	the module
 * @name:	name of the symbol
 * @addr:	its address
 */
void klp_target_symbol(struct klp_target *target, const char *name, void *addr)
{
	Elf_Sym *sym = &target->symtab[target->kallsyms.num_symtab];

	sym->st_name = add_string(target->strtab, &target->strings, name);
	sym->st_shndx = 1;
	sym->st_value = (unsigned long)addr;
	target->kallsyms.num_symtab++;
}
