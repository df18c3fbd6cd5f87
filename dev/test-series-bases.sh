# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# Of dev/test-series, which sources this: the same series on a second base, 7.3. There
# main.c begins with ten more lines, core.c is another file, and old.c is not there.

own=$repo/patches/6.12
add=loader/livepatch-Add-elf.c.patch
edit=loader/livepatch-Edit-a-file-of-the-kernel-and-a-new-one.patch
remove=loader/livepatch-Move-and-remove.patch
elf=kernel/livepatch/elf.c

# use BASE - the kernel, git tree and base that is worked with
use()
{
	export SERIES=$1 OUT=$work/out-$1
	kernel=$work/kernel linux=$work/linux
	[ "$1" = 6.12 ] || kernel=$work/kernel-7.3 linux=$work/linux-7.3
	export KERNEL=$kernel
}

# import_as BASE MESSAGE - HEAD of its git tree, and commit what the repository is then
import_as()
{
	use "$1"
	import "$linux" "$(kgit describe --tags --abbrev=0 --match 'v*')" fixes loader observe ||
		not_ok "$2: $(cat "$work/log")"
	git -C "$repo" add -A
	git -C "$repo" commit -q --allow-empty -m "$2"
}

# has_own WHAT FILE... - 6.12 has these files of its own, sorted, and nothing else
has_own()
{
	local what=$1
	shift

	[ "$(cd "$repo" && find patches/6.12 overlay -type f 2> /dev/null | sort)" = "$(printf '%s\n' "$@")" ] ||
		not_ok "$what: 6.12 has $(cd "$repo" && find patches/6.12 overlay -type f 2> /dev/null)"
}

# both_trees WHAT - each base makes the tree of its git tree
both_trees()
{
	local base

	for base in 6.12 7.3; do
		use "$base"
		"$repo/dev/source" unpack "$OUT/tree" > /dev/null
		"$repo/dev/series" apply "$OUT/tree" > "$work/log" 2>&1 ||
			not_ok "$1, $base: $(cat "$work/log")"
		same_tree "$linux" "$OUT/tree" "$1, the tree of $base"
		"$repo/dev/series" mail > "$work/log" 2>&1 || not_ok "$1, $base: $(cat "$work/log")"
	done
	"$repo/dev/series" check > "$work/log" 2>&1 || not_ok "$1: $(cat "$work/log")"
}

# Line 20 of main.c has another neighbour there
make_second()
{
	use 7.3
	cp -r "$work/kernel" "$kernel"
	printf 'VERSION = 7\nPATCHLEVEL = 3\nSUBLEVEL = 4\n' > "$kernel/Makefile"
	{ seq 101 110; seq 60 | sed 's/^22$/other/'; } > "$kernel/kernel/main.c"
	rm "$kernel/kernel/old.c"
	cp -r "$kernel" "$linux"
	git init -q -b work "$linux"
	change "Linux 7.3.4"
	kgit tag v7.3.4
	make_commits 10
}

# The newest base has all, the older one what differs
test_second()
{
	import_as 7.3 "a newer base"
	has_own "a newer base" "patches/6.12/$add" "patches/6.12/$remove" patches/6.12/series
	head -n 1 "$own/$add" | grep -q '^diff ' || not_ok "a message stands twice"
	! grep -q ' kernel' "$own/series" || not_ok "the names of new files stand twice"
	cmp -s "$linux/$elf" "$repo/$elf" || not_ok "a new file is not that of the newest base"
	both_trees "a newer base"
	import_as 6.12 "the older base again"
	[ -z "$(git -C "$repo" show --format=)" ] || not_ok "import of the same differs"
}

# What one base changes does not change the other
test_apart()
{
	use 6.12
	edit "$elf" 50 older
	kgit commit -q -a --amend --no-edit
	import_as 6.12 "a new file of the older base"
	has_own "a new file" "overlay/6.12/$elf.diff" "patches/6.12/$add" "patches/6.12/$remove" \
		patches/6.12/observe/livepatch-Observe.patch patches/6.12/series
	both_trees "a new file of the older base"

	use 7.3
	kgit commit -q --amend -m "livepatch: Observe" -m "More words."
	import_as 7.3 "a message of the newest base"
	grep -q 'Because' "$own/observe/livepatch-Observe.patch" || not_ok "6.12 has lost its message"
	grep -q 'observe/livepatch-Observe.patch: that base keeps its own' "$work/log" ||
		not_ok "6.12 is not told: $(cat "$work/log")"
	both_trees "a message of the newest base"

	use 7.3
	kgit checkout -q work
	edit "$elf" 70 newer
	change "livepatch: Only in the newest"
	import_as 7.3 "a patch of one base"
	! grep -q Only "$own/series" || not_ok "6.12 has a patch of 7.3"
	both_trees "a patch of one base"

	kgit reset -q --hard HEAD^
	kgit commit -q --amend -m "livepatch: Observe" -m "Because."
	import_as 7.3 "the newest base without it"
	use 6.12
	edit "$elf" 50 50
	kgit commit -q -a --amend --no-edit
	import_as 6.12 "the older base without it"
	has_own "as before" "patches/6.12/$add" "patches/6.12/$remove" patches/6.12/series
	both_trees "as before"
}

# rejected WORDS - the repository as it is now is not one; it becomes what it was
rejected()
{
	! "$repo/dev/series" check > "$work/log" 2>&1 || not_ok "check takes: $1"
	grep -q "^error: .*$1" "$work/log" || not_ok "$(cat "$work/log")"
	git -C "$repo" checkout -q .
	git -C "$repo" clean -q -d -f patches overlay
}

test_twice()
{
	use 6.12
	cp "$repo/patches/7.3/$edit" "$own/$edit"
	rejected "$edit has what the message"
	sed -n '/^diff/,$p' "$repo/patches/7.3/$edit" | sed 's/^@@ .* @@/@@ -1,7 +1,7 @@/' > "$own/$edit"
	rejected "$edit has what the edits of $elf kernel/main.c"
	cp "$repo/patches/7.3/loader/cover-letter" "$own/loader"
	rejected "loader/cover-letter has what"
	(cd "$repo" && mkdir -p overlay/6.12 && cp --parents -p "$elf" overlay/6.12)
	rejected "overlay/6.12/$elf: $elf is there"
	(cd "$repo" && mkdir -p "overlay/6.12/${elf%/*}" && printf '%s\n' '@@ -1 +1 @@' -none +one > "overlay/6.12/$elf.diff")
	rejected "overlay/6.12/$elf.diff does not apply"
	(cd "$repo" && mkdir -p overlay && cp -r patches/6.12 overlay/7.3)
	rejected "7.3 is the newest base"
	mkdir -p "$repo/overlay/6.12" && touch "$repo/overlay/6.12/stray.c"
	rejected "no patch of 6.12 brings it"
	cp "$own/$add" "$own/stray.patch"
	rejected "stray.patch is of no series"
	grep -F "$add" "$repo/patches/7.3/series" > "$work/line"
	sed -i "s,^$add.*,$(cat "$work/line")," "$own/series"
	rejected "the line of $add"
}

make_second
test_second
test_apart
test_twice
