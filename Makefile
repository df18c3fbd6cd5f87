# SPDX-License-Identifier: GPL-2.0
#
# Sets up, makes a kernel tree with the series, builds it and runs it in QEMU.
#
#	out/6.12/linux		the kernel source with all series applied
#	out/6.12/linux-NAME	with those up to NAME, for TREE=NAME
#	out/6.12/stock		the kernel source as it is
#	out/6.12/build-*	what is built of them; consoles are *.log there
#
# and so for each base.

SERIES ?= 6.12
OUT := $(CURDIR)/out/$(SERIES)
qemu := tools/testing/selftests/livepatch/qemu

BASES := $(shell dev/bases)
newest := $(lastword $(BASES))
ARCHES := $(shell dev/bases arches $(if $(filter check-all,$(MAKECMDGOALS)),$(newest),$(SERIES)))
ifneq ($(PCREL),)
ARCH ?= ppc64le
endif
ifeq ($(wildcard patches/$(SERIES)/series)$(if $(KERNEL),$(filter import,$(MAKECMDGOALS))),)
$(error SERIES=$(SERIES): not one of $(BASES); to import it, KERNEL= is needed)
endif
names := $(shell SERIES=$(SERIES) OUT=$(OUT) dev/series names)
$(foreach a,$(filter-out $(ARCHES),$(ARCH)),$(error ARCH=$(a): not one of $(ARCHES)))
arches := $(or $(ARCH),$(ARCHES))
# One guest for a person: this machine's architecture if it can be.
one := $(firstword $(ARCH) $(filter $(shell uname -m),$(ARCHES)) x86_64)

# A tree has a series and those before it
TREE ?= linux
ifeq ($(filter $(TREE),linux stock $(names)),)
$(error TREE=$(TREE): not one of linux stock $(names))
endif
source := $(OUT)/$(if $(filter $(TREE),$(names)),linux-)$(TREE)

$(foreach v,COUNT SEED FIRST CYCLES DURATION TIMEOUT LIMIT,$(if \
	$(shell case '$($(v))' in (*[!0-9]*) echo bad;; esac),$(error $(v)=$($(v)): not a number)))
$(foreach v,DEBUG PCREL,$(if $(filter-out 1,$($(v))),$(error $(v)=$($(v)): not 1)))
# What goes on is looked for from another directory
$(foreach v,SCRIPT FILES SELFTESTS,$(if $($(v)),$(eval override $(v) := $(abspath $($(v))))))

# These look for what nobody has thought of.  Damaged modules need all the checks
# that the kernel has.  With these nobody can tell whether a few bytes are lost.
ifneq ($(filter fuzz,$(MAKECMDGOALS)),)
DEBUG ?= 1
endif
ifneq ($(filter fuzz fuzz-user soak,$(MAKECMDGOALS)),)
override SEED := $(or $(SEED),$(shell od -An -N4 -tu4 /dev/urandom | tr -d ' '))
endif

export SERIES OUT KERNEL
export CCACHE_DIR := $(CURDIR)/out/ccache
# What follows goes on by name only.
MAKEOVERRIDES =

variables = $(foreach v,SELFTESTS TESTS SCRIPT FILES DEBUG PCREL ACCEL TIMEOUT APPEND JOBS V \
	COUNT SEED FIRST CYCLES DURATION,$(if $($(v)),$(v)='$($(v))'))
# build(arch) - where it is built
build = $(OUT)/build-$(TREE)-$(1)$(if $(DEBUG),-debug)$(if $(PCREL),-pcrel)
# guest(arch, goal) - what qemu/Makefile makes, of this repository's own files
guest = $(MAKE) --no-print-directory -C $(qemu) ARCH=$(1) KSRC=$(source) O=$(build) \
	USERLAND=$(CURDIR)/out/userland-$(1).cpio $(if $(call qemu_packages,$(1)),QEMU_DIR=$(CURDIR)/out/qemu-$(1)) \
	KVM_STATE=$(CURDIR)/out/kvm $(variables) $(2)

