#!/bin/bash
# SPDX-License-Identifier: GPL-2.0

# Targets of livepatches that come and go many times, and while livepatches do.
#
#	KLP_SOAK_CYCLES		how often
#	KLP_SOAK_SECONDS	how long the race is
#	KLP_SOAK_SEED		of the random numbers, to do the same again

. "$(dirname "$0")/functions.sh"
. "$(dirname "$0")/functions-reloc.sh"

CYCLES=${KLP_SOAK_CYCLES:-50}
DURATION=${KLP_SOAK_SECONDS:-5}
SEED=${KLP_SOAK_SEED:-$(date +%s)}

# run(program, number) - run a test program, which tells how it goes
function run() {
	echo
	"$(dirname "$0")/$1" "$2" "$SEED" 2>&1 || fail "$1 $2 $SEED"
}

setup_config

# Most of the time is spent waiting for RCU
if [[ -e /sys/kernel/rcu_expedited ]]; then
	set_knob /sys/kernel/rcu_expedited 1
fi


# - load a livepatch, and then its target many times, with other values and at
#   other addresses
# - nothing keeps memory

start_test "target comes and goes $CYCLES times, seed $SEED"
run test_klp-soak "$CYCLES"
pass


# - load and unload two targets, and two livepatches of both that may replace
#   each other, all at the same time
# - what the targets report is always that of the original or of one livepatch
# - afterwards everything works

start_test "targets and livepatches come and go at once for $DURATION s, seed $SEED"
run test_klp-race "$DURATION"
pass

exit 0
