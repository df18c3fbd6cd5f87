#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# PLT entries and read-only places on arm64; GOT and PLT entries, and text that was
# probed, on LoongArch; GOT and PLT slots on s390; stubs, GOT entries and read-only
# places on ppc64: what compilers hardly make of the livepatches of test-reloc.sh.
# In both forms.

# The cases are called by name; $MOD_... have no spaces
# shellcheck disable=SC2317,SC2086

. "$(dirname "$0")/functions.sh"
. "$(dirname "$0")/functions-reloc.sh"

case $(uname -m) in
aarch64) ARCH=arm64 ;;
loongarch64) ARCH=loongarch ;;
s390x)	ARCH=s390 ;;
ppc64*)	ARCH=ppc64 ;;
*)	skip "nothing for this architecture" ;;
esac

MOD_ARCH=test_klp_reloc_$ARCH
MOD_ARCH_FAR=test_klp_reloc_${ARCH}_far
MOD_SPACE=test_klp_reloc_space

# report_s390(value) - what the livepatch finds
function report_s390() {
	local type

	printf "PLT16DBL %s" $(($1 + 1))
	for type in GOT12 GOT16 GOT20 GOT32 GOT64 GOTENT GOTPLT12 GOTPLT16 \
		    GOTPLT20 GOTPLT32 GOTPLT64 GOTPLTENT GOTOFF32 GOTOFF64; do
		printf " %s %s" $type "$1"
	done
	for type in PLT32DBL PLT32 PLT64 PLTOFF16 PLTOFF32 PLTOFF64; do
		printf " %s %s" $type $(($1 + 1))
	done
}

# slots_s390(data, text) - what the slots hold
function slots_s390() {
	echo "GOT $1 PLT $2"
}

function report_arm64() {
	local type

	printf "call %s" $(($1 + 1))
	for type in MOVZ MOVN LDST32 LDST8 ADRP ABS64 PREL64 PREL32 unaligned; do
		printf " %s %s" $type "$1"
	done
	printf " %s" "$1"
}

function slots_arm64() {
	local adrp=kept

	! dmesg | grep -q "detected: ARM erratum 843419" || adrp=veneer
	echo "PLT $2 ADRP $adrp"
}

function report_loongarch() {
	local type

	printf "call %s" $(($1 + 1))
	for type in GOT PCALA load 64 64_PCREL 32_PCREL unaligned; do
		printf " %s %s" $type "$1"
	done
	printf " %s page %s" "$1" "$1"
}

function slots_loongarch() {
	echo "GOT $1 PLT $2"
}

# probe_text() - a kprobe has been in the text next to what is relocated, which leaves
#		 it read-only on LoongArch, and cannot be on what is relocated
function probe_text() {
	local events=$TRACEFS/events/kprobes/test_klp_reloc

	[[ "$ARCH" == "loongarch" && -e $KPROBES ]] || return 0

	echo "p:test_klp_reloc $MOD_ARCH:loongarch_nop" > $KPROBES ||
		fail "no kprobe beside a relocation"
	echo 1 > $events/enable
	echo 0 > $events/enable
	echo "-:test_klp_reloc" >> $KPROBES
	set_kprobe "$MOD_ARCH:loongarch_load" && fail "a kprobe is where relocations are"
	return 0
}

function report_ppc64() {
	echo "call $(($1 + 1)) load $1 ADDR64 $1 REL64 $1 REL32 $1 unaligned $1"
}

function slots_ppc64() {
	local got=0

	# With CONFIG_PPC_KERNEL_PCREL modules have a GOT
	if grep -q '\.mygot' "test_modules/$MOD_ARCH.ko"; then
		got=$1
	fi
	echo "stub 73747562 $2 GOT $got"
}

# check_types(value) - all types of relocations lead to the target's symbols
function check_types() {
	local data text

	check_param $MOD_TARGET report "$MOD_ARCH: $("report_$ARCH" "$1")"
	read -r data text < /sys/module/$MOD_TARGET/parameters/at
	check_param "$MOD_ARCH" slots "changed $("slots_$ARCH" "$data" "$text")"
}

# check_unresolved(livepatch) - all that is relocated, slots too, is as before the
#				target was loaded for the first time
function check_unresolved() {
	local slots

	slots=$(cat "/sys/module/$1/parameters/slots")
	[[ "$slots" == "kept "* ]] || fail "slots of $1: $slots"
}

