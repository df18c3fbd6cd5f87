// SPDX-License-Identifier: GPL-2.0

/* Takes the place that a target had, and more */
#include "test_klp_reloc_one.c"

static char space[3 * PAGE_SIZE] __used;
