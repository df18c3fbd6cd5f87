#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# How klp symbols are found, and that those are named which are not.
# Cases of test-reloc.sh.

# $MOD_... have no spaces
# shellcheck disable=SC2086

# - load a livepatch that uses functions and variables of vmlinux: static ones,
#   others that are not exported, and exported ones
# - compare what it finds with what vmlinux says itself
# - the same for two functions of the same name
function test_vmlinux_symbols() {
	[[ "$(vmlinux_address c_next 2)" != "" ]] ||
		skip "vmlinux has no two functions c_next()"

	load_lp $MOD_VMLINUX

	check_value "/proc/cmdline" "banner $(cat /proc/version)
version $(cat /proc/version)
data $(cat /proc/version)
kobject livepatch
exported $(uname -r)
lookup $(vmlinux_address cmdline_proc_show 1)
positions $(vmlinux_address c_next 1) $(vmlinux_address c_next 2)" \
		"$(cat /proc/cmdline)"

	disable_lp $MOD_VMLINUX
	unload_lp $MOD_VMLINUX
}

# - ask vmlinux for a symbol that is not unique, for one of its name and position
#   that is not there, for a name that is not there, and for a function that has
#   been freed since the kernel booted
# - the livepatch must not load
function test_vmlinux_symbols_that_cannot_be_resolved() {
	change_copy $MOD_VMLINUX 's/c_next,1/c_next,0/'
	load_failing_mod $MOD_VMLINUX
	check_log "$MSG_AMBIGUOUS" "'c_next'" "'vmlinux'"
	restore_copy $MOD_VMLINUX

	positions=$(grep -c ' c_next$' /proc/kallsyms)
	if [[ $positions -lt 9 ]]; then
		change_copy $MOD_VMLINUX 's/c_next,2/c_next,9/'
		load_failing_mod $MOD_VMLINUX
		check_log "$MSG_POSITION 9" "'c_next'" "'vmlinux'"
		restore_copy $MOD_VMLINUX
	fi

	change_copy $MOD_VMLINUX 's/klp_root_kobj,0/klp_rOOt_kobj,0/'
	load_failing_mod $MOD_VMLINUX
	check_log "$MSG_NOT_FOUND" "'klp_rOOt_kobj'"
	restore_copy $MOD_VMLINUX

	change_copy $MOD_VMLINUX 's/linux_banner,0/start_kernel,0/'
	load_failing_mod $MOD_VMLINUX
	check_log "$MSG_INIT_MEMORY" "'start_kernel'" "'vmlinux'"
	restore_copy $MOD_VMLINUX

	load_lp $MOD_VMLINUX
	grep -q '^kobject livepatch$' /proc/cmdline ||
		fail "the livepatch does not work after it was refused"
	disable_lp $MOD_VMLINUX
	unload_lp $MOD_VMLINUX
}

# - every symbol that cannot be resolved is named, whatever the reason: of vmlinux
#   when the livepatch is loaded, of a target when that is loaded
function test_all_unresolved_symbols_are_named() {
	local symbol

	change_copy $MOD_VMLINUX \
		's/linux_banner,0/linux_bannex,0/; s/klp_root_kobj,0/klp_rOOt_kobj,0/
		 s/c_next,1/c_next,0/; s/version_proc_show,0/version_proc_shOw,0/'
	load_failing_mod $MOD_VMLINUX
	for symbol in linux_bannex klp_rOOt_kobj c_next version_proc_shOw; do
		check_log "$MOD_VMLINUX" "'$symbol'" "'vmlinux'"
	done
	restore_copy $MOD_VMLINUX

	change_copy $MOD_TARGET \
		"s/secret_plus/SECRET_PLUS/g; s/written/WRITTEN/g; s/twin_minus/TWIN_MINUS/g"
	load_lp $MOD_LP
	load_failing_mod $MOD_TARGET
	for symbol in secret_plus written twin_minus; do
		check_log "$MOD_LP" "'$symbol'" "'$MOD_TARGET'"
	done
	check_undone $MOD_LP
	restore_copy $MOD_TARGET
	load_target 55
	check_target $MOD_LP 55
}

