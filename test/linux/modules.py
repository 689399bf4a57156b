"""Kernel code that changes while it runs: modules come and go, static keys flip, the function tracer
patches all functions."""

from harness import expect, expect_status, long_test, run_both, run_native, run_virtual

LIMIT = 900


def test_raid6_pq():
    """Benchmarks NEON in the kernel at load; the algorithms it tries are the same, the speeds are not."""
    command = (
        "modprobe raid6_pq && grep ^raid6_pq /proc/modules | cut -d' ' -f1-4 && rmmod raid6_pq && lsmod && "
        "dmesg | grep raid6 | sed 's/.*raid6: //; s/ *[0-9]* MB.s//' | grep gen | cut -d' ' -f1"
    )
    run_both(command, modules="raid6_pq", timeout=LIMIT)


def test_static_keys():
    """The kernel's own test of static keys fails to load if one branch is not as it should be."""
    run_both(
        "for i in 1 2 3; do modprobe test_static_keys && rmmod test_static_keys test_static_key_base && "
        "echo loaded; done",
        modules="test_static_keys",
        timeout=LIMIT,
    )


@long_test
def test_user_copy():
    """The kernel's own test of LDRT, STRT and what they refuse. Even natively it takes more than a minute."""
    command = "modprobe test_user_copy; echo $?; dmesg | grep -o test_user_copy:.*"
    run_both(command, modules="test_user_copy", timeout=LIMIT)


def bpf(options=""):
    """The kernel's own test of its BPF compiler: code written to memory and run, hundreds of times."""
    command = (
        f"modprobe test_bpf {options}; echo $?; dmesg | grep -o 'test_bpf: Summary.*'; "
        "dmesg | grep -c 'test_bpf: #.*PASS'"
    )
    run_both(command, modules="test_bpf", timeout=LIMIT)


def test_bpf_some():
    bpf("test_range=0,80")


@long_test
def test_bpf_all():
    bpf()


def test_many_loads():
    run_both(
        "for i in $(seq 5); do modprobe crc4 && modprobe crc7 && rmmod crc4 crc7 || exit 1; done; "
        "lsmod | wc -l",
        modules="crc4,crc7",
        timeout=LIMIT,
    )


# The trace is read when it has stopped: a kernel that is traced overtakes its own reader, which gives up
# after three tries (rb_iter_peek()). How many lines that leaves is a matter of how much the guest executes
# between two ticks: natively at 4 ns an instruction (-icount shift=2) never fewer than 2,516, at 16 ns 1,282,
# at 32 ns 195, and up to 41,244.
TRACER = r"""
mount -t tracefs tracefs /sys/kernel/tracing
cd /sys/kernel/tracing
written() { # events since the tracer was chosen
    set -- $(sed -n -e 's/^entries: //p' -e 's/^overrun: //p' per_cpu/cpu0/stats)
    echo $(($1 + $2))
}
(while :; do seq 100 | sha256sum >/dev/null; done) &
for i in 1 2 3; do
    echo 1 >tracing_on
    echo function >current_tracer || exit 1
    until [ "$(written)" -gt 10000 ]; do usleep 1000; done
    echo 0 >tracing_on
    lines=$(head -n 6000 trace | grep -c ' <-')
    [ "$lines" -gt 5000 ] && echo traced || echo "only $lines lines of $(written)"
    echo nop >current_tracer || exit 1
    usleep 300000
done
kill %1
dmesg | grep -i -E 'ftrace (bug|failed)|warning'
seq 1000 | sha256sum
"""


def test_function_tracer():
    run_both(TRACER, timeout=LIMIT)


def test_idle_costs_nothing():
    """While the guest sleeps, so does the emulator."""
    from harness import expect_idle

    expect_idle("boot")


def test_nothing_that_native_lacks():
    """All of it in one boot leaves no complaint in the log."""
    modules = "raid6_pq,test_static_keys"
    command = (
        "modprobe raid6_pq; modprobe test_static_keys; seq 10000 | gzip | gunzip | sha256sum;"
        "dmesg | grep -E 'WARNING|Oops|BUG|nexpected|stall'; true"
    )
    native = run_native(command, modules=modules, timeout=LIMIT)
    expect_status(native, 0)
    virtual = run_virtual(command, modules=modules, timeout=LIMIT)
    expect_status(virtual, 0)
    expect(virtual.output == native.output, virtual.tail())
