// SPDX-License-Identifier: GPL-2.0

/* Both modules are patched, and both need the symbols of one of them */
#define PATCH_BOTH
#include "test_klp_reloc_for.c"
