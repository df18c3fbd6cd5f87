#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# Damaged livepatch modules, which the kernel refuses or not, but survives.
#
#	KLP_FUZZ_COUNT		how many
#	KLP_FUZZ_SEED		what they are made from, to make the same again
#	KLP_FUZZ_FIRST		the number of the first one

. $(dirname $0)/functions.sh
. $(dirname $0)/functions-reloc.sh

COUNT=${KLP_FUZZ_COUNT:-200}
SEED=${KLP_FUZZ_SEED:-$(date +%s)}
FIRST=${KLP_FUZZ_FIRST:-0}

# quick - let livepatches be enabled and disabled without waiting
#	A transition waits a second for each CPU that idles when it starts, apart
#	from its own.
function quick() {
	local cpu

	for cpu in /sys/devices/system/cpu/cpu[1-9]*; do
		[[ $(cat "$cpu/online" 2> /dev/null) == 1 ]] || continue
		echo 0 > "$cpu/online" && OFFLINE+=("$cpu")
	done

	# There is too much to say
	echo "file kernel/livepatch/* -p" > /sys/kernel/debug/dynamic_debug/control

	# Live long enough to tell what it was
	PANIC_ON_OOPS=$(sysctl --values kernel.panic_on_oops)
	sysctl -q kernel.panic_on_oops=0
}

# not_quick - undo quick() and setup_config()
function not_quick() {
	local cpu

	cleanup
	for cpu in "${OFFLINE[@]}"; do
		echo 1 > "$cpu/online"
	done
	sysctl -q kernel.panic_on_oops="$PANIC_ON_OOPS"
}

setup_config
quick
trap not_quick EXIT INT TERM HUP


# - load modules with damages in what relocates them, before their targets and
#   after these, and unload what is not refused
# - the kernel does not complain, and good modules work in between

start_test "$COUNT damaged modules from $FIRST, seed $SEED"

echo
"$(dirname $0)/test_klp-fuzz" -s "$SEED" -f "$FIRST" -n "$COUNT" 2>&1 ||
	fail "the fuzzer has found something"

pass
