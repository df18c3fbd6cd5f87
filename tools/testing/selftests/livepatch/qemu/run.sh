#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Boot the guest, follow its console, judge how it ended.

set -u -o pipefail

if [ $# -lt 4 ]; then
	cat >&2 <<-EOT
	usage: ${0##*/} KERNEL INITRAMFS LOG JOB [ARGUMENT...]

	JOB and its arguments go to init.sh. The console is kept in LOG, and of the
	job "check" how many tests passed, failed and were skipped, and which ones
	failed, in LOG.result. The guest of the job "panic" has to panic, after it
	reported what it says that it expects. The environment, as the Makefile sets it: GUEST (its
	name in messages), QEMU (command), CONSOLE, MEMORY (MB), TIMEOUT (seconds
	without a line from the job until the guest is ended; more when it is
	emulated), ACCEL (kvm, tcg, or empty: kvm where it works), NATIVE (not empty:
	kvm could work), KVM_STATE (a file that remembers whether it does), APPEND
	(more for the kernel's command line), HOST_RESULTS (TAP of tests that ran on
	the host).
	EOT
	exit 2
fi

kernel=$1
initramfs=$2
log=$3
job=$4
shift 3

# A panic shows the whole log: what came before may be what caused it.
append="console=$CONSOLE panic=-1 panic_print=0x20 printk.devkmsg=on rdinit=/init ${APPEND:-}"

# boot(accelerator, serial, job...) - become QEMU with its console on stdout
boot()
{
	local accel=$1 serial=$2
	shift 2

	# shellcheck disable=SC2086
	exec $QEMU -accel "$accel" -smp 2,sockets=2 -m "$MEMORY" \
		-nodefaults -display none -serial "$serial" -no-reboot \
		-kernel "$kernel" -initrd "$initramfs" -append "$append -- $*"
}

# KVM may be there and yet not work: believe it when it has booted this kernel. That
# takes a while to find out, and is the same until the machine boots again.
probe_kvm()
{
	local machine pid

	ACCEL=tcg
	if [ -z "$NATIVE" ] || [ ! -r /dev/kvm ] || [ ! -w /dev/kvm ]; then
		return
	fi
	machine=$(cat /proc/sys/kernel/random/boot_id)
	case $(cat "$KVM_STATE" 2>/dev/null) in
	"$machine kvm")	ACCEL=kvm ;;
	"$machine tcg")	;;
	*)
		boot kvm stdio probe < /dev/null > "$log" 2>&1 &
		pid=$!
		for _ in {1..30}; do
			sleep 1
			kill -0 "$pid" 2>/dev/null || break
		done
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		! grep -aq '^livepatch-qemu: end' "$log" || ACCEL=kvm
		answer="$machine $ACCEL"
		;;
	esac
}

# remember_kvm() - only now: a kernel that does not boot at all says nothing about KVM
remember_kvm()
{
	[ -n "$answer" ] && [ "$started" -ne 0 ] || return
	echo "$answer" > "$KVM_STATE.$$"
	mv "$KVM_STATE.$$" "$KVM_STATE"
}

# lines() - how many the job has printed; a kernel can complain for ever after it hung
lines()
{
	grep -avcE '^\[ *[0-9]+\.[0-9]+\]' "$log"
}

# watch(pid, seconds) - end QEMU when its guest has been silent for so long; fail if
#			QEMU ends first
watch()
{
	local seen=-1 now silent=0

	while sleep 5; do
		kill -0 "$1" || return 1
		now=$(lines)
		silent=$((silent + 5))
		[ "$now" -eq "$seen" ] || silent=0
		seen=$now
		if [ "$silent" -ge "$2" ]; then
			kill -KILL "$1"
			return 0
		fi
	done
}

# follow(job...) - run the guest; the terminal shows the console from where the job starts
follow()
{
	local pid watcher

	: > "$log"
	boot "$ACCEL" stdio "$@" < /dev/null > "$log" 2>&1 &
	pid=$!
	watch "$pid" "$silence" > /dev/null 2>&1 &
	watcher=$!
	trap 'kill "$pid" "$watcher"; exit 130' INT TERM HUP
	{
		tail -s 0.5 -n +1 -f --pid="$pid" "$log" |
			sed -un 's/\r*$//; /^livepatch-qemu: start/,/^livepatch-qemu: end/p'
		wait "$pid"
		status=$?
	} 2>/dev/null	# "Killed"
	# Its sleep holds nothing that anybody waits for
	kill "$watcher" 2>/dev/null
	! wait "$watcher" || status=silent
	trap - INT TERM HUP
}

