#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# Relocations of livepatch modules, and other modules, that have been wrong once.
# Arguments are the cases to run, else all.

# The cases are called by name; $MOD_... have no spaces
# shellcheck disable=SC2317,SC2086

. "$(dirname "$0")/functions.sh"
. "$(dirname "$0")/functions-reloc.sh"

MOD_LP=test_klp_reloc_fix
MOD_RODATA=test_klp_reloc_fix_rodata

# need_arch(pattern) - skip the case on other architectures
function need_arch() {
	# shellcheck disable=SC2053 # It is a pattern.
	[[ $(uname -m) == $1 ]] || exit $ksft_skip
}

# check_target(livepatch, value) - the livepatch reaches the target's symbols
function check_target() {
	check_param $MOD_TARGET report "$1: $2 $(($2 + 1))"
	check_param $MOD_TARGET written $(($2 + 1000))
}

# The target is loaded again and again, each time at another address. Stock
# kernels on s390 use the first one for ever, and on ppc64 refuse the fifth.
function test_target_elsewhere() {
	local value

	load_lp $MOD_LP
	for value in {11..25}; do
		load_elsewhere $MOD_TARGET value="$value"
		check_target $MOD_LP "$value"
		unload_mod $MOD_TARGET
	done
}

# A callback refuses the target. Stock kernels on x86 then refuse it for ever.
function test_target_refused() {
	load_lp $MOD_LP
	set_pre_patch_ret $MOD_LP -19
	load_failing_mod $MOD_TARGET
	check_log "$MSG_REFUSED '$MOD_TARGET'"
	set_pre_patch_ret $MOD_LP 0
	load_elsewhere $MOD_TARGET value=31
	check_target $MOD_LP 31
}

# The relocations of one section are applied, those of the next one cannot be.
# Stock kernels on x86 then refuse the target for ever.
function test_symbol_missing() {
	load_lp $MOD_LP
	change_copy $MOD_TARGET "s/written/WRITTEN/g"
	load_failing_mod $MOD_TARGET
	check_log "symbol 'written'"
	restore_copy $MOD_TARGET
	load_elsewhere $MOD_TARGET value=41
	check_target $MOD_LP 41
}

# check_s390(livepatch) - the livepatch's only relocation is in range, be the
#			  target loaded after it or before
function check_s390() {
	need_arch s390x
	load_lp "$1"
	load_mod $MOD_TARGET value=51
	check_param $MOD_TARGET report "$1: 52"
	unload_mod $MOD_TARGET
	load_elsewhere $MOD_TARGET value=53
	check_param $MOD_TARGET report "$1: 54"
	disable_lp "$1"
	unload_lp "$1"
	unload_mod $MOD_TARGET
	load_mod $MOD_TARGET value=52
	load_lp "$1"
	check_param $MOD_TARGET report "$1: 53"
}

function test_s390_plt16dbl() {
	check_s390 test_klp_reloc_fix_plt16dbl
}

function test_s390_plt32() {
	check_s390 test_klp_reloc_fix_plt32
}

function test_s390_gotoff32() {
	check_s390 test_klp_reloc_fix_gotoff32
}

# Stock kernels leave the pointer NULL.
function test_percpu_data() {
	load_mod test_klp_reloc_fix_percpu
}

# Stock kernels on ppc64 do not know this type of relocation.
function test_type_none() {
	load_mod test_klp_reloc_fix_none
}

# Stock kernels on ppc64 write there as if it could be written to.
function test_place_in_rodata() {
	load_lp $MOD_RODATA
	load_elsewhere $MOD_TARGET value=61
	check_target $MOD_RODATA 61
}

# The file says that it has no section headers, and that they begin in its last byte.
# Stock kernels read what follows the file.
function test_no_sections() {
	local file=test_modules/test_klp_reloc_none.ko
	local offset='\xff\x0f\x00\x00\x00\x00\x00\x00'

	[[ $(uname -m) != s390x ]] || offset='\x00\x00\x00\x00\x00\x00\x0f\xff'
	head -c 4096 test_modules/$MOD_TARGET.ko > $file
	printf '%b' "$offset" | dd of=$file bs=1 seek=40 conv=notrunc status=none
	printf '\0\0' | dd of=$file bs=1 seek=60 conv=notrunc status=none
	load_failing_mod test_klp_reloc_none
	check_log "section header overflow"
}

