#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Run a long command: its output goes to a log, one line at its start and now
# and then says where it is, and the end of the log is shown if it fails.

if [ $# -lt 3 ]; then
	echo "usage: ${0##*/} WHAT LOG COMMAND [ARGUMENT...]" >&2
	exit 2
fi

what=$1
log=$2
shift 2

# make -n: options without arguments come first, as letters without a dash
case ${MAKEFLAGS%% *} in
-*|*=*)
	;;
*n*)
	echo "$@"
	exit
	;;
esac

mkdir -p "$(dirname "$log")"
: > "$log"
echo "  $what"
(
	# What waits must not outlive the step
	trap 'kill $!; exit' TERM
	seconds=0
	while sleep 15 & wait $!; do
		seconds=$((seconds + 15))
		echo "    $seconds s: $(tail -n 1 "$log" | tr -s ' ' | cut -c 1-66)"
	done
) &
trap 'kill $!' EXIT
trap 'exit 130' INT TERM HUP

"$@" >> "$log" 2>&1 && exit 0

status=$?
tail -n 25 "$log" >&2
echo "error: $what failed, see $log" >&2
exit $status
