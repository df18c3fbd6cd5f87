# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# Of dev/series, which sources this: the commits of a git tree as patches and files.

# Functions are named in hunks as build() has them named
kgit()
{
	git -C "$tree" -c core.quotePath=false -c core.attributesFile="$OUT/attributes" "$@"
}

# series_end NAME - the commit of the branch or tag that a series is called like, if any
series_end()
{
	local ends

	mapfile -t ends < <(kgit for-each-ref "--format=%(objectname)^{commit}" \
		"refs/heads/$1" "refs/tags/$1" | kgit cat-file --batch-check='%(objectname)' | sort -u)
	[ ${#ends[@]} -lt 2 ] || die "$tree has a branch $1 and a tag $1, which differ"
	echo "${ends[@]}"
}

# check_history BASE - the commits since can be a row of patches
check_history()
{
	kgit rev-parse -q --verify "$1^{commit}" > /dev/null || die "$tree has no commit $1"
	[ -n "$(kgit rev-list "$1..HEAD")" ] || die "$tree has no commits since $1"
	[ -z "$(kgit rev-list --merges "$1..HEAD")" ] || die "there are merges since $1"
	version=$("$top/dev/source" version <(kgit show "$1:Makefile"))
	[[ $version == "$SERIES".* ]] || die "$1 is Linux $version, not $SERIES"
}

# check_added BASE COMMIT PATCH - the files that it adds have not been there before
check_added()
{
	local file

	for file in "${added[@]}"; do
		! grep -qxF "$file" "$new/added" || die "$3 adds $file a second time"
		! kgit cat-file -e "$1:$file" 2>/dev/null ||
			die "$3 adds $file, which Linux $version has"
		[[ $file != *[[:space:]]* ]] || die "$3 adds '$file': no spaces, please"
		echo "$file" >> "$new/added"
	done
}

# import_commit NAME BASE COMMIT - what is new to it is a file, all else a hunk
import_commit()
{
	local name=$1 base=$2 commit=$3 patch added edited

	patch=$name/$(kgit log -1 --format=%f "$commit" | cut -c 1-52 | sed 's/[-.]*$//').patch
	[ ! -e "$new/patches/$patch" ] || die "two commits would be $patch"
	! kgit log -1 --format=%b "$commit" | grep -qE '^(---|diff -|Index: )' ||
		die "$patch: its message has a line that reads as a patch"

	mapfile -t added < <(kgit diff-tree -r --no-renames --diff-filter=A --name-only "$commit^" "$commit")
	mapfile -t edited < <(kgit diff-tree -r --no-renames --diff-filter=a --name-only "$commit^" "$commit")
	check_added "$base" "$commit" "$patch"
	{
		printf '%s\n' "$(kgit log -1 --format='Subject: %s%n%n%b' "$commit")"
		echo ---
		[ ${#edited[@]} -eq 0 ] || kgit diff --no-color --no-ext-diff --no-renames --abbrev=12 \
			--src-prefix=a/ --dst-prefix=b/ "$commit^" "$commit" -- "${edited[@]}"
	} > "$new/patches/$patch"
	echo "$patch ${added[*]}" | sed 's/ *$//' >> "$new/patches/series"
}

# import_series BASE NAME... - each with the commits up to where its branch or tag is
import_series()
{
	local base=$1 from=$1 name end commit
	shift

	for name; do
		end=$(series_end "$name")
		[ -n "$end" ] || [ "$name" = "${!#}" ] ||
			die "$tree has no branch or tag $name, where that series ends"
		[ -z "$end" ] || kgit merge-base --is-ancestor "$end" HEAD ||
			die "$name is not an ancestor of HEAD in $tree: set it anew"
		[ "$name" != "${!#}" ] || end=HEAD
		if ! kgit merge-base --is-ancestor "$from" "$end" ||
		   [ -z "$(kgit rev-list "$from..$end")" ]; then
			die "$tree has no commits of $name, or they are not after those before it"
		fi
		mkdir "$new/patches/$name"
		for commit in $(kgit rev-list --reverse "$from..$end"); do
			import_commit "$name" "$base" "$commit"
		done
		from=$end
	done
}

# import GIT BASE [NAME...] - this repository changes last, when all is known to be good
import()
{
	local tree=$1 base=$2 new=$OUT/import name files
	shift 2

	[ $# -ne 0 ] || mapfile -t files < <(names)
	[ $# -ne 0 ] || set -- "${files[@]}"
	[ $# -ne 0 ] || die "what are the series called? NAMES= (make) or arguments say it"
	attributes > "$OUT/attributes"
	check_history "$base"

	rm -rf "$new"
	mkdir -p "$new/patches" "$new/files"
	: > "$new/added"
	{
		[ ! -e "$patches/series" ] || sed -n '/^#/!q; /^# base:/!p' "$patches/series"
		echo "# base: $version"
	} > "$new/patches/series"
	import_series "$base" "$@"
	patches=$new/patches check_names
	mapfile -t files < <(kgit ls-tree -r --name-only HEAD | grep -xF -f "$new/added")
	[ ${#files[@]} -eq 0 ] ||
		kgit -c tar.umask=022 archive HEAD -- "${files[@]}" | tar -x -C "$new/files"

	comm -23 <(new_files | sort) <(printf '%s\n' "${files[@]}" | sort) |
		(cd "$top" && xargs -r rm -f)
	mkdir -p "$patches"
	rm -f "$patches"/*.patch "$patches"/*/*.patch
	rsync -r "$new/patches/" "$patches/"
	rsync -rlp --checksum "$new/files/" "$top/"
	rm -rf "$new" "$OUT/attributes"
	for name; do
		echo "  $(count "$name") patches of $name, from Linux $version"
	done
	echo "  ${#files[@]} new files"
}