help:
	@echo 'Livepatch relocations, done by the module loader: patch series for Linux $(SERIES)'
	@echo
	@echo '  make demo     livepatch a kernel in QEMU, and watch'
	@echo '  make check    run every test in QEMU on one architecture ($(one)), and check what can'
	@echo '                be told of the patches without a compiler; the tests that depend on the'
	@echo '                architecture on others ($(others)), and on $(newest)'
	@echo '                ($(newest_arches)). With SERIES=, ARCH=, KERNEL=, TREE= or TESTS=: every test on'
	@echo '                every architecture, or what these say'
	@echo '  make check-all      every test on every architecture of each base ($(BASES))'
	@echo '  make check-series   what can be told of the patches, and build after each'
	@echo '  make lines    count what the series add to and remove from the kernel'"'"'s code'
	@echo '  make fuzz     load thousands of damaged livepatches, and make allocations fail'
	@echo '  make fuzz-user      the checks of livepatch modules in user space, under libFuzzer'
	@echo '  make soak     load and unload under livepatches, thousands of times'
	@echo '  make bench    measure what loading costs, with the series and without it'
	@echo '  make clients  load livepatches that kpatch-build, objtool and klp-build make'
	@echo '  make series   write the series ($(names)) as mails:'
	@echo '                out/$(SERIES)/$(firstword $(names))/0000-cover-letter.patch, ...; out/$(SERIES)/series is for quilt'
	@echo '  make shell    boot the kernel for an interactive shell'
	@echo '  make tree     only make the source, $(source:$(CURDIR)/%=%)'
	@echo '  make export GIT=dir'
	@echo '                make a git tree of the kernel with a commit for each patch, to edit'
	@echo '  make import GIT=dir BASE=commit'
	@echo '                take the series back from the commits of a git tree'
	@echo '  make clean    remove out/, all that was made'
	@echo
	@echo '  ARCH=         this architecture only, or these'
	@echo '  KERNEL=       a Linux $(SERIES) tree to use instead of the Debian package; it is only read'
	@echo '  TREE=         stock: the kernel without the series; $(names): with that series'
	@echo '                and those before it only'
	@echo '  SERIES=       the base, one of $(BASES) ($(SERIES))'
	@echo '  NAMES="..."   of make import: the series, in order; each but the last, which ends at'
	@echo '                HEAD, has a branch or tag of that name at its last commit ($(names))'
	@echo '  TESTS="..."   these tests only, say test-livepatch.sh'
	@echo '  DEBUG=1       with debug.config'
	@echo '  PCREL=1       ppc64le code without a TOC, for Power10 (pcrel.config)'
	@echo '  SCRIPT=       of make demo: what to run in the guest instead'
	@echo '  FILES="..."   files to put into the guest, in /root'
	@echo '  JOBS=         how many compilers at once ($(shell nproc))'
	@echo '  ACCEL=tcg     no KVM, though it be there'
	@echo '  TIMEOUT=      seconds without a line from the tests until a guest is ended; three'
	@echo '                times that when it is emulated'
	@echo '  LIMIT=        of make bench: leave out what takes stock longer, in guest seconds (20)'
	@echo '  COUNT= SEED= FIRST=    of make fuzz: how many, made from what, the first one'
	@echo '  COUNT= SEED=  of make fuzz-user: how many executions, random numbers'
	@echo '  CYCLES= DURATION=      of make soak: how often, and seconds of race'

# source_of(base) - the package with its source; all bases are looked at without a compiler
source_of = $(shell SERIES='$(1)' KERNEL='$(KERNEL)' dev/source package)
sources = $(if $(KERNEL),,$(foreach b,$(BASES),$(call source_of,$(b))))
base = git patch rsync xz-utils $(call source_of,$(SERIES))
# qemu_packages(arch) - the release, and what of it has a QEMU that is new enough
qemu_packages = $(shell $(MAKE) -s --no-print-directory -C $(qemu) ARCH=$(1) qemu-packages)
# setup(arches, more) - Debian packages, for the architectures that are asked for
define setup
@dev/setup $(OUT)/setup.log $(sort $(base) $(2) \
	$(foreach a,$(1),$(shell $(MAKE) -s --no-print-directory -C $(qemu) ARCH=$(a) packages)))
@dev/source fetch
@$(foreach a,$(1),$(if $(call qemu_packages,$(a)),$(qemu)/step.sh 'fetch QEMU for $(a)' \
	$(CURDIR)/out/qemu-$(a).log dev/fetch $(CURDIR)/out/qemu-$(a) $(call qemu_packages,$(a)) || exit;))
