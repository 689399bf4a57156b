"""Programs inside the guest print what they print natively."""

from harness import expect, expect_status, guest_program, run_both, run_virtual

LIMIT = 900


def test_forks_and_execs():
    run_both(
        "i=0; while [ $i -lt 300 ]; do /bin/busybox expr $i + 1 || exit 1; i=$((i+1)); done", timeout=LIMIT
    )


def test_compression_and_digest():
    # 32 MiB that compress somewhat: a counter's decimals, cut to size.
    run_both(
        "seq 1 4600000 | head -c 33554432 >/tmp/a; sha256sum </tmp/a; gzip </tmp/a >/tmp/b; ls -l /tmp/b | "
        "awk '{print $5}'; gunzip </tmp/b | sha256sum",
        timeout=LIMIT,
    )


def test_sort():
    run_both(
        "awk 'BEGIN { x = 1; for (i = 0; i < 200000; i++) { x = (x * 16807) % 2147483647; "
        "print x } }' >/tmp/a;"
        "sort -n /tmp/a | sha256sum; sort /tmp/a | uniq | wc -l",
        timeout=LIMIT,
    )


def test_signals():
    run_both(
        "trap 'echo usr1' USR1; trap 'echo term' TERM; for i in 1 2 3 4 5; do kill -USR1 $$; "
        "kill -TERM $$; done;"
        # the shell tells of a job when it happens to look
        "{ sleep 100 & kill -9 $!; wait $!; } 2>/dev/null; echo $?;"
        "{ (kill -SEGV $(sh -c 'echo $PPID')); } 2>/dev/null; echo $?",
        timeout=LIMIT,
    )


def test_pipes():
    run_both(
        "seq 100000 | tr 0-9 a-j | rev | sort | uniq -c | tail -n 3 | md5sum; "
        "yes armature | head -n 50000 | wc",
        timeout=LIMIT,
    )


def test_floating_point():
    run_both(
        "/vfp; awk 'BEGIN { for (i = 1; i <= 20000; i++) s += (i * 0.37) / (i + 1.5); "
        "printf \"%.12f\\n\", s }'",
        add={"/vfp": guest_program("test/linux/vfp.c", "-lm")},
        timeout=LIMIT,
    )


def test_vfp_across_processes():
    """Two programs that use VFP registers at the same time: each keeps its own."""
    run_both(
        "f() { awk -v k=$1 'BEGIN { s = 0; for (i = 1; i < 300000; i++) s += k / i; "
        "printf \"%.9f\\n\", s }'; };"
        "f 1 >/tmp/1 & f 2 >/tmp/2 & f 3 >/tmp/3; wait; cat /tmp/1 /tmp/2 /tmp/3",
        timeout=LIMIT,
    )


def test_processor_features():
    """Identification registers, as the kernel and the C library see them."""
    run_both("grep -v BogoMIPS /proc/cpuinfo; cat /proc/cpu/alignment 2>/dev/null | head -n 1")


def test_memory_pressure():
    """Files larger than a cache, many mappings, and all of it given back."""
    run_both(
        "for i in 1 2 3; do dd if=/dev/zero of=/tmp/z bs=1M count=48 2>/dev/null; "
        "md5sum </tmp/z; rm /tmp/z; done",
        timeout=LIMIT,
    )


def test_kernel_operations():
    """Each operation of bench/micro.c works; how long it takes is speed.py's."""
    micro = guest_program("bench/micro.c", "-marm")
    result = run_virtual(
        "for o in null read1 read4k stat sig pipe pipe4k fork exec pgfault; do /micro $o 50 || exit 1; "
        "done",
        add={"/micro": micro},
    )
    expect_status(result, 0)
    expect(len(result.output.splitlines()) == 10, result.tail())
