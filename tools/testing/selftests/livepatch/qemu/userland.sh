#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Make the guest's user space, a cpio archive, from Debian packages of the
# guest's architecture. apt takes them from where it is set up to take the
# host's, or from another release that is there; nothing is installed on the host.
# Where the host has no C library for programs of the guest, there can be a
# directory with one, too.

set -eu

if [ $# -lt 2 ] || [ $# -gt 4 ] || [ "$1" = --help ]; then
	echo "usage: ${0##*/} DEBIAN-ARCHITECTURE FILE.cpio [SUITE [SYSROOT]]"
	exit $(( $# == 1 ? 0 : 2 ))
fi

arch=$1
out=$2
suite=${3:-}
sysroot=${4:-}

packages="bash busybox-static coreutils diffutils kmod libc-bin mount procps sed
	usr-is-merged util-linux"
# The scripts run these thousands of times, and an emulated exec of a dynamic program
# takes eight times as long as that of a static one
busybox="awk cat dmesg grep sleep"

tmp=$(realpath -m "$out").tmp
root=$tmp/root
rm -rf "$tmp"
mkdir -p "$tmp"/{lists,archives,sysroot/archives}/partial "$root"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
: > "$tmp/status"

# sources - one line for each place that has the host's own release
sources()
{
	local release

	release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Identifier: Packages' |
		awk -v release="$release" -v suite="$suite" '
			$2 == release && !seen[$1]++ { print "deb", $1, suite, "main" }'
}

other=()
if [ -n "$suite" ]; then
	sources > "$tmp/sources.list"
	other=(-o Dir::Etc::SourceList="$tmp/sources.list" -o Dir::Etc::SourceParts=/dev/null)
fi

apt()
{
	apt-get -q -y "${other[@]}" -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
		-o Dir::State="$tmp" -o Dir::State::status="$tmp/status" \
		-o Dir::Cache="$tmp" -o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Retries=3 --no-install-recommends "$@"
}

# One index of many may be out of order: the packages decide.
apt update || true
# shellcheck disable=SC2086
apt install --download-only $packages || {
	echo "error: apt-get cannot get these for $arch (no network?)"
	exit 1
}

# unpack ROOT ARCHIVES - packages from before and after the merge of / and /usr: one layout
unpack()
{
	local deb dir

	for deb in "$2"/*.deb; do
		dpkg-deb -x "$deb" "$1"
	done
	for dir in bin sbin lib lib64; do
		mkdir -p "$1/usr/$dir"
		if [ -d "$1/$dir" ] && [ ! -L "$1/$dir" ]; then
			cp -a "$1/$dir/." "$1/usr/$dir"
			rm -r "${1:?}/$dir"
		fi
		ln -sfn "usr/$dir" "$1/$dir"
	done
}

unpack "$root" "$tmp/archives"

if [ -n "$sysroot" ]; then
	# Any version of what compilers link with
	gcc=$(apt-cache "${other[@]}" -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
		-o Dir::State="$tmp" -o Dir::State::status="$tmp/status" -o Dir::Cache="$tmp" \
		pkgnames libgcc- | grep -x 'libgcc-[0-9]*-dev' | sort -V | tail -n 1)
	apt install --download-only -o Dir::Cache::Archives="$tmp/sysroot/archives" \
		libc6-dev "$gcc" || {
		echo "error: apt-get cannot get a C library for $arch (no network?)"
		exit 1
	}
	unpack "$tmp/sysroot/root" "$tmp/sysroot/archives"
	rm -rf "$sysroot"
	mv "$tmp/sysroot/root" "$sysroot"
fi

# What maintainer scripts would have made.
ln -sf bash "$root/usr/bin/sh"
for program in $busybox; do
	ln -sf busybox "$root/usr/bin/$program"
done
mkdir -p "$root"/{dev,proc,sys,tmp,run,root,mnt,etc}
echo 'root:x:0:0:root:/root:/bin/bash' > "$root/etc/passwd"
rm -rf "$root"/usr/share/{doc,man,info,locale,lintian,bash-completion} \
	"$root"/usr/lib/*/gconv "${root:?}/var"

(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R +0:+0 --quiet) > "$tmp/cpio"
mv "$tmp/cpio" "$out"
