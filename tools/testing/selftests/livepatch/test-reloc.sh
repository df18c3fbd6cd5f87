#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# Relocations of livepatch modules by symbols that are not exported.  Runs for
# both forms of relocations: test-reloc-converted.sh sets FORM.

dir=$(realpath "$(dirname "$0")")
. "$dir/functions.sh"
. "$dir/functions-reloc.sh"
. "$dir/cases-reloc-symbols.sh"
. "$dir/cases-reloc-apply.sh"
. "$dir/cases-reloc-refused.sh"

FORM=${FORM:-plain}

setup_reloc "$FORM"
if [[ "$FORM" == "converted" ]]; then
	# The other form has had them all
	use_one_cpu
fi

mapfile -t cases < <(all_cases "$dir"/cases-reloc-*.sh)
run_cases "${cases[@]}"
