#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Boot the guest, follow its console, judge how it ended.

set -u -o pipefail

if [ $# -lt 4 ]; then
	cat >&2 <<-EOF
	usage: ${0##*/} KERNEL INITRAMFS LOG JOB [ARGUMENT...]

	JOB and its arguments go to init.sh. The console is kept in LOG. The
	environment, as the Makefile sets it: QEMU (command), CONSOLE, MEMORY
	(MB), TIMEOUT (seconds), ACCEL (kvm, tcg, or empty: kvm where it works),
	NATIVE (not empty: kvm could work), APPEND (more for the kernel's command
	line), HOST_RESULTS (TAP of tests that ran on the host).
	EOF
	exit 2
fi

kernel=$1
initramfs=$2
log=$3
job=$4
shift 3

# A panic shows the whole log: what came before may be what caused it.
append="console=$CONSOLE panic=-1 panic_print=0x20 printk.devkmsg=on rdinit=/init ${APPEND:-}"

# boot(accelerator, seconds, serial, job...) - run QEMU with its console on stdout
boot()
{
	local accel=$1 seconds=$2 serial=$3
	shift 3

	# shellcheck disable=SC2086
	timeout --foreground "$seconds" $QEMU -accel "$accel" -smp 2,sockets=2 -m "$MEMORY" \
		-nodefaults -display none -serial "$serial" -no-reboot \
		-kernel "$kernel" -initrd "$initramfs" -append "$append -- $*"
}

# KVM may be there and yet not work: believe it when it has booted this kernel.
if [ -z "$ACCEL" ]; then
	ACCEL=tcg
	if [ -n "$NATIVE" ] && [ -r /dev/kvm ] && [ -w /dev/kvm ] &&
	   boot kvm 30 stdio probe < /dev/null 2>&1 | grep -aq '^livepatch-qemu: end'; then
		ACCEL=kvm
	fi
fi

# One thread for all CPUs of the guest: QEMU before 8.1 can miss that one CPU
# writes code while another one translates it, and then runs what was there, say
# an int3 that text_poke has long replaced. test-syscall.sh dies of that after a
# few runs.
[ "$ACCEL" != tcg ] || ACCEL=tcg,thread=single

if [ "$job" = shell ]; then
	boot "$ACCEL" 0 mon:stdio shell
	exit
fi

# The terminal shows the console from where the job starts.
echo "  boot in QEMU ($ACCEL)"
rm -f "$log.result"
boot "$ACCEL" "$TIMEOUT" stdio "$@" < /dev/null 2>&1 | tee "$log" |
	sed -un 's/\r*$//; /^livepatch-qemu: start/,/^livepatch-qemu: end/p'
status=${PIPESTATUS[0]}

started=$(grep -ac '^livepatch-qemu: start' "$log")
end=$(sed -n 's/\r*$//; s/^livepatch-qemu: end //p' "$log")

error=
if [ -z "$end" ]; then
	case $status in
	124)	error="it did not end in $TIMEOUT seconds" ;;
	0)	error="it panicked or reset" ;;
	*)	error="QEMU failed ($status)" ;;
	esac
	[ "$started" -ne 0 ] || tail -n 40 "$log"
elif [ "$end" != 0 ]; then
	error="$job ended with $end"
fi

# Count the lowest level of results that a test has: its own, or itself.
if [ "$job" = check ]; then
	{
		[ ! -e "$HOST_RESULTS" ] || cat "$HOST_RESULTS"
		sed -n 's/\r*$//; /^livepatch-qemu: start/,$p' "$log"
	} | awk -v error="$error" '
	function count(line) {
		if (line ~ /^not ok/) failed++
		else if (line ~ /# SKIP/) skipped++
		else passed++
	}
	/^(# |    )(not )?ok [0-9]/ {
		sub(/^(# |    )/, "")
		below++
		if (/^not ok/) below_failed++
		count($0)
		next
	}
	/^(not )?ok [0-9]/ {
		if (!below || (/^not ok/ && !below_failed)) count($0)
		below = below_failed = 0
	}
	END {
		if (error != "" && !failed) failed++
		print passed + 0, failed + 0, skipped + 0
	}' > "$log.result"
	read -r passed failed skipped < "$log.result"
	if [ -z "$error" ] && [ "$failed" -ne 0 ]; then
		error="$failed failed"
	elif [ -z "$error" ] && [ "$passed" -eq 0 ]; then
		error="no test ran"
	fi
	echo "  $passed passed, $failed failed, $skipped skipped"
fi

if [ -n "$error" ]; then
	echo "error: guest: $error; console: $log" >&2
	exit 1
fi
