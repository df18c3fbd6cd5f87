/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel has in common with the tools that make livepatches
 */
#ifndef _LINUX_LIVEPATCH_EXTERNAL_H_
#define _LINUX_LIVEPATCH_EXTERNAL_H_

#define KLP_RELOC_SEC_PREFIX	".klp.rela."
#define KLP_SYM_PREFIX		".klp.sym."

#endif /* _LINUX_LIVEPATCH_EXTERNAL_H_ */
