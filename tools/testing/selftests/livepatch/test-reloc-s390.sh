#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# Slots of GOT and PLT in livepatch modules on s390, in both forms

. "$(dirname "$0")"/functions.sh
. "$(dirname "$0")"/functions-reloc.sh

MOD_LP=test_klp_reloc_s390
MOD_FAR=test_klp_reloc_s390_far

[[ $(uname -m) == "s390x" ]] || skip "not s390x"

GOT_TYPES="GOT12 GOT16 GOT20 GOT32 GOT64 GOTENT GOTPLT12 GOTPLT16 GOTPLT20
	GOTPLT32 GOTPLT64 GOTPLTENT GOTOFF32 GOTOFF64"
PLT_TYPES="PLT32DBL PLT32 PLT64 PLTOFF16 PLTOFF32 PLTOFF64"

# check_types(value) - all types of relocations lead to the target's symbols
function check_types() {
	local v="$1"
	local expected="$MOD_LP: PLT16DBL $((v + 1))"
	local data text type

	for type in $GOT_TYPES; do
		expected+=" $type $v"
	done
	for type in $PLT_TYPES; do
		expected+=" $type $((v + 1))"
	done
	check_param $MOD_TARGET report "$expected"

	read -r data text < /sys/module/$MOD_TARGET/parameters/at
	check_param $MOD_LP slots "places set code set GOT $data PLT $text"
}

# check_undone(livepatch) - neither a slot nor a place keeps anything
function check_undone() {
	check_param "$1" slots "places clear code clear GOT 0 PLT 0"
}

setup_config
use_copies

for form in plain converted; do

if [[ "$form" == "converted" ]]; then
	use_converted
fi


# - load a livepatch with all types of relocations against symbols of a target
# - load the target several times, each time at another address and with another
#   value
#
# Stock kernels fill slots once: with the first target's addresses.

start_test "s390 GOT and PLT, $form, late target"

load_lp $MOD_LP
for value in 11 12 13; do
	load_elsewhere $MOD_TARGET value=$value
	check_types $value
	unload_mod $MOD_TARGET
done
check_undone $MOD_LP
disable_lp $MOD_LP
unload_lp $MOD_LP

pass


# - the same with a target that is there already

start_test "s390 GOT and PLT, $form, target before livepatch"

load_elsewhere $MOD_TARGET value=21
load_lp $MOD_LP
check_types 21
disable_lp $MOD_LP
unload_mod $MOD_TARGET
check_undone $MOD_LP
unload_lp $MOD_LP

pass


# - the last relocation is out of range: those before it are undone

start_test "s390 GOT and PLT, $form, out of range"

load_lp $MOD_FAR
load_failing_mod $MOD_TARGET
check_log "relocation error for symbol"
check_log "refusing to load module '$MOD_TARGET'"
check_undone $MOD_FAR
disable_lp $MOD_FAR
load_elsewhere $MOD_TARGET
unload_lp $MOD_FAR
load_failing_mod $MOD_FAR
check_log "relocation error for symbol"
unload_mod $MOD_TARGET

pass

done

unload_filler

exit 0
