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
	[ ! -e "$state/$patch" ] || die "two commits would be $patch"
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
	} > "$state/$patch"
	echo "$patch ${added[*]}" | sed 's/ *$//' >> "$state/series"
	echo "$patch $commit" >> "$new/commits"
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
		mkdir "$state/$name"
		for commit in $(kgit rev-list --reverse "$from..$end"); do
			import_commit "$name" "$base" "$commit"
		done
		from=$end
	done
}

# makes_commit PATCH COMMIT - its edits make of the files what the commit does
makes_commit()
{
	local try=$new/try file files

	mapfile -t files < <(kgit diff-tree -r --no-renames --diff-filter=a --name-only "$2^" "$2")
	rm -rf "$try"
	mkdir "$try"
	kgit archive "$2^" -- "${files[@]}" | tar -x -C "$try"
	patch -d "$try" -p1 -f -F0 -s --no-backup-if-mismatch < "$1" > /dev/null 2>&1 || return
	for file in "${files[@]}"; do
		kgit show "$2:$file" 2>/dev/null | cmp -s - "$try/$file" ||
			[ ! -e "$try/$file" ] || return
	done
}

# check_edits LAST - those of the newest base LAST apply at the same places
check_edits()
{
	local patch commit own=$new/store/patches/$SERIES shared=$new/states/$1

	[ "$1" != "$SERIES" ] || return 0
	while read -r patch commit; do
		[ -e "$shared/$patch" ] || continue
		if [ -e "$own/$patch" ]; then
			merge_edits "$own/$patch" "$shared/$patch"
		else
			hunks "$shared/$patch"
		fi > "$new/edits"
		[ ! -s "$new/edits" ] || makes_commit "$new/edits" "$commit" ||
			die "$patch: the edits of $1 apply elsewhere in $SERIES, they need more context"
	done < "$new/commits"
}

# new_covers NAME... - cover letters are not in commits: take those that are there
new_covers()
{
	local name cover

	for name; do
		for cover in "$patches" "$top/patches/$newest"; do
			[ -e "$cover/$name/cover-letter" ] || continue
			cp "$cover/$name/cover-letter" "$state/$name/"
			break
		done
	done
}

# own_files - what older bases have that is theirs alone
own_files()
{
	(cd "$1" && find patches overlay -type f ! -name series 2>/dev/null |
		grep -v "^[^/]*/$SERIES/" | grep -v "^patches/$2/" | sort)
}

# tell_others STORE LAST - what other bases have of their own that they had not, or had
tell_others()
{
	local file

	while read -r file; do
		cmp -s "$top/$file" "$1/$file" || echo "  $file: that base keeps its own"
	done < <(own_files "$1" "$2")
	while read -r file; do
		[ -e "$1/$file" ] || echo "  $file: that base shares it now"
	done < <(own_files "$top" "$newest")
}

# all_brought PATCHES - the new files of all bases
all_brought()
{
	local file

	for file in "$1"/*/series; do
		[ ! -e "$file" ] || series_lines "$file" | cut -s -d ' ' -f 2- | tr ' ' '\n'
	done | grep -vx -e - -e '' | sort -u
}

# install STORE - it becomes what this repository has
install_store()
{
	comm -23 <(all_brought "$top/patches") <(cd "$1/files" && find . -type f -printf '%P\n' | sort) |
		(cd "$top" && xargs -r rm -f)
	rsync -r --checksum --delete "$1/patches/" "$top/patches/"
	mkdir -p "$top/overlay"
	rsync -rlp --checksum --delete "$1/overlay/" "$top/overlay/"
	find "$top/overlay" -type d -empty -delete
	rsync -rlp --checksum "$1/files/" "$top/"
}

# compose_all DIR - the states of all bases
compose_all()
{
	local base

	mkdir -p "$1"
	for base in $("$top/dev/bases"); do
		compose "$base" "$1/$base"
	done
}

# check_stored - what this repository has is what its bases need, and nothing stands twice
check_stored()
{
	local new=$OUT/import dir

	rm -rf "$new"
	compose_all "$new/states"
	store "$new/states" "$new/store"
	for dir in patches overlay; do
		diff -rN "$top/$dir" "$new/store/$dir" >&2 ||
			die "$dir/ is not as make import would leave it, see above"
	done
	rm -rf "$new"
}

# import GIT BASE [NAME...] - this repository changes last, when all is known to be good
import()
{
	local tree=$1 base=$2 new=$OUT/import state=$OUT/import/states/$SERIES name files last
	shift 2

	[ $# -ne 0 ] || mapfile -t files < <(names)
	[ $# -ne 0 ] || set -- "${files[@]}"
	[ $# -ne 0 ] || die "what are the series called? NAMES= (make) or arguments say it"
	attributes > "$OUT/attributes"
	check_history "$base"

	rm -rf "$new"
	compose_all "$new/states"
	rm -rf "$state"
	mkdir -p "$state/files"
	: > "$new/added"
	{
		[ ! -e "$patches/series" ] || sed -n '/^#/!q; /^# base:/!p' "$patches/series"
		echo "# base: $version"
	} > "$state/series"
	import_series "$base" "$@"
	patches=$state check_names
	mapfile -t files < <(kgit ls-tree -r --name-only HEAD | grep -xF -f "$new/added")
	[ ${#files[@]} -eq 0 ] ||
		kgit -c tar.umask=022 archive HEAD -- "${files[@]}" | tar -x -C "$state/files"
	last=$(printf '%s\n' "$newest" "$SERIES" | sort -V | tail -n 1)
	new_covers "$@"

	store "$new/states" "$new/store"
	check_edits "$last"
	tell_others "$new/store" "$last"
	install_store "$new/store"
	patches=$state
	for name; do
		echo "  $(count "$name") patches of $name, from Linux $version"
	done
	echo "  ${#files[@]} new files"
	rm -rf "$new" "$OUT/attributes"
}
