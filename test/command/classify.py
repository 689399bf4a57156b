"""classify: words and images, what it says of them, and bad input."""

import glob
import itertools
import json
import os
import random
import re
import struct
import subprocess
import sys

import harness
from harness import (
    CHECKOUT,
    expect,
    expect_equal,
    expect_one_line_error,
    expect_status,
    long_test,
    run_armature,
    scratch_file,
)

sys.path.insert(0, os.path.join(CHECKOUT, "src/command"))


def classified(*arguments):
    """The JSON of a run that must succeed."""
    result = run_armature("classify", "--json", "-", *arguments, limit=120)
    expect_status(result, 0)
    return json.loads(result.output)


def refused(pattern, *arguments):
    expect_one_line_error(run_armature("classify", *arguments, limit=60), 2, pattern)


# word, options, instruction, class, sensitivity, traps
WORDS = (
    ("e10f0000", (), "MRS", "critical", "mode, configuration", "never"),
    ("e14f0000", (), "MRS", "critical", "mode, configuration", "never"),
    ("e121f000", (), "MSR_reg", "critical", "control, mode", "never"),
    ("e128f000", (), "MSR_reg", "innocuous", "", "never"),  # the flags only
    ("f10c0080", (), "CPS", "critical", "control, mode", "never"),
    ("b672", ("--thumb",), "CPS", "critical", "control, mode", "never"),
    ("e8dd7fff", (), "LDM_user", "critical", "control, mode", "never"),
    ("e1b0f00e", (), "MOV_reg", "critical", "control, mode", "never"),
    ("f3de8f00", ("--thumb",), "SUBS_PC_LR", "critical", "control, mode", "never"),
    ("e4b31000", (), "LDRT", "critical", "mode", "never"),
    ("e320f003", (), "WFI", "critical", "resource", "never"),
    ("ee030f10", (), "MCR", "privileged", "control", "always"),  # DACR
    ("ee110f10", (), "MRC", "privileged", "configuration", "always"),  # SCTLR
    ("ee080f17", (), "MCR", "privileged", "resource", "always"),  # TLBIALL
    ("ee1d0f70", (), "MRC", "innocuous", "", "never"),  # TPIDRURO
    ("ee070f9a", (), "MCR", "innocuous", "", "never"),  # CP15DSB
    ("ee100e10", (), "MRC", "critical", "configuration", "never"),  # DBGDIDR
    ("ee190f1d", (), "MRC", "privileged", "resource, configuration", "maybe"),  # PMCCNTR
    ("ef000000", (), "SVC", "exception", "control", "always"),
    ("eb000000", (), "BL_imm", "control flow", "location", "never"),
    ("e59f0004", (), "LDR_lit", "PC-relative", "location", "never"),
    ("e0800001", (), "ADD_reg", "innocuous", "", "never"),
    ("e7300f11", (), "UDIV", "undefined", "", "always"),
    ("e0000f9f", (), "MUL", "unpredictable", "", "maybe"),
)


def test_words():
    for thumb in (False, True):
        rows = [row for row in WORDS if bool(row[1]) == thumb]
        found = classified(*[row[0] for row in rows], *(["--thumb"] if thumb else []))
        actual = [tuple(insn[k] for k in ("instruction", "class", "sensitive", "traps")) for insn in found]
        for row, got in zip(rows, actual):
            expect_equal(got, row[2:], row[0])


def test_fields_and_text():
    insn = classified("0xE59F1234")[0]
    expect_equal(insn["fields"], {"cond": 14, "P": 1, "U": 1, "W": 0, "Rt": 1, "imm": 0x234}, "the fields")
    expect_equal(classified("ee190f1d")[0]["fields"]["coproc"], 15, "the coprocessor")
    expect_equal(classified("eef00b04")[0]["fields"].get("D"), 1, "a vector register's lone bit")
    text = run_armature("classify", "e10f0000", limit=60).output
    for part in (
        "MRS A1 (A32), DDI 0406C B9.3.8",
        "cond=0xe R=0x0 Rd=0x0",
        "critical: mode-, configuration-sensitive",
    ):
        expect(part in text, f"no '{part}' in\n{text}")


