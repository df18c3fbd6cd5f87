#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# What can be seen of livepatch symbols and relocations.

# The cases are called by name; $MOD_... have no spaces
# shellcheck disable=SC2317,SC2086

. "$(dirname "$0")/functions.sh"
. "$(dirname "$0")/functions-reloc.sh"

DEBUGFS=/sys/kernel/debug

# symbols(livepatch) - what debugfs shows of its symbols
function symbols() {
	cat "$DEBUGFS/livepatch/$1/symbols"
}

# check_symbols(livepatch, object, state) - debugfs is right about an object's symbols
#	state - "resolved" or "unresolved"
function check_symbols() {
	local lp="$1" wanted="$2" state="$3"
	local object symbol address count pos
	local lines=0

	while read -r object symbol address count; do
		[[ "$object" == "$wanted" ]] || continue
		lines=$((lines + 1))
		[[ "$count" -gt 0 ]] ||
			fail "$lp: $object $symbol has no relocations"
		if [[ "$state" == "resolved" ]]; then
			pos=${symbol#*,}
			symbol=$(symbol_address "$object" "${symbol%,*}" $((pos ? pos : 1)))
			check_value "$lp: $object" "$symbol" "$address"
		else
			check_value "$lp: $object $symbol" "-" "$address"
		fi
	done < <(symbols "$lp")

	[[ $lines -gt 0 ]] || fail "$lp: nothing for $wanted"
}

# - read in debugfs what symbols a livepatch uses, where they are while they are
#   resolved, and that they are not while their object is not loaded
# - who may not see addresses in /proc/kallsyms sees none there
function test_symbols_in_debugfs() {
	load_lp $MOD_VMLINUX
	check_symbols $MOD_VMLINUX vmlinux resolved
	[[ $(symbols $MOD_VMLINUX | grep -c "^vmlinux c_next,[12] ") -eq 2 ]] ||
		fail "the two functions c_next() are not in: $(symbols $MOD_VMLINUX)"

	kptr_restrict=$(cat /proc/sys/kernel/kptr_restrict)
	set_knob /proc/sys/kernel/kptr_restrict 2
	[[ $(symbols $MOD_VMLINUX | awk '$3 !~ /^0+$/') == "" ]] ||
		fail "addresses can be seen"
	echo "$kptr_restrict" > /proc/sys/kernel/kptr_restrict

	exec 3< $DEBUGFS/livepatch/$MOD_VMLINUX/symbols
	disable_lp $MOD_VMLINUX
	unload_lp $MOD_VMLINUX
	[[ "$(cat <&3 2> /dev/null)" == "" ]] ||
		fail "an open file still shows $MOD_VMLINUX"
	exec 3<&-
	[[ ! -e $DEBUGFS/livepatch/$MOD_VMLINUX ]] ||
		fail "debugfs still has $MOD_VMLINUX"

	load_lp $MOD_LP
	[[ $(symbols $MOD_LP | grep -c "^$MOD_TARGET twin,[12] - ") -eq 2 ]] ||
		fail "the two variables are not in: $(symbols $MOD_LP)"
	check_symbols $MOD_LP $MOD_TARGET unresolved
	check_symbols $MOD_LP $MOD_TARGET2 unresolved
	load_mod $MOD_TARGET
	check_symbols $MOD_LP $MOD_TARGET resolved
	check_symbols $MOD_LP $MOD_TARGET2 unresolved
	unload_mod $MOD_TARGET
	check_symbols $MOD_LP $MOD_TARGET unresolved
	disable_lp $MOD_LP
	unload_lp $MOD_LP
}

# - trace when relocations are applied, that they fail, and that symbols are unresolved
function test_trace_events() {
	TRACE=$TRACEFS/instances/livepatch
	mkdir $TRACE
	at_exit "rmdir $TRACE"
	echo 1 > $TRACE/events/livepatch/enable

	load_lp $MOD_LP
	load_mod $MOD_TARGET
	unload_mod $MOD_TARGET
	change_copy $MOD_TARGET "s/secret_plus/SECRET_PLUS/g"
	load_failing_mod $MOD_TARGET
	restore_copy $MOD_TARGET
	check_value "trace" "klp_apply_relocs: patch=$MOD_LP object=$MOD_TARGET result=0
klp_unresolve: patch=$MOD_LP object=$MOD_TARGET
klp_apply_relocs: patch=$MOD_LP object=$MOD_TARGET result=-22" \
		"$(sed -n 's/.*: \(klp_[a-z_]*: .*\)/\1/p' $TRACE/trace)"

	echo 0 > $TRACE/events/livepatch/enable
	disable_lp $MOD_LP
	unload_lp $MOD_LP
}

mapfile -t cases < <(all_cases "$0")
setup_reloc plain
[[ -e $DEBUGFS/livepatch && -e $TRACEFS/instances ]] ||
	skip "no debugfs, or no tracing"
run_cases "${cases[@]}"
