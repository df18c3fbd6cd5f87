# SPDX-License-Identifier: GPL-2.0
#
# Make tables, which are Markdown and read well as they are, of results.tsv:
#
#	architecture tree kernel form job module result [result]
#
# and for the plots DIR/ARCHITECTURE-SWEEP.dat: variable stock series ordinary.

function get(tree, kernel, form, module, which) {
	return result[arch, tree, kernel, form, module, which]
}

function stock(module, which, kernel) {
	return get("stock", kernel ? kernel : "small", "converted", module, which)
}

function series(module, which, kernel) {
	return get("linux", kernel ? kernel : "small", "converted", module, which)
}

function seconds(value) {
	return value == "" ? "-" : sprintf("%.6f", value)
}

function ratio(a, b) {
	return a == "" || !b ? "-" : sprintf("%.2f", a / b)
}

function head(what, fifth, sixth) {
	line(what, "stock", "series", "stock/series", fifth, sixth)
	printf "|%s|%s|%s|%s|", dashes(67), dashes(13), dashes(13), dashes(15)
	printf fifth ? "%s|%s|\n" : "\n", dashes(13), dashes(17)
}

function dashes(n,    s) {
	s = sprintf("%" n "s", "")
	gsub(/ /, "-", s)
	return s
}

function line(what, a, b, c, d, e) {
	printf "| %-65s | %11s | %11s | %13s |", what, a, b, c
	printf d ? " %11s | %15s |\n" : "\n", d, e
}

function row(what, module, which, kernel,    a, b) {
	a = stock(module, which, kernel)
	b = series(module, which, kernel)
	line(what, seconds(a), seconds(b), ratio(a, b))
}

function plain(what, module, which) {
	line(what, "", seconds(get("linux", "small", "plain", module, which)), "")
}

function rows() {
	print "\n## " arch "\n"
	head("seconds")
	row("1 target of 20,000 symbols, alone", "target_20000", 1)
	row("2 target, while a livepatch has 10,000 relocations, 2,000 symbols", late, 2)
	plain("2 with a livepatch of the plain form", late, 2)
	row("  the livepatch of 2 itself, before the target", late, 1)
	row("3 livepatch, 10,000 relocations, 1,672 symbols of vmlinux", vmlinux, 1)
	plain("3 with a livepatch of the plain form", vmlinux, 1)
	row("3b with " symbols[arch, "linux", "big"] " symbols in kallsyms", vmlinux, 1, "big")
	row("4 ordinary module, 10,000 relocations, 2,000 exported symbols", user, 1)
}

function verdict(what, value, goal, better,    met) {
	met = better == "more" ? value >= goal : value <= goal
	printf "- %s: %.4g, goal: %s %.4g: %s\n", what, value,
		better == "more" ? "at least" : "at most", goal, met ? "met" : "MISSED"
}

function goals(    sum) {
	sum = 2 * (series("target_20000", 1) + series(user, 1))
	print ""
	verdict("row 2, seconds, against 2 x (row 1 + row 4)", series(late, 2), sum)
	verdict("row 2, times better than stock", gain(2), 200, "more")
	# Set for the architecture on which stock was measured first
	if (arch == "x86_64")
		verdict("row 3, seconds", series(vmlinux, 1), 0.06)
	verdict("row 3, seconds, stretch goal of 2 x row 4", series(vmlinux, 1), 2 * series(user, 1))
	verdict("row 1, series to stock", series("target_20000", 1) / stock("target_20000", 1), 1.01)
	verdict("row 4, series to stock", series(user, 1) / stock(user, 1), 1.01)
	verdict("ordinary module, 100,000 relocations, series to stock",
		series("user_100_100000", 1) / stock("user_100_100000", 1), 1.01)
}

# The modules of a sweep at one value of its variable
function late_modules(t, s, r) {
	module = "late_" t "_" s "_" r
	ordinary = series("target_" t, 1) + series("user_" s "_" r, 1)
}

function vmlinux_modules(s, r) {
	module = "vmlinux_" s "_" r
	ordinary = series("user_" s "_" r, 1)
}