def test_what_the_translator_emits():
    """Its own output: the unit tests of src/dbt hold the templates, here it is that they come through."""
    insn = classified("e10f0000")[0]
    expect_equal(
        insn["emitted"],
        ["mrs r0, apsr", "bfi r0, r0, #1, #7", "eor r0, r0, #52"],
        "the words for MRS in SVC mode",
    )
    irq = classified("e10f0000", "--mode", "irq")[0]["emitted"]
    expect(irq != insn["emitted"] and len(irq) == 3, f"the mode is a constant of the block: {irq}")
    expect_equal(classified("e320f003")[0]["how"], "callout", "what WFI is")
    literal = classified("e59f1004", "--base", "c0008000")[0]["emitted"]
    expect("=0xc000800c" in literal[0], f"a literal of another address: {literal}")
    branch = classified("ea000002", "--base", "c0008000")[0]["emitted"]
    expect("block of 0xc0008010" in branch[0], f"a branch to another block: {branch}")
    straddling = classified("f3ef8000", "--thumb", "--base", "8ffe")[0]
    expect_equal(straddling["emitted"], insn["emitted"], "what straddles two pages")


# What the text may say, and what then is among the words.
CLAIMS = (
    ("is a constant of the block", r"; =0x|^movw "),
    ("from the shadow register file", r"^mov r\d+, #4110417920$"),
    ("the window's domains added", r"^orr "),
    ("the window's domains masked out", r"^bic "),
    ("a store that traps", r"^strb .*; traps to the VMM"),
    ("MRS of the real CPSR", r"^mrs \w+, apsr"),
    ("then the real exception return", r"^(mov|sub)s pc, lr"),
    ("LR gets the guest's return address", r"^ldr\w* lr, \[pc.*; =0x"),
    ("callout else", r"; callout"),
    ("after a check that mode and F stay", r"^(ldrb .*; traps to the VMM|cpsi[ed])"),
)


def instruction_samples(rows, count):
    """{"a32" or "thumb": words}: of each row of the decode tables some, and all registers of coprocessors 14
    and 15."""
    chance, words = random.Random(10), {"a32": [], "thumb": []}
    for row in rows:
        for _ in range(count):
            bits = "".join(
                b if b in "01" else {"z": "0", "o": "1"}.get(b, str(chance.getrandbits(1))) for b in row.bits
            )
            if row.bits.startswith("cccc") and chance.getrandbits(1):
                bits = "1110" + bits[4:]
            words["a32" if row.isa == "a32" else "thumb"].append(int(bits, 2))
    for crn, crm, opc1, opc2 in itertools.product(range(16), range(16), range(8), range(8)):
        # Of most there is nothing: those that the tables know are among the first.
        if opc1 < 3 or opc1 in (6, 7) and crn < 2:
            fields = opc1 << 21 | crn << 16 | opc2 << 5 | crm
            words["a32"] += [0xEE000F10 | fields | read << 20 for read in (0, 1)]
            words["thumb"].append(0xEE100F10 | fields)
    # What chance does not find: exception returns, and masks of the sample's modes.
    words["a32"] += (
        [0xE1B0F00E, 0xE25EF004] + [0xE321F000 | mode for mode in (0x13, 0x93, 0x11, 0x91, 0x1F, 0x9F)]
    )
    return words


def disagreement(insn):
    """What the text says that the words do not show, or None."""
    words = insn["emitted"]
    callouts = [w for w in words if "; callout: the VMM" in w]
    exits = [w for w in words if "to the block of" in w or "until the block of" in w]
    over = [w for w in words if re.match(r"b\w\w #0xf51", w) and w not in exits]
    work = [w for w in words if w not in callouts + exits + over]
    jumps = any("by the jump map" in w for w in words)
    says = insn["treatment"]
    for phrase, shown in (
        ("callout", callouts and not work),
        ("to the target's block by the jump map", jumps),
        ("to the target's block by a link", exits and not jumps and not callouts),
        ("no words", not words),
        ("a NOP", words == ["nop"] and insn["how"] != "copy"),
    ):
        if says.startswith(phrase) != bool(shown):
            return f"'{phrase}'"
    if says.startswith("native"):
        own = insn["text"].split()[0]
        if len(work) != 1 or not own.startswith(work[0].split()[0]):
            return "'native'"
    for phrase, pattern in CLAIMS:
        if (
            phrase in says
            and not says.startswith("callout")
            and not any(re.search(pattern, w) for w in words)
        ):
            return f"'{phrase}'"
    return None


