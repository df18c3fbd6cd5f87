#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# Shell functions for the test-reloc*.sh scripts.

. "$(dirname "${BASH_SOURCE[0]}")"/functions-cases.sh

MOD_TARGET=test_klp_reloc_target
MOD_TARGET2=test_klp_reloc_target2
MOD_TARGET3=test_klp_reloc_target3
MOD_USER=test_klp_reloc_user
MOD_FILLER=test_klp_reloc_filler
MOD_FILLER2=test_klp_reloc_filler2

MOD_LP=test_klp_reloc
MOD_LP2=test_klp_reloc2
MOD_BOTH=test_klp_reloc_both
MOD_CALL=test_klp_reloc_call
MOD_CCP=test_klp_reloc_ccp
MOD_CIRCLE=test_klp_reloc_circle
MOD_DEFINED=test_klp_reloc_defined
MOD_FAR=test_klp_reloc_far
MOD_FOR=test_klp_reloc_for
MOD_FOR_VMLINUX=test_klp_reloc_for_vmlinux
MOD_LICENSE=test_klp_reloc_license
MOD_NAMED=test_klp_reloc_named
MOD_NEW=test_klp_reloc_new
MOD_NEW_VMLINUX=test_klp_reloc_new_vmlinux
MOD_POS=test_klp_reloc_pos
MOD_SHAPE=test_klp_reloc_shape
MOD_SIMPLE=test_klp_livepatch
MOD_VMLINUX=test_klp_reloc_vmlinux

# What the kernel says; the tests look for these words only
MSG_NOT_FOUND="cannot be resolved"
MSG_AMBIGUOUS="a position is needed"
MSG_POSITION="position"
MSG_INIT_MEMORY="init memory"
MSG_NOT_LOADED="not loaded"
MSG_INITIALIZING="still being loaded"
MSG_BUILT_IN="built in"
MSG_REFUSED="refusing to load module"
MSG_PARAMETER="a parameter"
MSG_ALTERNATIVE="an alternative"
MSG_USED_AT_LOAD="used at load"
MSG_NOT_LATE="not possible as a late relocation"
MSG_BAD_NAME="no "
MSG_NOT_PATCHED="does not patch"
MSG_DASH="instead of '-'"
MSG_BAD_OBJECT="is not the name of a module"
MSG_DEFINED="defined in"
MSG_NEW_FUNC=".new_func"
MSG_LICENSE="GPL-compatible"
MSG_TWICE="has been enabled before"
MSG_INIT_FAILED="init failed after klp_enable_patch()"
MSG_CALL="called"
MSG_TAIL_CALL="unresolved function called, probably by a tail call"

# fail(msg) - a check failed, which ends the current case, or test
#	msg - what was wrong
function fail() {
	[[ $CASES -gt 0 ]] || echo -e "not ok\n"
	die "$1"
}

# pass - end of the current test, in a script without cases
function pass() {
	echo "ok"
}

# log_since_command - what the kernel has logged since the last command that was
#		      logged: insmod, rmmod, echo or what run() does
function log_since_command() {
	dmesg | awk '/\] % / { lines = "" }
		{ lines = lines $0 "\n" }
		END { printf "%s", lines }'
}

# has_log(part...) - is there a line with all these parts since the last command?
function has_log() {
	log_since_command | awk 'BEGIN {
			for (i = 1; i < ARGC; i++)
				part[i] = ARGV[i]
			count = ARGC - 1
			ARGC = 1
		}
		{
			for (i = 1; i <= count; i++) {
				if (!index($0, part[i]))
					next
			}
			found = 1
		}
		END { exit !found }' "$@"
}

# check_log(part...) - the kernel has logged a line with all these parts since the
#		       last command
function check_log() {
	has_log "$@" || fail "no line of the log has all of:$(printf " '%s'" "$@")"
}

# check_no_log(part...) - it has not
function check_no_log() {
	has_log "$@" && fail "a line of the log has all of:$(printf " '%s'" "$@")"
	return 0
}

# run(cmd...) - log a command and run it
function run() {
	log "% $*"
	"$@"
}

# check_value(what, expected, actual) - compare strings
function check_value() {
	[[ "$2" == "$3" ]] ||
		fail "$1: expected '$2', got '$3'"
}

# check_param(modname, param, expected) - compare what a module parameter shows
function check_param() {
	check_value "$1 $2" "$3" "$(cat "/sys/module/$1/parameters/$2")"
}

# symbol_address(object, symbol, pos) - address by kallsyms
#	pos - which one of equal names, from 1
function symbol_address() {
	awk -v obj="[$1]" -v sym="$2" -v pos="$3" '
		$3 == sym && ($4 == "" ? "[vmlinux]" : $4) == obj && ++n == pos {
			print $1
		}' /proc/kallsyms
}

# vmlinux_address(symbol, pos) - address by kallsyms
function vmlinux_address() {
	symbol_address vmlinux "$1" "$2"
}

# set_kprobe(where) - make a kprobe, and remove it again
TRACEFS=/sys/kernel/tracing
KPROBES=$TRACEFS/kprobe_events
function set_kprobe() {
	(echo "p:test_klp_reloc $1" > $KPROBES) 2> /dev/null || return
	echo "-:test_klp_reloc" >> $KPROBES
}

# toggle_filler(modname) - unload a filler if it is there, else load it
function toggle_filler() {
	if [[ -e "/sys/module/$1" ]]; then
		unload_mod "$1"
	else
		load_mod "$1"
	fi
}

# load_elsewhere(modname, params) - load a module where it was not before
#	modname - target to load; neither its text nor its data will be at the
#		  address that they were at when this function loaded it last
#	params  - module parameters to pass to insmod
declare -A LAST_DATA LAST_TEXT
function load_elsewhere() {
	local mod="$1"; shift
	local data text tries

	for ((tries = 0; tries < 20; tries++)); do
		# Take the place that the module had, or give back another one
		if [[ -n "${LAST_DATA[$mod]}" ]]; then
			toggle_filler $MOD_FILLER
			[[ $((tries % 2)) -eq 0 ]] || toggle_filler $MOD_FILLER2
		fi

		load_mod "$mod" "$@"
		read -r data text < "/sys/module/$mod/parameters/at"
		if [[ "$data" != "${LAST_DATA[$mod]}" &&
		      "$text" != "${LAST_TEXT[$mod]}" ]]; then
			LAST_DATA[$mod]=$data
			LAST_TEXT[$mod]=$text
			return
		fi
		unload_mod "$mod"
	done

	fail "cannot get $mod to another address"
}

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
