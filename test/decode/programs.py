"""Building the programs of this folder outside CMake's trees, into build/decode."""
import os
import subprocess
import sys
import threading
from glob import glob

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(CHECKOUT, "build", "decode")


def path(*parts):
    return os.path.join(CHECKOUT, *parts)


def sources():
    """All that decides what the comparison does."""
    found = []
    for pattern in (
        "src/types.h",
        "src/decoder/*.[ch]",
        "src/decoder/*.tab",
        "src/decoder/generate.py",
        "test/decode/*.[ch]",
        "test/decode/reviewed_capstone.txt",
    ):
        found += glob(path(pattern))
    return sorted(found)


building = threading.Lock()


def build(name, c_files, libraries=()):
    """A host program of these files and the decoder; its path. One at a time: they share generated files."""
    with building:
        return build_alone(name, c_files, libraries)


def build_alone(name, c_files, libraries):
    os.makedirs(FOLDER, exist_ok=True)
    subprocess.run([sys.executable, "-B", path("src/decoder/generate.py"), "--out", FOLDER], check=True)
    program = os.path.join(FOLDER, name)
    include = [f"-I{p}" for p in (path("src"), path("test"), path("test/unit"), FOLDER)]
    decoder = glob(path("src/decoder/*.c")) + [os.path.join(FOLDER, f"rows_{n}.c") for n in ("core", "names")]
    subprocess.run(
        [
            "cc",
            "-O2",
            "-std=gnu11",
            "-ffunction-sections",
            "-Wl,--gc-sections",
            *include,
            *c_files,
            *decoder,
            path("test/unit/support/sample.c"),
            *libraries,
            "-o",
            program,
        ],
        check=True,
    )
    return program


def build_compare():
    return build("compare", glob(path("test/decode/*.c")), ["-lcapstone"])
