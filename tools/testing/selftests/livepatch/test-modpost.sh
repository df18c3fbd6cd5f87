#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# What the build says of livepatch symbols, on the host that builds the modules:
#
#   KDIR=<built kernel> [ARCH=... CROSS_COMPILE=...] ./test-modpost.sh

KDIR=${KDIR:-/lib/modules/$(uname -r)/build}

GOOD_NAMES=(
	".klp.sym.vmlinux.linux_banner,0"
	".klp.sym.vmlinux.linux_banner,0,vmlinux"
	".klp.sym.test_object.test_symbol,0"
	".klp.sym.test_object.test_symbol,999999999"
	".klp.sym.test_object.test_symbol.isra.0,2"
	".klp.sym.test_object.test_symbol,0,other_object"
	".klp.sym.test_object.test_symbol,1,vmlinux"
	".klp.sym.rela.test_object.vmlinux.linux_banner,0"
	".klp.sym.rela.other_object.test_object.test_symbol.isra.0,2"
	".klp.sym.rela.vmlinux.test_object.test_symbol.2"
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
	".klp.sym.test_object.test_symbol,1000000000"
	".klp.sym.test_object.test_symbol,18446744073709551616"
	".klp.sym.test_object.test_symbol,0,"
	".klp.sym.test_object.test_symbol,0,other.object"
	".klp.sym.test_object.test_symbol,0,other_object,"
	".klp.sym.test_object.test_symbol,0,$(printf 'x%.0s' {1..64})"
	".klp.sym.vmlinux.test_symbol,0,test_object"
	".klp.sym.test-object.test_symbol,0"
	".klp.sym.test_object.ko.test_symbol,0"
	".klp.sym.test_object.test_symbol,0,other-object"
	".klp.sym.rela.test_symbol,0"
	".klp.sym.rela.other_object.test_object.test_symbol"
	".klp.sym.rela.other_object.test_object.test_symbol.isra"
	".klp.sym.rela.other_object.test_object.test_symbol,0,other_object"
	".klp.sym.rela.other-object.test_object.test_symbol,0"
)
# Not livepatch's, though they look like it
OTHER_NAMES=(
	".klp.symtest_object.test_symbol,0"
	"klp.sym.test_object.test_symbol,0"
)

# What the objects do not have: the name, and what is said
UNRESOLVED=(
	".klp.sym.vmlinux.no_such_symbol,0" "is not in vmlinux"
	".klp.sym.rela.test_object.vmlinux.no_such_symbol,0" "is not in vmlinux"
	".klp.sym.vmlinux.linux_banner,2" "linux_banner: 1 in vmlinux"
	".klp.sym.vmlinux.start_kernel,0" "is in init memory of vmlinux"
	".klp.sym.test_object.no_such_symbol,0" "is not in test_object"
	".klp.sym.rela.test_object.test_object.no_such_symbol,0" "is not in test_object"
	".klp.sym.test_object.test_twin,0" "test_twin: 2 in test_object"
	".klp.sym.test_object.test_twin,0" ": 1: one.c 0x"
	".klp.sym.test_object.test_twin,0" ", 2: two.c 0x"
	".klp.sym.test_object.test_twin,3" "test_twin: 2 in test_object"
	".klp.sym.not_patched.test_symbol,0" "does not patch module 'not_patched'"
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
		echo 'static const char * const objs[] __used = { "test_object", "other_object" };'
		echo 'MODULE_LICENSE("GPL");'
		echo 'MODULE_DESCRIPTION("Livepatch test: modpost");'
		[[ -z "$livepatch" ]] || echo 'MODULE_INFO(livepatch, "Y");'
	} > "$DIR/$modname.c"
}

# build(modnames...) - build these modules, with what is said in $LOG
function build() {
	echo "obj-m := ${*/%/.o}" > "$DIR/Makefile"
	echo "test-object-y := one.o two.o" >> "$DIR/Makefile"
	make -C "${TREE:-$KDIR}" M="$DIR" "${ARGS[@]}" modules > "$LOG" 2>&1
}

# objects - make the source of modules whose symbols are used
function objects() {
	local file

	for file in one two; do
		cat > "$DIR/$file.c" <<-EOF
			static noinline int test_twin(int n) { return n + $file(n); }
			static int __init test_init(void) { return 0; }
			int test_export_$file(int n);
			int test_export_$file(int n) { return test_twin(n) + 1; }
			EXPORT_SYMBOL_GPL(test_export_$file);
		EOF
	done
	sed -i '1i #include <linux/module.h>\nint one(int); int two(int);' "$DIR"/{one,two}.c
	cat >> "$DIR/one.c" <<-EOF
		int one(int n) { return n; }
		module_init(test_init);
		MODULE_LICENSE("GPL");
		MODULE_DESCRIPTION("Livepatch test: an object");
	EOF
	echo 'int two(int n) { return n; }' >> "$DIR/two.c"
}

