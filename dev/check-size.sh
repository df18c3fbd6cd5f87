# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# Of dev/check-series, which sources this: how large the series are.

max_patches=20		# of a series
max_changed=400		# lines of a commit, of the kernel's code
max_file=400		# lines of a new file
max_function=50		# lines of a function in a new file of kernel/livepatch/

# What counts: code of the kernel, not tests of it
code=(kernel include arch ':!*Makefile' ':!*Kconfig*' ':!*_kunit.[ch]')

# code_lines COMMIT FILE
code_lines()
{
	sgit show "$1:$2" 2>/dev/null | awk -f "$top/dev/code.awk"
}

# lines - added, removed and net lines of code (no comments, no blank lines) of each
# file, and of all
lines()
{
	local file

	sgit diff --name-only --no-renames base series -- "${code[@]}" |
		while read -r file; do
			{ diff <(code_lines base "$file") <(code_lines series "$file") || :; } |
				awk -v file="$file" '/^>/ { added++ } /^</ { removed++ }
					END { print added + 0, removed + 0, file }'
		done |
		awk 'function show(added, removed, what) {
				printf "%7d %7d %7d  %s\n", added, removed, added - removed, what
			}
			BEGIN { printf "%7s %7s %7s\n", "added", "removed", "net" }
			{ added += $1; removed += $2; show($1, $2, $3) }
			END { show(added, removed, "code lines in all") }'
}

large_commits()
{
	sgit log --format=%H base..series | while read -r commit; do
		sgit diff --numstat --no-renames "$commit^" "$commit" -- "${code[@]}" |
			awk -v max="$max_changed" -v subject="$(sgit log -1 --format=%s "$commit")" '
				{ n += $1 + $2 }
				END { if (n > max) print n " lines: " subject }'
	done
}

large_series()
{
	sed 's,/.*,,' "$OUT/series" | uniq -c | awk -v max="$max_patches" '$1 > max'
}

# new_files PATH... - that stand in the tree of all series
new_files()
{
	sgit diff --name-only --no-renames --diff-filter=A base series -- "$@"
}

large_files()
{
	(cd "$OUT/linux" && new_files ':!Documentation' |
		xargs -r awk -v max="$max_file" '
			FNR == 1 { show(); file = FILENAME }
			function show() { if (n > max) print n " lines: " file }
			{ n = FNR }
			END { show() }')
}

# A function starts at the left, as its body and its end do
large_functions()
{
	(cd "$OUT/linux" && new_files 'kernel/livepatch/*.[ch]' |
		xargs -r awk -v max="$max_function" '
			/^[A-Za-z_].*\(/ { start = FNR; name = $0 }
			/^\{/ { inside = 1 }
			/^\}/ {
				if (inside && FNR - start >= max)
					print FNR - start + 1 " lines: " FILENAME ": " name
				inside = 0
			}')
}

# is_empty FUNCTION - it finds nothing too large
is_empty()
{
	"$1" > "$out/large" || return
	! grep . "$out/large"
}

size()
{
	result "the mails can be applied" "$top/dev/series" mail
	lines
	result "no series has more than $max_patches patches" is_empty large_series
	result "no commit changes more than $max_changed lines of the kernel" is_empty large_commits
	result "no new file has more than $max_file lines" is_empty large_files
	result "no new function has more than $max_function lines" is_empty large_functions
}
