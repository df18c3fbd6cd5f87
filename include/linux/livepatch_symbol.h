/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * livepatch_symbol.h - names of the symbols that a livepatch module uses
 *
 * A livepatch module names a non-exported symbol by an undefined ELF symbol whose
 * name says where to look for it:
 *
 *	.klp.sym.OBJECT.SYMBOL,POS[,FOR]
 *
 * OBJECT is "vmlinux" or the name of the module that has SYMBOL.  POS picks
 * among equal names, from 1, in the order of addresses for vmlinux and of the symbol
 * table for a module; 0 says that the name is unique.  Symbols of init memory do not
 * count.  FOR is the object that relocations against this symbol wait for, where that is
 * not OBJECT.
 *
 * klp-convert has another name for the same, which is understood as well:
 *
 *	.klp.sym.rela.FOR.OBJECT.SYMBOL,POS
 *
 * with a dot instead of the comma in older versions of that tool.  So a module "rela"
 * cannot have klp symbols.
 *
 * The same header serves the authors of livepatches (KLP_SYMBOL()), the kernel
 * and modpost (klp_parse_symbol()), so that the format is defined in one place.
 * See Documentation/livepatch/symbols.rst and module-elf-format.rst there.
 */
#ifndef _LINUX_LIVEPATCH_SYMBOL_H
#define _LINUX_LIVEPATCH_SYMBOL_H

#ifdef __KERNEL__
#include <linux/string.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <string.h>
#endif
#include "livepatch_external.h"

#define KLP_VMLINUX		"vmlinux"
/* After KLP_SYM_PREFIX, in names for klp-convert */
#define KLP_CONVERT_PREFIX	"rela."

/*
 * The comma of the name makes quotes necessary in the assembler's input.  GCC
 * writes an asm label as it stands; clang quotes by itself where it is needed.
 */
#ifdef __clang__
#define __KLP_SYMBOL(name)	__asm__(KLP_SYM_PREFIX name)
#else
#define __KLP_SYMBOL(name)	__asm__("\"" KLP_SYM_PREFIX name "\"")
#endif

/**
 * KLP_SYMBOL - tie a declaration to a symbol that need not be exported
 * @object:	vmlinux, or the name of the module that has the symbol
 * @symbol:	the symbol, as kallsyms spells it
 * @pos:	which one of equal names, from 1; 0 if the name is unique
 *
 * Goes after an ordinary extern declaration in a module with the livepatch
 * modinfo, whose name only the compiler sees then:
 *
 *	extern int my_secret KLP_SYMBOL(some_module, secret, 0);
 *
 * @object is spelled as in /proc/modules.  A symbol of vmlinux can be used as
 * soon as the livepatch module is loaded.  One of a module can only be used by
 * a livepatch that patches this module, and while the module is loaded: always in
 * the replacement of one of its functions.
 */
