# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# Of dev/series, which sources this: what the bases share stands once.
#
# The newest base has everything: patches/NEWEST/ and the new files at their paths. An
# older base BASE has its own patches/BASE/series, all patches in order, and else only
# what differs: a patch with another message, or with the edits of the files that are
# edited otherwise ("diff --git a/FILE b/FILE" alone says that FILE is not), or with both;
# the new files of a patch in the series file ("-" for none); a cover letter; in
# overlay/BASE/ a new file that the newest base has not, or FILE.diff for one that it has.
#
# A state is a directory with all of one base: series, NAME/*.patch, NAME/cover-letter,
# and files/, the new files as the last patch leaves them.

newest=$("$top/dev/bases" | tail -n 1)

# message PATCH, hunks PATCH - the parts of a patch
message()
{
	sed '/^diff --git /,$d' "$1"
}

hunks()
{
	sed -n '/^diff --git /,$p' "$1"
}

# sections PATCH - the edits, each line after the path of the file and a tab
sections()
{
	hunks "$1" | awk '/^diff --git / { path = substr($4, 3) } { print path "\t" $0 }'
}

# compare_edits WHAT PATCH OTHER - see sections.awk
compare_edits()
{
	awk -v what="$1" -f "$top/dev/sections.awk" part=1 <(sections "$2") part=2 <(sections "$3")
}

# merge_edits PATCH OTHER - those of PATCH, and those of OTHER of files that PATCH does not name
merge_edits()
{
	awk -F '\t' '{ line = substr($0, length($1) + 2) }
		part == 1 { named[$1] = 1 }
		part == 2 && $1 in named { next }
		line ~ /^diff --git / { held = line; next }
		held != "" { print $1 "\t" NR - 0.5 "\t" held; held = "" }
		{ print $1 "\t" NR "\t" line }' part=1 <(sections "$1") part=2 <(sections "$2") |
		sort -t $'\t' -k 1,1 -k 2,2n | cut -f 3-
}

# series_lines FILE - without comments
series_lines()
{
	[ ! -e "$1" ] || sed 's/#.*//; /^[[:space:]]*$/d' "$1"
}

# brought FILE PATCH - the new files that the series FILE names for a patch
brought()
{
	series_lines "$1" | awk -v patch="$2" '$1 == patch { $1 = ""; print substr($0, 2) }'
}

# twice WHAT ELSEWHERE
twice()
{
	die "$1 has what $2 has: leave it out, it stands once"
}

has_message()
{
	[[ $(head -n 1 "$1") == "Subject: "* ]]
}

# check_patch BASE PATCH - it has nothing that the newest base has
check_patch()
{
	local own=$top/patches/$1/$2 shared=$top/patches/$newest/$2 file

	! cmp -s <(message "$own") <(message "$shared") ||
		twice "patches/$1/$2" "the message that patches/$newest/$2"
	file=$(compare_edits same "$own" "$shared" | paste -sd ' ')
	[ -z "$file" ] || twice "patches/$1/$2" "the edits of $file that patches/$newest/$2"
}

# compose_patch BASE PATCH FILE - put a patch together
compose_patch()
{
	local own=$top/patches/$1/$2 shared=$top/patches/$newest/$2

	if [ "$own" = "$shared" ] || [ ! -e "$shared" ] || [ ! -e "$own" ]; then
		[ -e "$own" ] || own=$shared
		[ -e "$own" ] || die "patches/$1/$2 is missing"
		cp "$own" "$3"
	else
		check_patch "$1" "$2"
		{
			if has_message "$own"; then message "$own"; else message "$shared"; fi
			merge_edits "$own" "$shared"
		} > "$3"
	fi
	has_message "$3" || die "patches/$1/$2 has no message"
}

