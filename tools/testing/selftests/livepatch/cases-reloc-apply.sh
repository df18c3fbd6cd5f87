#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# Relocations are applied when a target is loaded, and only then.
# Cases of test-reloc.sh.

# $MOD_... have no spaces
# shellcheck disable=SC2086

# - load a livepatch of a target that is there already
# - disable it, which lets it keep the target's addresses until the target goes
# - load it once more
function test_target_before_livepatch() {
	local at

	load_target 11
	load_lp $MOD_LP
	check_target $MOD_LP 11
	disable_lp $MOD_LP
	check_target "" 11
	at=$(cat /sys/module/$MOD_TARGET/parameters/at)
	check_param $MOD_LP places "$at $at"
	unload_mod $MOD_TARGET
	check_undone $MOD_LP
	load_target 12
	check_undone $MOD_LP
	unload_lp $MOD_LP
	load_lp $MOD_LP
	check_target $MOD_LP 12
	disable_lp $MOD_LP
	unload_lp $MOD_LP
	check_target "" 12
	unload_mod $MOD_TARGET
}

# - load a livepatch first, and then its target several times, each time at
#   another address and with other values
# - no place keeps an address when the target has gone
#
# Stock kernels on s390x use the first address forever.
function test_late_target() {
	load_lp $MOD_LP
	check_undone $MOD_LP
	for value in 21 22 23 24; do
		load_target $value
		check_target $MOD_LP $value
		unload_mod $MOD_TARGET
	done
	check_undone $MOD_LP
	disable_lp $MOD_LP
	unload_lp $MOD_LP
}

# - two targets of one livepatch come and go in any order
function test_two_targets() {
	load_elsewhere $MOD_TARGET2 value=1
	load_lp $MOD_LP
	check_target2 $MOD_LP 1
	check_undone $MOD_LP
	load_target 31
	check_target $MOD_LP 31
	unload_mod $MOD_TARGET2
	check_target $MOD_LP 31
	load_elsewhere $MOD_TARGET2 value=2
	check_target2 $MOD_LP 2
	unload_mod $MOD_TARGET
	check_undone $MOD_LP
	check_target2 $MOD_LP 2
	load_target 32
	check_target $MOD_LP 32
	check_target2 $MOD_LP 2
	disable_lp $MOD_LP
	unload_lp $MOD_LP
	check_target "" 32
	unload_mod $MOD_TARGET
	unload_mod $MOD_TARGET2
}

# - refuse the target by the livepatch's callback
# - it can be loaded when the callback agrees
# - refuse it twice: nothing stays behind
# - refuse the livepatch by its callback while the target is there
#
# On stock x86-64 kernels the target cannot be loaded after it was refused once.
function test_target_refused_by_callback() {
	load_lp $MOD_LP
	set_pre_patch_ret $MOD_LP -19
	load_failing_mod $MOD_TARGET
	set_pre_patch_ret $MOD_LP 0
	load_target 41
	check_target $MOD_LP 41
	unload_mod $MOD_TARGET

	set_pre_patch_ret $MOD_LP -19
	load_failing_mod $MOD_TARGET
	load_failing_mod $MOD_TARGET
	check_undone $MOD_LP
	disable_lp $MOD_LP
	unload_lp $MOD_LP

	load_target 42
	load_failing_mod $MOD_LP pre_patch_ret=-19
	check_target "" 42
	load_lp $MOD_LP
	check_target $MOD_LP 42
	disable_lp $MOD_LP
	unload_lp $MOD_LP
	unload_mod $MOD_TARGET
}

# check_own_variable(value) - the livepatch reaches the target by all but the
#			      variable that it has set itself
function check_own_variable() {
	local data text report

	read -r data text < /sys/module/$MOD_TARGET/parameters/at
	report=$(cat /sys/module/$MOD_TARGET/parameters/report)
	[[ "$report" == "$MOD_LP: code $1 $(($1 + 1)) data -1 $(($1 + 2)) rodata $1 "* ]] ||
		fail "report is '$report'"
	check_param $MOD_LP places "1 $text $data $text"
}

