#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# Stubs, GOT entries and read-only places of livepatch modules on ppc64, in both
# forms

. "$(dirname "$0")/functions.sh"
. "$(dirname "$0")/functions-reloc.sh"

MOD_LP=test_klp_reloc_ppc64
MOD_FAR=test_klp_reloc_ppc64_far
MAGIC=73747562

[[ $(uname -m) == ppc64* ]] || skip "not ppc64"

# check_types(value) - all places lead to the target's symbols
function check_types() {
	local v="$1"
	local data text got

	check_param $MOD_TARGET report \
		"$MOD_LP: call $((v + 1)) load $v ADDR64 $v REL64 $v REL32 $v unaligned $v"

	read -r data text < /sys/module/$MOD_TARGET/parameters/at
	got=0
	if [[ -n "$PCREL" ]]; then
		got=$data
	fi
	check_param $MOD_LP slots "places set code set stub 1 $MAGIC $text GOT $got"
}

# check_undone(livepatch) - neither a stub, the GOT nor a place keeps anything
function check_undone() {
	check_param "$1" slots "places clear code clear stub 0 0 0 GOT 0"
}

setup_config
use_copies

# With CONFIG_PPC_KERNEL_PCREL modules have a GOT
PCREL=
if grep -q '\.mygot' test_modules/$MOD_LP.ko; then
	PCREL=1
fi

for form in plain converted; do

if [[ "$form" == "converted" ]]; then
	use_converted
fi


# - load a livepatch, and then its target more often than the livepatch has
#   stubs, each time at another address and with another value
#
# Stock kernels refuse it when the stubs are used up, after they have died of the
# places in read-only memory.

start_test "ppc64 stubs and places, $form, late target"

load_lp $MOD_LP
for value in {11..25}; do
	load_elsewhere $MOD_TARGET value="$value"
	check_types "$value"
	unload_mod $MOD_TARGET
	check_undone $MOD_LP
done
disable_lp $MOD_LP
unload_lp $MOD_LP

pass


# - the same with a target that is there already

start_test "ppc64 stubs and places, $form, target before livepatch"

load_elsewhere $MOD_TARGET value=31
load_lp $MOD_LP
check_types 31
if [[ -e $KPROBES && "$PCREL" == "" ]]; then
	set_kprobe $MOD_LP:ppc64_nop && fail "a kprobe is behind a call"
fi
disable_lp $MOD_LP
unload_mod $MOD_TARGET
check_undone $MOD_LP
unload_lp $MOD_LP

pass


# - the last relocation is out of range: those before it are undone

start_test "ppc64 stubs and places, $form, out of range"

load_lp $MOD_FAR
for again in {1..8}; do
	load_failing_mod $MOD_TARGET
	check_log "ADDR32 0x"
	check_log "refusing to load module '$MOD_TARGET'"
	check_undone $MOD_FAR
done
disable_lp $MOD_FAR
load_elsewhere $MOD_TARGET
unload_lp $MOD_FAR
load_failing_mod $MOD_FAR
check_log "ADDR32 0x"
unload_mod $MOD_TARGET

pass

done

unload_filler

exit 0