#define KLP_SYMBOL(object, symbol, pos) \
	__KLP_SYMBOL(#object "." #symbol "," #pos)

/**
 * KLP_SYMBOL_FOR - tie a declaration to a symbol of another object
 * @object:	the name of the module that has the symbol
 * @symbol:	the symbol, as kallsyms spells it
 * @pos:	which one of equal names, from 1; 0 if the name is unique
 * @target:	the object whose patched functions use the symbol, one of those
 *		that the livepatch patches; or vmlinux
 *
 * For the replacement of a function of @target that needs a symbol of @object,
 * where the livepatch need not patch @object.  The symbol is looked for when
 * @target is loaded.  @object has to be loaded by then and cannot be unloaded before
 * @target.
 */
#define KLP_SYMBOL_FOR(object, symbol, pos, target) \
	__KLP_SYMBOL(#object "." #symbol "," #pos "," #target)

/**
 * KLP_RELOC_SYMBOL - klp-convert's spelling of KLP_SYMBOL_FOR()
 * @lp_obj:	the object whose patched functions use the symbol
 * @obj:	vmlinux, or the name of the module that has the symbol
 * @sym:	the symbol, as kallsyms spells it, which is unique in @obj
 *
 * For sources that were written for that tool, which is not needed.  A symbol of
 * vmlinux can be used as soon as the livepatch module is loaded, whatever @lp_obj is.
 */
#define KLP_RELOC_SYMBOL(lp_obj, obj, sym) \
	__KLP_SYMBOL(KLP_CONVERT_PREFIX #lp_obj "." #obj "." #sym ",0")

/**
 * KLP_RELOC_SYMBOL_POS - KLP_RELOC_SYMBOL() for a name that is not unique
 * @lp_obj:	the object whose patched functions use the symbol
 * @obj:	vmlinux, or the name of the module that has the symbol
 * @sym:	the symbol, as kallsyms spells it
 * @pos:	which one of equal names, from 1; 0 if the name is unique
 */
#define KLP_RELOC_SYMBOL_POS(lp_obj, obj, sym, pos) \
	__KLP_SYMBOL(KLP_CONVERT_PREFIX #lp_obj "." #obj "." #sym "," #pos)

/**
 * struct klp_symbol_name - the parts of a livepatch symbol's name
 * @object:	the object that has the symbol; not terminated
 * @object_len:	length of @object
 * @symbol:	the symbol's name there; not terminated
 * @symbol_len:	length of @symbol
 * @pos:	which one of equal names, from 1; 0 if the name is unique
 * @target:	the object that the relocations wait for; not terminated
 * @target_len:	length of @target
 */
struct klp_symbol_name {
	const char *object;
	size_t object_len;
	const char *symbol;
	size_t symbol_len;
	unsigned int pos;
	const char *target;
	size_t target_len;
};

/**
 * klp_is_symbol_name() - does a livepatch symbol have this name?
 * @name:	name of an ELF symbol
 *
 * Return: true if the name has the prefix of livepatch symbols
 */
static inline bool klp_is_symbol_name(const char *name)
{
	return !strncmp(name, KLP_SYM_PREFIX, sizeof(KLP_SYM_PREFIX) - 1);
}

/* Length of @s up to one of @reject, or 0 if it is not the name of an object */
static inline size_t klp_object_name_len(const char *s, const char *reject,
					 size_t max)
{
	size_t len = strcspn(s, reject);

	return len < max ? len : 0;
}

static inline bool klp_is_vmlinux(const char *name, size_t len)
{
	return len == sizeof(KLP_VMLINUX) - 1 && !strncmp(name, KLP_VMLINUX, len);
}

/* Take the name of an object from *@p, and @end, which is a dot or the end, after it */
static inline const char *klp_parse_object(const char **p, size_t max, char end,
					   const char **object, size_t *len)
{
	*object = *p;
	*len = klp_object_name_len(*p, ".,", max);
	*p += *len;
	if (!*len || **p != end)
		return "no valid object";

	/* No module would ever match */
	if (memchr(*object, '-', *len))
		return "a module name has '_' instead of '-'";
	if (!strncmp(*p, ".ko.", 4))
		return "the name of a module does not end in .ko";

	*p += end != '\0';
	return NULL;
}

/* Take a position from *@p */
static inline bool klp_parse_pos(const char **p, unsigned int *pos)
{
	size_t len = strspn(*p, "0123456789");
	const char *end = *p + len;

	for (*pos = 0; *p < end; (*p)++)
		*pos = *pos * 10 + **p - '0';

	/* Nine digits cannot overflow */
	return len && len < 10;
}

/**
 * klp_parse_symbol() - split the name of a livepatch symbol
 * @name:	name of an ELF symbol for which klp_is_symbol_name() holds
 * @max_object:	size of a buffer for the name of an object, MODULE_NAME_LEN
 * @max_symbol:	size of a buffer for the name of a symbol, KSYM_NAME_LEN
 * @parts:	where to put the result; it points into @name
 *
 * The limits are the caller's since modpost does not have the kernel's headers.
 *
 * Return: NULL, or what is wrong with the name
 */
static inline const char *klp_parse_symbol(const char *name, size_t max_object,
					   size_t max_symbol,
					   struct klp_symbol_name *parts)
{
	const char *p = name + sizeof(KLP_SYM_PREFIX) - 1;
	bool is_reloc = !strncmp(p, KLP_CONVERT_PREFIX, sizeof(KLP_CONVERT_PREFIX) - 1);
	const char *why = NULL;

	if (is_reloc) {
		p += sizeof(KLP_CONVERT_PREFIX) - 1;
		why = klp_parse_object(&p, max_object, '.', &parts->target,
				       &parts->target_len);
	}
	if (!why)
		why = klp_parse_object(&p, max_object, '.', &parts->object,
				       &parts->object_len);
	if (why)
		return why;

	/* klp-convert lets a symbol of vmlinux wait for an object, which it need not */
	if (!is_reloc || klp_is_vmlinux(parts->object, parts->object_len)) {
		parts->target = parts->object;
		parts->target_len = parts->object_len;
	}

	/* The symbol can have dots of its own, as foo.isra.0 has */
	parts->symbol = p;
	parts->symbol_len = strcspn(p, ",");
	if (is_reloc && !p[parts->symbol_len] && strrchr(p, '.'))
		parts->symbol_len = strrchr(p, '.') - p;
	p += parts->symbol_len;
	if (!parts->symbol_len || parts->symbol_len >= max_symbol || !*p++)
		return "no valid symbol";

	if (!klp_parse_pos(&p, &parts->pos) || (*p && (is_reloc || *p != ',')))
		return "no valid position";

	if (!*p++)
		return NULL;

	why = klp_parse_object(&p, max_object, '\0', &parts->target, &parts->target_len);
	if (!why && klp_is_vmlinux(parts->object, parts->object_len) &&
	    !klp_is_vmlinux(parts->target, parts->target_len))
		why = "a symbol of vmlinux needs no other object";

	return why;
}

/**
 * klp_is_load_section() - is a section of a module read while the module is being loaded?
 * @name:	name of the section
 *
 * A symbol that gets its address later is of no use there, or does harm.
 *
 * Return: true if the name begins as that of a section which the module loader or an
 *	architecture looks for.  Sections of code are not in the list.
 */
static inline bool klp_is_load_section(const char *name)
{
	static const char * const prefixes[] = {
		/* find_module_sections(), post_relocation() */
		"__param", "__ksymtab", "__kcrctab", ".ctors", "__tracepoints_ptrs",
		"___srcu_struct_ptrs", "__bpf_raw_tp_map", ".BTF", "__jump_table", "_ftrace_",
		"__trace_printk_fmt", "__mcount_loc", "__patchable_function_entries",
		"_error_injection_whitelist", "_kprobe_blacklist", ".printk_index",
		".static_call_sites", ".kunit_", "__ex_table", "__dyndbg", ".codetag.",
		".gnu.linkonce.this_module",
		/* module_finalize() of the architectures */
		".altinstructions", ".smp_locks", ".orc_unwind", ".retpoline_sites",
		".return_sites", ".call_sites", ".cfi_sites", ".ibt_endbr_seal", ".s390_",
		"__stack_protector_loc", "__ftr_fixup", "__mmu_ftr_fixup", "__fw_ftr_fixup",
		"__spec_barrier_fixup", "__lwsync_fixup",
	};
	unsigned int i;

	for (i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	}

	return false;
}

#endif /* _LINUX_LIVEPATCH_SYMBOL_H */
