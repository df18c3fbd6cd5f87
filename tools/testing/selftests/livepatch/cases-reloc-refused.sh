#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# Livepatch modules that the kernel refuses, with the reason.
# Cases of test-reloc.sh.

# $MOD_... have no spaces
# shellcheck disable=SC2086

# - a livepatch with relocations for a module that it does not patch cannot be
#   enabled: nobody would ever apply them
#
# Stock kernels do not look, and nothing comes of it in the converted form.
function test_unpatched_object() {
	change_copy $MOD_LP "s/\.test_klp_reloc_target2\./.test_klp_reloc_targetX./g"
	if [[ "$FORM" == "plain" ]]; then
		load_failing_mod $MOD_LP
		check_log "test_klp_reloc_targetX" "$MSG_NOT_PATCHED"
		restore_copy $MOD_LP
	fi
	load_target 121
	load_lp $MOD_LP
	check_target $MOD_LP 121
	disable_lp $MOD_LP
	unload_lp $MOD_LP
	unload_mod $MOD_TARGET
}

# check_bad_name(modname, good, bad) - a bad name of the same length is refused
function check_bad_name() {
	change_copy "$1" "s/${2//./\\.}/$3/"
	load_failing_mod "$1"
	check_log "$1: " "'$3'" "$MSG_BAD_NAME"
	restore_copy "$1"
}

# - names of livepatch symbols that cannot be parsed.  Stock kernels look at them
#   only when the target is loaded.
function test_bad_names() {
	local good bad

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
}

# - the same module without the livepatch modinfo
function test_not_a_livepatch() {
	change_copy $MOD_LP 's/livepatch=Y/livepatcX=Y/'
	load_failing_mod $MOD_LP
	if [[ "$FORM" == "converted" ]]; then
		check_log "not in a livepatch module"
	else
		check_log "$MOD_LP: Unknown symbol .klp.sym.$MOD_TARGET"
	fi
	restore_copy $MOD_LP
}

# - the plain form in a module under a license that gives no right to it
#
# The converted form is the same as on stock kernels, see test-reloc-oops.sh.
function test_license() {
	[[ "$FORM" == "plain" ]] || skip "as on stock kernels"

	change_copy $MOD_LICENSE 's/license=GPL/license=XYZ/'
	load_failing_mod $MOD_LICENSE
	check_log "$MOD_LICENSE" "$MSG_LICENSE"
	restore_copy $MOD_LICENSE
	load_target 125
	load_lp $MOD_LICENSE
	check_param $MOD_TARGET report "$MOD_LICENSE: 125"
}

# check_place(kind, name, reason) - a symbol of the target is refused there, with
#				    and without the target
#	kind - of place: the livepatch is test_klp_reloc_in_KIND
#	name - part of the function or variable that has it
function check_place() {
	load_failing_mod "test_klp_reloc_in_$1"
	check_log "test_klp_reloc_in_$1" "$2" "$3"
	load_mod $MOD_TARGET value=131
	load_failing_mod "test_klp_reloc_in_$1"
	check_log "test_klp_reloc_in_$1" "$2" "$3"
	check_target "" 131
	unload_mod $MOD_TARGET
}

# - what is thrown away once the livepatch's init function is through
function test_late_symbol_in_init_function() {
	check_place init place_init "$MSG_INIT_MEMORY"
}

function test_late_symbol_in_init_data() {
	check_place initdata place_initdata "$MSG_INIT_MEMORY"
}

# - parameters, which can be read and written at any time
function test_late_symbol_as_parameter() {
	check_place param place_param "$MSG_USED_AT_LOAD"
}

function test_late_symbol_as_array_parameter() {
	check_place param_array place_param "$MSG_PARAMETER"
}

function test_late_symbol_as_string_parameter() {
	check_place param_string place_param "$MSG_PARAMETER"
}

# - what alternatives, or ppc64's feature sections, replace, and by what
function test_late_symbol_in_alternative_original() {
	check_place original place_original "$MSG_ALTERNATIVE"
}

function test_late_symbol_in_alternative_replacement() {
	check_place replacement place_replacement "$MSG_ALTERNATIVE"
}

# - a table of code that the architecture patches when the module is loaded
function test_late_symbol_in_table() {
	check_place table "table: ? (" "$MSG_USED_AT_LOAD"
}

