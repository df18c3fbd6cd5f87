#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Take the conditions out of the checks, one at a time: the fuzzer has to notice. Each
# run starts from the existing corpus, O/corpus; all take an hour or so.
#
# usage: O=DIR SEEDS=DIR [COUNT=n] test-checks.sh [NUMBER...]

set -u -o pipefail

: "${O:?is where the fuzzer was built}" "${SEEDS:?is a directory of modules}"
here=$(dirname "$(realpath "$0")")
O=$(realpath "$O")
SEEDS=$(realpath "$SEEDS")
noticed=0
missed=0

trap 'exit 130' INT TERM HUP

# passes NUMBER - the fuzzer finds nothing without that condition
passes()
{
	local make=(make -s -C "$here" O="$O/without" SEEDS="$SEEDS" TAKE_OUT="$1")

	rm -rf "$O/without"
	mkdir -p "$O/without"
	cp -r "$O/corpus" "$O/without/" && "${make[@]}" "$O/without/fuzz/fuzz" || exit
	"${make[@]}" COUNT="${COUNT:-300000}" run > "$O/without/log" 2>&1
}

passes 0 || {
	echo "error: with all conditions the fuzzer finds something, see $O/without/log" >&2
	exit 1
}
[ $# -gt 0 ] || mapfile -t all < <(seq "$(cat "$O/without/src/conditions")")
for number in "${@:-${all[@]}}"; do
	if passes "$number"; then
		missed=$((missed + 1))
		echo "not noticed: $number: $(cat "$O/without/src/taken-out")"
	else
		noticed=$((noticed + 1))
	fi
done
rm -rf "$O/without"

echo "$noticed noticed, $missed not noticed"
[ "$missed" -eq 0 ]
