# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# Of dev/check-series, which sources this: does the kernel build after each patch?

# at_commit COMMIT - let the whole tree be the one of a commit; what stays, stays
at_commit()
{
	rm -rf "$out/stage"
	mkdir -p "$out/stage"
	sgit archive "$1" | tar -x -C "$out/stage" || return
	rsync -rlp --checksum "$out/stage/" "$tree/" || return
	sgit diff --name-only --diff-filter=A "$1" series | (cd "$tree" && xargs -r rm -f)
}

# source_arch ARCH - what its directory is called in the kernel: like KERNEL_ARCH, but
# for the two x86
source_arch()
{
	sed -n 's/^KERNEL_ARCH[[:space:]]*:= //p' "$qemu/arch/$1.config" | sed 's/^x86_64$/x86/'
}

# built_files COMMIT ARCH - the files it changes that the kernel's build sees
built_files()
{
	sgit diff --no-renames --name-only "$1^" "$1" |
		grep -vE '^(Documentation/|tools/|MAINTAINERS$|scripts/checkpatch)' |
		grep -E "^(arch/$(source_arch "$2")/|[^a]|a[^r])"
}

# matters CONFIG ARCH - do files, on stdin, matter to it? What the others leave out is
# built with the first one only; without code of an architecture one will do.
matters()
{
	local files

	files=$(cat)
	case $1 in
	no-livepatch)
		files=$(grep -vE '^(kernel|samples)/livepatch/.*\.c$' <<< "$files")
		;;
	no-modules)
		files=$(grep -vE '^((kernel|samples)/livepatch/|kernel/module/|arch/[a-z0-9]+/kernel/module).*\.c$' <<< "$files")
		;;
	no-debugfs)
		files=$(grep -E '^kernel/livepatch/|livepatch.*\.h$' <<< "$files")
		;;
	esac
	[ -n "$files" ] || return
	[ "$1" = livepatch ] || [ "$2" = "${arches[0]}" ] || grep -q '^arch/' <<< "$files"
}

configs="livepatch no-livepatch no-modules no-debugfs"

# parts ARCH CONFIG [FILE...] - what to build when these files have changed: their
# directories, or more for a header, a script and the like; without files all that can
# differ
parts()
{
	local arch=$1 config=$2
	shift 2

	if [ $# -ne 0 ] && ! printf '%s\n' "$@" | grep -E '^scripts/|\.([^cS]|..+)$|/[^.]*$' > /dev/null; then
		printf '%s\n' "${@%/*}" | sort -u | sed 's,$,/,' | paste -sd ' '
		return
	fi
	case $config in
	livepatch)	echo "vmlinux modules" ;;
	no-debugfs)	echo "kernel/livepatch/" ;;
	*)		echo "kernel/ arch/$(source_arch "$arch")/kernel/" ;;
	esac
}

# fragment CONFIG - what is different in it
fragment()
{
	echo '# CONFIG_BLOCK is not set'
	case $1 in
	no-debugfs)	echo '# CONFIG_DEBUG_FS is not set' ;;
	no-livepatch)	echo '# CONFIG_LIVEPATCH is not set' ;;
	no-modules)	echo '# CONFIG_MODULES is not set' ;;
	esac
}

# warnings LOG - of a build, without line numbers; modpost's, too
warnings()
{
	grep -iE 'warning:|error:' "$1" |
		sed -E "s|$tree/||g; s|(\.\./)+||; s/:[0-9]+(:[0-9]+)?:/:/" | sort
}

# no_new_warnings LOG BASE - none that BASE does not have
no_new_warnings()
{
	local new

	new=$(comm -23 <(warnings "$1") "$2")
	[ -z "$new" ] || {
		echo "$new"
		return 1
	}
}

# What has been configured as the tree is now
declare -A configured

