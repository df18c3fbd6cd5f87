// SPDX-License-Identifier: GPL-2.0

/* A second livepatch of the same functions */
#include "test_klp_reloc.c"
