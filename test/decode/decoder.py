"""The decoder against GNU objdump, and against the emulated core itself."""

import os
import subprocess
import sys

from harness import CHECKOUT, TestFailure, expect, expect_equal

sys.path.insert(0, os.path.join(CHECKOUT, "test", "decode"))
sys.path.insert(0, os.path.join(CHECKOUT, "test", "decode", "experiment"))
from experiment import run_experiment  # noqa: E402
import virtualizability  # noqa: E402
from programs import build_compare  # noqa: E402


def test_objdump_agrees():
    reviewed = os.path.join(CHECKOUT, "test", "decode", "reviewed_objdump.txt")
    arguments = ["--with", "objdump", "--words", "200", "--random", "20000", "--reviewed", reviewed]
    run = subprocess.run([build_compare(), *arguments], stdout=subprocess.PIPE, text=True, timeout=300)
    expect(run.returncode == 0, "objdump and the decoder disagree:\n" + run.stdout)


def test_words_do_what_the_decoder_says():
    agrees, report = run_experiment(words_a_row=30, seed=1, limit=300)
    expect(agrees, "the core and the decoder disagree:\n" + report)


def test_classes_follow_from_execution():
    """Innocuous, privileged, critical, and in what way: derived from runs at PL0 and in each mode of PL1. And the document
    and its figure are what their generator makes of them."""
    try:
        groups, _ = virtualizability.experiment()
    except RuntimeError as error:
        raise TestFailure(str(error)) from None
    for name, text in (
        (virtualizability.DOCUMENT, virtualizability.document_make(groups)),
        (virtualizability.FIGURE, virtualizability.figure_make(groups)),
    ):
        with open(name, encoding="ascii") as file:
            expect_equal(text, file.read(), name + " (test/decode/virtualizability.py makes it)")