endef

setup:
	$(call setup,)

setup-all:
	$(call setup,$(arches),perl shellcheck $(sources))

setup-series:
	$(call setup,$(arches),perl shellcheck sparse python3-sphinx $(sources))

setup-one:
	$(call setup,$(one))

tree: setup
	@dev/source unpack $(source)
	@$(if $(filter-out stock,$(TREE)),dev/series apply $(source) $(filter $(names),$(TREE)))

# A guest runs beside other guests and builds, since much of what it does is to
# wait; builds wait for each other. Who waits for the lock has a job slot, too.
# What did not even start has failed once. Some tests alone, or another tree: no series.
quick = $(if $(filter check,$(1)),$(if $(TESTS),,$(filter linux,$(TREE))))
results = $(foreach a,$(arches),$(call build,$(a))/$(1).log.result) \
	  $(if $(call quick,$(1)),$(OUT)/check-series/quick.result)
count = { $(foreach r,$(1),cat $(r) || printf '0 1 0\nnot ok, nothing ran: $(r:$(CURDIR)/%.result=%)\n';) } \
	2>/dev/null | awk '/^not ok/ { print "  " $$0; next } \
		{ passed += $$1; failed += $$2; skipped += $$3 } END { \
		if (skipped) print skipped " skipped"; \
		printf "%d passed, %d failed\n", passed, failed; exit failed || !passed }'

define run_guests
@rm -f $(call results,$@)
+@$(MAKE) --no-print-directory -j$(words x $(arches) $(shell seq 2 $$(nproc))) \
	PARALLEL=1 GOAL=$@ TREE=$(TREE) $(variables) \
	$(if $(call quick,$@),series-quick) $(arches:%=guest-%)
@$(call count,$(call results,$@))
endef

# make check by itself: all there is for one architecture, and for the others, and for the
# newest base, what depends on the architecture. make check-all leaves nothing out.
others := $(filter-out $(one),$(ARCHES))
other_tests := test-livepatch.sh test-reloc.sh test-reloc-arch.sh test-reloc-fixes.sh kunit
newest_arches := x86_64 arm64
newest_tests := test-livepatch.sh test-reloc.sh test-reloc-arch.sh kunit
# result_of(base, arch) - what came of make check
result_of = $(patsubst $(OUT)/%,$(CURDIR)/out/$(1)/%,$(call build,$(2))/check.log.result)
quick_of = $(CURDIR)/out/$(1)/check-series/quick.result

ifeq ($(origin SERIES)$(KERNEL)$(ARCH)$(TESTS)$(filter-out linux,$(TREE)),file)
check: check_results = $(foreach a,$(one) $(others),$(call result_of,$(SERIES),$a)) \
	$(call quick_of,$(SERIES)) \
	$(foreach a,$(newest_arches),$(call result_of,$(newest),$a))
check: setup-all tree
	@rm -f $(check_results)
	+@$(MAKE) --no-print-directory SERIES=$(newest) ARCH='$(newest_arches)' setup-all tree
	+@$(MAKE) --no-print-directory -j3 PARALLEL=1 $(variables) \
		check-one check-others check-newest || :
	@$(call count,$(check_results))
else
check: setup-all tree
	$(run_guests)
endif

# Beside each other: the guests of one have the time in which those of another are built
check-one:
	+@MAKEFLAGS= $(MAKE) --no-print-directory SERIES=$(SERIES) ARCH=$(one) $(variables) check

check-others:
	+@MAKEFLAGS= $(MAKE) --no-print-directory SERIES=$(SERIES) ARCH='$(others)' \
		$(variables) TESTS='$(other_tests)' check

check-newest:
	+@MAKEFLAGS= $(MAKE) --no-print-directory SERIES=$(newest) ARCH='$(newest_arches)' \
		$(variables) TESTS='$(newest_tests)' check 2>&1 | sed -u 's/^/$(newest) /'

fuzz soak: setup-all tree
	$(run_guests)

# In user space: the seeds are modules for x86-64, as the checks are built for that
seeds := initramfs/kselftest/livepatch/test_modules

setup-fuzz-user:
	$(call setup,x86_64,clang llvm)

