"""classify: what instructions are, in words or in whole images, and what the translator makes of them.

The work is done by a host program, src/classify; here input is checked and the result printed.
"""

import json
import os
import re
import subprocess

import paths
from code_image import code_image_open
from files import Output, file_read
from messages import UsageError
from run_folder import ScratchFolder
from setup import setup_ensure

PROGRAM = os.path.join(paths.BUILD_HOST, "classify")
REASONS = os.path.join(paths.SOURCE, "classify", "reasons.tab")
MODES = {"svc": 0x13, "irq": 0x12, "fiq": 0x11, "abt": 0x17, "und": 0x1B, "sys": 0x1F}
WORD = re.compile(r"(0[xX])?[0-9a-fA-F]{1,8}")
CLASSES = (
    "innocuous",
    "control flow",
    "PC-relative",
    "critical",
    "privileged",
    "exception",
    "undefined",
    "unpredictable",
)
GUESTS_EXCEPTION = "the guest gets its exception"
# What is emitted (enum emitted_how), in words.
HOW = {
    "callout": "callout",
    "jump map": "to the target's block by the jump map",
    "link": "to the target's block by a link",
    "copy": "native",
    "inline": "other words that do the same",
}
# The manual's names of diagram letters (src/decoder/README.md).
FIELDS = {
    "c": "cond", "n": "Rn", "d": "Rd", "m": "Rm", "a": "Ra", "t": "Rt", "x": "Rt2", "s": "S", "v": "imm",
    "h": "type", "k": "amount", "p": "P", "u": "U", "w": "W", "l": "register_list", "e": "opc1", "E": "opc2",
    "C": "CRn", "K": "CRm", "r": "R", "b": "mask", "i": "imod", "q": "coproc", "D": "Vd", "N": "Vn",
    "M": "Vm", "R": "Rdn", "X": "Rdm",
}  # fmt: skip


def add_options(parser):
    parser.add_argument(
        "input",
        nargs="+",
        metavar="FILE|WORD",
        help="an ELF file, a zImage or, with --base, a raw image; or instruction words: 8 hexadecimal digits "
        "each, in Thumb code 4, or 4 and 4 or 8",
    )
    parser.add_argument(
        "--thumb", action="store_true", help="the words, or the raw image's beginning, are Thumb code"
    )
    parser.add_argument(
        "--base", metavar="ADDRESS", help="where the words or the image begin (hexadecimal; words: 8000)"
    )
    parser.add_argument(
        "--mode", default="svc", choices=sorted(MODES), help="words: the guest's mode (%(default)s)"
    )
    parser.add_argument("--json", metavar="FILE|-", help="all that was found, as JSON, instead of the text")


def run(arguments):
    base = address_parse(arguments.base) if arguments.base is not None else None
    if base is not None and base % (2 if arguments.thumb else 4):
        rule = "ARM code begins at a multiple of 4"
        if arguments.thumb:
            rule = "Thumb code begins at an even address"
        raise UsageError(f"{arguments.base}: {rule}")
    if all(WORD.fullmatch(text) for text in arguments.input):
        words = words_parse(arguments.input, arguments.thumb)
        setup_ensure()
        found = words_classify(words, base or 0x8000, arguments.thumb, MODES[arguments.mode])
        return report(arguments.json, found, words_text)
    if len(arguments.input) > 1:
        raise UsageError(
            f"'{not_a_word(arguments.input)}' is not an instruction word (hexadecimal, 32 bits at most)"
        )
    path = arguments.input[0]
    if not os.path.exists(path):
        raise UsageError(f"'{path}' is neither an instruction word (hexadecimal, 32 bits at most) nor a file")
    image = code_image_open(path, file_read(path, "image"), base, arguments.thumb)
    setup_ensure()
    found = image_classify(path, image)
    return report(arguments.json, found, image_text)


def not_a_word(inputs):
    return next(text for text in inputs if not WORD.fullmatch(text))


def address_parse(text):
    if not WORD.fullmatch(text):
        raise UsageError(f"'{text}' is not an address (hexadecimal, 32 bits at most)")
    return int(text, 16)