# uses - make the source of a livepatch that uses symbols in the wrong places
function uses() {
	module uses livepatch
	cat >> "$DIR/uses.c" <<-EOF
		#include <linux/jump_label.h>
		#include <linux/livepatch_symbol.h>
		#include <linux/moduleparam.h>
		int twin(int n) KLP_SYMBOL(test_object, test_twin, 1);
		extern int array[2] KLP_SYMBOL(test_object, test_twin, 2);
		int reloc_twin(int n) KLP_RELOC_SYMBOL_POS(test_object, test_object, test_twin, 1);
		extern struct static_key_false key KLP_SYMBOL(other_object, key, 0);
		extern char banner[] KLP_SYMBOL(vmlinux, linux_banner, 0);
		static noinline int __init uses_init(void) { return twin(1); }
		static int __init uses_init_2(void) { return reloc_twin(1) + uses_init(); }
		module_init(uses_init_2);
		static noinline int uses_key(int n) { return static_branch_unlikely(&key) ? n : 2; }
		int (*uses_pointer)(int) = uses_key;
		module_param_array(array, int, NULL, 0444);
		static DEFINE_PER_CPU(char *, percpu) __used = banner;
		static DEFINE_PER_CPU(int *, uses_percpu) __used = array;
	EOF
}

# exports - make the source of a livepatch that uses a symbol that its target exports,
#	    a weak one as objtool makes, and a function that does not return
function exports() {
	module exports livepatch
	cat >> "$DIR/exports.c" <<-EOF
		#include <linux/livepatch_symbol.h>
		int test_export_one(int n);
		int two(int n) KLP_SYMBOL(test_object, test_export_two, 0);
		void __noreturn leave(int n) KLP_SYMBOL(vmlinux, do_group_exit, 0);
		void __noreturn
		reloc_leave(int n) KLP_RELOC_SYMBOL(vmlinux, vmlinux, do_group_exit);
		static noinline void ends(int n) { pr_info("%d", n); leave(n); }
		static noinline void ends_too(int n) { pr_info("%d", n); reloc_leave(n); }
		extern int __weak by_objtool KLP_SYMBOL(not_patched, no_such_symbol, 0);
		static noinline int uses(int n) { return test_export_one(n) + two(by_objtool); }
		void *pointers[] = { ends, ends_too, uses };
	EOF
}