fuzz-user: fuzz_user = $(call build,x86_64)/fuzz-user
fuzz-user: setup-fuzz-user tree
	$(if $(filter-out x86_64,$(ARCH)),$(error ARCH=$(ARCH): make fuzz-user is for x86_64))
	@rm -f $(fuzz_user)/result
	+@flock $(CURDIR)/out/build.lock $(call guest,x86_64,initramfs)
	@MAKEFLAGS= O=$(fuzz_user) SEEDS=$(call build,x86_64)/$(seeds) $(if $(COUNT),COUNT=$(COUNT)) \
		SEED=$(SEED) dev/fuzz-user $(source) || :
	@$(call count,$(fuzz_user)/result)

# Every base with every architecture that it has, or those of ARCH, whatever fails before
pairs = $(filter $(or $(ARCH),%),$(shell dev/bases arches $(1)))
pair_results = $(foreach a,$(call pairs,$(1)),$(call result_of,$(1),$a)) \
	$(if $(call quick,check),$(call quick_of,$(1)))
all_results = $(foreach b,$(BASES),$(if $(call pairs,$(b)),$(call pair_results,$(b))))

check-all:
	$(if $(KERNEL),$(error KERNEL=$(KERNEL): make check-all takes the sources of Debian))
	@rm -f $(all_results)
	+@$(foreach b,$(BASES),$(if $(call pairs,$(b)),$(MAKE) --no-print-directory SERIES=$(b) \
		ARCH='$(call pairs,$(b))' TREE=$(TREE) $(variables) check || :;))
	@$(call count,$(all_results))

check-series: setup-series tree
	@rm -f $(OUT)/check-series/*.result
	@MAKEFLAGS= dev/check-series quick || :
	@MAKEFLAGS= dev/check-series size || :
	@MAKEFLAGS= dev/check-series build $(one) $(filter-out $(one),$(arches)) || :
	@$(call count,$(patsubst %,$(OUT)/check-series/%.result,quick size build))

lines: setup tree
	@dev/check-series lines

series-quick:
	@dev/check-series quick 2>&1 | sed -u 's/^/series: /'

guest-%:
	+@{ flock $(CURDIR)/out/build.lock $(call guest,$*,initramfs) && \
		$(call guest,$*,$(GOAL)); } 2>&1 | sed -u 's/^/$*: /'

setup-bench:
	$(call setup,$(arches),gnuplot-nox)

bench: setup-bench
	+@$(MAKE) --no-print-directory TREE=stock tree
	+@$(MAKE) --no-print-directory TREE=linux tree
	@MAKEFLAGS= $(if $(LIMIT),LIMIT=$(LIMIT)) dev/bench/run $(arches)

setup-clients:
	$(call setup,$(arches),gawk libelf-dev libxxhash-dev patchutils)

# On stock for comparison, unless one tree is asked for
clients: trees := $(if $(filter file default,$(origin TREE)),stock linux,$(TREE))
clients: setup-clients
	+@for tree in $(trees); do $(MAKE) --no-print-directory TREE=$$tree tree || exit; done
	@rm -f $(OUT)/clients/*.result
	@for tree in $(trees); do MAKEFLAGS= $(if $(JOBS),JOBS=$(JOBS)) \
		$(if $(TIMEOUT),TIMEOUT=$(TIMEOUT)) dev/clients/run $$tree $(arches) || :; done
	@$(call count,$(foreach t,$(trees),$(arches:%=$(OUT)/clients/$t-%.result)))

demo shell: setup-one tree
	+@flock $(CURDIR)/out/build.lock $(call guest,$(one),initramfs)
	+@$(call guest,$(one),$@)

series: setup
	@dev/series mail

export: setup
	@test -n '$(GIT)' || { echo 'error: GIT= is needed' >&2; exit 2; }
	@dev/series export '$(GIT)'

import: setup
	@test -n '$(GIT)' -a -n '$(BASE)' || { echo 'error: GIT= and BASE= are needed' >&2; exit 2; }
	@dev/series import '$(GIT)' '$(BASE)' $(NAMES)

clean:
	rm -rf out

.PHONY: help setup setup-all setup-one setup-bench setup-clients setup-series tree check check-all check-series \
	setup-fuzz-user fuzz-user lines check-one check-others check-newest series-quick fuzz soak bench clients demo shell series export import clean
ifndef PARALLEL
.NOTPARALLEL:
endif
.SUFFIXES:
