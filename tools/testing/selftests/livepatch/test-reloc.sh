#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# Relocations of livepatch modules by symbols that are not exported.  Runs for
# both forms of relocations: test-reloc-converted.sh sets FORM.

. "$(dirname "$0")"/functions.sh
. "$(dirname "$0")"/functions-reloc.sh

MOD_LP=test_klp_reloc
MOD_LP2=test_klp_reloc2
MOD_VMLINUX=test_klp_reloc_vmlinux
MOD_FOR=test_klp_reloc_for
MOD_FOR_VMLINUX=test_klp_reloc_for_vmlinux
MOD_BOTH=test_klp_reloc_both
MOD_FAR=test_klp_reloc_far
MOD_SIMPLE=test_klp_livepatch

UNDONE="0 0 0 0"

# load_target(value) - load the target at another address, with other values
function load_target() {
	load_elsewhere $MOD_TARGET "value=$1" "twin1=$(($1 + 100))" "twin2=$(($1 + 200))"
}

# check_target(livepatch, value) - the livepatch reaches the target's symbols
#	livepatch - the one on top, or "" for none
#	value - as given to load_target()
function check_target() {
	local lp="$1"
	local v="$2"
	local at expected

	if [[ "$lp" == "" ]]; then
		check_param $MOD_TARGET report "$MOD_TARGET: original"
		return
	fi

	at=$(cat /sys/module/$MOD_TARGET/parameters/at)
	expected="$lp: code $v $((v + 1)) data $v $((v + 2)) rodata $v $((v + 3))"
	expected+=" twins $((v + 100)) $((v + 99)) $((v + 200)) $((v + 198)) at $at"
	check_param $MOD_TARGET report "$expected"
	check_param $MOD_TARGET written $((v + 1000))
	check_param "$lp" places "$at $at"

	# Not a copy, and not the value of its load
	echo $((v + 7)) > "/sys/module/$MOD_TARGET/parameters/value"
	[[ $(cat "/sys/module/$MOD_TARGET/parameters/report") == "$lp: code $((v + 7)) "* ]] ||
		fail "$lp does not see a change of the target's variable"
	echo "$v" > "/sys/module/$MOD_TARGET/parameters/value"
}

# check_target2(livepatch, value)
function check_target2() {
	check_param $MOD_TARGET2 report "$1: code $2 $(($2 + 1))"
}

# check_undone(livepatch) - no place keeps an address
#	Stock kernels do that on x86-64 only, and only if the livepatch is enabled.
function check_undone() {
	check_param "$1" places "$UNDONE"
}

setup_config
use_copies

if [[ "$FORM" == "converted" ]]; then
	use_converted
	# The other form has had them all
	use_one_cpu
fi


# - load a livepatch that uses functions and variables of vmlinux: static ones,
#   others that are not exported, and exported ones
# - compare what it finds with what vmlinux says itself
# - the same for two functions of the same name

start_test "symbols of vmlinux"

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

pass


# - ask vmlinux for a symbol that is not unique, for one of its name and position
#   that is not there, for a name that is not there, and for a function that has
#   been freed since the kernel booted
# - the livepatch must not load

start_test "symbols of vmlinux that cannot be told"

change_copy $MOD_VMLINUX 's/c_next,1/c_next,0/'
load_failing_mod $MOD_VMLINUX
check_log "unresolvable ambiguity for symbol 'c_next' in object 'vmlinux'"
restore_copy $MOD_VMLINUX

positions=$(grep -c ' c_next$' /proc/kallsyms)
if [[ $positions -lt 9 ]]; then
	change_copy $MOD_VMLINUX 's/c_next,2/c_next,9/'
	load_failing_mod $MOD_VMLINUX
	check_log "symbol position 9 for symbol 'c_next' in object 'vmlinux' not found"
	restore_copy $MOD_VMLINUX
fi

change_copy $MOD_VMLINUX 's/klp_root_kobj,0/klp_rOOt_kobj,0/'
load_failing_mod $MOD_VMLINUX
check_log "symbol 'klp_rOOt_kobj' not found"
restore_copy $MOD_VMLINUX

change_copy $MOD_VMLINUX 's/linux_banner,0/start_kernel,0/'
load_failing_mod $MOD_VMLINUX
check_log "symbol 'start_kernel' in object 'vmlinux' lies in init memory"
restore_copy $MOD_VMLINUX

load_lp $MOD_VMLINUX
grep -q '^kobject livepatch$' /proc/cmdline ||
	fail "the livepatch does not work after it was refused"
disable_lp $MOD_VMLINUX
unload_lp $MOD_VMLINUX

pass


# - load a livepatch of a target that is there already
# - disable it, which lets it keep the target's addresses until the target goes
# - load it once more

start_test "target before livepatch"

load_target 11
load_lp $MOD_LP
check_target $MOD_LP 11
disable_lp $MOD_LP
check_target "" 11
check_param $MOD_LP places \
	"$(cat /sys/module/$MOD_TARGET/parameters/at) $(cat /sys/module/$MOD_TARGET/parameters/at)"
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

pass


# - load a livepatch first, and then its target several times, each time at
#   another address and with other values
# - no place keeps an address when the target has gone
#
# Stock kernels on s390x use the first address forever.

start_test "late target, again and again"

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

pass


# - two targets of one livepatch come and go in any order

start_test "two targets of one livepatch"

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

pass


# - refuse the target by the livepatch's callback
# - it can be loaded when the callback agrees
# - refuse it twice: nothing stays behind
# - refuse the livepatch by its callback while the target is there
#
# On stock x86-64 kernels the target cannot be loaded after it was refused once.

start_test "target refused by a callback"

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

pass


# - write to a place while the target is away: the target is refused, and not
#   once there is a zero again

start_test "place that does not hold zeroes"

load_lp $MOD_LP
echo 1 > /sys/module/$MOD_LP/parameters/places
for again in 1 2; do
	load_failing_mod $MOD_TARGET
	check_log "to be relocated by symbol 'secret', does not hold zeroes any more"
	check_param $MOD_LP places "1 0 0 0"
done
echo 0 > /sys/module/$MOD_LP/parameters/places
load_target 43
check_target $MOD_LP 43
disable_lp $MOD_LP
unload_lp $MOD_LP
unload_mod $MOD_TARGET

pass


# - enable a second livepatch of the same module: it is refused, and the first one
#   keeps its relocations

start_test "two livepatches of one module"

load_target 48
load_lp $MOD_LP twice=1
check_log "livepatch '$MOD_LP' is there already"
check_log "second livepatch: -16"
check_target $MOD_LP 48
disable_lp $MOD_LP
unload_lp $MOD_LP
unload_mod $MOD_TARGET

pass


# - put a kprobe on an instruction that is relocated: it is refused, while the
#   target is there and while it is not
# - one on the function that has it, at its entry, is not

start_test "kprobe on an instruction that is relocated"

load_lp $MOD_LP
for value in 0 49; do
	[[ $value -eq 0 ]] || load_target $value
	if [[ -e $KPROBES ]]; then
		set_kprobe $MOD_LP:livepatch_report_get || fail "no kprobe on a function"
		set_kprobe $MOD_LP:late_insn && fail "a kprobe is where relocations are"
	fi
done
check_target $MOD_LP 49
disable_lp $MOD_LP
unload_lp $MOD_LP
unload_mod $MOD_TARGET

pass


# - let the target fail after its relocations have been applied: by a parameter
#   that it does not understand, and by its init function
# - it can be loaded afterwards

start_test "target that fails to load"

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

pass


# - the last relocation of a section is out of range: those before it are undone

start_test "relocation out of range"

load_lp $MOD_FAR
for again in 1 2; do
	load_failing_mod $MOD_TARGET
	check_log "refusing to load module '$MOD_TARGET'"
	check_undone $MOD_FAR
done
disable_lp $MOD_FAR
load_target 46
unload_lp $MOD_FAR
load_failing_mod $MOD_FAR
check_target "" 46
unload_mod $MOD_TARGET

pass


# - load a target without one of the symbols: it is refused, whatever else of it
#   could be told before
# - the livepatch's other target still works
# - the target with the symbol can be loaded, and the one without it when the
#   livepatch has been disabled
#
# On stock x86-64 kernels the target cannot be loaded any more once the symbols
# of an earlier section were found.

start_test "missing symbol"

load_elsewhere $MOD_TARGET2 value=3
load_lp $MOD_LP
for symbol in secret_plus written twin_minus; do
	change_copy $MOD_TARGET "s/$symbol/${symbol^^}/g"
	load_failing_mod $MOD_TARGET
	check_log "symbol '$symbol' not found"
	check_log "refusing to load module '$MOD_TARGET'"
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
check_log "symbol 'secret_plus' not found"
unload_mod $MOD_TARGET
restore_copy $MOD_TARGET
unload_mod $MOD_TARGET2

if [[ "$(uname -m)" != ppc64* ]]; then
	change_copy $MOD_LP 's/target\.secret,0/target.expire,0/'
	load_lp $MOD_LP
	load_failing_mod $MOD_TARGET
	check_log "symbol 'expire' in object '$MOD_TARGET' lies in init memory"
	disable_lp $MOD_LP
	unload_lp $MOD_LP
	restore_copy $MOD_LP
fi

pass


# - ask a target for a name that is not unique, and for a third of two

start_test "symbols of a target by position"

load_target 61
for symbol in twin twin_minus; do
	change_copy $MOD_LP "s/\.$symbol,1/.$symbol,0/"
	load_failing_mod $MOD_LP
	check_log "unresolvable ambiguity for symbol '$symbol' in object '$MOD_TARGET'"
	restore_copy $MOD_LP
	change_copy $MOD_LP "s/\.$symbol,2/.$symbol,3/"
	load_failing_mod $MOD_LP
	check_log "symbol position 3 for symbol '$symbol' in object '$MOD_TARGET' not found"
	restore_copy $MOD_LP
done
unload_mod $MOD_TARGET

change_copy $MOD_LP "s/\.twin,1/.twin,0/"
load_lp $MOD_LP
load_failing_mod $MOD_TARGET
check_log "refusing to load module '$MOD_TARGET'"
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

pass


# - a target's livepatch needs symbols of a module that it does not patch
# - neither the target nor the livepatch can be loaded without that module
# - which cannot be unloaded while the target is patched, and can be afterwards

start_test "symbol of an unpatched module"

load_lp $MOD_FOR
load_failing_mod $MOD_TARGET
check_log "refusing to load module '$MOD_TARGET'"

for value in 71 72; do
	load_elsewhere $MOD_TARGET2 value=$((value + 10))
	check_param $MOD_TARGET2 report "$MOD_TARGET2: original"
	load_target $value
	check_param $MOD_TARGET report \
		"$MOD_FOR: own $value $((value + 1)) other $((value + 10)) $((value + 12))"

	# Stock kernels let it go.
	check_value "users of $MOD_TARGET2" 1 "$(cat /sys/module/$MOD_TARGET2/refcnt)"
	rmmod $MOD_TARGET2 2> /dev/null &&
		fail "a module in use can be unloaded"

	if [[ $value -eq 71 ]]; then
		unload_mod $MOD_TARGET
		check_value "users of $MOD_TARGET2" 0 "$(cat /sys/module/$MOD_TARGET2/refcnt)"
		unload_mod $MOD_TARGET2
	fi
done

disable_lp $MOD_FOR
check_target "" 72
unload_lp $MOD_FOR
check_value "users of $MOD_TARGET2" 0 "$(cat /sys/module/$MOD_TARGET2/refcnt)"
unload_mod $MOD_TARGET2
load_failing_mod $MOD_FOR

# A symbol that is missing must not leave the module in use
change_copy $MOD_TARGET2 's/secret_plus/SECRET_PLUS/g'
load_mod $MOD_TARGET2
load_failing_mod $MOD_FOR
check_log "symbol 'secret_plus' not found"
check_value "users of $MOD_TARGET2" 0 "$(cat /sys/module/$MOD_TARGET2/refcnt)"
restore_copy $MOD_TARGET2
unload_mod $MOD_TARGET2
unload_mod $MOD_TARGET

pass


# - the same for a livepatch of vmlinux, whose relocations hold as long as the
#   livepatch module is loaded

start_test "symbol of a module, for vmlinux"

load_failing_mod $MOD_FOR_VMLINUX
for value in 81 82; do
	load_elsewhere $MOD_TARGET2 value=$value
	load_lp $MOD_FOR_VMLINUX
	check_value "/proc/cmdline" "other $value $((value + 1))" "$(cat /proc/cmdline)"
	# Stock kernels let it go.
	check_value "users of $MOD_TARGET2" 1 "$(cat /sys/module/$MOD_TARGET2/refcnt)"
	rmmod $MOD_TARGET2 2> /dev/null &&
		fail "a module in use can be unloaded"
	disable_lp $MOD_FOR_VMLINUX
	unload_lp $MOD_FOR_VMLINUX
	check_value "users of $MOD_TARGET2" 0 "$(cat /sys/module/$MOD_TARGET2/refcnt)"
	unload_mod $MOD_TARGET2
done

change_copy $MOD_TARGET2 's/secret_plus/SECRET_PLUS/g'
load_mod $MOD_TARGET2
load_failing_mod $MOD_FOR_VMLINUX
check_log "symbol 'secret_plus' not found"
check_value "users of $MOD_TARGET2" 0 "$(cat /sys/module/$MOD_TARGET2/refcnt)"
unload_mod $MOD_TARGET2
restore_copy $MOD_TARGET2

pass


# - a livepatch of two targets needs symbols of one of them for both; in the
#   converted form these are the same ELF symbols
# - undoing it for one target leaves the other one's relocations alone

start_test "symbols that two targets share"

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

pass


# - two livepatches of one target: each has its own relocations
# - disable them in the order in which that can be done

start_test "two livepatches of one target"

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

pass


# - replace a livepatch while the target is there: the relocations of both are
#   undone when the target goes
# - replace one while the target is not there: only the new one's are applied

start_test "atomic replace"

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

pass


# - a livepatch with relocations for a module that it does not patch cannot be
#   enabled: nobody would ever apply them.  Stock kernels do not look.

start_test "relocations for an object that is not patched"

change_copy $MOD_LP "s/\.test_klp_reloc_target2\./.test_klp_reloc_targetX./g"
load_failing_mod $MOD_LP
check_log "test_klp_reloc_targetX"
restore_copy $MOD_LP
load_target 121
load_lp $MOD_LP
check_target $MOD_LP 121
disable_lp $MOD_LP
unload_lp $MOD_LP
unload_mod $MOD_TARGET

pass


# - names of livepatch symbols that cannot be parsed.  Stock kernels look at them
#   only when the target comes.

start_test "bad names"

# check_bad_name(modname, good, bad) - a bad name of the same length is refused
function check_bad_name() {
	change_copy "$1" "s/${2//./\\.}/$3/"
	load_failing_mod "$1"
	check_log "$1: section .symtab: symbol "
	check_log "'$3': no valid "
	restore_copy "$1"
}

good=".klp.sym.$MOD_TARGET.secret,0"
for bad in	".klp.sym.$MOD_TARGET.secret;0" \
		".klp.sym.$MOD_TARGET.secret,x" \
		".klp.sym.$MOD_TARGET.secret,-" \
		".klp.sym.$MOD_TARGET.secre,0x" \
		".klp.sym.$MOD_TARGET.secre,0," \
		".klp.sym.$MOD_TARGET.secre,,0" \
		".klp.sym.$MOD_TARGET.,secret0" \
		".klp.sym.$MOD_TARGET,secret,0" \
		".klp.sym..${MOD_TARGET#?}.secret,0"; do
	check_bad_name $MOD_LP "$good" "$bad"
done

if [[ "$FORM" != "converted" ]]; then
	good=".klp.sym.$MOD_TARGET2.secret,0,$MOD_TARGET"
	check_bad_name $MOD_FOR "$good" "${good/,0,test_/,0,test.}"
	check_bad_name $MOD_FOR "$good" "${good/,0,test_/,0,test,}"
	check_bad_name $MOD_FOR "$good" "${good/,0,t/,0.t}"
	check_bad_name $MOD_FOR "$good" "${good/secret,0,test/secret,0test,}"
fi

pass


# - the same module without the livepatch modinfo

start_test "livepatch symbols in a module that is none"

change_copy $MOD_LP 's/livepatch=Y/livepatcX=Y/'
load_failing_mod $MOD_LP
if [[ "$FORM" == "converted" ]]; then
	check_log "not in a livepatch module"
else
	check_log "$MOD_LP: Unknown symbol .klp.sym.$MOD_TARGET"
fi
restore_copy $MOD_LP

pass


# - the same module under a license that gives no right to them

start_test "livepatch symbols in a module that is not GPL-compatible"

change_copy $MOD_LP 's/license=GPL/license=XYZ/'
load_failing_mod $MOD_LP
check_log "livepatch symbols are for GPL-compatible modules"
restore_copy $MOD_LP

pass


# - a livepatch without any of this

start_test "livepatch without livepatch symbols"

cmdline=$(cat /proc/cmdline)
load_lp $MOD_SIMPLE
check_value "/proc/cmdline" "$MOD_SIMPLE: this has been live patched" "$(cat /proc/cmdline)"
disable_lp $MOD_SIMPLE
unload_lp $MOD_SIMPLE
check_value "/proc/cmdline" "$cmdline" "$(cat /proc/cmdline)"

pass

unload_filler

exit 0
