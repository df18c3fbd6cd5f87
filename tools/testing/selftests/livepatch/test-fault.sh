#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# Each allocation on the way of loading livepatches and their targets fails once.

. "$(dirname "$0")/functions.sh"
. "$(dirname "$0")/functions-reloc.sh"

DEBUGFS=/sys/kernel/debug
KMEMLEAK=$DEBUGFS/kmemleak

# inject(operation, suffix) - run an operation of the livepatch with this suffix
#			      until none of its allocations is left to fail
function inject() {
	local output

	output=$("$(dirname "$0")/test_klp-fault" "$1" "$2" 2>&1) ||
		fail "$output"
	pass
	echo "$output"
}

# check_leaks - nothing that is still allocated has been lost
#	An object is only believed to be lost when it is five seconds old.
function check_leaks() {
	local leaks

	if [[ ! -e $KMEMLEAK ]]; then
		echo
		echo "# no kmemleak: what is lost is not found"
		return
	fi
	sleep 6
	echo scan > $KMEMLEAK
	echo scan > $KMEMLEAK
	leaks=$(cat $KMEMLEAK)
	[[ "$leaks" == "" ]] || fail "$leaks"
}

setup_config

for knob in failslab fail_page_alloc; do
	[[ -e /proc/self/fail-nth && -e "$DEBUGFS/$knob" ]] ||
		skip "no fault injection, or not for memory"
done

set_knob $DEBUGFS/failslab/ignore-gfp-wait N
set_knob $DEBUGFS/failslab/verbose 0
set_knob $DEBUGFS/fail_page_alloc/ignore-gfp-wait N
set_knob $DEBUGFS/fail_page_alloc/ignore-gfp-highmem N
set_knob $DEBUGFS/fail_page_alloc/min-order 0
set_knob $DEBUGFS/fail_page_alloc/verbose 0

# A transition is then complete at once, in the task that gets the faults
use_one_cpu

FORMS="plain"
if [[ -e test_modules/test_klp_reloc-converted.ko ]]; then
	FORMS+=" converted"
fi

for form in $FORMS; do

suffix=""
if [[ "$form" == "converted" ]]; then
	suffix="-converted"
fi


# - load a livepatch while its target is there

start_test "allocations fail, livepatch comes, $form"

inject load "$suffix"


# - load the target while the livepatch is enabled
# - the livepatch finds all of it each time

start_test "allocations fail, target comes, $form"

inject target "$suffix"


# - the same under two livepatches: what the first one did is undone when the
#   second one fails

start_test "allocations fail, target comes for two livepatches, $form"

inject second "$suffix"


# - load a livepatch of vmlinux

start_test "allocations fail, livepatch of vmlinux, $form"

inject vmlinux "$suffix"


# - disable a livepatch while its target is there

start_test "allocations fail, livepatch is disabled, $form"

inject disable "$suffix"

done


start_test "nothing has been lost when allocations failed"

check_leaks
pass

exit 0
