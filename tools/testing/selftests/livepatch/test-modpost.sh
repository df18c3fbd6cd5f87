#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# modpost's check of livepatch symbols, on the host that builds the modules:
#
#   KDIR=<built kernel> [ARCH=... CROSS_COMPILE=...] ./test-modpost.sh

KDIR=${KDIR:-/lib/modules/$(uname -r)/build}

GOOD_NAMES=(
	".klp.sym.vmlinux.test_symbol,0"
	".klp.sym.vmlinux.test_symbol,0,vmlinux"
	".klp.sym.test_object.test_symbol,0"
	".klp.sym.test_object.test_symbol,4294967295"
	".klp.sym.test_object.test_symbol.isra.0,2"
	".klp.sym.test_object.test_symbol,0,other_object"
	".klp.sym.test_object.test_symbol,1,vmlinux"
)
BAD_NAMES=(
	".klp.sym."
	".klp.sym.test_object"
	".klp.sym.test_object.test_symbol"
	".klp.sym.test_object,0"
	".klp.sym.test_object.,0"
	".klp.sym..test_symbol,0"
	".klp.sym.$(printf 'x%.0s' {1..64}).test_symbol,0"
	".klp.sym.test_object.test_symbol,"
	".klp.sym.test_object.test_symbol,x"
	".klp.sym.test_object.test_symbol,-1"
	".klp.sym.test_object.test_symbol,0x1"
	".klp.sym.test_object.test_symbol,4294967296"
	".klp.sym.test_object.test_symbol,18446744073709551616"
	".klp.sym.test_object.test_symbol,0,"
	".klp.sym.test_object.test_symbol,0,other.object"
	".klp.sym.test_object.test_symbol,0,other_object,"
	".klp.sym.test_object.test_symbol,0,$(printf 'x%.0s' {1..64})"
	".klp.sym.vmlinux.test_symbol,0,test_object"
	".klp.sym.test-object.test_symbol,0"
	".klp.sym.test_object.ko.test_symbol,0"
	".klp.sym.test_object.test_symbol,0,other-object"
)
# Not livepatch's, though they look like it
OTHER_NAMES=(
	".klp.symtest_object.test_symbol,0"
	"klp.sym.test_object.test_symbol,0"
)

# module(modname, livepatch, names...) - make the source of a module that refers
#					 to symbols of these names
function module() {
	local modname="$1"; shift
	local livepatch="$1"; shift
	local name

	{
		echo '#include <linux/module.h>'
		for name in "$@"; do
			echo "asm(\".pushsection .data; .quad \\\"$name\\\"; .popsection\");"
		done
		echo 'MODULE_LICENSE("GPL");'
		echo 'MODULE_DESCRIPTION("Livepatch test: modpost");'
		[[ -z "$livepatch" ]] || echo 'MODULE_INFO(livepatch, "Y");'
	} > "$DIR/$modname.c"
}

# build(modnames...) - build these modules, with what is said in $LOG
function build() {
	echo "obj-m := ${*/%/.o}" > "$DIR/Makefile"
	make -C "$KDIR" M="$DIR" modules > "$LOG" 2>&1
}

# result(status, description) - one line of TAP
function result() {
	local ok="ok"

	if [[ $1 -ne 0 ]]; then
		ok="not ok"
		failed=1
	fi
	echo "$ok $((++test)) $2"
}

# check_error(modname, error, names...) - modpost has refused each of the names
function check_error() {
	local modname="$1"; shift
	local error="$1"; shift
	local name

	for name in "$@"; do
		grep -qF -e "ERROR: modpost: \"$name\" [$DIR/$modname.ko] $error" "$LOG"
		result $? "$modname: $error $name"
	done
}

echo "TAP version 13"

if [[ ! -e "$KDIR/Module.symvers" ]]; then
	echo "1..0 # SKIP $KDIR: no built kernel"
	exit 4
fi
DIR=$(mktemp -d)
LOG=$DIR/log
trap 'rm -rf "$DIR"' EXIT
test=0
failed=0

echo "1..$((2 + ${#BAD_NAMES[@]} + ${#OTHER_NAMES[@]} + 3))"

module good livepatch "${GOOD_NAMES[@]}"
build good
status=$?
result $status "good: a livepatch module with good names"
[[ $status -eq 0 ]] || sed 's/^/# /' "$LOG"

module bad livepatch "${BAD_NAMES[@]}"
module other livepatch "${OTHER_NAMES[@]}"
module none "" "${GOOD_NAMES[0]}" "${BAD_NAMES[1]}"
module defined livepatch
echo "asm(\".pushsection .data; \\\"${GOOD_NAMES[0]}\\\": .quad 0; .popsection\");" \
	>> "$DIR/defined.c"
! build bad other none defined
result $? "bad names make the build fail"
check_error bad "is not a klp symbol:" "${BAD_NAMES[@]}"
check_error other "undefined!" "${OTHER_NAMES[@]}"
check_error none "undefined!" "${GOOD_NAMES[0]}" "${BAD_NAMES[1]}"
check_error defined "is not a klp symbol: it is defined in the module" "${GOOD_NAMES[0]}"

exit $failed
