#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# Shell functions for the test-reloc*.sh scripts.

MOD_TARGET=test_klp_reloc_target
MOD_TARGET2=test_klp_reloc_target2
MOD_FILLER=test_klp_reloc_filler
MOD_FILLER2=test_klp_reloc_filler2

# fail(msg) - a check of the current test failed
#	msg - what was wrong
function fail() {
	echo -e "not ok\n"
	die "$1"
}

# pass - end of the current test
function pass() {
	echo "ok"
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

# check_log(msg) - the last insmod has made the kernel log a message
#	msg - part of the message
function check_log() {
	dmesg | awk '/% insmod / { lines = "" }
		{ lines = lines $0 "\n" }
		END { printf "%s", lines }' | \
		grep -qF -e "$1" || fail "'$1' is not in the log"
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
KPROBES=/sys/kernel/debug/tracing/kprobe_events
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

# unload_filler - unload what load_elsewhere() may have left
function unload_filler() {
	local filler

	for filler in $MOD_FILLER $MOD_FILLER2; do
		if [[ -e "/sys/module/$filler" ]]; then
			unload_mod "$filler"
		fi
	done
}

# at_exit(cmd) - undo something when the test ends
#	cmd - shell command; the last one is done first
function at_exit() {
	AT_EXIT="$1; $AT_EXIT"
	trap 'cleanup; eval "$AT_EXIT"' EXIT
	trap 'exit 130' INT TERM HUP
}

# set_knob(path, value) - set what a file of the kernel says until the test ends
function set_knob() {
	at_exit "echo $(cat "$1") > $1"
	echo "$2" > "$1"
}

# use_one_cpu - take all CPUs offline but the first until the test ends
#	A transition waits a second if another CPU idles when it starts.
function use_one_cpu() {
	local cpu

	for cpu in /sys/devices/system/cpu/cpu[1-9]*/online; do
		if [[ -e "$cpu" && $(cat "$cpu") == 1 ]]; then
			set_knob "$cpu" 0
		fi
	done
}

# use_copies - go on with copies of the test modules, which can be changed
function use_copies() {
	COPIES_DIR=$(mktemp -d)
	at_exit 'rm -rf "$COPIES_DIR"'

	mkdir "$COPIES_DIR/test_modules"
	cp test_modules/test_klp_reloc*.ko test_modules/test_klp_livepatch.ko \
		"$COPIES_DIR/test_modules"
	cd "$COPIES_DIR" || die "no $COPIES_DIR"
}

# use_converted - let the copies be those of the converted form
function use_converted() {
	local file

	ls test_modules/*-converted.ko &> /dev/null ||
		skip "no converted modules, was there a libelf to build them?"
	for file in test_modules/*-converted.ko; do
		mv "$file" "${file%-converted.ko}.ko"
	done
}

# change_copy(modname, script) - change the copy of a module
#	modname - module whose copy use_copies() has made
#	script - sed script that does not change the length
function change_copy() {
	local file="test_modules/$1.ko"

	cp "$file" "$file.orig"
	LC_ALL=C sed "$2" "$file.orig" > "$file"
	cmp -s "$file" "$file.orig" && fail "'$2' does not change $1"
	[[ $(stat -c %s "$file") -eq $(stat -c %s "$file.orig") ]] ||
		fail "'$2' changes the length of $1"
}

# restore_copy(modname) - undo change_copy()
function restore_copy() {
	mv "test_modules/$1.ko.orig" "test_modules/$1.ko"
}
