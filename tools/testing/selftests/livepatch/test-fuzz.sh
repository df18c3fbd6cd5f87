#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# Damaged livepatch modules, which the kernel refuses or not, but survives.
#
#	KLP_FUZZ_COUNT		how many
#	KLP_FUZZ_SEED		what they are made from; the same ones each time without it
#	KLP_FUZZ_FIRST		the number of the first one

. "$(dirname "$0")/functions.sh"
. "$(dirname "$0")/functions-reloc.sh"

COUNT=${KLP_FUZZ_COUNT:-200}
SEED=${KLP_FUZZ_SEED:-1}
FIRST=${KLP_FUZZ_FIRST:-0}

setup_config
use_one_cpu

# There is too much to say
echo "file kernel/livepatch/* -p" > /sys/kernel/debug/dynamic_debug/control

# Live long enough to tell what it was
set_knob /proc/sys/kernel/panic_on_oops 0


# - load modules with damages in what relocates them, before their targets and
#   after these, and unload what is not refused
# - the kernel does not complain, and good modules work in between

start_test "$COUNT damaged modules from $FIRST, seed $SEED"

echo
"$(dirname "$0")/test_klp-fuzz" -s "$SEED" -f "$FIRST" -n "$COUNT" 2>&1 ||
	fail "the fuzzer has found something"

pass