# why() - the guest has not ended as it should
why()
{
	if [ -n "$end" ]; then
		[ "$end" = 0 ] || echo "$job ended with $end"
		return
	fi
	case $status in
	silent)	echo "it said nothing for $silence seconds" ;;
	0)	echo "it panicked or reset" ;;
	*)	echo "QEMU failed ($status)" ;;
	esac
}

# results() - count the lowest level of results that a test has, its own or itself, and
#	      name what failed; that the guest died is one more
results()
{
	{
		[ ! -e "$HOST_RESULTS" ] || cat "$HOST_RESULTS"
		sed -n 's/\r*$//; /^livepatch-qemu: start/,$p' "$log"
	} | awk -v error="$error" -v end="$end" -v guest="$GUEST" -v console="$log" '
	function fail(what) {
		failed++
		names = names "not ok " guest ": " what ", see " console "\n"
	}
	function count(prefix) {
		if (/# SKIP/) {
			skipped++
		} else if (/^ok/) {
			passed++
		} else {
			sub(/^not ok [0-9]+ (- )?(selftests: livepatch: )?/, "")
			fail(prefix $0)
		}
	}
	/^# selftests: livepatch: / { test = $NF ": " }
	/^    # Subtest: / { test = $NF ": " }
	/^(# |    )(not )?ok [0-9]/ {
		sub(/^(# |    )/, "")
		below++
		if (/^not ok/)
			below_failed++
		count(test)
		next
	}
	/^(not )?ok [0-9]/ {
		if (!below || (/^not ok/ && !below_failed))
			count("")
		below = below_failed = 0
		test = ""
	}
	END {
		if (error != "" && (!failed || end == ""))
			fail(test error)
		print passed + 0, failed + 0, skipped + 0
		printf "%s", names
	}'
}

# panicked() - the guest reported what it says that it expects, and then panicked
panicked()
{
	sed 's/\r*$//' "$log" | awk '
	/^livepatch-qemu: expect / { expect = substr($0, length("livepatch-qemu: expect ") + 1); next }
	expect != "" && !panic && index($0, expect) { reported = 1 }
	/Kernel panic - not syncing: / { panic = 1 }
	END { exit !(reported && panic) }'
}

answer=
[ -n "$ACCEL" ] || probe_kvm

# One thread for all CPUs of the guest: QEMU before 8.1 can miss that one CPU
# writes code while another one translates it, and then runs what was there, say
# an int3 that text_poke has long replaced. test-syscall.sh dies of that after a
# few runs.
silence=$TIMEOUT
if [ "$ACCEL" = tcg ]; then
	ACCEL=tcg,thread=single
	silence=$((3 * TIMEOUT))
fi

[ "$job" != shell ] || boot "$ACCEL" mon:stdio shell

echo "  boot in QEMU ($ACCEL)"
rm -f "$log.result"
follow "$@"
started=$(grep -ac '^livepatch-qemu: start' "$log")
end=$(sed -n 's/\r*$//; s/^livepatch-qemu: end //p' "$log")
remember_kvm
error=$(why)
if [ -n "$error" ] && [ "$started" -eq 0 ]; then
	tail -n 40 "$log"
fi

if [ "$job" = panic ]; then
	if [ "$status" = 0 ] && panicked; then
		error=
	else
		error=${error:-it did not report, or not panic}
	fi
fi

if [ "$job" = check ]; then
	results > "$log.result" || exit
	read -r passed failed skipped < "$log.result"
	if [ -z "$error" ] && [ "$failed" -ne 0 ]; then
		error="$failed failed"
	elif [ -z "$error" ] && [ "$passed" -eq 0 ]; then
		error="no test ran"
	fi
	grep '^not ok' "$log.result"
	echo "  $passed passed, $failed failed, $skipped skipped"
fi

if [ -n "$error" ]; then
	echo "error: guest: $error; console: $log" >&2
	exit 1
fi