# - load a livepatch with all types of relocations against symbols of a target,
#   and then its target more often than the livepatch has stubs, each time at
#   another address and with another value
#
# Stock kernels on s390 fill slots once: with the first target's addresses.  On
# ppc64 they refuse the target when the stubs are used up, after they have died of
# the places in read-only memory.  On LoongArch they die of the text that was probed.
function test_late_target() {
	local value

	load_lp "$MOD_ARCH"
	probe_text
	for value in {11..25}; do
		load_elsewhere $MOD_TARGET value="$value"
		check_types "$value"
		unload_mod $MOD_TARGET
		check_unresolved "$MOD_ARCH"
	done
	disable_lp "$MOD_ARCH"
	unload_lp "$MOD_ARCH"
}

# What restores r2 after a call is written when the livepatch is loaded, and not again: it
# may have a breakpoint
function reload_under_kprobe() {
	set_kprobe "$MOD_ARCH:ppc64_call" || return 0	# no CONFIG_KPROBE_EVENTS_ON_NOTRACE
	echo "p:test_klp_reloc $MOD_ARCH:ppc64_nop" > $KPROBES || fail "no kprobe after a call"
	echo 1 > $TRACEFS/events/kprobes/test_klp_reloc/enable
	unload_mod $MOD_TARGET
	load_elsewhere $MOD_TARGET value=32
	check_types 32
	echo 0 > $TRACEFS/events/kprobes/test_klp_reloc/enable
	echo "-:test_klp_reloc" >> $KPROBES
}

# - the same with a target that is loaded already
function test_target_before_livepatch() {
	load_elsewhere $MOD_TARGET value=31
	load_lp "$MOD_ARCH"
	check_types 31
	if [[ "$ARCH" == "ppc64" && -e $KPROBES ]] &&
	   ! grep -q '\.mygot' "test_modules/$MOD_ARCH.ko"; then
		reload_under_kprobe
	fi
	disable_lp "$MOD_ARCH"
	unload_mod $MOD_TARGET
	check_unresolved "$MOD_ARCH"
	unload_lp "$MOD_ARCH"
}

# - the last relocation is out of range wherever the target may be: the livepatch
#   is refused when it is loaded, with and without the target
function test_out_of_range() {
	load_failing_mod "$MOD_ARCH_FAR"
	check_log "$MSG_OUT_OF_RANGE"
	load_elsewhere $MOD_TARGET
	load_failing_mod "$MOD_ARCH_FAR"
	check_log "$MSG_OUT_OF_RANGE"
	unload_mod $MOD_TARGET
}

# is_far(distance) - is the target that far from the livepatch?
function is_far() {
	local here text

	here=$(symbol_address $MOD_ARCH arm64_call 1)
	read -r _ text < /sys/module/$MOD_TARGET/parameters/at
	[[ $((0x$text - 0x$here)) -ge $(($1 << 20)) ||
	   $((0x$here - 0x$text)) -ge $(($1 << 20)) ]]
}

# load_far(value, distance) - load the target where the livepatch does not reach it
#	distance - in MB
function load_far() {
	local tries

	# Memory of modules, say that of init functions, is given back later
	for ((tries = 0; tries < 10; tries++)); do
		echo $(($2 * 2)) > /sys/module/$MOD_SPACE/parameters/take
		load_elsewhere $MOD_TARGET value="$1"
		! is_far "$2" || return 0
		unload_mod $MOD_TARGET
	done

	fail "cannot get $MOD_TARGET so far away"
}

# - the target is farther away than ADR reaches, and than a branch does
#
# Stock kernels die, since they write a veneer or a PLT entry to read-only memory.
function test_arm64_far_target() {
	local distance

	[[ "$ARCH" == "arm64" ]] || skip "there is no such limit"

	load_lp "$MOD_ARCH"
	run insmod test_modules/$MOD_SPACE.ko || fail "cannot load $MOD_SPACE"
	for distance in 1 128; do
		load_far $distance $distance
		check_types $distance
		unload_mod $MOD_TARGET
		check_unresolved "$MOD_ARCH"
	done
	unload_mod $MOD_SPACE
	disable_lp "$MOD_ARCH"
	unload_lp "$MOD_ARCH"
}

# In ppc64's message it is the type and the value, in that of s390 the symbol
case $ARCH in
arm64)	MSG_OUT_OF_RANGE="overflow in relocation type 258" ;;
loongarch) MSG_OUT_OF_RANGE="overflow! dangerous relocation type 1" ;;
s390)	MSG_OUT_OF_RANGE="relocation error for symbol" ;;
ppc64)	MSG_OUT_OF_RANGE="ADDR32 0x" ;;
esac

mapfile -t cases < <(all_cases "$0")
setup_reloc plain
run_forms "${cases[@]}"
