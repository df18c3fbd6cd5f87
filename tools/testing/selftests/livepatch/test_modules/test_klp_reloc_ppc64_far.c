// SPDX-License-Identifier: GPL-2.0

/* The last relocation cannot be applied */
#define OUT_OF_RANGE
#include "test_klp_reloc_ppc64.c"
