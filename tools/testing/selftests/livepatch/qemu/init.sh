#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest's first process. What to do comes on the kernel's command line,
# after "--": check [TEST...], panic, script or shell. The host (run.sh) looks for
# the lines that start with "livepatch-qemu:".

export PATH=/usr/sbin:/usr/bin HOME=/root TERM="${TERM:-linux}" LC_ALL=C.UTF-8

mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t debugfs none /sys/kernel/debug
[ ! -d /sys/kernel/tracing ] || mount -t tracefs none /sys/kernel/tracing
mount -t tmpfs none /tmp
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
	local test results kunit='' status=0 tests=()

	for test; do
		case $test in
		kunit)	kunit=yes ;;
		*)	tests+=(-t "livepatch:$test") ;;
		esac
	done
	if [ $# -eq 0 ] || [ ${#tests[@]} -ne 0 ]; then
		/kselftest/run_kselftest.sh "${tests[@]}" || status=1
	fi

	# KUnit ran at boot.
	[ $# -eq 0 ] || [ "$kunit" ] || return $status
	for results in /sys/kernel/debug/kunit/*/results; do
		[ ! -e "$results" ] || cat "$results"
	done

	return $status
}

job=$1
shift
echo "livepatch-qemu: start $job, Linux $(uname -r) $(uname -m), $(nproc) CPUs"
case $job in
check)
	check "$@"
	;;
panic)
	bash /panic.sh
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

# What the kernel has found by itself; the last two are for DEBUG=1. Of an oops
# that a test expects there is a line in a file; lockdep is off from there on.
complaints()
{
	# B, W and L: bad memory, a warning, a soft lockup
	local mask=$((1 << 5 | 1 << 9 | 1 << 14))
	local tainted=$(($(cat /proc/sys/kernel/tainted) & mask))
	local leaks=/sys/kernel/debug/kmemleak
	local oopses expected=0

	oopses=$(cat /sys/kernel/oops_count)
	[ ! -e /tmp/livepatch-expected-oopses ] ||
		expected=$(wc -l < /tmp/livepatch-expected-oopses)

	[ $tainted -eq 0 ] || echo "the kernel warned (taint $tainted)"
	[ "$oopses" -eq "$expected" ] || echo "$oopses oopses, $expected expected"
	[ "$expected" -ne 0 ] || ! grep -qs 'debug_locks: *0$' /proc/lockdep_stats ||
		echo "lockdep has found something and is off"
	# Only what is five seconds old is believed to be lost
	if [ -e $leaks ]; then
		sleep 6
		echo scan > $leaks
		echo scan > $leaks
		cat $leaks
	fi
}

if [ "$job" != shell ]; then
	complaints=$(complaints)
	if [ -n "$complaints" ]; then
		dmesg
		echo "livepatch-qemu: ${complaints//$'\n'/$'\n'livepatch-qemu: }"
		status=1
	fi
fi
echo "livepatch-qemu: end $status"
sleep 0.2
echo b > /proc/sysrq-trigger
sleep 60