# - a variable of the livepatch, which pointed to the target, is set by the
#   livepatch while the target is not loaded, and while it is: it keeps its value
#   when the target is loaded, and when it is unloaded
# - NULL, as it is while the target is not loaded, is no such value
#
# On stock x86-64 kernels the target cannot be loaded any more.
function test_variable_of_livepatch() {
	load_lp $MOD_LP
	echo 1 > /sys/module/$MOD_LP/parameters/places
	for value in 43 44; do
		load_target $value
		check_own_variable $value
		unload_mod $MOD_TARGET
		check_param $MOD_LP places "1 0 0 0"
	done

	echo 0 > /sys/module/$MOD_LP/parameters/places
	load_target 45
	check_target $MOD_LP 45
	echo 1 > /sys/module/$MOD_LP/parameters/places
	check_own_variable 45
	unload_mod $MOD_TARGET
	check_param $MOD_LP places "1 0 0 0"
	load_target 46
	check_own_variable 46
	unload_mod $MOD_TARGET

	# Nor does a failure change it
	load_failing_mod $MOD_TARGET init_ret=-12
	check_param $MOD_LP places "1 0 0 0"
	disable_lp $MOD_LP
	unload_lp $MOD_LP
}

# - enable a second livepatch of the same module: it is refused, and the first one
#   keeps its relocations
function test_two_patches_of_one_module() {
	load_target 48
	load_lp $MOD_LP twice=1
	check_log "$MSG_TWICE" "$MOD_LP: "
	check_log "second livepatch: -16"
	check_target $MOD_LP 48
	disable_lp $MOD_LP
	unload_lp $MOD_LP
	unload_mod $MOD_TARGET
}

# - put a kprobe on an instruction that is relocated: it is refused, while the
#   target is there and while it is not
# - one on the function that has it, at its entry, is not
function test_kprobe() {
	[[ -e $KPROBES ]] || skip "no kprobe events"
	load_lp $MOD_LP
	# All places that ftrace does not know are refused otherwise
	if ! set_kprobe $MOD_LP:other_insn; then
		disable_lp $MOD_LP
		unload_lp $MOD_LP
		skip "no CONFIG_KPROBE_EVENTS_ON_NOTRACE"
	fi
	for value in 0 49; do
		[[ $value -eq 0 ]] || load_target $value
		set_kprobe $MOD_LP:livepatch_report_get || fail "no kprobe on a function"
		set_kprobe $MOD_LP:late_insn && fail "a kprobe is where relocations are"
	done
	check_target $MOD_LP 49
	disable_lp $MOD_LP
	unload_lp $MOD_LP
	unload_mod $MOD_TARGET
}

# - let the target fail after its relocations have been applied: by a parameter
#   that it does not understand, and by its init function
# - it can be loaded afterwards
function test_target_that_fails() {
	load_lp $MOD_LP
	for params in value=none init_ret=-12; do
		load_failing_mod $MOD_TARGET $params
		check_log "applying patch '$MOD_LP' to loading module '$MOD_TARGET'"
		check_undone $MOD_LP
		load_target 44
		check_target $MOD_LP 44
		unload_mod $MOD_TARGET
	done
	disable_lp $MOD_LP
	unload_lp $MOD_LP
}

# - the last relocation of a section is out of range wherever the target may be:
#   the livepatch is refused when it is loaded, with and without the target
#
# Stock kernels refuse the target.
function test_out_of_range() {
	load_failing_mod $MOD_FAR
	load_target 46
	load_failing_mod $MOD_FAR
	check_target "" 46
	load_lp $MOD_LP
	check_target $MOD_LP 46
	disable_lp $MOD_LP
	unload_lp $MOD_LP
	unload_mod $MOD_TARGET
}

