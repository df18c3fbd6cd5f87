# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# Of dev/series, which sources this: the series as mails and as a git tree.

# prove MAILS - git am and patch take the mails, and make the tree of the series
prove()
{
	local mails=$1 check=$OUT/mails.check mail

	rm -rf "$check"
	git clone -q -b base "$scratch" "$check" 2> /dev/null
	while read -r mail; do
		git -C "$check" am -q --keep-cr "$mails/$mail" > "$OUT/mail.log" 2>&1 ||
			die "git am does not take $mail, see $OUT/mail.log"
	done < "$mails/series"
	git -C "$check" diff --quiet "$(sgit rev-parse series)" ||
		die "git am makes another tree of the mails"
	git -C "$check" checkout -q -f base
	while read -r mail; do
		patch -d "$check" -p1 -F0 -f < "$mails/$mail" > "$OUT/mail.log" 2>&1 ||
			die "patch -p1 -F0 does not take $mail, see $OUT/mail.log"
	done < "$mails/series"
	git -C "$check" add -A -f
	git -C "$check" diff --cached --quiet "$(sgit rev-parse series)" ||
		die "patch -p1 makes another tree of the mails"
	rm -rf "$check" "$OUT/mail.log"
}

# mail_series - the series as git makes them, proven to be taken by git am and patch
mail_series()
{
	local mails=$OUT/mails name from=base old

	[ -n "$(list)" ] || die "patches/$SERIES/series names no patch"
	for name in $(names); do
		[ -f "$patches/$name/cover-letter" ] ||
			die "patches/$SERIES/$name/cover-letter is missing"
	done
	fetch_pristine
	build

	rm -rf "$mails"
	mkdir "$mails"
	for name in $(names); do
		sgit config "branch.$name.description" "$(cat "$patches/$name/cover-letter")"
		sgit format-patch -q --cover-letter --cover-from-description=subject \
			--no-renames --zero-commit --no-signature -o "$mails/$name" "$from..$name"
		(cd "$mails" && printf '%s\n' "$name"/[0-9]*.patch | sed '/\/0000-/d' >> series)
		from=$name
	done
	prove "$mails"

	# A series may have had another name, and all of them were one once
	for old in $(sed -n 's,/.*,,p' "$OUT/series" 2>/dev/null | sort -u) $(names); do
		rm -rf "${OUT:?}/$old"
	done
	rm -f "$OUT"/[0-9][0-9][0-9][0-9]-*.patch "$OUT/series"
	mv "$mails"/* "$OUT"
	rmdir "$mails"
	for name in $(names); do
		echo "  $(count "$name") patches in $OUT/$name, for Linux $version"
	done
}

# export_series DIR - commits for a person to edit. Branches, since "git rebase
# --update-refs" takes them along.
export_series()
{
	local dir new name from=base log=$OUT/export.log

	dir=$(realpath -m "$1")
	[ ! -e "$dir" ] || die "$dir exists"
	fetch_pristine
	build

	new=$dir.new
	rm -rf "$new"
	"$top/dev/source" unpack "$new"
	rm -f "$new/.source" "$new.log"
	git init -q -b base "$new"
	git -C "$new" config rebase.updateRefs true
	echo "  commit Linux $version and the patches"
	git -C "$new" add -A -f
	git -C "$new" commit -q -m "Linux $version"
	git -C "$new" tag "v$version"
	for name in $(names); do
		git -C "$new" checkout -q -b "$name"
		sgit format-patch -k --stdout --no-renames "$from..$name" |
			git -C "$new" am -q -k --keep-cr > "$log" 2>&1 ||
			die "git am does not take $name, see $log"
		from=$name
	done
	git -C "$new" branch -q -D base
	rm -f "$log"
	mv "$new" "$dir"
	echo "  $dir: v$version, and branches $(names | paste -sd " ")"
}
