// SPDX-License-Identifier: GPL-2.0

/* Takes the place that a target had */
#include "test_klp_reloc_one.c"