# - a static key of the target
function test_late_symbol_in_jump_label() {
	local name=place_jump_label msg=$MSG_USED_AT_LOAD

	grep -q __jump_table test_modules/test_klp_reloc_in_jump_label.ko ||
		skip "no jump labels in this kernel"

	# A pair of relocations, which is refused anywhere
	if [[ "$(uname -m)" == "loongarch64" ]] && grep -q clang /proc/version; then
		name=__jump_table
		msg=$MSG_NOT_LATE
	fi
	check_place jump_label $name "$msg"
}

# - a static call of the livepatch's own which calls a function of the target at
#   first: a pointer to it works, code that is patched inline does not
function test_late_symbol_in_static_call() {
	local lp=test_klp_reloc_in_static_call

	if [[ "$(uname -m)" == "x86_64" ]]; then
		check_place static_call own_call "$MSG_USED_AT_LOAD"
		return
	fi

	load_lp $lp
	for value in 135 136; do
		load_target $value
		check_param $MOD_TARGET report "$lp: $((value + 1)) $((value + 1))"
		unload_mod $MOD_TARGET
	done
}

# - what tools after the linker leave is not refused, and not relocated: symbols
#   that only relocations without effect use, ordinary relocations against klp symbols,
#   relocations of sections that are not loaded, or of none
function test_shape() {
	local value

	load_lp $MOD_SHAPE
	for value in 137 138; do
		load_target $value
		check_param $MOD_TARGET report "$MOD_SHAPE: $((value + 1))"
		unload_mod $MOD_TARGET
	done
	disable_lp $MOD_SHAPE
	unload_lp $MOD_SHAPE
}

# - a name of livepatch relocations that has no section in it
function test_section_name_without_section() {
	local section

	[[ "$FORM" == "converted" ]] || skip "the plain form has no such name"

	section=$(grep -ao "\.klp\.rela\.vmlinux\.[a-z_.]*text[a-z_.]*" \
		test_modules/$MOD_VMLINUX.ko | head -n 1)
	rename_in_copy $MOD_VMLINUX "$section" .klp.rela.vmlinux
	load_lp $MOD_VMLINUX
	grep -q '^kobject livepatch$' /proc/cmdline ||
		fail "$MOD_VMLINUX does not work without the name $section"
}

# - names that no module can have: of what is patched
function test_object_names() {
	local name

	for name in test-klp-reloc-target test_klp_reloc_target.ko vmlinux; do
		load_failing_mod $MOD_NAMED "object=$name"
		check_log "'$name'" "$MSG_BAD_OBJECT"
	done
	load_mod $MOD_TARGET
	load_lp $MOD_NAMED object=$MOD_TARGET
	check_param $MOD_TARGET report "$MOD_NAMED: named"
}

# - the same of what holds a symbol
function test_object_name_of_symbol() {
	local sym=".klp.sym.$MOD_TARGET.secret,0"

	change_copy $MOD_LP "s/${sym//./\\.}/${sym//_/-}/"
	load_failing_mod $MOD_LP
	check_log "${sym//_/-}" "$MSG_DASH"
}

# - the livepatch defines a variable that has the name of a klp symbol
function test_defined_symbol() {
	local name=defined_by_the_livepatch_and_not_by_the_target

	[[ "$FORM" == "plain" ]] || skip "as on stock kernels"

	load_mod $MOD_TARGET value=141
	load_lp $MOD_DEFINED
	check_param $MOD_TARGET report "141 0"
	disable_lp $MOD_DEFINED
	unload_lp $MOD_DEFINED
	rename_in_copy $MOD_DEFINED $name ".klp.sym.$MOD_TARGET.written,0"
	load_failing_mod $MOD_DEFINED
	check_log ".klp.sym.$MOD_TARGET.written,0" "$MSG_DEFINED"
}

# - a function is replaced by another one of its own object, named by a klp
#   symbol: that can be done for vmlinux, and not for a module
function test_new_func() {
	load_lp $MOD_NEW_VMLINUX
	check_value "/proc/cmdline" "$(cat /proc/version)" "$(cat /proc/cmdline)"
	disable_lp $MOD_NEW_VMLINUX
	unload_lp $MOD_NEW_VMLINUX

	load_failing_mod $MOD_NEW
	check_log "$MOD_NEW" "$MSG_NEW_FUNC" "at_get"
	load_mod $MOD_TARGET
	load_failing_mod $MOD_NEW
	check_log "$MOD_NEW" "$MSG_NEW_FUNC" "at_get"
	check_target "" 0
}
