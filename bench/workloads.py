"""What is measured: programs of bench/, of Debian's, and the boot. One row a workload.

A row's command runs in the guest's shell, and executes the markers of measure.h once. @ stands for the part
of the usual count, in percent; it scales what is scalable.
"""

from collections import namedtuple
from shlex import quote

# group: of the report. needs: "applications" if it needs those. quick: part of --quick.
Workload = namedtuple("Workload", "name group command needs quick")

KERNEL = (
    "null read write stat fstat open select10 select100 sig_install sig_handle prot_fault pipe pipe_bw unix "
    "fork exec sh pgfault pgfault_anon mmap ctx_2_0 ctx_8_0 ctx_16_0 ctx_2_16k ctx_8_16k ctx_16_16k"
).split()
PROCESSOR = "records core vfp neon".split()

# Inputs are made by the guest itself.
TEXT, BIG = "/tmp/text", "/tmp/big"  # 340 kB, and four times that
PREPARE = (
    f"seq 1 60000 >{TEXT}; cat {TEXT} {TEXT} {TEXT} {TEXT} >{BIG}; gzip -1 <{BIG} >/tmp/big.gz; "
    f"/opt/xz -0 -k -c {TEXT} >/tmp/text.xz; export OPENSSL_CONF=/dev/null"
)

KEY = "00112233445566778899aabbccddeeff"
SQL = (
    "pragma journal_mode=delete; create table t(a integer primary key, b text, c real); "
    "with recursive n(i) as (select 1 union all select i+1 from n where i<150*@) "
    "insert into t select i, 'row number '||i, i*0.5 from n; create index x on t(b); "
    "select count(*), sum(c) from t where b like '%7%'; update t set c=c+1 where a%3=0; "
    "select max(c) from t join (select a as d from t where a%10=0) on a=d; delete from t where a%2;"
)
SQL_EACH = "".join(f"insert into u values({i},'{i * i}');" for i in range(400))
STORM = "i=0; while [ $i -lt 25 ]; do x=$(/bin/expr $i + 1); /bin/true; echo $x | /bin/grep -q 7; i=$x; done"
PERL = (
    'use strict; use warnings; my %h; my $n = 0; for my $i (1..40*@) { my $s = "line $i of text " . $i * 7; '
    r"if ($s =~ /^line (\d+) of (\w+) (\d*7\d*)$/) { $h{$2 . $1 % 10} += $3; $n++ } } "
    'print "$n\n" if keys %h'
)

# name, command after mark's name, quick
APPLICATIONS = (
    ("gzip", f"/opt/gzip -6 -c {TEXT}", True),
    ("gunzip", "/opt/gzip -d -c /tmp/big.gz", False),
    ("xz", f"/opt/xz -1 -k -c {TEXT}", False),
    ("unxz", "/opt/xz -d -c /tmp/text.xz", False),
    ("sha256", f"/opt/openssl dgst -sha256 {BIG} {BIG} {BIG}", False),
    ("aes128", f"/opt/openssl enc -aes-128-cbc -K {KEY} -iv {KEY} -in {BIG}", False),
    ("ed25519", "/opt/openssl genpkey -algorithm ED25519", False),
    ("sha512", f"/opt/openssl dgst -sha512 {BIG} {BIG}", False),
    ("sqlite", "/opt/sqlite3 /tmp/db1 " + quote(SQL), True),
    ("sqlite_each", "/opt/sqlite3 /tmp/db2 " + quote("create table u(a,b);" + SQL_EACH), False),
    ("shell_storm", "/opt/dash -c " + quote(STORM), True),
    ("perl_start", "/opt/perl -e 1", False),
    ("perl_regex", "/opt/perl -e " + quote(PERL), False),
)
# stressor: its own options, bogo operations
STRESS = (
    ("cpu", "--cpu 1 --cpu-method gcd --cpu-ops 5"),
    ("vm", "--vm 1 --vm-bytes 1m --vm-method write64 --vm-ops 40"),
    ("fork", "--fork 1 --fork-ops 100"),
    ("pipe", "--pipe 1 --pipe-ops 2000"),
    ("futex", "--futex 1 --futex-ops 200"),
    ("sem", "--sem-sysv 1 --sem-sysv-ops 500"),
    ("timer", "--timer 1 --timer-freq 100000 --timer-ops 1000"),
    ("signal", "--sigfd 1 --sigfd-ops 1000"),
    ("mmap", "--mmap 1 --mmap-bytes 1m --mmap-ops 3"),
    ("sysinfo", "--sysinfo 1 --sysinfo-ops 20"),
)


def workloads():
    rows = [Workload(name, "kernel", f"/kernel @ {name}", None, True) for name in KERNEL]
    rows += [Workload(name, "processor", f"/processor @ {name}", None, True) for name in PROCESSOR]
    rows += [
        Workload(name, "application", f"/mark {name} {command}", "applications", quick)
        for name, command, quick in APPLICATIONS
    ]
    rows += [
        Workload(
            "stress_" + name,
            "stress",
            f"/mark stress_{name} /opt/stress-ng --quiet --temp-path /tmp {options}",
            "applications",
            False,
        )
        for name, options in STRESS
    ]
    return rows


LIVE = (1, 10, 100, 1000)


def growth_workloads():
    """The same operation beside ever more sleeping processes."""
    return [
        Workload(f"{name}_live_{count}", "growth", f"/kernel @ live={count} {name}", None, False)
        for count in LIVE
        for name in ("pipe", "exec")
    ]


# What is before the first marker: reset, kernel, initramfs, init's shell up to here.
BOOT = Workload("boot", "boot", None, None, True)
READY = Workload("ready", "boot", "/mark seed; /mark ready /bin/true", None, True)


def guest_script(rows, percent):
    """Each line a workload; one that fails ends the run with its status."""
    lines = [PREPARE] if any(row.needs for row in rows) else []
    commands = [row.command.replace("@", str(percent)) + " || exit 1" for row in rows]
    return "\n".join([READY.command] + lines + commands)
