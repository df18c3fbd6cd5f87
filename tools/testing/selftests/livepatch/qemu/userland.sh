#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Make the guest's user space, a cpio archive, from Debian packages of the
# guest's architecture. apt takes them from where it is set up to take the
# host's; nothing is installed on the host.

set -eu

if [ $# -ne 2 ] || [ "$1" = --help ]; then
	echo "usage: ${0##*/} DEBIAN-ARCHITECTURE FILE.cpio"
	exit $(( $# == 1 ? 0 : 2 ))
fi

arch=$1
out=$2

packages="bash coreutils diffutils grep kmod libc-bin mawk mount procps sed
	usr-is-merged util-linux"

tmp=$(realpath -m "$out").tmp
root=$tmp/root
rm -rf "$tmp"
mkdir -p "$tmp"/{lists,archives}/partial "$root"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
: > "$tmp/status"

apt()
{
	apt-get -q -y -o APT::Architecture="$arch" -o APT::Architectures="$arch" \
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

for deb in "$tmp"/archives/*.deb; do
	dpkg-deb -x "$deb" "$root"
done

# Packages from before and after the merge of / and /usr: one layout.
for dir in bin sbin lib lib64; do
	mkdir -p "$root/usr/$dir"
	if [ -d "$root/$dir" ] && [ ! -L "$root/$dir" ]; then
		cp -a "$root/$dir/." "$root/usr/$dir"
		rm -r "${root:?}/$dir"
	fi
	ln -sfn "usr/$dir" "$root/$dir"
done

# What maintainer scripts would have made.
ln -sf bash "$root/usr/bin/sh"
ln -sf mawk "$root/usr/bin/awk"
mkdir -p "$root"/{dev,proc,sys,tmp,run,root,mnt,etc}
echo 'root:x:0:0:root:/root:/bin/bash' > "$root/etc/passwd"
rm -rf "$root"/usr/share/{doc,man,info,locale,lintian,bash-completion} \
	"$root"/usr/lib/*/gconv "${root:?}/var"

(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R +0:+0 --quiet) > "$tmp/cpio"
mv "$tmp/cpio" "$out"
