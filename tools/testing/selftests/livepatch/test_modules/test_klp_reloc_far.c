// SPDX-License-Identifier: GPL-2.0

/* The last relocation of a section cannot be applied */
#define OUT_OF_RANGE
#include "test_klp_reloc.c"