def words_parse(texts, thumb):
    """A32: words of 8 digits. Thumb: halfwords of 4, of which some begin a 32-bit instruction and take the
    next one's, as disassemblers print them; or such an instruction's 8 digits."""
    digits = [text.lower().removeprefix("0x") for text in texts]
    if not thumb:
        for text, word in zip(texts, digits):
            if len(word) != 8:
                raise UsageError(f"'{text}' is no ARM instruction word, which has 8 digits{hint(digits, 4)}")
        return [int(word, 16) for word in digits]
    words, rest = [], list(zip(texts, digits))
    while rest:
        text, word = rest.pop(0)
        if len(word) == 4 and is_wide(word):
            if not rest or len(rest[0][1]) != 4:
                raise UsageError(
                    f"'{text}' is the first half of a 32-bit Thumb instruction: give the second half too"
                )
            word += rest.pop(0)[1]
        elif len(word) not in (4, 8):
            raise UsageError(f"'{text}' is no Thumb instruction, which has 4 digits, or 8{hint(digits, 2)}")
        elif len(word) == 8 and not is_wide(word):
            raise UsageError(
                f"'{text}' is not one Thumb instruction: its first half is one of 16 bits by itself"
            )
        words.append(int(word, 16))
    return words


def is_wide(digits):
    return int(digits[:4], 16) >= 0xE800


def hint(digits, width):
    """What else these may be. width: bytes of a word."""
    if all(len(word) == 2 for word in digits) and len(digits) % width == 0:
        words = ["".join(reversed(digits[at : at + width])) for at in range(0, len(digits), width)]
        return f" (bytes in memory's order are {' '.join(words)})"
    if all(len(word) == 4 for word in digits):
        return " (is it Thumb code? --thumb)"
    return ""


def report(json_path, found, text):
    if json_path is None:
        print(text(found), flush=True)
        return 0
    data = json.dumps(found, indent=1)
    if json_path == "-":
        print(data, flush=True)
        return 0
    Output(json_path).write(data + "\n")
    return 0


def program_run(*arguments, job=None):
    done = subprocess.run(
        [PROGRAM, *arguments], input=job, stdout=subprocess.PIPE, text=True, encoding="ascii", check=False
    )
    if done.returncode:
        raise UsageError(f"{PROGRAM} failed (status {done.returncode})")
    return json.loads(done.stdout)


def words_classify(words, base, thumb, mode):
    found = program_run(
        "words", f"{mode:x}", f"{base:x}", "thumb" if thumb else "a32", *[f"{word:x}" for word in words]
    )
    reasons = reasons_read()
    for insn in found:
        insn["fields"] = fields_of(insn)
        insn["why"], insn["treatment"] = reason_of(insn, reasons)
    return found


def fields_of(insn):
    """{name: value} by the row's diagram; pieces of one field are joined, the most significant first."""
    fields, bits, word = {}, insn.get("bits", ""), insn["word"]
    for run in re.finditer(r"([^01zo])\1*", bits):
        letter, width = run.group(1), run.end() - run.start()
        name = FIELDS.get(letter, letter)
        if letter in "DNM" and width == 1 and bits.count(letter) > 1:
            name = letter  # the manual has a name for the lone bit
        value = word >> (len(bits) - run.end()) & (1 << width) - 1
        fields[name] = fields.get(name, 0) << width | value
    if "coproc" in fields:
        fields["coproc"] = word >> 8 & 15
    if "register_list" in fields and len(bits) == 32:
        fields["register_list"] = word & 0xFFFF
    return fields


def reasons_read():
    """[(instructions, what goes wrong de-privileged, what the translator emits, what the VMM does)] of
    reasons.tab; the last two are "" where there is nothing to say."""
    rows = []
    with open(REASONS, encoding="ascii") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                names, wrong, emitted, callout = (part.strip() for part in line.split("|"))
                rows.append((names.split(), wrong, emitted.strip("-"), callout.strip("-")))
    return rows


def reason_of(insn, reasons):
    """(why it is of its class, how the VMM treats it). What is emitted says which treatment it is."""
    wrong, emitted, callout = reason_row(insn, reasons)
    if not insn["emitted"]:
        return wrong, "no words: it only gives the next instructions their conditions"
    if insn["emitted"] == ["nop"] and insn["how"] == "inline":
        return wrong, "a NOP in its place: it is only a hint"
    text = callout if insn["how"] == "callout" else emitted
    return wrong, HOW[insn["how"]] + (": " + text if text else "")


def reason_row(insn, reasons):
    """Of reasons.tab, without the names."""
    if insn["class"] == "undefined":
        return "no instruction of the Cortex-A8: UNDEFINED at every privilege level", "", GUESTS_EXCEPTION
    if insn["class"] == "unpredictable":
        return "the manual leaves open what it does", "", "emulated as cores agree on"
    if insn["no_register"]:
        return "names no register of the Cortex-A8: UNDEFINED at every privilege level", "", GUESTS_EXCEPTION
    names = [insn["instruction"] + "_spsr"] if insn["fields"].get("R") else []
    if "register" in insn:
        names.insert(0, f'{insn["instruction"]}:{insn["register"]}')
    if insn["class"] == "critical" and insn["row_class"] == "innocuous":
        names.insert(0, "ALU_eret")
    if insn["class"] in ("innocuous", "PC-relative") and not insn.get("register"):
        names = ["*" + insn["class"]]
    for name in [*names, insn["instruction"], "*" + insn["class"].split()[0]]:
        for instructions, wrong, emitted, callout in reasons:
            if name in instructions:
                return wrong, emitted, callout
    return "", "", ""


