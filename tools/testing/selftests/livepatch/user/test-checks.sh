#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Take the conditions out of the checks, one at a time: the fuzzer has to notice. It
# begins with what it found before.
#
# usage: O=DIR SEEDS=DIR [COUNT=n] test-checks.sh [NUMBER...]

set -u -o pipefail

here=$(dirname "$0")
noticed=0
missed=0

# numbers - of all conditions, if none was named
numbers()
{
	if [ $# -gt 0 ]; then
		printf '%s\n' "$@"
	else
		seq "$(cat "$O/src/conditions")"
	fi
}

# try NUMBER - without that condition
try()
{
	rm -rf "$O/without"
	make=(make -s -C "$here" O="$O/without" SEEDS="$SEEDS" TAKE_OUT="$1")
	"${make[@]}" "$O/without/fuzz/fuzz" || exit
	cp -r "$O/corpus" "$O/without/"
	! "${make[@]}" COUNT="${COUNT:-300000}" run > "$O/without/log" 2>&1
}

for number in $(numbers "$@"); do
	if try "$number"; then
		noticed=$((noticed + 1))
	else
		missed=$((missed + 1))
		echo "not noticed: $number: $(cat "$O/without/src/taken-out")"
	fi
done

echo "$noticed noticed, $missed not noticed"