function at(sweep, x) {
	if (sweep ~ /^late-relocations/)
		late_modules(20000, 100, x)
	else if (sweep ~ /^late-symbols/)
		late_modules(20000, x, 10000)
	else if (sweep ~ /^late-target/)
		late_modules(x, 100, 10000)
	else if (sweep ~ /^vmlinux-relocations/)
		vmlinux_modules(100, x)
	else
		vmlinux_modules(x, 10000)
}

function sweep(name, what, points, which, kernel,
	       i, n, x, a, b, file, exponent, steepest, last_x, last) {
	file = dir "/" arch "-" name ".dat"
	print ""
	head(what, "ordinary", "series/ordinary")
	n = split(points, x)
	steepest = -1
	for (i = 1; i <= n; i++) {
		at(name, x[i])
		a = stock(module, which, kernel)
		b = series(module, which, kernel)
		line(x[i], seconds(a), seconds(b), ratio(a, b),
		     seconds(ordinary), ratio(b, ordinary))
		print x[i], a == "" ? "?" : a, b, ordinary > file
		if (i > 1) {
			exponent = log(b / last) / log(x[i] / last_x)
			if (exponent > steepest)
				steepest = exponent
		}
		last_x = x[i]
		last = b
	}
	close(file)
	print ""
	verdict("steepest slope of the series between two points", steepest, 1.1)
}

function kept(tree, module) {
	return get(tree, "small", "converted", "memory " module, 1)
}

# Bytes that a relocation more takes
function slope(tree, module) {
	return (kept(tree, module "_100000") - kept(tree, module "_30000")) * 1024 / 70000
}

function memory(    text) {
	print ""
	head("memory kept")
	for (i = 1; i <= 2; i++) {
		module = i == 1 ? "late_20000_100" : "vmlinux_100"
		text = i == 1 ? "of a module" : "of vmlinux"
		line("bytes per relocation by a symbol " text ", without the call",
		     sprintf("%.1f", slope("stock", module) - slope("stock", "user_100")),
		     sprintf("%.1f", slope("linux", module) - slope("linux", "user_100")), "")
	}
	line("kB, a livepatch without klp relocations", kept("stock", "late_20000_0_0"),
	     kept("linux", "late_20000_0_0"), "")
}

# How many times better than stock the series is at row 2 or 3
function gain(which) {
	if (which == 2)
		return stock(late, 2) / series(late, 2)
	return stock(vmlinux, 1) / series(vmlinux, 1)
}

function ratios(    i, n, x86) {
	print "\n## Times better than stock, against half of x86_64's\n"
	for (n = 2; n <= 3; n++) {
		arch = "x86_64"
		x86 = gain(n)
		for (i = 1; i <= narches; i++) {
			arch = arches[i]
			if (arch != "x86_64")
				verdict(arch ", row " n, gain(n), x86 / 2, "more")
		}
	}
}

BEGIN {
	late = "late_20000_2000_10000"
	vmlinux = "vmlinux_1672_10000"
	user = "user_2000_10000"
}

$5 == "kallsyms" { symbols[$1, $2, $3] = $6 }
$5 != "kallsyms" {
	if (!seen[$1]++)
		arches[++narches] = $1
	module = ($5 == "memory" ? "memory " : "") $6
	result[$1, $2, $3, $4, module, 1] = $7
	result[$1, $2, $3, $4, module, 2] = $8
}

END {
	few = "10 30 100 300 1000 3000 10000"
	many = "1000 3000 10000 30000 100000"
	for (i_arch = 1; i_arch <= narches; i_arch++) {
		arch = arches[i_arch]
		rows()
		goals()
		sweep("late-relocations", "relocations, 100 of 20,000 symbols of the target", "100 300 " many, 2)
		sweep("late-symbols", "klp symbols, of 20,000 of the target, 10,000 relocations", few, 2)
		sweep("late-target", "symbols of the target, 10,000 relocations by 100 of them", many, 2)
		sweep("vmlinux-relocations", "relocations, 100 symbols of vmlinux", "100 300 " many, 1)
		sweep("vmlinux-symbols", "klp symbols of vmlinux, 10,000 relocations", few, 1)
		sweep("vmlinux-symbols-big", "the same, " symbols[arch, "linux", "big"] " symbols in kallsyms", few, 1, "big")
		memory()
	}
	if (narches > 1 && seen["x86_64"])
		ratios()
}