def register_names(mask):
    names = [f"r{n}" for n in range(13)] + ["sp", "lr", "pc"]
    return " ".join(name for n, name in enumerate(names) if mask >> n & 1) or "none"


def flag_names(mask):
    return "".join(name for bit, name in ((8, "N"), (4, "Z"), (2, "C"), (1, "V")) if mask & bit)


def class_text(insn):
    traps = {"never": "does not trap at PL0", "always": "traps at PL0", "maybe": "may trap at PL0"}[
        insn["traps"]
    ]
    sensitive = f'{insn["sensitive"]}-sensitive' if insn["sensitive"] else "not sensitive"
    return f'{insn["class"]}: {sensitive.replace(", ", "-, ")}, {traps}'


def words_text(found):
    lines = []
    for insn in found:
        digits = 4 if insn["size"] == 2 else 8
        lines.append(f'{insn["address"]:08x}: {insn["word"]:0{digits}x}  {insn["text"]}')
        if "instruction" in insn:
            register = f', {insn["register"]}' if "register" in insn else ""
            lines.append(
                f'  row       {insn["instruction"]} {insn["encoding"]} ({insn["isa"]}), DDI 0406C '
                f'{insn["manual"]}{register}'
            )
            lines.append("  fields    " + " ".join(f"{k}={v:#x}" for k, v in insn["fields"].items()))
        else:
            lines.append("  row       none")
        lines.append("  class     " + class_text(insn))
        if insn["why"]:
            lines.append("  why       " + insn["why"])
        flags = flag_names(insn["flags_read"]), flag_names(insn["flags_written"])
        lines.append(
            f'  effects   reads {register_names(insn["reads"])}{" " + flags[0] if flags[0] else ""}; '
            f'writes {register_names(insn["writes"])}{" " + flags[1] if flags[1] else ""}'
        )
        if insn["treatment"]:
            lines.append("  VMM       " + insn["treatment"])
        count = len(insn["emitted"])
        lines.append(
            f'  emitted   {count} word{"s" * (count != 1)}'
            + (", a callout" if insn["how"] == "callout" else "")
        )
        lines += ["            " + line for line in insn["emitted"]]
    return "\n".join(lines)


def image_classify(path, image):
    """The job for the host program (src/classify/main.c), its answer, and what was asked."""
    lines, offset = [], 0
    with ScratchFolder() as folder, open(os.path.join(folder.name, "image"), "wb") as file:
        for segment in image.segments:
            address, data = segment.address, segment.data
            if address % 2:  # data
                address, data = address + 1, data[1:]
            data = data[: len(data) & ~1]
            file.write(data)
            lines.append(f"segment {address:x} {len(data):x} {offset:x} {'x' if segment.executable else '-'}")
            offset += len(data)
        file.flush()
        lines += [f"span {a:x} {end:x} {state}" for a, end, state in image.spans]
        lines += [f"root {a:x} {kind}" for a, kind in image.roots]
        # Names of other characters than these are of no compiler's making; a space would end them.
        lines += [f"symbol {a:x} {re.sub('[^!-~]', '?', name)[:2000]}" for a, name in unique(image.symbols)]
        if image.guess:
            lines.append("guess")
        found = program_run("image", file.name, job="\n".join(lines) + "\n")
    return {"file": path, "what": image.what, **found}


def unique(symbols):
    """One name an address, the first."""
    names = {}
    for address, name in sorted(symbols, key=lambda s: s[0]):
        names.setdefault(address, name)
    return sorted(names.items())


