"""The VMM's image: nothing in it can depend on what the guest has in the processor's registers."""

import os
import re
import subprocess

from harness import CHECKOUT, expect

BUILD = os.path.join(CHECKOUT, "build/vmm")
# Of the compiler's library, which is made for any ARMv7: these only compute.
ARITHMETIC = ("_popcountsi2.o", "_udivmoddi4.o")
# The guest's registers on the guest's behalf (emul/real.h).
FOR_THE_GUEST = (
    "real_read_d", "real_write_d", "real_read_fpexc", "real_load_exclusive", "real_store_exclusive"
)
# VFP and Advanced SIMD; exclusives, which would change the guest's monitor; byte order.
FORBIDDEN = re.compile(r"^(v[a-z]|f(ld|st)m|(ld|st)(rex|c)|setend)")


def tool(name, *arguments):
    done = subprocess.run(
        ["arm-none-eabi-" + name, *arguments], cwd=BUILD, capture_output=True, text=True, check=True
    )
    return done.stdout


def linked():
    """What was linked: (archive or None, member or file)."""
    with open(os.path.join(BUILD, "vmm.map"), encoding="utf-8") as file:
        text = file.read()
    members = re.findall(r"^(/\S+\.a)\((\S+)\)$", text, re.MULTILINE)
    files = [(None, name) for name in re.findall(r"^LOAD (\S+\.obj)$", text, re.MULTILINE)]
    return sorted(set(members)) + files


def may_be_unaligned():
    """Of all that was linked, what the compiler made with the freedom to access memory unaligned (SCTLR.A is
    the guest's)."""
    found, archives = [], {}
    for archive, name in linked():
        if archive is None:
            text = tool("readelf", "-A", name)
        else:
            if archive not in archives:
                archives[archive] = re.split(
                    r"^File: \S*\((\S+)\)$", tool("readelf", "-A", archive), flags=re.M
                )
            parts = archives[archive]
            text = parts[parts.index(name) + 1]
        if "Tag_CPU_unaligned_access" in text:
            found.append((archive, name))
    return found


def test_alignment():
    expect(len(linked()) > 40, "the map does not tell what was linked")
    for archive, name in may_be_unaligned():
        expect(name in ARITHMETIC, f"{name} of {archive} may access memory unaligned")
        code = re.split(r"^(\S+):\s+file format.*$", tool("objdump", "-d", archive), flags=re.M)
        for line in code[code.index(name) + 1].splitlines():
            # LDRD, LDM and their like want alignment whatever SCTLR.A is (A3.2.1), so they had it before.
            access = re.search(r"\t(?:ldr|str)(?!d)\S*\t(.*)", line)
            expect(not access or "[sp" in access[1], f"{name} accesses memory: {line.strip()}")


def test_instructions():
    function, count = None, 0
    for line in tool("objdump", "-d", "vmm.elf").splitlines():
        if match := re.match(r"^[0-9a-f]+ <(\S+)>:$", line):
            function = match[1]
        match = re.match(r"^\s*[0-9a-f]+:\t[0-9a-f ]+\t(\S+)", line)
        if not match:
            continue
        count += 1
        expect(
            function in FOR_THE_GUEST or not FORBIDDEN.match(match[1]),
            f"in {function}: {line.strip()}",
        )
    expect(count > 20000, f"only {count} instructions")
