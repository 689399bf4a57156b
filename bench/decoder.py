#!/usr/bin/python3
"""The decoder's throughput on this machine, in million words a second: on the stock kernel's code, and on
every row."""
import os
import subprocess
import sys

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(CHECKOUT, "test", "decode"))
sys.path.insert(0, os.path.join(CHECKOUT, "src", "command"))
from code_image import code_image_open  # noqa: E402
from files import file_read  # noqa: E402
from programs import FOLDER, build, path  # noqa: E402
from stock_guest import stock_guest  # noqa: E402


def main():
    guest = stock_guest()
    if not guest:
        sys.exit("decoder.py: no stock kernel yet: ./armature setup fetches it")
    kernel = code_image_open(guest["kernel"], file_read(guest["kernel"], "kernel"), None, False)
    text = max((s.data for s in kernel.segments if s.executable), key=len)
    code = os.path.join(FOLDER, "kernel_text.bin")
    os.makedirs(FOLDER, exist_ok=True)
    with open(code, "wb") as file:
        file.write(text)
    subprocess.run([build("decoder_speed", [path("bench/decoder.c")]), code], check=True)


if __name__ == "__main__":
    main()
