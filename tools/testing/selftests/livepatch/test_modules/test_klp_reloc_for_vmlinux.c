// SPDX-License-Identifier: GPL-2.0

/* The replacement of a function of vmlinux needs symbols of a module */
#define FOR_VMLINUX
#include "test_klp_reloc_vmlinux.c"
