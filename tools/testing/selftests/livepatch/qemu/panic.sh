#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the guest, what ends in a panic: a timer of a livepatch calls a function of its
# target, which is not loaded. The host (run.sh) looks for the words of the report,
# and for the panic after it.

cd /kselftest/livepatch || exit
. ./functions.sh
. ./functions-reloc.sh

echo "livepatch-qemu: expect $MSG_CALL 'secret_plus' of module '$MOD_TARGET', which is $MSG_NOT_LOADED"
# The report has to come before the panic
dmesg -n 8
echo 0 > /proc/sys/kernel/panic_on_oops
insmod "test_modules/$MOD_CALL.ko" how=call || exit
echo timer > "/sys/module/$MOD_CALL/parameters/start"
sleep 20
