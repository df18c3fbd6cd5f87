#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows in the guest what the samples of samples/livepatch/ do: livepatches in
# plain C that use what nobody exports. It fails if they do not.

set -eu
shopt -s lastpipe

die()
{
	echo "demo: $*" >&2
	exit 1
}

say()
{
	printf '\n### %s\n' "$*"
}

# run(command...) - show a command and what it prints
run()
{
	echo "# $*"
	"$@"
}

# messages() - the kernel's messages since the last call
seen=0
messages()
{
	dmesg | tail -n +$((seen + 1)) | grep -E 'livepatch' | sed 's/^/    /' || true
	seen=$(dmesg | wc -l)
}

# wait_for(path, yes|no) - until something is there, or is not
wait_for()
{
	for _ in {1..100}; do
		if [ -e "$1" ]; then
			[ "$2" = no ] || return 0
		else
			[ "$2" = yes ] || return 0
		fi
		sleep 0.1
	done
	die "is $1 there? Expected, but not after 10 s: $2"
}

patched()
{
	wait_for "/sys/kernel/livepatch/$1" yes
	until grep -q 0 "/sys/kernel/livepatch/$1/transition"; do
		sleep 0.1
	done
}

unpatch()
{
	run sh -c "echo 0 > /sys/kernel/livepatch/$1/enabled"
	wait_for "/sys/kernel/livepatch/$1" no
	run rmmod "$1"
}

# address(symbol) - of a function of the minix module
address()
{
	awk -v symbol="$1" '$3 == symbol && $4 == "[minix]" { print $1 }' /proc/kallsyms
}

# show_mounted() - what df says of the file system, and whether it is patched
show_mounted()
{
	local free avail addr

	run df --output=size,avail,target /mnt
	stat -f -c '%f %a' /mnt | read -r free avail
	[ "$avail" -eq $((free - free / 10)) ] ||
		die "$avail blocks available of $free free: the livepatch is not at work"
	echo "    $free blocks are free, $avail of them available: 9 of 10"
	run grep -w -e minix_count_free_blocks -e minix_count_free_inodes /proc/kallsyms
	messages
	addr=$(address minix_count_free_blocks)
	dmesg | grep -q "minix_count_free_blocks() is at [0x]*$addr," ||
		die "the livepatch calls another address"
}

messages > /dev/null

say "1. Symbols of vmlinux: the kernel as it is"
run cat /proc/cmdline
before=$(cat /proc/cmdline)

say "A livepatch that uses saved_command_line and nr_processes(), not exported"
run modprobe livepatch-symbol-vmlinux
patched livepatch_symbol_vmlinux
run cat /proc/cmdline
[[ $(cat /proc/cmdline) == "$before processes="+([0-9]) ]] ||
	die "the livepatch is not at work"
run grep -w -e saved_command_line -e nr_processes /proc/kallsyms
messages

say "Without it again"
unpatch livepatch_symbol_vmlinux
run cat /proc/cmdline
[ "$(cat /proc/cmdline)" = "$before" ] || die "the livepatch is still at work"

say "2. Symbols of a module: the livepatch first, the Minix file system later"
run modprobe livepatch-symbol-module
patched livepatch_symbol_module
messages
lsmod | grep -q '^minix ' && die "minix is loaded already"

truncate -s 4M /tmp/minix.img
mkfs.minix /tmp/minix.img > /dev/null
modprobe loop
run modprobe minix
run mount -o loop /tmp/minix.img /mnt
show_mounted
first=$(address minix_count_free_blocks)

say "The module goes, another one takes its place, and it comes again"
run umount /mnt
run rmmod minix
run modprobe livepatch-callbacks-mod
run modprobe minix
run mount -o loop /tmp/minix.img /mnt
show_mounted
[ "$(address minix_count_free_blocks)" != "$first" ] ||
	die "the module came to the same address"
echo "    found at $(address minix_count_free_blocks), before at $first"

say "Without the livepatch"
unpatch livepatch_symbol_module
run df --output=size,avail,target /mnt
stat -f -c '%f %a' /mnt | read -r free avail
[ "$avail" -eq "$free" ] || die "the livepatch is still at work"
run umount /mnt

say "Both livepatches did what they should"