# The literature's tables count these, in all instruction sets together.
GROUPS = (
    ("MRS CPSR", lambda k: k["instruction"] == "MRS" and not k["spsr"]),
    ("MRS SPSR", lambda k: k["instruction"] == "MRS" and k["spsr"]),
    (
        "MSR CPSR, system fields",
        lambda k: k["instruction"].startswith("MSR_") and not k["spsr"] and sensitive(k),
    ),
    (
        "MSR CPSR, flags only",
        lambda k: k["instruction"].startswith("MSR_") and not k["spsr"] and not sensitive(k),
    ),
    ("MSR SPSR", lambda k: k["instruction"].startswith("MSR_") and k["spsr"]),
    ("CPS", lambda k: k["instruction"] == "CPS"),
    ("SETEND", lambda k: k["instruction"] == "SETEND"),
    ("SRS", lambda k: k["instruction"] == "SRS"),
    ("RFE", lambda k: k["instruction"] == "RFE"),
    ("LDM (user registers)", lambda k: k["instruction"] == "LDM_user"),
    ("STM (user registers)", lambda k: k["instruction"] == "STM_user"),
    ("LDM (exception return)", lambda k: k["instruction"] == "LDM_eret"),
    (
        "data processing with S into the PC",
        lambda k: k["class"] == "critical" and re.fullmatch(
            r"SUBS_PC_LR|(?!MSR)[A-Z]{3}_(imm|reg|rsr)", k["instruction"]
        ),
    ),
    ("LDRT, LDRBT, LDRHT ...", lambda k: re.fullmatch(r"LDRS?[BH]?T", k["instruction"])),
    ("STRT, STRBT, STRHT", lambda k: re.fullmatch(r"STR[BH]?T", k["instruction"])),
    ("WFI", lambda k: k["instruction"] == "WFI"),
    (
        "VMRS, VMSR (system registers)",
        lambda k: k["class"] == "privileged" and k["instruction"] in ("VMRS", "VMSR"),
    ),
    ("MRC p15, p14", lambda k: k["instruction"] == "MRC"),
    ("MCR p15, p14", lambda k: k["instruction"] == "MCR"),
    (
        "MRRC, MCRR, LDC, STC, CDP p15, p14",
        lambda k: k["instruction"] in ("MRRC", "MCRR", "LDC", "STC", "CDP") and k["class"] != "undefined",
    ),
    ("SVC", lambda k: k["instruction"] == "SVC"),
    ("SMC", lambda k: k["instruction"] == "SMC"),
    ("BKPT, UDF", lambda k: k["instruction"] in ("BKPT", "UDF")),
)  # fmt: skip


def sensitive(kind):
    return kind["class"] != "innocuous"


def totals(kinds, key):
    sums = {}
    for kind in kinds:
        name = key(kind)
        if name is not None:
            sums[name] = sums.get(name, 0) + kind["count"]
    return sorted(sums.items(), key=lambda item: (-item[1], item[0]))


def image_text(found):
    instructions = sum(found["instructions"].values())
    total_bytes = sum(found["bytes"].values()) or 1
    lines = [f'{found["file"]}: {found["what"]}']
    sets = ", ".join(f"{n} {name}" for name, n in found["instructions"].items() if n)
    lines.append(f"{instructions} instructions ({sets or 'none'})")
    shares = ", ".join(f"{name} {n} ({100 * n / total_bytes:.1f} %)" for name, n in found["bytes"].items())
    lines.append(f"bytes of executable sections: {shares}")
    if sum(found["roots"].values()):
        roots = ", ".join(f"{n} {name}" for name, n in found["roots"].items())
        lines.append(f"functions found by descent: {roots}")
    lines += ["", "class            instructions      share"]
    for name in CLASSES:
        n = found["classes"].get(name, 0)
        if n:
            lines.append(f"{name:<16} {n:12} {100 * n / instructions:9.3f} %")
    lines += ["", "sensitive and system instructions        count"]
    for name, chosen in GROUPS:
        n = sum(kind["count"] for kind in found["kinds"] if chosen(kind))
        if n:
            lines.append(f"  {name:<36} {n:7}")
    for title, chosen in (
        ("in what way sensitive", lambda k: k["sensitive"] or None),
        ("CP15 and CP14 reads", lambda k: k.get("register") if k["instruction"] == "MRC" else None),
        ("CP15 and CP14 writes", lambda k: k.get("register") if k["instruction"] == "MCR" else None),
    ):
        rows = totals(found["kinds"], chosen)
        if rows:
            lines += ["", title] + [f"  {name:<36} {n:7}" for name, n in rows]
    worst = sorted(
        found["symbols"], key=lambda s: -(s["classes"].get("critical", 0) + s["classes"].get("privileged", 0))
    )[:20]
    worst = [s for s in worst if s["classes"].get("critical", 0) + s["classes"].get("privileged", 0)]
    if worst:
        lines += ["", "symbols with most of them               critical  privileged  all"]
        for s in worst:
            counts = s["classes"]
            lines.append(
                f'  {s["name"]:<36} {counts.get("critical", 0):9} {counts.get("privileged", 0):11}  '
                f'{sum(counts.values())}'
            )
    rows = totals(found["kinds"], lambda k: k["instruction"])
    lines += ["", "all instructions, by count"]
    lines += [f"  {name:<36} {n:7}" for name, n in rows]
    return "\n".join(lines)