# compose_line BASE PATCH [NEW-FILE...] - of the series file
compose_line()
{
	local base=$1 patch=$2 shared
	shift 2

	shared=$(brought "$top/patches/$newest/series" "$patch")
	if [ "$base" != "$newest" ]; then
		[ -z "$*" ] || [ "$*" != "$shared" ] ||
			twice "the line of $patch in patches/$base/series" "the one of patches/$newest/series"
		[ $# -ne 0 ] || set -- "$shared"
		[ "$*" != - ] || set --
	fi
	echo "$patch $*" | sed 's/ *$//'
}

# compose_cover BASE NAME DIR
compose_cover()
{
	local own=$top/patches/$1/$2/cover-letter shared
	shared=$top/patches/$newest/$2/cover-letter

	if [ "$own" != "$shared" ] && [ -e "$own" ] && cmp -s "$own" "$shared"; then
		twice "${own#"$top/"}" "${shared#"$top/"}"
	fi
	[ -e "$own" ] || own=$shared
	[ ! -e "$own" ] || cp "$own" "$3/$2/"
}

# compose_files BASE DIR - the new files, those that are there
compose_files()
{
	local overlay=$top/overlay/$1 from file

	mkdir -p "$2/files"
	while read -r file; do
		from=$top
		[ ! -e "$overlay/$file" ] || from=$overlay
		[ "$from" = "$top" ] || [ ! -e "$top/$file" ] ||
			die "overlay/$1/$file: $file is there, only what differs is needed (.diff)"
		[ -e "$from/$file" ] || continue
		(cd "$from" && cp --parents -p "$file" "$2/files")
		[ ! -e "$overlay/$file.diff" ] || patch -s -f -F0 "$2/files/$file" "$overlay/$file.diff" >&2 ||
			die "overlay/$1/$file.diff does not apply to $file"
	done < <(series_lines "$2/series" | cut -s -d ' ' -f 2- | tr ' ' '\n')
}

# check_stray BASE DIR - all that a base has belongs to its series
check_stray()
{
	local file

	[ "$1" != "$newest" ] || [ ! -e "$top/overlay/$1" ] ||
		die "overlay/$1: $1 is the newest base, whose new files stand at their own paths"
	while read -r file; do
		[ -e "$2/$file" ] || die "patches/$1/$file is of no series"
	done < <(cd "$top/patches/$1" && find . -type f -printf '%P\n')
	[ -e "$top/overlay/$1" ] || return 0
	while read -r file; do
		[ -e "$2/files/${file%.diff}" ] || die "overlay/$1/$file: no patch of $1 brings it"
	done < <(cd "$top/overlay/$1" && find . -type f -printf '%P\n')
}

# compose BASE DIR - the state of a base
compose()
{
	local base=$1 dir=$2 patch files name

	rm -rf "$dir"
	mkdir -p "$dir"
	grep '^#' "$top/patches/$base/series" > "$dir/series" || :
	while read -r patch files; do
		mkdir -p "$dir/${patch%/*}"
		compose_patch "$base" "$patch" "$dir/$patch"
		# shellcheck disable=SC2086
		compose_line "$base" "$patch" $files >> "$dir/series"
	done < <(series_lines "$top/patches/$base/series")
	for name in $(series_lines "$dir/series" | sed 's,/.*,,' | uniq); do
		compose_cover "$base" "$name" "$dir"
	done
	compose_files "$base" "$dir"
	check_stray "$base" "$dir"
}

# store_patch STATE NEWEST PATCH DIR - what the newest base has not of it
store_patch()
{
	local own=$1/$3 shared=$2/$3

	if [ ! -e "$shared" ]; then
		cp "$own" "$4/$3"
		return
	fi
	{
		cmp -s <(message "$own") <(message "$shared") || message "$own"
		compare_edits other "$own" "$shared"
	} > "$4/$3"
	[ -s "$4/$3" ] || rm "$4/$3"
}

# store_series STATE NEWEST DIR
store_series()
{
	local patch files shared

	grep '^#' "$1/series" > "$3/series" || :
	while read -r patch files; do
		shared=$(brought "$2/series" "$patch")
		if [ "$files" = "$shared" ]; then
			files=
		elif [ -z "$files" ]; then
			files=-
		fi
		echo "$patch $files" | sed 's/ *$//' >> "$3/series"
	done < <(series_lines "$1/series")
}

# store_files STATE NEWEST DIR - new files that the newest base has not, or otherwise
store_files()
{
	local file

	while read -r file; do
		mkdir -p "$3/$(dirname "$file")"
		if [ ! -e "$2/files/$file" ]; then
			cp -p "$1/files/$file" "$3/$file"
			continue
		fi
		[ "$(stat -c %A "$1/files/$file")" = "$(stat -c %A "$2/files/$file")" ] ||
			die "$file has not the same mode in all bases"
		diff -u --label "$file" --label "$file" "$2/files/$file" "$1/files/$file" > "$3/$file.diff" ||
			continue
		rm "$3/$file.diff"
	done < <(cd "$1/files" && find . -type f -printf '%P\n')
}

# store_older STATE NEWEST PATCHES OVERLAY - an older base by what differs
store_older()
{
	local patch name

	mkdir -p "$3"
	for name in $(series_lines "$1/series" | sed 's,/.*,,' | uniq); do
		mkdir "$3/$name"
		[ ! -e "$1/$name/cover-letter" ] ||
			cmp -s "$1/$name/cover-letter" "$2/$name/cover-letter" ||
			cp "$1/$name/cover-letter" "$3/$name"
	done
	while read -r patch _; do
		store_patch "$1" "$2" "$patch" "$3"
	done < <(series_lines "$1/series")
	find "$3" -mindepth 1 -type d -empty -delete
	store_series "$1" "$2" "$3"
	store_files "$1" "$2" "$4"
}

# store STATES DIR - all bases, each once, as patches/, overlay/ and files/
store()
{
	local base last=

	mkdir -p "$2/patches" "$2/overlay" "$2/files"
	for base in $(cd "$1" && printf '%s\n' * | sort -V); do
		last=$base
	done
	rsync -a --exclude=/files "$1/$last/" "$2/patches/$last/"
	rsync -a "$1/$last/files/" "$2/files/"
	for base in $(cd "$1" && echo *); do
		[ "$base" = "$last" ] ||
			store_older "$1/$base" "$1/$last" "$2/patches/$base" "$2/overlay/$base"
	done
}