# - load a target without one of the symbols: it is refused, whatever else of it
#   could be told before
# - the livepatch's other target still works
# - the target with the symbol can be loaded, and the one without it when the
#   livepatch has been disabled
#
# On stock x86-64 kernels the target cannot be loaded any more once the symbols
# of an earlier section were found.
function test_missing_symbol() {
	load_elsewhere $MOD_TARGET2 value=3
	load_lp $MOD_LP
	for symbol in secret_plus written twin_minus; do
		change_copy $MOD_TARGET "s/$symbol/${symbol^^}/g"
		load_failing_mod $MOD_TARGET
		check_log "$MSG_NOT_FOUND" "'$symbol'"
		check_log "$MSG_REFUSED" "'$MOD_TARGET'"
		check_undone $MOD_LP
		check_target2 $MOD_LP 3
		restore_copy $MOD_TARGET
	done
	load_target 51
	check_target $MOD_LP 51
	unload_mod $MOD_TARGET
	disable_lp $MOD_LP

	change_copy $MOD_TARGET "s/secret_plus/SECRET_PLUS/g"
	load_mod $MOD_TARGET
	check_target "" 0
	unload_lp $MOD_LP
	load_failing_mod $MOD_LP
	check_log "$MSG_NOT_FOUND" "'secret_plus'"
	unload_mod $MOD_TARGET
	restore_copy $MOD_TARGET
	unload_mod $MOD_TARGET2

	if [[ "$(uname -m)" != ppc64* ]]; then
		change_copy $MOD_LP 's/target\.secret,0/target.expire,0/'
		load_lp $MOD_LP
		load_failing_mod $MOD_TARGET
		check_log "$MSG_INIT_MEMORY" "'expire'" "'$MOD_TARGET'"
		disable_lp $MOD_LP
		unload_lp $MOD_LP
		restore_copy $MOD_LP
	fi
}

# - ask a target for a name that is not unique, and for a third of two
function test_positions() {
	load_target 61
	for symbol in twin twin_minus; do
		change_copy $MOD_LP "s/\.$symbol,1/.$symbol,0/"
		load_failing_mod $MOD_LP
		check_log "$MSG_AMBIGUOUS" "'$symbol'" "'$MOD_TARGET'"
		restore_copy $MOD_LP
		change_copy $MOD_LP "s/\.$symbol,2/.$symbol,3/"
		load_failing_mod $MOD_LP
		check_log "$MSG_POSITION 3" "'$symbol'" "'$MOD_TARGET'"
		restore_copy $MOD_LP
	done
	unload_mod $MOD_TARGET

	change_copy $MOD_LP "s/\.twin,1/.twin,0/"
	load_lp $MOD_LP
	load_failing_mod $MOD_TARGET
	check_log "$MSG_REFUSED" "'$MOD_TARGET'"
	check_undone $MOD_LP
	disable_lp $MOD_LP
	unload_lp $MOD_LP
	restore_copy $MOD_LP

	# The other way round they are the other ones
	change_copy $MOD_LP "s/\.twin,1/.twin,3/; s/\.twin,2/.twin,1/; s/\.twin,3/.twin,2/"
	load_lp $MOD_LP
	load_target 62
	report=$(cat "/sys/module/$MOD_TARGET/parameters/report")
	[[ "$report" == *" twins 262 161 162 260 "* ]] ||
		fail "twins are not the other way round: $report"
	disable_lp $MOD_LP
	unload_lp $MOD_LP
	restore_copy $MOD_LP
	unload_mod $MOD_TARGET
}

# check_users(count) - how many users the module has that holds symbols
function check_users() {
	check_value "users of $MOD_TARGET2" "$1" "$(cat /sys/module/$MOD_TARGET2/refcnt)"
}