# A module is refused after it was looked at. Stock kernels on s390 lose what they
# have allocated for its symbols.
function test_refused_before_memory() {
	local before after

	need_arch s390x
	before=$(grep -c module_frob_arch_sections /proc/vmallocinfo)
	load_failing_mod test_klp_reloc_fix_wx
	check_log "invalid WRITE|EXEC flags"
	after=$(grep -c module_frob_arch_sections /proc/vmallocinfo)
	check_value "allocations" "$before" "$after"
}

# number_at(file, offset, size) - a number in a file, in this machine's byte order
function number_at() {
	od -A n -v -j "$2" -N "$3" -t "u$3" "$1" | tr -d ' '
}

# section_header(file, name) - offset of a section header
#	name - of the section; the first one with that name counts
function section_header() {
	local file="$1"
	local headers names offset name i

	headers=$(number_at "$file" 40 8)
	names=$((headers + 64 * $(number_at "$file" 62 2)))
	names=$(number_at "$file" $((names + 24)) 8)
	for ((i = 0; i < $(number_at "$file" 60 2); i++)); do
		offset=$((headers + 64 * i))
		name=$((names + $(number_at "$file" $offset 4) + 1))
		name=$(tail -c +$name "$file" | head -c 200 | tr '\0' '\n' | head -n 1)
		if [[ "$name" == "$2" ]]; then
			echo $offset
			return
		fi
	done

	fail "no section '$2' in $file"
}

# damage(modname, offset, bytes) - write to the copy of a module
#	offset - in the file; ELF_* are those of fields of headers
#	bytes - as printf understands them
function damage() {
	local file="test_modules/$1.ko"

	[[ -e "$file.orig" ]] || cp "$file" "$file.orig"
	printf "%b" "$3" | dd of="$file" bs=1 seek="$2" conv=notrunc status=none
}

ALL_ONES='\xff\xff\xff\xff\xff\xff\xff\xff'
ELF_SH_NAME=0
ELF_SH_TYPE=4
ELF_SH_FLAGS=8
ELF_SH_OFFSET=24
ELF_SH_INFO=44
ELF_SH_ADDRALIGN=48
ELF_R_OFFSET=0
ELF_R_SYM=12
ELF_SH_FLAGS_LOW=8
if [[ $(printf '\1\0' | od -A n -t u2 | tr -d ' ') -ne 1 ]]; then
	ELF_R_SYM=8
	ELF_SH_FLAGS_LOW=15
fi

# The module loader has to look past a header of type 0, whatever it says.
function test_null_sections() {
	local mod=$MOD_FILLER
	local header

	# Section 0, in place of which there is no name
	header=$(number_at "test_modules/$mod.ko" 40 8)
	damage $mod $((header + ELF_SH_NAME)) "${ALL_ONES:0:16}"
	header=$(section_header "test_modules/$mod.ko" .note.Linux) || exit
	damage $mod $((header + ELF_SH_TYPE)) '\0\0\0\0'
	damage $mod $((header + ELF_SH_NAME)) "${ALL_ONES:0:16}"
	damage $mod $((header + ELF_SH_OFFSET)) "$ALL_ONES"
	load_mod $mod
}

# check_damaged_section(name, type, msg) - a section without contents is refused
function check_damaged_section() {
	local mod=$MOD_FILLER
	local header

	header=$(section_header "test_modules/$mod.ko" "$1") || exit
	damage $mod $((header + ELF_SH_TYPE)) "$2"
	damage $mod $((header + ELF_SH_OFFSET)) "$ALL_ONES"
	load_failing_mod $mod
	check_log "$3"
}

# SHT_NOBITS is 8
NOBITS='\x08\0\0\0'
BIT_39='\0\0\0\0\x80\0\0\0'
if [[ $ELF_R_SYM -ne 12 ]]; then
	NOBITS='\0\0\0\x08'
	BIT_39='\0\0\0\x80\0\0\0\0'
