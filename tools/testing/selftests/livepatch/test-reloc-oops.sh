#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# What ends in a report and a killed task, or in a tainted kernel: code that runs
# whether the target is loaded or not and uses its symbols, modules that are
# unloaded by force, modules that are not GPL-compatible.  In both forms.
#
# It is the last test, since lockdep stops at the first oops.

# The cases are called by name; $MOD_... have no spaces
# shellcheck disable=SC2317,SC2086

. "$(dirname "$0")/functions.sh"
. "$(dirname "$0")/functions-reloc.sh"

OOPS_COUNT=/sys/kernel/oops_count
PRINTK=/proc/sys/kernel/printk

# What looks for oopses when the tests have ended expects one for each line
EXPECTED_OOPSES=/tmp/livepatch-expected-oopses

# expect_oops(cmd...) - run a command; it makes the kernel kill one task
function expect_oops() {
	local count printk

	count=$(< $OOPS_COUNT)
	read -r printk _ < $PRINTK
	run "$@" &> /dev/null &
	MAX_RETRIES=100 loop_until '[[ $(< $OOPS_COUNT) -gt $count ]]' ||
		fail "no task was killed by: $*"
	echo "$*" >> $EXPECTED_OOPSES
	wait $! 2> /dev/null
	# From an oops on everything goes to the console
	echo "$printk" > $PRINTK
}

# start(where) - let the livepatch use its target in a thread or a work item
function start() {
	echo "$1" > "/sys/module/$MOD_CALL/parameters/start"
}

# check_report - who called what is in the log
function check_report() {
	check_log "$MSG_CALL" "secret_plus" "$MOD_TARGET" "$MSG_NOT_LOADED" \
		"$MOD_CALL" "use_target"
}

# check_call(value) - the call works while the target is loaded, there and in the
#		      function that is replaced
#	value - what it gives
function check_call() {
	check_value "/proc/version" "$MOD_CALL: $1" "$(cat /proc/version)"
	check_param $MOD_TARGET report \
		"$MOD_CALL: $(($(cat /sys/module/$MOD_TARGET/parameters/value) + 1))"
}

# check_started(where, value) - the same in a thread or a work item
function check_started() {
	echo 0 > /sys/module/$MOD_CALL/parameters/result
	start "$1"
	MAX_RETRIES=100 loop_until \
		'[[ $(< /sys/module/$MOD_CALL/parameters/result) != 0 ]]'
	check_param $MOD_CALL result "$2"
}

# - a function of vmlinux is replaced and calls one of the target: before the
#   target is loaded for the first time, while it is loaded, and after it was
#   unloaded, twice
function test_call_from_process() {
	local value

	load_lp $MOD_CALL how=call
	expect_oops cat /proc/version
	check_report
	for value in 61 62; do
		load_target $value
		check_call $((value + 1001))
		unload_mod $MOD_TARGET
		expect_oops cat /proc/version
		check_report
	done
	disable_lp $MOD_CALL
	unload_lp $MOD_CALL
}

function test_call_from_thread() {
	load_lp $MOD_CALL how=call
	expect_oops start thread
	check_report
	load_target 63
	check_started thread 1064
	unload_mod $MOD_TARGET
	expect_oops start thread
	check_report
	disable_lp $MOD_CALL
	unload_lp $MOD_CALL
}

function test_call_from_work() {
	load_lp $MOD_CALL how=call
	expect_oops start work
	check_report
	load_target 64
	check_started work 1065
	unload_mod $MOD_TARGET
	expect_oops start work
	check_report
	disable_lp $MOD_CALL
	unload_lp $MOD_CALL
}

# - the livepatch is disabled when its target is unloaded
function test_call_of_disabled_livepatch() {
	load_target 65
	load_lp $MOD_CALL how=call
	disable_lp $MOD_CALL
	check_started thread 1066
	unload_mod $MOD_TARGET
	expect_oops start thread
	check_report
	unload_lp $MOD_CALL
}

# - the exit function calls: rmmod is killed, and the livepatch module stays
function test_call_from_exit_function() {
	local letter=${FORM:0:1}
	local lp="${MOD_CALL%?}${letter^}"

	copy_as $MOD_CALL "$lp"
	load_lp "$lp" how=call at_exit=1
	disable_lp "$lp"
	expect_oops rmmod "$lp"
	check_log "$MSG_CALL" "secret_plus" "$MOD_TARGET" "$MSG_NOT_LOADED" "$lp"
	load_target 66
	check_target "" 66
	load_lp $MOD_LP
	check_target $MOD_LP 66
	unload_mod $MOD_TARGET
	check_undone $MOD_LP
	disable_lp $MOD_LP
	unload_lp $MOD_LP
}