def test_text_is_what_is_emitted():
    """For all rows and all system registers, in A32 and Thumb, in modes of each kind."""
    sys.path.insert(0, os.path.join(CHECKOUT, "src/decoder"))
    from classify import words_classify
    from generate import read_rows

    rows, seen, wrong = read_rows(os.path.join(CHECKOUT, "src/decoder")), {}, []
    for mode in (0x13, 0x11, 0x1F):
        for isa, words in instruction_samples(rows, 6).items():
            for insn in words_classify(words, 0x8000, isa == "thumb", mode):
                seen[insn["treatment"]] = seen.get(insn["treatment"], 0) + 1
                expect("?" not in insn["text"] + "".join(insn["emitted"]), f"a '?' in {insn}")
                if problem := disagreement(insn):
                    wrong.append(
                        f'{insn["word"]:x} ({isa}, mode {mode:#x}), {insn["text"]}: {problem} of '
                        f'"{insn["treatment"]}", '
                        f'emitted {insn["emitted"]}'
                    )
    expect(not wrong, f"{len(wrong)} words, among them\n" + "\n".join(wrong[:: 1 + len(wrong) // 20]))
    unseen = [phrase for phrase, _ in CLAIMS if not any(phrase in text for text in seen)]
    expect(not unseen, f"no sample shows: {unseen}")


def test_cases_of_treatment():
    for word, options, treatment in (
        ("f85dfb04", ("--thumb",), "callout"),
        ("44e7", ("--thumb",), "callout"),
        ("e49df004", (), "to the target's block by the jump map"),
        ("fafffffe", (), "callout"),
        ("ebfffffe", (), "to the target's block by a link: LR"),
        ("ee070f15", (), "other words that do the same: a store that traps"),  # ICIALLU
        ("f10c0040", (), "callout: the mode or F"),
        ("e1a00000", (), "native"),
        ("bf08", ("--thumb",), "no words"),
        ("f81ff34b", ("--thumb",), "a NOP"),  # PLD
    ):
        found = classified(*options, word)[0]["treatment"]
        expect(found.startswith(treatment), f"{word}: '{found}', not '{treatment}'")


def test_words_as_disassemblers_print_them():
    halves = classified("--thumb", "f85d", "fb04", "4770", "f3ef8000")
    expect_equal(
        [(i["word"], i["address"]) for i in halves],
        [(0xF85DFB04, 0x8000), (0x4770, 0x8004), (0xF3EF8000, 0x8006)],
        "words",
    )
    refused("'e1a0' is no ARM instruction word, which has 8 digits .*--thumb", "e1a0")
    refused("'03' is no ARM .*bytes in memory's order are e1a0f003\\)", *"03 f0 a0 e1".split())
    refused("'5d' is no Thumb .*bytes in memory's order are f85d fb04\\)", "--thumb", *"5d f8 04 fb".split())
    refused("'e1a0f' is no ARM", "e1a00000", "e1a0f")
    refused("'0xe1a0' is no ARM", "0xe1a0")
    refused("'470' is no Thumb", "--thumb", "470")
    refused("'f85d' is the first half .* the second half too", "--thumb", "4770", "f85d")
    refused("'f85d' is the first half .* the second half too", "--thumb", "f85d", "e10f0000")


def test_every_row_has_a_reason():
    """Rows of reasons.tab are for instructions that exist, and each sensitive one has one."""
    from classify import reasons_read

    names = set()
    for table in glob.glob(os.path.join(CHECKOUT, "src/decoder/*.tab")):
        with open(table, encoding="ascii") as file:
            rows = [line.split() for line in file if re.match(r"[A-Z]", line)]
        names |= {(row[0], any(word.startswith(("sens:", "trap:")) for word in row)) for row in rows}
    known = [name for instructions, *_ in reasons_read() for name in instructions]
    for name in known:
        plain = name.removesuffix("_spsr").split(":")[0]
        expect(
            name[0] == "*" or plain == "ALU_eret" or plain in {n for n, _ in names},
            f"reasons.tab: what is {name}?",
        )
    for name, sensitive in names:
        expect(not sensitive or name in known, f"reasons.tab has no {name}")


PROGRAM = """
    .syntax unified
    .arm
    .globl _start, helper
    .type _start, %function
    .type helper, %function
_start:
    mrs r0, cpsr
    cpsid i
    ldr r1, =0xe10f0000         @ MRS as a literal: not to be counted
    cmp r0, #2
    ldrls pc, [pc, r0, lsl #2]
    b 4f
    .word 1f, 2f, 3f
1:  mcr p15, 0, r0, c7, c5, 0
2:  bl helper
3:  bx lr
4:  bl never
    .ltorg
    .word 0xe10f0000            @ nobody's: behind a call
never:
    b never
    .thumb
helper:
    cpsie i
    mrs r2, cpsr
    tbb [pc, r2]
5:  .byte (6f - 5b) / 2, (7f - 5b) / 2
6:  wfi
7:  bx lr
"""
WANTED = {"MRS": 2, "CPS": 2, "MCR": 1, "WFI": 1, "TBB": 1, "BX": 2}


def built(name, *options):
    source, output = scratch_file(name + ".S", PROGRAM.encode()), os.path.join(harness.SCRATCH, name)
    command = [
        "arm-none-eabi-gcc",
        "-mcpu=cortex-a8",
        "-nostdlib",
        "-Wl,-Ttext=0x8000",
        *options,
        source,
        "-o",
        output,
    ]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return output


def counts_of(found):
    counts = {}
    for kind in found["kinds"]:
        counts[kind["instruction"]] = counts.get(kind["instruction"], 0) + kind["count"]
    return {name: counts.get(name, 0) for name in WANTED}


def test_elf_files():
    """With mapping symbols, by descent from its functions, from its entry alone, relocatable, and raw."""
    whole = built("classify.elf")
    found = classified(whole)
    expect_equal(counts_of(found), WANTED, "by mapping symbols")
    expect_equal({s["name"] for s in found["symbols"]}, {"_start", "helper"}, "the symbols")
    start = [s for s in found["symbols"] if s["name"] == "_start"][0]
    expect_equal(start["classes"]["critical"], 2, "critical ones of _start")
    for name, option in (("unmapped", "--strip-symbol=$a"), ("stripped", "--strip-all")):
        path = os.path.join(harness.SCRATCH, "classify." + name)
        options = [option] + ["--strip-symbol=$d", "--strip-symbol=$t"] * (name == "unmapped")
        subprocess.run(["arm-none-eabi-objcopy", *options, whole, path], check=True)
        found = classified(path)
        expect("mapping" not in found["what"], "it has no mapping symbols any more")
        expect_equal(counts_of(found), WANTED, name)
    expect_equal(counts_of(classified(built("classify.o", "-c"))), WANTED, "relocatable")
    raw = os.path.join(harness.SCRATCH, "classify.bin")
    subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", whole, raw], check=True)
    expect_equal(counts_of(classified(raw, "--base", "8000")), WANTED, "raw")


def test_json_file_and_text():
    path = os.path.join(harness.SCRATCH, "classify.json")
    result = run_armature("classify", "--json", path, built("classify2.elf"), limit=60)
    expect_status(result, 0)
    expect_equal(result.output, "", "stdout")
    with open(path, encoding="ascii") as file:
        expect_equal(counts_of(json.load(file)), WANTED, "the file")
    text = run_armature("classify", built("classify2.elf"), limit=60).output
    expect(re.search(r"^  MRS CPSR +2$", text, re.M) and re.search(r"^  ICIALLU +1$", text, re.M), text)


def kernel_is_counted(path):
    """The numbers of the literature's tables, against words that can be nothing else."""
    from unpack import zimage_unpack

    found = classified(path)
    size = sum(found["bytes"].values())
    expect(found["bytes"]["not reached"] < size / 100, f"of {size} bytes, {found['bytes']}")
    with open(path, "rb") as file:
        kernel = zimage_unpack(path, file.read())[1]
    words = struct.unpack_from(f"<{len(kernel) // 4}I", kernel)
    for name, spsr, mask, value in (
        ("MRS", False, 0xFFFF0FFF, 0xE10F0000),
        ("MRS", True, 0xFFFF0FFF, 0xE14F0000),
        ("CPS", False, 0xFFF1FE20, 0xF1000000),
    ):
        wanted = sum(word & mask == value for word in words)
        count = sum(k["count"] for k in found["kinds"] if k["instruction"] == name and k["spsr"] == spsr)
        expect(0.99 * wanted <= count <= 1.01 * wanted, f"{name}: {count} of {wanted}")
    names = {k["instruction"] for k in found["kinds"] if k["class"] == "critical"}
    expect({"MRS", "MSR_reg", "CPS", "STM_user", "LDM_eret", "MOV_reg", "WFI"} <= names, str(names))


def test_stock_kernel():
    from stock_guest import stock_guest

    kernel_is_counted(stock_guest()["kernel"])


@long_test
def test_other_kernels():
    """Their kallsyms tables are in another order, their compilers were others."""
    sys.path.insert(0, os.path.join(CHECKOUT, "test/linux"))
    from kernels import RELEASE, kernel_of

    for suite in ("bullseye", RELEASE + "-backports"):
        kernel_is_counted(kernel_of(suite, "linux-image-armmp"))


def test_bad_words():
    for word in ("hello", "e10f00000", "0x", "", "-1"):
        refused(f"'{word}' is neither an instruction word", word)
    refused("'zz' is not an instruction word", "e10f0000", "zz")
    refused("'e92d' is the first half of a 32-bit Thumb", "--thumb", "e92d")
    refused("'bf00bf00' is not one Thumb instruction", "--thumb", "bf00bf00")
    refused("Thumb code begins at an even address", "--thumb", "--base", "8001", "bf00")
    refused("ARM code begins at a multiple of 4", "--base", "8002", "e10f0000")
    refused("'nowhere' is not an address", "--base", "nowhere", "e10f0000")
    refused("invalid choice: 'usr'", "--mode", "usr", "e10f0000")
    refused("cannot write /nowhere/x", "--json", "/nowhere/x", "e10f0000")
    refused("FILE|WORD")


def test_bad_files():
    refused("neither an instruction word .* nor a file", "/nowhere/x")
    refused("cannot read the image", harness.CHECKOUT)
    refused("neither an ELF file nor a zImage", scratch_file("classify.text", b"hello " * 100))
    refused("neither an ELF file nor a zImage", scratch_file("classify.empty"))
    refused("empty file", "--base", "0", scratch_file("classify.empty"))
    refused("truncated: 7 bytes", "--base", "0", scratch_file("classify.7", bytes(7)))
    refused("truncated: 7 bytes", "--thumb", "--base", "0", scratch_file("classify.7", bytes(7)))
    refused("does not fit at 0xfffffffc", "--base", "fffffffc", scratch_file("classify.8", bytes(8)))
    with open(built("classify3.elf"), "rb") as file:
        elf = file.read()
    refused("truncated", scratch_file("classify.cut1", elf[:40]))
    refused("truncated", scratch_file("classify.cut2", elf[: len(elf) // 2]))
    refused("--base and --thumb are for raw images", "--base", "0", scratch_file("classify.whole", elf))
    refused("not an ELF file for 32-bit little-endian ARM", "/bin/true")
    header = bytearray(64)
    struct.pack_into("<IIII", header, 0x24, 0x016F2818, 0, 64, 0x04030201)
    refused("no packed kernel found", scratch_file("classify.zimage", bytes(header)))
    refused("truncated kernel", scratch_file("classify.zimage2", bytes(header[:60])))
    struct.pack_into("<I", header, 0x24, 0x18286F01)
    refused("big-endian", scratch_file("classify.be", bytes(header)))
