# SPDX-License-Identifier: GPL-2.0
#
# gnuplot -e "dir='DIR'; arch='ARCHITECTURE'" sweeps.gnuplot

set terminal svg size 1200,760 noenhanced font "sans,13" background "white"
set output dir . "/sweeps-" . arch . ".svg"
set datafile missing "?"
set logscale xy
set yrange [0.0001:200]
set grid
set ylabel "seconds"

sweeps = "late-relocations late-symbols late-target vmlinux-relocations vmlinux-symbols vmlinux-symbols-big"
array titles[6] = ["a target comes", "a target comes", "a target comes", \
	"a livepatch of vmlinux", "a livepatch of vmlinux", "the same, big kallsyms"]
array variables[6] = ["relocations", "klp symbols", "symbols of the target", \
	"relocations", "klp symbols", "klp symbols"]

set multiplot layout 2,3 title arch . ": time to load, an instruction is a nanosecond"
do for [i = 1:6] {
	file = dir . "/" . arch . "-" . word(sweeps, i) . ".dat"
	set title titles[i]
	set xlabel variables[i]
	if (i == 2) { set key bottom right } else { unset key }
	plot file using 1:2 with linespoints lw 2 pt 7 title "stock", \
	     file using 1:3 with linespoints lw 2 pt 5 title "series", \
	     file using 1:4 with linespoints lw 2 pt 9 dt 2 title "ordinary module"
}
unset multiplot