# - two livepatches of one target: each has its own relocations
# - disable them in the order in which that can be done
function test_two_livepatches() {
	load_lp $MOD_LP
	load_target 101
	load_lp $MOD_LP2
	check_target $MOD_LP2 101
	unload_mod $MOD_TARGET
	check_undone $MOD_LP
	check_undone $MOD_LP2

	# A refusal by the second one undoes what has been done for the first one
	set_pre_patch_ret $MOD_LP2 -19
	load_failing_mod $MOD_TARGET
	check_undone $MOD_LP
	check_undone $MOD_LP2
	set_pre_patch_ret $MOD_LP2 0

	load_target 102
	check_target $MOD_LP2 102
	disable_lp $MOD_LP2
	check_target $MOD_LP 102
	unload_lp $MOD_LP2
	check_target $MOD_LP 102
	disable_lp $MOD_LP
	unload_lp $MOD_LP
	unload_mod $MOD_TARGET
}

# - replace a livepatch while the target is there: the relocations of both are
#   undone when the target goes
# - replace one while the target is not there: only the new one's are applied
function test_atomic_replace() {
	load_target 111
	load_lp $MOD_LP
	load_lp $MOD_LP2 replace=1
	loop_until '[[ ! -e "/sys/kernel/livepatch/$MOD_LP" ]]' ||
		fail "$MOD_LP has not been replaced"
	check_target $MOD_LP2 111
	unload_mod $MOD_TARGET
	check_undone $MOD_LP
	check_undone $MOD_LP2
	load_target 112
	check_undone $MOD_LP
	unload_lp $MOD_LP
	check_target $MOD_LP2 112
	unload_mod $MOD_TARGET
	load_lp $MOD_LP replace=1
	loop_until '[[ ! -e "/sys/kernel/livepatch/$MOD_LP2" ]]' ||
		fail "$MOD_LP2 has not been replaced"
	load_target 113
	check_undone $MOD_LP2
	check_target $MOD_LP 113
	unload_lp $MOD_LP2
	check_target $MOD_LP 113
	disable_lp $MOD_LP
	unload_lp $MOD_LP
	unload_mod $MOD_TARGET
}

# - a livepatch without any of this
function test_no_klp_symbols() {
	cmdline=$(cat /proc/cmdline)
	load_lp $MOD_SIMPLE
	check_value "/proc/cmdline" "$MOD_SIMPLE: this has been live patched" "$(cat /proc/cmdline)"
	disable_lp $MOD_SIMPLE
	unload_lp $MOD_SIMPLE
	check_value "/proc/cmdline" "$cmdline" "$(cat /proc/cmdline)"
}

# - a livepatch that was written for klp-convert uses symbols of vmlinux, of its target,
#   and of a third module
# - the same with the position after a dot
# - vmlinux does not have the symbol, which is noticed before the target is loaded
function test_klp_convert_names() {
	local name=".klp.sym.rela.$MOD_TARGET.$MOD_TARGET2.secret_plus"
	local address value

	[[ "$FORM" == "plain" ]] || skip "names of the plain form"
	address=$(vmlinux_address cmdline_proc_show 1)

	for value in 65 66; do
		load_elsewhere $MOD_TARGET2 value=$((value + 10))
		load_lp $MOD_CCP
		load_target $value
		check_param $MOD_TARGET report "$MOD_CCP: vmlinux $address own $value twin $((
			value + 200 - 1)) other $((value + 10 + 2))"
		unload_mod $MOD_TARGET
		load_target $((value + 1))
		check_param $MOD_TARGET report "$MOD_CCP: vmlinux $address own $((
			value + 1)) twin $((value + 200)) other $((value + 10 + 2))"
		disable_lp $MOD_CCP
		check_param $MOD_TARGET report "$MOD_TARGET: original"
		unload_lp $MOD_CCP
		unload_mod $MOD_TARGET
		unload_mod $MOD_TARGET2
		[[ $value -eq 66 ]] || rename_in_copy $MOD_CCP "$name,0" "$name.0"
	done
	restore_copy $MOD_CCP

	change_copy $MOD_CCP 's/kallsyms_lookup_name,0/kallsyms_lookup_nAme,0/'
	load_failing_mod $MOD_CCP
	check_log "$MSG_NOT_FOUND" "'kallsyms_lookup_nAme'" "'vmlinux'"
	restore_copy $MOD_CCP
}