# tree(without...) - make a build tree that is KDIR without these files
function tree() {
	local file

	TREE=$DIR/tree
	rm -rf "$TREE"
	mkdir "$TREE"
	ln -s "$KDIR"/* "$KDIR"/.[a-z]* "$TREE"
	for file in "$@" Makefile; do
		rm "$TREE/$file"
	done
	# This can have the name of the directory
	sed "s,= $KDIR\$,= $TREE," "$KDIR/Makefile" > "$TREE/Makefile"
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

# errors(modname, name) - what modpost has said of the name, in whatever quotes
function errors() {
	tr '"' "'" < "$LOG" | grep '^ERROR: modpost: ' | grep -F -e "$1.ko" | grep -F -e "'$2'"
}

# check_error(modname, error, names...) - modpost has refused each of the names
function check_error() {
	local modname="$1"; shift
	local error="$1"; shift
	local name

	for name in "$@"; do
		errors "$modname" "$name" | grep -qF -e "$error"
		result $? "$modname: $error $name"
	done
}

# check_refused(description, name, what) - the build failed, and said this about the name
function check_refused() {
	[[ $status -ne 0 ]] && errors "" "$2" | grep -qF -e "$3"
	result $? "$1: $2: $3"
}

# check_use(name, what...) - it was said that a name cannot be used there
function check_use() {
	local name="$1"; shift
	local line what found=1

	line=$(errors uses "$name" | grep -F -e "' cannot be used in ")
	for what in "$@"; do
		grep -qF -e "$what" <<< "$line" || found=0
	done
	result $((1 - found)) "uses: $name $*"
}

# check_place(description, object, args...) - a wrong name in an object is noticed that
#					      is where make is told by these arguments
function check_place() {
	local name=".klp.sym.$2.no_such_symbol,0"

	ARGS=("${@:3}")
	module place livepatch "$name"
	echo "static const char object[] __used = \"$2\";" >> "$DIR/place.c"
	build place
	status=$?
	check_refused "$1" "$name" "is not in $2"
	ARGS=()
}

# check_said(description, status, words) - whether there is such a line
function check_said() {
	local found=0

	grep -qF -e "$3" "$LOG" || found=1
	[[ $found -eq $2 ]]
	result $? "$1: $3"
}

echo "TAP version 13"

if [[ ! -e "$KDIR/Module.symvers" ]]; then
	echo "1..0 # SKIP $KDIR: no built kernel"
	exit 4
fi
KDIR=$(realpath "$KDIR")
DIR=$(mktemp -d)
LOG=$DIR/log
trap 'rm -rf "$DIR"' EXIT
test=0
failed=0

ARGS=()
TREE=""

module good livepatch "${GOOD_NAMES[@]}"
build good
status=$?
result $status "good: a livepatch module with good names"
[[ $status -eq 0 ]] || sed 's/^/# /' "$LOG"
check_said "good" 0 "no file of test_object at hand"
check_said "good" 1 "no file of vmlinux"

objects
exports
build test-object exports
status=$?
result $status "exports: a livepatch module that uses an export of its target"
[[ $status -eq 0 ]] || sed 's/^/# /' "$LOG"
check_said "exports" 0 "exports.ko: 'test_export_one' pins 'test_object'"
check_said "exports" 1 "'test_export_two'"
check_said "exports" 1 "no_such_symbol"
check_said "exports" 1 "objtool"

SOURCE=$KDIR/source
[[ -e "$SOURCE" ]] || SOURCE=$KDIR
ROOT=$DIR/root
RELEASE=$(< "$KDIR/include/config/kernel.release")
MODULES=$ROOT/lib/modules/$RELEASE
mkdir -p "$MODULES/extra"
cp "$DIR"/{test-object,exports}.ko "$MODULES/extra"
if [[ -n "$(command -v depmod)" && -e "$KDIR/System.map" ]]; then
	(cd "$KDIR" && objtree=. INSTALL_MOD_PATH=$ROOT "$SOURCE/scripts/depmod.sh" "$RELEASE") \
		> "$LOG" 2>&1
	result $? "depmod"
	check_said "depmod" 1 "needs unknown symbol .klp.sym."
else
	result 0 "depmod # SKIP no depmod, or no System.map"
	printf 'extra/%s.ko:\n' test-object exports > "$MODULES/modules.dep"
fi

twins=$("$SOURCE/scripts/livepatch/klp-twins" "$DIR/test-object.ko" test_twin)
[[ "$twins" =~ ^"1 one.c 0x"[0-9a-f]+$'\n'"2 two.c 0x"[0-9a-f]+$ ]]
result $? "klp-twins"

names=()
for ((i = 0; i < ${#UNRESOLVED[@]}; i += 2)); do
	names+=("${UNRESOLVED[$i]}")
done
module unresolved livepatch "${names[@]}"
uses
build unresolved uses test-object
status=$?
for ((i = 0; i < ${#UNRESOLVED[@]}; i += 2)); do
	check_refused "unresolved" "${UNRESOLVED[$i]}" "${UNRESOLVED[$((i + 1))]}"
done
check_use ".klp.sym.test_object.test_twin,1" "uses_init" "(section: .init.text" "file: uses.c"
check_use ".klp.sym.rela.test_object.test_object.test_twin,1" "(section: .init.text"
check_use ".klp.sym.test_object.test_twin,2" "__param_arr_array" "file: uses.c" "a parameter"
check_use ".klp.sym.test_object.test_twin,2" "uses_percpu" "per-CPU data"
check_said "unresolved" 1 "linux_banner,0' cannot be used"
if grep -q '^CONFIG_JUMP_LABEL=y' "$KDIR/.config"; then
	check_use ".klp.sym.other_object.key,0" "uses_key" "(section: __jump_table" "file: uses.c"
fi

check_place "modules.dep" test_object INSTALL_MOD_PATH="$ROOT"
check_place "KLP_OBJECTS" test_object KLP_OBJECTS="$MODULES/extra/test-object.ko"
object=$(sed -n '1s,.*/\(.*\)\.o,\1,p' "$KDIR/modules.order")
[[ -z "$object" ]] || check_place "modules.order" "${object//-/_}"
tree vmlinux
check_place "System.map" vmlinux
tree vmlinux System.map
check_place "KLP_OBJECTS" vmlinux KLP_OBJECTS="$KDIR/System.map"
build good
status=$?
result $status "vmlinux is not at hand"
check_said "vmlinux" 0 "no file of vmlinux at hand"
TREE=""

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

echo "1..$test"
exit $failed
