#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs in the guest: loads each livepatch module in /root before and after the
# module that it patches, and looks at what it does. TAP goes to the console.
# CLIENTS_TREE, from the kernel's command line, is the kernel's tree.

set -u
shopt -s lastpipe

number=0
reloads=3
# Until the target was at two addresses, which stock is not to see, see move()
max_reloads=20
[ "$CLIENTS_TREE" != stock ] || max_reloads=$reloads

# mark() - where the kernel's log is
mark()
{
	seen=$(dmesg | wc -l)
}

# result(status, what) - a line of TAP; what the kernel says may be why it failed
result()
{
	local verdict=ok

	number=$((number + 1))
	if [ "$1" -ne 0 ]; then
		verdict='not ok'
		dmesg | tail -n +$((seen + 1)) | sed 's/^/# /'
	fi
	echo "$verdict $number - $2"
}

# until_true(command...) - wait for it, ten seconds at most
until_true()
{
	local _

	for _ in {1..100}; do
		! "$@" || return 0
		sleep 0.1
	done
	echo "# still not, after 10 s: $*"
	return 1
}

settled()
{
	grep -qs 0 "/sys/kernel/livepatch/$livepatch/transition"
}

gone()
{
	[ ! -e "/sys/kernel/livepatch/$livepatch" ]
}

# warned() - has the kernel: bad memory, an oops, a warning, a soft lockup
warned()
{
	[ $(($(cat /proc/sys/kernel/tainted) & (1 << 5 | 1 << 7 | 1 << 9 | 1 << 14))) -ne 0 ]
}

# expect(yes|no) - is the mounted Minix file system patched
expect()
{
	local have want

	have=$(stat -f -c '%f %d' /mnt)
	want=$original
	[ "$1" = no ] || want="$((${original% *} / 2)) $((${original#* } / 2))"
	[ "$have" = "$want" ] || {
		echo "# free blocks and inodes: $have, not $want"
		return 1
	}
}

# expect_vmlinux(yes|no) - is what vmlinux shows patched
expect_vmlinux()
{
	local have=no

	[ "$livepatch" != clients_diff ] || return 0
	! grep -qw patched /proc/filesystems /proc/cmdline || have=yes
	[ "$have" = "$1" ] || {
		echo "# /proc is patched: $have, not $1"
		return 1
	}
}

load_target()
{
	insmod minix.ko && mount -o loop minix.img /mnt
}

unload_target()
{
	umount /mnt && rmmod minix
}

# The next time the target is to get another address. Stock's slots on s390x
# keep the first one.
move()
{
	[ "$CLIENTS_TREE" != stock ] || return 0
	if grep -q '^livepatch_callbacks_mod ' /proc/modules; then
		rmmod livepatch_callbacks_mod
	else
		insmod livepatch-callbacks-mod.ko
	fi
}

load_livepatch()
{
	insmod "$livepatch.ko" && until_true settled && expect_vmlinux yes
}

unload_livepatch()
{
	echo 0 > "/sys/kernel/livepatch/$livepatch/enabled" &&
		until_true gone && rmmod "$livepatch" && expect_vmlinux no
}

reload_target()
{
	local -A addresses=()
	local i

	# What was freed may only later be free for others
	for ((i = 0; i < reloads || (i < max_reloads && ${#addresses[@]} == 1); i++)); do
		load_target && expect yes || return
		addresses[$(cat /sys/module/minix/sections/.text)]=1
		unload_target && move || return
	done
	[ "$CLIENTS_TREE" = stock ] || [ ${#addresses[@]} -ne 1 ] || {
		echo "# each time at the same address"
		return 1
	}
}

livepatch_first()
{
	load_livepatch && reload_target && load_target && expect yes &&
		unload_livepatch && expect no && unload_target && ! warned
}

target_first()
{
	load_target && expect no && load_livepatch && expect yes && unload_target &&
		reload_target && load_target && expect yes &&
		unload_livepatch && expect no && unload_target && ! warned
}

# What a case that failed has left
clean_up()
{
	! mountpoint -q /mnt || umount /mnt
	! grep -q '^minix ' /proc/modules || rmmod minix
	gone || unload_livepatch
	! grep -q "^$livepatch " /proc/modules || rmmod "$livepatch"
}

# Stock knows no R_PPC64_NONE, which is what a tombstone has
refused()
{
	! insmod "$livepatch.ko" && dmesg | grep -q "$livepatch: Unknown ADD relocation: 0"
}

mkfs()
{
	truncate -s 4M minix.img && mkfs.minix minix.img > /dev/null && insmod loop.ko &&
		load_target && original=$(stat -f -c '%f %d' /mnt) && unload_target
}

original=
mark
mkfs
result $? "a Minix file system has free blocks and inodes: $original"
for file in clients_*.ko; do
	livepatch=${file%.ko}
	mark
	if [ "$CLIENTS_TREE" = stock ] && [ "$(uname -m)" = ppc64le ]; then
		refused
		result $? "$livepatch: stock refuses a tombstone"
		continue
	fi
	for order in livepatch_first target_first; do
		mark
		"$order"
		result $? "$livepatch: ${order/_/ }"
		clean_up
	done
done
echo "1..$number"
