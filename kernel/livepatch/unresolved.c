// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * unresolved.c - What stands for a klp symbol whose module is not loaded
 *
 * Relocations against such a symbol are written like any others, with a value that
 * depends on what the place is used for:
 *
 *  - A call goes to klp_unresolved_call(), which says what was called.
 *  - A pointer is NULL.
 *  - All else, say the operand of an instruction or an entry of a GOT, refers to
 *    an address that is never mapped, so that an access faults.  Addends, and with them
 *    constant indices, are less than 1 MB; an index that is computed can be any.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/execmem.h>
#include <linux/preempt.h>
#include <linux/vmalloc.h>
#include "reloc.h"

/* In the middle of KLP_NOWHERE_SIZE bytes that nothing is mapped to */
static unsigned long klp_nowhere;

/*
 * Called in place of a function whose module is not loaded.  A call's relocation
 * is the last part of the instruction on all architectures, so that the place
 * ends where the call returns to.  A tail call has no such place: what called
 * the caller is then the best that there is.
 *
 * The return address lies in a module whose code is running, so that neither
 * the module nor its table can be freed.
 */
static noinline notrace void klp_unresolved_call(void)
{
	unsigned long ret = (unsigned long)__builtin_return_address(0);
	const struct klp_symbol *sym = NULL;
	const char *state = "loaded";
	struct module *mod;

	preempt_disable();
	mod = __module_text_address(ret);
	if (mod && is_livepatch_module(mod))
		sym = klp_symbol_at(mod, ret - sizeof(u32), ret - 1);
	if (sym && find_module(sym->holder->name))
		state = "resolved";
	preempt_enable();

	/* A tail call can leave the return address of another late call, one that is resolved */
	if (sym && !READ_ONCE(sym->addr))
		pr_err("%s: %pS called '%*pE' of module '%s', which is not %s\n",
		       mod->name, (void *)ret, klp_log_len(sym->name), sym->name,
		       sym->holder->name, state);
	else
		pr_err("unresolved function called, probably by a tail call; it would have returned to %pS\n",
		       (void *)ret);
	BUG();
}

/**
 * klp_unresolved_value() - the value of a symbol that is not resolved
 * @class:	what the place of a relocation is used for
 * @rela:	the relocation
 *
 * Return: what to use as the address of the symbol
 */
unsigned long klp_unresolved_value(enum klp_reloc_class class, const Elf_Rela *rela)
{
	switch (class) {
	case KLP_RELOC_CALL:
		return (unsigned long)klp_unresolved_call;
	case KLP_RELOC_POINTER:
		return -rela->r_addend;
	default:
		return klp_nowhere;
	}
}

/**
 * klp_init_unresolved() - reserve the address that is never mapped
 *
 * It is where modules are, so that relocations of modules can reach it.
 *
 * Return: 0 or -ENOMEM
 */
int __init klp_init_unresolved(void)
{
	struct vm_struct *area = execmem_vmap(KLP_NOWHERE_SIZE);

	if (!area)
		return -ENOMEM;

	klp_nowhere = (unsigned long)area->addr + KLP_NOWHERE_SIZE / 2;
	return 0;
}