fi

function test_modinfo_missing() {
	check_damaged_section .modinfo "$NOBITS" "section .modinfo must have contents"
}

function test_struct_module_missing() {
	check_damaged_section .gnu.linkonce.this_module '\0\0\0\0' \
		"Exactly one .gnu.linkonce.this_module section must exist"
}

function test_symbol_name() {
	local mod=$MOD_FILLER
	local header symtab

	header=$(section_header "test_modules/$mod.ko" .symtab) || exit
	symtab=$(number_at "test_modules/$mod.ko" $((header + ELF_SH_OFFSET)) 8)
	damage $mod $((symtab + 24)) "${ALL_ONES:0:16}"
	load_failing_mod $mod
	check_log "symbol name"
}

# check_damaged_symtab(offset, bytes, msg) - damage in the header of .symtab is noticed
function check_damaged_symtab() {
	local mod=$MOD_FILLER
	local header

	header=$(section_header "test_modules/$mod.ko" .symtab) || exit
	damage $mod $((header + $1)) "$2"
	load_failing_mod $mod
	check_log "$3"
}

# Stock kernels lay out less memory than they write to.
function test_alignment_too_big() {
	check_damaged_symtab $ELF_SH_ADDRALIGN "$BIT_39" \
		"Invalid ELF section size or alignment"
}

function test_alignment_odd() {
	check_damaged_symtab $ELF_SH_ADDRALIGN '\x18\0\0\0\0\0\0\x18' \
		"Invalid ELF section size or alignment"
}

# The section headers are written to while their contents are used.
function test_overlapping_headers() {
	local mod=$MOD_FILLER
	local header offset bytes=""

	header=$(section_header "test_modules/$mod.ko" .note.Linux) || exit
	for ((offset = 40; offset < 48; offset++)); do
		bytes+="\\x$(printf %02x "$(number_at "test_modules/$mod.ko" $offset 1)")"
	done
	damage $mod $((header + ELF_SH_OFFSET)) "$bytes"
	load_failing_mod $mod
	check_log "overlaps data that the loader modifies"
}

# late_section - offset of the header of a section of late relocations
function late_section() {
	section_header test_modules/$MOD_LP.ko .klp.rela.$MOD_TARGET.text
}

# damage_rela(offset, bytes) - damage the first relocation of that section
function damage_rela() {
	local header relas

	header=$(late_section) || exit
	relas=$(number_at test_modules/$MOD_LP.ko $((header + ELF_SH_OFFSET)) 8)
	damage $MOD_LP $((relas + $1)) "$2"
}

# check_damaged_lp(msg) - the livepatch is refused when it is loaded
function check_damaged_lp() {
	load_failing_mod $MOD_LP
	check_log "$1"
}

function test_bad_symbol_index() {
	local msg="symbol out of range"

	# They look at all relocations before a module gets memory
	[[ $(uname -m) != @(aarch64|s390x) ]] || msg="relocation against missing symbol"
	damage_rela $ELF_R_SYM "${ALL_ONES:0:16}"
	check_damaged_lp "$msg"
}

function test_bad_offset() {
	damage_rela $ELF_R_OFFSET "$ALL_ONES"
	check_damaged_lp "offset out of range"
}

# The relocations are kept all the same
function test_section_without_alloc() {
	local header

	header=$(late_section) || exit
	damage $MOD_LP $((header + ELF_SH_FLAGS_LOW)) '\x40'
	load_lp $MOD_LP
	load_mod $MOD_TARGET value=71
	check_target $MOD_LP 71
}

function test_bad_section_index() {
	local header

	header=$(late_section) || exit
	damage $MOD_LP $((header + ELF_SH_INFO)) "${ALL_ONES:0:16}"
	check_damaged_lp "section out of range"
}

if [[ $# -eq 0 ]]; then
	mapfile -t all < <(all_cases "$0")
	set -- "${all[@]}"
fi
setup_reloc converted
run_cases "$@"