# - a target's livepatch needs symbols of a module that it does not patch
# - neither the target nor the livepatch can be loaded without that module
# - which cannot be unloaded while the target is patched, and can be afterwards
function test_unpatched_module() {
	load_lp $MOD_FOR
	load_failing_mod $MOD_TARGET
	check_log "$MSG_REFUSED" "'$MOD_TARGET'"

	for value in 71 72; do
		load_elsewhere $MOD_TARGET2 value=$((value + 10))
		check_param $MOD_TARGET2 report "$MOD_TARGET2: original"
		load_target $value
		check_param $MOD_TARGET report \
			"$MOD_FOR: own $value $((value + 1)) other $((value + 10)) $((value + 12))"

		# Stock kernels let it go.
		check_users 1
		rmmod $MOD_TARGET2 2> /dev/null &&
			fail "a module in use can be unloaded"

		if [[ $value -eq 71 ]]; then
			unload_mod $MOD_TARGET
			check_users 0
			unload_mod $MOD_TARGET2
		fi
	done

	disable_lp $MOD_FOR
	check_target "" 72
	unload_lp $MOD_FOR
	check_users 0
	unload_mod $MOD_TARGET2
	load_failing_mod $MOD_FOR

	# A symbol that is missing must not leave the module in use
	change_copy $MOD_TARGET2 's/secret_plus/SECRET_PLUS/g'
	load_mod $MOD_TARGET2
	load_failing_mod $MOD_FOR
	check_log "$MSG_NOT_FOUND" "'secret_plus'"
	check_users 0
	restore_copy $MOD_TARGET2
	unload_mod $MOD_TARGET2
	unload_mod $MOD_TARGET
}

# - the same for a livepatch of vmlinux, whose relocations hold as long as the
#   livepatch module is loaded
function test_for_vmlinux() {
	load_failing_mod $MOD_FOR_VMLINUX
	for value in 81 82; do
		load_elsewhere $MOD_TARGET2 value=$value
		load_lp $MOD_FOR_VMLINUX
		check_value "/proc/cmdline" "other $value $((value + 1))" "$(cat /proc/cmdline)"
		# Stock kernels let it go.
		check_users 1
		rmmod $MOD_TARGET2 2> /dev/null &&
			fail "a module in use can be unloaded"
		disable_lp $MOD_FOR_VMLINUX
		unload_lp $MOD_FOR_VMLINUX
		check_users 0
		unload_mod $MOD_TARGET2
	done

	change_copy $MOD_TARGET2 's/secret_plus/SECRET_PLUS/g'
	load_mod $MOD_TARGET2
	load_failing_mod $MOD_FOR_VMLINUX
	check_log "$MSG_NOT_FOUND" "'secret_plus'"
	check_users 0
	unload_mod $MOD_TARGET2
	restore_copy $MOD_TARGET2
}

# - a livepatch of two targets needs symbols of one of them for both; in the
#   converted form these are the same ELF symbols
# - undoing it for one target leaves the other one's relocations alone
function test_shared_symbols() {
	load_lp $MOD_BOTH
	for value in 91 92; do
		own="$MOD_BOTH: own $((value + 100)) $((value + 103))"
		other=" other $((value + 100)) $((value + 102))"
		load_elsewhere $MOD_TARGET2 value=$((value + 100))
		check_param $MOD_TARGET2 report "$own"
		for again in 1 2; do
			load_target $((value + again))
			check_param $MOD_TARGET report \
				"$MOD_BOTH: own $((value + again)) $((value + again + 1))$other"
			check_param $MOD_TARGET2 report "$own"
			unload_mod $MOD_TARGET
			check_param $MOD_TARGET2 report "$own"
		done
		unload_mod $MOD_TARGET2
	done
	disable_lp $MOD_BOTH
	unload_lp $MOD_BOTH
}

# check_positions - the livepatch reaches the symbols that kallsyms has in this
#		    order once the target is initialized
function check_positions() {
	local name addresses=()

	for name in twin twin_minus; do
		addresses+=("$(symbol_address $MOD_TARGET3 $name 1)"
			    "$(symbol_address $MOD_TARGET3 $name 2)")
	done
	check_param $MOD_TARGET3 report "${addresses[*]}"
}

