#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# test-reloc.sh with the same livepatches in the converted form: SHN_LIVEPATCH
# symbols, and relocations in sections named .klp.rela.OBJECT.SECTION.

FORM=converted

. "$(dirname "$0")"/test-reloc.sh
