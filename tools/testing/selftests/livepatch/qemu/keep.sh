#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Keep what a run of tests has found, together with what makes it again.

set -eu

if [ $# -ne 3 ]; then
	echo "usage: ${0##*/} BUILD-DIRECTORY LOG SETTINGS" >&2
	exit 2
fi

build=$1
log=$2
settings=$3

mkdir -p "$build/findings"
dir=$(mktemp -d "$build/findings/$(date +%Y%m%d-%H%M%S)-XXX")
cp "$log" "$build/kernel/.config" "$dir"
cp "$build"/initramfs/kselftest/livepatch/test_modules/*.ko "$dir"
echo "$settings" > "$dir/settings"
echo "  kept in $dir" >&2