# - the first ones of equal names are in init memory: they do not count, whether
#   the target is loaded before the livepatch or after it
#
# In the converted form they count as on stock kernels, where that depends.
function test_positions_and_init_memory() {
	local count

	[[ "$FORM" == "plain" ]] || skip "positions count as on stock kernels"

	load_lp $MOD_POS
	load_mod $MOD_TARGET3
	check_positions
	count=$(grep -cE " twin(_minus)?[[:space:]]+\\[$MOD_TARGET3\\]" /proc/kallsyms)
	disable_lp $MOD_POS
	unload_lp $MOD_POS
	load_lp $MOD_POS
	check_positions
	disable_lp $MOD_POS
	unload_lp $MOD_POS

	change_copy $MOD_POS "s/\.twin,2/.twin,$((count / 2 + 1))/"
	load_failing_mod $MOD_POS
	check_log "$MSG_POSITION $((count / 2 + 1))" "'twin'" "'$MOD_TARGET3'"
	unload_mod $MOD_TARGET3
	load_lp $MOD_POS
	load_failing_mod $MOD_TARGET3
	check_log "$MSG_POSITION $((count / 2 + 1))" "'twin'" "'$MOD_TARGET3'"
}

# wait_for_init(modname) - until its init function runs
function wait_for_init() {
	loop_until "grep -q '^$1 .* Loading ' /proc/modules" ||
		fail "$1 is not in its init function"
}

# - the module that holds a symbol is still in its init function: a livepatch that
#   is being loaded waits for it
function test_holder_is_initializing() {
	insmod test_modules/$MOD_TARGET2.ko value=85 init_sleep=4000 &
	wait_for_init $MOD_TARGET2
	load_lp $MOD_FOR_VMLINUX
	check_value "/proc/cmdline" "other 85 86" "$(cat /proc/cmdline)"
	wait

	# One that fails in the end is not there
	disable_lp $MOD_FOR_VMLINUX
	unload_lp $MOD_FOR_VMLINUX
	unload_mod $MOD_TARGET2
	insmod test_modules/$MOD_TARGET2.ko init_ret=-12 init_sleep=4000 2> /dev/null &
	wait_for_init $MOD_TARGET2
	load_failing_mod $MOD_FOR_VMLINUX
	check_log "'$MOD_TARGET2'" "$MSG_NOT_LOADED"
	wait
}

# - the same when a target is loaded, which cannot wait: its error says why
function test_holder_is_initializing_late() {
	[[ "$FORM" == "plain" ]] || skip "stock kernels take the symbol"

	load_lp $MOD_FOR
	insmod test_modules/$MOD_TARGET2.ko value=86 init_sleep=4000 &
	wait_for_init $MOD_TARGET2
	load_failing_mod $MOD_TARGET
	check_log "'$MOD_TARGET2'" "$MSG_INITIALIZING"
	wait
	load_target 87
	check_param $MOD_TARGET report "$MOD_FOR: own 87 88 other 86 88"
}

# - the module that should hold a symbol is built into this kernel
function test_holder_is_built_in() {
	local for=",vmlinux"

	[[ -d /sys/module/workqueue && ! -e /sys/module/workqueue/initstate ]] ||
		skip "no workqueue in /sys/module"
	[[ "$FORM" == "plain" ]] || for=""

	rename_in_copy $MOD_FOR_VMLINUX ".klp.sym.$MOD_TARGET2.secret,0$for" \
		".klp.sym.workqueue.system_wq,0$for"
	rename_in_copy $MOD_FOR_VMLINUX ".klp.sym.$MOD_TARGET2.secret_plus,0$for" \
		".klp.sym.workqueue.cancel_work,0$for"
	load_failing_mod $MOD_FOR_VMLINUX
	check_log "'workqueue'" "$MSG_BUILT_IN"
}

# - a module imports from the target, and the livepatch wants a symbol of it for
#   the target: the target cannot be loaded first, which is said at once
# - it works if both are there before the livepatch
function test_circle() {
	load_lp $MOD_CIRCLE
	SECONDS=0
	load_failing_mod $MOD_TARGET
	check_log "'$MOD_USER'" "$MSG_NOT_LOADED"
	[[ $SECONDS -lt 20 ]] || fail "that took $SECONDS seconds"
	disable_lp $MOD_CIRCLE
	unload_lp $MOD_CIRCLE

	load_mod $MOD_TARGET
	load_mod $MOD_USER
	load_lp $MOD_CIRCLE
	check_param $MOD_TARGET report "$MOD_CIRCLE: 5"
	check_param $MOD_USER report 6
	disable_lp $MOD_CIRCLE
	unload_lp $MOD_CIRCLE
	unload_mod $MOD_USER
	unload_mod $MOD_TARGET
}