# - the last thing that a function does is to call: the report says that, and
#   shows the stack
function test_tail_call() {
	# The caller's TOC would be lost, so that compilers make a call of it
	[[ $(uname -m) != ppc64* ]] || skip "no tail calls between modules"

	load_lp $MOD_CALL how=tail
	expect_oops cat /proc/version
	check_log "$MSG_TAIL_CALL"
	check_log "use_target+0x"
	load_target 67
	check_call 2068
	unload_mod $MOD_TARGET
	expect_oops cat /proc/version
	check_log "$MSG_TAIL_CALL"
	disable_lp $MOD_CALL
	unload_lp $MOD_CALL
}

# - code reads a variable of the target: there is no plausible value, but a fault
function test_read() {
	local value

	load_lp $MOD_CALL how=read
	expect_oops cat /proc/version
	check_no_log "$MSG_NOT_LOADED"
	for value in 71 72; do
		load_target $value
		check_call $((value + 3000))
		unload_mod $MOD_TARGET
		expect_oops cat /proc/version
	done
	disable_lp $MOD_CALL
	unload_lp $MOD_CALL
}

# - force the unloading of a module that holds symbols: it is refused, as of other
#   modules in use, or nothing uses its symbols from then on
function test_forced_unload_of_holder() {
	load_lp $MOD_FOR
	load_elsewhere $MOD_TARGET2 value=81
	load_target 82
	check_param $MOD_TARGET report "$MOD_FOR: own 82 83 other 81 83"

	if run rmmod -f $MOD_TARGET2 2> /dev/null; then
		unload_mod $MOD_TARGET
		load_failing_mod $MOD_TARGET
		check_log "'$MOD_TARGET2'" "$MSG_NOT_LOADED"
		load_elsewhere $MOD_TARGET2 value=83
		load_target 84
		check_param $MOD_TARGET report "$MOD_FOR: own 84 85 other 83 85"
	else
		[[ -e /sys/module/$MOD_TARGET2/holders/$MOD_FOR ]] ||
			fail "$MOD_FOR is not a holder of $MOD_TARGET2"
		check_param $MOD_TARGET report "$MOD_FOR: own 82 83 other 81 83"
	fi
	unload_mod $MOD_TARGET
	check_value "users of $MOD_TARGET2" 0 "$(cat /sys/module/$MOD_TARGET2/refcnt)"
}

# - a livepatch that is not GPL-compatible: the converted form is as on stock
#   kernels
function test_license_of_livepatch() {
	[[ "$FORM" == "converted" ]] || skip "see test-reloc.sh"

	change_copy $MOD_LICENSE 's/license=GPL/license=XYZ/'
	load_lp $MOD_LICENSE
	load_target 91
	check_param $MOD_TARGET report "$MOD_LICENSE: 91"
	disable_lp $MOD_LICENSE
	unload_lp $MOD_LICENSE
}

# - a target that is not GPL-compatible: the plain form may not name its symbols,
#   whatever is loaded first
function test_license_of_target() {
	change_copy $MOD_TARGET 's/license=GPL/license=XYZ/'
	if [[ "$FORM" == "plain" ]]; then
		load_mod $MOD_TARGET
		load_failing_mod $MOD_LP
		check_log "$MOD_TARGET" "$MSG_LICENSE"
		unload_mod $MOD_TARGET
		load_lp $MOD_LP
		load_failing_mod $MOD_TARGET
		check_log "$MOD_TARGET" "$MSG_LICENSE"
		check_undone $MOD_LP
		restore_copy $MOD_TARGET
	else
		load_lp $MOD_LP
	fi
	load_target 92
	check_target $MOD_LP 92
	disable_lp $MOD_LP
	unload_lp $MOD_LP
}

# - the livepatch's init function fails after it has enabled its livepatch
#
# Stock kernels free the module, and use it.
function test_init_fails_after_enable() {
	local letter=${FORM:0:1}
	local lp="${MOD_LP%?}${letter^}"

	copy_as $MOD_LP "$lp"
	load_target 95
	load_failing_mod "$lp" init_ret=-12
	check_log "$lp" "$MSG_INIT_FAILED"
	[[ "$(cat /sys/module/$MOD_TARGET/parameters/report)" == *": "* ]] ||
		fail "the livepatch does not report for $MOD_TARGET"
	unload_mod $MOD_TARGET
	load_target 96
	[[ "$(cat /sys/module/$MOD_TARGET/parameters/report)" == *": "* ]] ||
		fail "the livepatch does not report for $MOD_TARGET"
	disable_lp "$lp"
	unload_lp "$lp"
	! has_log "$lp" "exit after init" || fail "$lp: its exit function was called"
}

mapfile -t cases < <(all_cases "$0")
setup_reloc plain
[[ -e $OOPS_COUNT ]] || skip "no $OOPS_COUNT"
! grep -qs 'debug_locks: *0$' /proc/lockdep_stats || die "lockdep is off already"
set_knob /proc/sys/kernel/panic_on_oops 0
run_forms "${cases[@]}"
