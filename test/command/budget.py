"""The memory plan at its ends: whatever budget and guest RAM are allowed together, a guest starts."""

import os

from harness import CHECKOUT, expect, expect_status, run_armature

HELLO = os.path.join(CHECKOUT, "build/vmm/guest/hello.elf")


def boot(budget, memory, *more):
    return run_armature("boot", "--kernel", HELLO, "--budget", budget, "--memory", memory, *more)


def test_ends():
    for budget in ("6M", "16M", "24M"):
        for memory in ("16M", "384M"):
            result = boot(budget, memory)
            expect_status(result, 0, f"budget {budget}, RAM {memory}")
            expect(result.output, f"budget {budget}, RAM {memory}: no output")


def test_beyond():
    for budget in ("5M", "25M"):
        expect(boot(budget, "64M").status != 0, f"a budget of {budget} is taken")


def test_code_cache():
    for budget, size in (("16M", "256K"), ("16M", "5M"), ("24M", "8M"), ("6M", "1600K")):
        result = boot(budget, "64M", "--code-cache", size)
        expect_status(result, 0, f"budget {budget}, code cache {size}")
    for budget, size in (("16M", "255K"), ("16M", "8M"), ("6M", "3M"), ("24M", "4095M")):
        result = boot(budget, "64M", "--code-cache", size)
        expect(result.status == 125, f"budget {budget}: a code cache of {size} is taken")
        expect("code cache" in result.log, f"no word about the code cache: {result.log}")