# build ARCH CONFIG PARTS
build()
{
	local arch=$1 config=$2 o=$out/$1-$2 goal=kernel

	mkdir -p "$o"
	fragment "$config" > "$o/extra.config"
	[ -z "${configured[$arch $config]:-}" ] || goal=objects
	KBUILD_EXTRA_WARN=1 KBUILD_CHECKSRC=1 flock "$OUT/build.lock" \
		make --no-print-directory -C "$qemu" ARCH="$arch" KSRC="$tree" \
		SELFTESTS="$OUT/linux" O="$o" EXTRA_CONFIG="$o/extra.config" \
		CHECK="$top/dev/check-sparse $tree $out/touched" \
		PARTS="$3" "$goal" >&3 2>&3 || return
	configured[$arch $config]=1
}

# build_commit ARCH CONFIG FILE... - it builds, with no warning that the base has not
build_commit()
{
	build "$1" "$2" "$(parts "$@")" || return
	no_new_warnings "$out/$1-$2/kernel.log" "$out/$1-$2/base.warnings"
}

# build_patch COMMIT - for the architectures and configurations to which it matters
build_patch()
{
	local subject arch config files

	subject=$(sgit log -1 --format=%s "$1")
	! sgit diff --name-only "$1^" "$1" | grep Kconfig > /dev/null || configured=()
	for arch in "${arches[@]}"; do
		mapfile -t files < <(built_files "$1" "$arch")
		[ ${#files[@]} -ne 0 ] || continue
		for config in $configs; do
			! printf '%s\n' "${files[@]}" | matters "$config" "$arch" ||
				result "$subject, $arch, $config" \
					build_commit "$arch" "$config" "${files[@]}"
		done
	done
}

# build_all - the kernel and its modules, after the last patch of a series
build_all()
{
	local arch

	for arch in "${arches[@]}"; do
		result "all of $1, $arch" build_commit "$arch" livepatch
	done
}

# base_state ARCH CONFIG - what the warnings of the base depend on
base_state()
{
	sgit rev-parse 'base^{tree}'
	cat "$OUT/linux/$selftests/config" "$qemu/kernel.config" "$qemu/arch/$1.config"
	fragment "$2"
	parts "$1" "$2"
	cat "$out/touched"
}

# From nothing, or what was built before would not warn. Once is enough: what differs
# from it is built again for the patches, whatever was built last.
build_base_once()
{
	local o=$out/$1-$2

	base_state "$@" | cmp -s - "$o/base.state" && return
	rm -rf "$o/kernel" "$o"/base.*
	build "$1" "$2" "$(parts "$1" "$2")" || return
	warnings "$o/kernel.log" > "$o/base.warnings"
	base_state "$@" > "$o/base.state"
}

build_base()
{
	local arch config

	for arch in "${arches[@]}"; do
		for config in $configs; do
			result "base, $arch, $config" build_base_once "$arch" "$config"
		done
	done
}

# The pages of livepatch as HTML
build_docs()
{
	rm -rf "$out/docs"
	"$qemu/step.sh" 'build the pages of livepatch' "$out/docs.log" make -C "$tree" \
		O="$out/docs" SPHINXDIRS=livepatch DOCS_THEME=alabaster htmldocs >&3 2>&3
}

build_base_docs()
{
	sgit rev-parse 'base^{tree}' | cmp -s - "$out/base-docs.state" && return
	build_docs || return
	warnings "$out/docs.log" > "$out/base-docs.warnings"
	sgit rev-parse 'base^{tree}' > "$out/base-docs.state"
}

build_docs_anew()
{
	build_docs && no_new_warnings "$out/docs.log" "$out/base-docs.warnings"
}

# build_each ARCH...
build_each()
{
	local arches=("$@") commits commit name

	"$top/dev/series" mail || return
	"$top/dev/source" unpack "$tree" || return
	sgit diff --name-only --no-renames base series -- '*.c' > "$out/touched"
	at_commit base || return
	build_base
	result "base, htmldocs" build_base_docs
	mapfile -t commits < <(sgit log --reverse --format=%H base..series)
	[ "${#commits[@]}" -eq "$(wc -l < "$OUT/series")" ] || return
	for commit in "${commits[@]}"; do
		at_commit "$commit" || return
		build_patch "$commit"
		name=$(sgit for-each-ref --points-at "$commit" --format='%(refname:short)' \
			refs/heads | grep -vx series)
		[ -z "$name" ] || build_all "$name"
	done
	result "htmldocs" build_docs_anew
}
