"""The decoder against GNU objdump, and against the emulated core itself."""

import os
import subprocess
import sys

from harness import CHECKOUT, TestFailure, exhaustive_test, expect, expect_equal

sys.path.insert(0, os.path.join(CHECKOUT, "test", "decode"))
sys.path.insert(0, os.path.join(CHECKOUT, "test", "decode", "experiment"))
from experiment import run_experiment  # noqa: E402
import virtualizability  # noqa: E402
from programs import build_compare  # noqa: E402


WORDS = 5_000_000  # at least so many are compared with Capstone in each run of the tests


def test_capstone_agrees():
    """Each row's corner values and random words, all T16 words, words at random."""
    reviewed = os.path.join(CHECKOUT, "test", "decode", "reviewed_capstone.txt")
    arguments = ["--words", "3900", "--random", "400000", "--reviewed", reviewed]
    run = subprocess.run([build_compare(), *arguments], stdout=subprocess.PIPE, text=True, timeout=600)
    expect(run.returncode == 0, "Capstone and the decoder disagree:\n" + run.stdout)
    compared = int(run.stdout.splitlines()[-1].split()[0])
    expect(compared >= WORDS, f"only {compared} words were compared")


@exhaustive_test
def test_every_word():
    """All A32 and T32 words; about two hours of two processors, and it goes on where it was stopped."""
    run = subprocess.run(
        [sys.executable, "-B", os.path.join(CHECKOUT, "test/decode/exhaustive.py")],
        stdout=subprocess.PIPE,
        text=True,
    )
    expect(run.returncode == 0, "Capstone and the decoder disagree:\n" + run.stdout)


def test_objdump_agrees():
    reviewed = os.path.join(CHECKOUT, "test", "decode", "reviewed_objdump.txt")
    arguments = ["--with", "objdump", "--words", "200", "--random", "20000", "--reviewed", reviewed]
    run = subprocess.run([build_compare(), *arguments], stdout=subprocess.PIPE, text=True, timeout=300)
    expect(run.returncode == 0, "objdump and the decoder disagree:\n" + run.stdout)


def test_words_do_what_the_decoder_says():
    agrees, report = run_experiment(words_a_row=30, seed=1, limit=300)
    expect(agrees, "the core and the decoder disagree:\n" + report)


def test_classes_follow_from_execution():
    """Innocuous, privileged, critical, and in what way: derived from runs at PL0 and in each mode of PL1. And
    the document and its figure are what their generator makes of them."""
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
