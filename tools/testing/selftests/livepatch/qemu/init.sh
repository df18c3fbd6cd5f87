#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest's first process. What to do comes on the kernel's command line,
# after "--": check [TEST...], script or shell. The host (run.sh) looks for the
# lines that start with "livepatch-qemu:".

export PATH=/usr/sbin:/usr/bin HOME=/root TERM="${TERM:-linux}" LC_ALL=C.UTF-8

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t debugfs debugfs /sys/kernel/debug
mount -t tmpfs tmpfs /tmp
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
mkdir -p "/lib/modules/$(uname -r)/build"	# the selftests ask for KDIR
cd || exit

# Nothing less than a panic may come between the lines of the tests.
dmesg -n 1

check()
{
	local test results tests=()

	for test; do
		tests+=(-t "livepatch:$test")
	done
	/kselftest/run_kselftest.sh "${tests[@]}" || return

	# KUnit ran at boot.
	[ $# -eq 0 ] || return 0
	for results in /sys/kernel/debug/kunit/*/results; do
		[ ! -e "$results" ] || cat "$results"
	done
}

job=$1
shift
echo "livepatch-qemu: start $job, Linux $(uname -r) $(uname -m)"
case $job in
check)
	check "$@"
	;;
script)
	bash /script.sh
	;;
shell)
	echo "This is the guest; leave it with exit, or end it with Ctrl-A X."
	tty=/dev/$(sed 's/.* //' /sys/class/tty/console/active)
	setsid -c bash -i <> "$tty" >&0 2>&1
	;;
*)
	false
	;;
esac
status=$?

# W, D and L: a warning, an oops, a soft lockup.
tainted=$(($(cat /proc/sys/kernel/tainted) & (1 << 9 | 1 << 7 | 1 << 14)))
if [ $tainted -ne 0 ]; then
	echo "livepatch-qemu: the kernel warned (taint $tainted)"
	dmesg
	status=1
fi
echo "livepatch-qemu: end $status"
sleep 0.2
echo b > /proc/sysrq-trigger
sleep 60
