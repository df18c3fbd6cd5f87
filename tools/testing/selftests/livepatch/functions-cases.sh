#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# Shell functions to change the test modules, and to run tests by themselves.
# functions.sh comes before it.
# shellcheck disable=SC2154

# at_exit(cmd) - undo something when the test, or the case, ends
#	cmd - shell command; the last one is done first
AT_EXIT=cleanup
function at_exit() {
	AT_EXIT="$1; $AT_EXIT"
	trap 'eval "$AT_EXIT"' EXIT
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

	[[ -e "$file.orig" ]] || cp "$file" "$file.orig"
	cp "$file" "$file.before"
	LC_ALL=C sed "$2" "$file.before" > "$file"
	cmp -s "$file" "$file.before" && fail "'$2' does not change $1"
	[[ $(stat -c %s "$file") -eq $(stat -c %s "$file.before") ]] ||
		fail "'$2' changes the length of $1"
}

# restore_copy(modname) - undo all of change_copy()
function restore_copy() {
	mv "test_modules/$1.ko.orig" "test_modules/$1.ko"
}

# rename_in_copy(modname, old, new) - change a string in the copy of a module
#	old - the whole string
#	new - what it becomes; not longer
function rename_in_copy() {
	local pad=$((${#2} - ${#3}))
	local nuls

	[[ $pad -ge 0 ]] || fail "'$3' is longer than '$2'"
	nuls=$(printf '%*s' $((pad + 1)) "" | sed 's/ /\\x00/g')
	change_copy "$1" "s/\x00${2//./\\.}\x00/\x00$3$nuls/g"
}

# copy_as(modname, new) - copy a module, as one of another name
#	new - its name, of the same length
function copy_as() {
	[[ ${#1} -eq ${#2} ]] || fail "'$2' is not as long as '$1'"
	LC_ALL=C sed "s/\b$1\b/$2/g" "test_modules/$1.ko" > "test_modules/$2.ko"
}

# test_modules_loaded - names of the test modules that are loaded, the last first
function test_modules_loaded() {
	awk '$1 ~ /^test_klp_/ && $5 != "Unloading" { print $1 }' /proc/modules
}

# unload_all - disable and unload whatever a case has left
function unload_all() {
	local mod tries left

	for ((tries = 0; tries < 50; tries++)); do
		for mod in /sys/kernel/livepatch/test_klp_*; do
			[[ -e "$mod" && $(cat "$mod/transition") == 0 ]] || continue
			echo 0 > "$mod/enabled"
		done 2> /dev/null
		left=$(test_modules_loaded)
		[[ "$left" != "" ]] || return 0
		for mod in $left; do
			rmmod "$mod" 2> /dev/null
		done
		sleep "$RETRY_INTERVAL"
	done

	echo "cannot be unloaded: ${left//$'\n'/ }" >&2
}

# setup_reloc - what every script with cases does first
#	form - of relocations: plain or converted
function setup_reloc() {
	setup_config
	use_copies
	if [[ "$1" == "converted" ]]; then
		use_converted
	fi
}

# restore_copies - undo every change_copy()
function restore_copies() {
	local file

	for file in test_modules/*.ko.orig; do
		[[ ! -e "$file" ]] || mv "$file" "${file%.orig}"
	done
}

# run_case(name) - run the function test_NAME() by itself: if a check fails, that
#		   ends this case only
CASES=0
FAILED_CASES=0
function run_case() {
	local result=ok
	local note=""

	CASES=$((CASES + 1))
	start_test "$1" > /dev/null
	( AT_EXIT=:; "test_$1" )
	case $? in
	0)		;;
	"$ksft_skip")	note=" # SKIP" ;;
	*)		result="not ok"
			FAILED_CASES=$((FAILED_CASES + 1))
			log_since_command >&2 ;;
	esac
	restore_copies
	unload_all
	echo "$result $CASES $1${FORM:+, $FORM}$note"
}

# run_cases(name...) - run each case, and end the test
function run_cases() {
	local name

	for name; do
		run_case "$name"
	done
	end_cases
}

# run_forms(name...) - the same for both forms of relocations, the plain one first
function run_forms() {
	local name

	for FORM in plain converted; do
		if [[ $FORM == converted ]]; then
			use_converted
		fi
		for name; do
			run_case "$name"
		done
	done
	end_cases
}

function end_cases() {
	echo "1..$CASES"
	[[ $FAILED_CASES -eq 0 ]] || exit 1
	exit 0
}

# all_cases(script...) - names of the functions test_NAME() that scripts define
function all_cases() {
	sed -n 's/^function test_\([a-z0-9_]*\)() {.*/\1/p' "$@"
}
