#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# What can be seen of livepatch symbols and relocations.

. "$(dirname "$0")/functions.sh"
. "$(dirname "$0")/functions-reloc.sh"

MOD_LP=test_klp_reloc
MOD_VMLINUX=test_klp_reloc_vmlinux
DEBUGFS=/sys/kernel/debug

# relocs(livepatch) - what debugfs tells of its symbols
function relocs() {
	cat "$DEBUGFS/livepatch/$1/relocs"
}

# check_relocs(livepatch, object, state) - debugfs tells the truth of an object
#	state - "applied" or "waiting", as far as relocations belong to the object
function check_relocs() {
	local lp="$1" for="$2" state="$3"
	local object symbol object_for address count found pos
	local lines=0

	while read -r object symbol object_for address count found; do
		[[ "$object_for" == "$for" ]] || continue
		lines=$((lines + 1))
		check_value "$lp: $object $symbol" "$state" "$found"
		[[ "$count" -gt 0 ]] ||
			fail "$lp: $object $symbol has no relocations"
		if [[ "$state" == "applied" ]]; then
			pos=${symbol#*,}
			symbol=$(symbol_address "$object" "${symbol%,*}" $((pos ? pos : 1)))
			check_value "$lp: $object" "$symbol" "$address"
		else
			check_value "$lp: $object $symbol" "-" "$address"
		fi
	done < <(relocs "$lp")

	[[ $lines -gt 0 ]] || fail "$lp: nothing for $for"
}

# trace_line(event, livepatch, object, rest) - what is traced of an object
#	rest - what the event says after it
function trace_line() {
	relocs "$2" | awk -v event="$1" -v lp="$2" -v object="$3" -v rest="$4" '
		$3 == object { n++; count += $5 }
		END {
			print event ": patch=" lp " object=" object " symbols=" n,
			      "relocations=" count rest
		}'
}

setup_config
use_copies

[[ -e $DEBUGFS/livepatch && -e $DEBUGFS/tracing/instances ]] ||
	skip "no debugfs, or no tracing"


# - read in debugfs what symbols a livepatch wants, where they are while their
#   object is there, and that they wait while it is not
# - who may not see addresses in /proc/kallsyms sees none there

start_test "symbols in debugfs"

load_lp $MOD_VMLINUX
check_relocs $MOD_VMLINUX vmlinux applied
[[ $(relocs $MOD_VMLINUX | grep -c "^vmlinux c_next,[12] vmlinux ") -eq 2 ]] ||
	fail "the two functions c_next() are not in: $(relocs $MOD_VMLINUX)"

kptr_restrict=$(cat /proc/sys/kernel/kptr_restrict)
set_knob /proc/sys/kernel/kptr_restrict 2
[[ $(relocs $MOD_VMLINUX | awk '$4 !~ /^0+$/') == "" ]] ||
	fail "addresses can be seen"
echo "$kptr_restrict" > /proc/sys/kernel/kptr_restrict

exec 3< $DEBUGFS/livepatch/$MOD_VMLINUX/relocs
disable_lp $MOD_VMLINUX
unload_lp $MOD_VMLINUX
[[ "$(cat <&3 2> /dev/null)" == "" ]] ||
	fail "an open file still tells of $MOD_VMLINUX"
exec 3<&-
[[ ! -e $DEBUGFS/livepatch/$MOD_VMLINUX ]] ||
	fail "debugfs still has $MOD_VMLINUX"

load_lp $MOD_LP
[[ $(relocs $MOD_LP | grep -c "^$MOD_TARGET twin,[12] $MOD_TARGET - ") -eq 2 ]] ||
	fail "the two variables are not in: $(relocs $MOD_LP)"
check_relocs $MOD_LP $MOD_TARGET waiting
check_relocs $MOD_LP $MOD_TARGET2 waiting
load_mod $MOD_TARGET
check_relocs $MOD_LP $MOD_TARGET applied
check_relocs $MOD_LP $MOD_TARGET2 waiting
unload_mod $MOD_TARGET
check_relocs $MOD_LP $MOD_TARGET waiting
disable_lp $MOD_LP
unload_lp $MOD_LP

pass


# - trace when relocations are applied and undone, and that they fail

start_test "trace events"

TRACE=$DEBUGFS/tracing/instances/livepatch
mkdir $TRACE
at_exit "rmdir $TRACE"
echo 1 > $TRACE/events/livepatch/enable

load_lp $MOD_LP
load_mod $MOD_TARGET
unload_mod $MOD_TARGET
change_copy $MOD_TARGET "s/secret_plus/SECRET_PLUS/g"
load_failing_mod $MOD_TARGET
restore_copy $MOD_TARGET
check_value "trace" "$(
	trace_line klp_apply_relocs $MOD_LP $MOD_TARGET " result=0"
	trace_line klp_undo_relocs $MOD_LP $MOD_TARGET
	trace_line klp_apply_relocs $MOD_LP $MOD_TARGET " result=-22")" \
	"$(sed -n 's/.*: \(klp_[a-z]*_relocs: .*\)/\1/p' $TRACE/trace)"

echo 0 > $TRACE/events/livepatch/enable
disable_lp $MOD_LP
unload_lp $MOD_LP

pass

exit 0
