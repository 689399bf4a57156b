"""The kernel inside a zImage: found by its packed stream's magic number, unpacked."""

import lzma
import shutil
import subprocess
import tempfile
import zlib

from messages import UsageError
from run_folder import run_folder

SMALLEST, LARGEST = 100_000, 256 << 20  # bytes: less is no kernel, more is not read


def by_zlib(data):
    unpacker = zlib.decompressobj(31)
    out = unpacker.decompress(data, LARGEST)
    return out if unpacker.eof else None


def by_lzma(data):
    unpacker = lzma.LZMADecompressor()
    out = unpacker.decompress(data, LARGEST)
    return out if unpacker.eof or out else None


def by_program(package, *command):
    def unpack(data):
        if not shutil.which(command[0]):
            raise UsageError(
                f"the kernel is packed with {package}: please install the Debian package {package}"
            )
        with tempfile.TemporaryFile(dir=run_folder()) as packed:
            packed.write(data)
            packed.seek(0)
            with subprocess.Popen(
                command, stdin=packed, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            ) as process:
                out = process.stdout.read(LARGEST)
                process.kill()
        # What follows the stream is an error to the program: what came before it counts.
        return out or None

    return unpack


# name, magic number, function: unpacked bytes, or None (or an exception) where it is no such stream
FORMATS = (
    ("gzip", b"\x1f\x8b\x08", by_zlib),
    ("xz", b"\xfd7zXZ\0", by_lzma),
    ("lzma", b"\x5d\0\0", by_lzma),
    ("lz4", b"\x02\x21\x4c\x18", by_program("lz4", "lz4", "-dcq")),
    ("lzop", b"\x89LZO\0\r\n\x1a\n", by_program("lzop", "lzop", "-dcq")),
    ("zstd", b"\x28\xb5\x2f\xfd", by_program("zstd", "zstd", "-dcq")),
)


def zimage_unpack(path, data):
    """(format's name, the kernel). The first stream that unpacks to as much as a kernel."""
    places = []
    for name, magic, unpack in FORMATS:
        at = data.find(magic)
        while at >= 0:
            places.append((at, name, unpack))
            at = data.find(magic, at + 1)
    for at, name, unpack in sorted(places):
        try:
            out = unpack(data[at:])
        except (zlib.error, lzma.LZMAError, EOFError):
            continue
        if out and len(out) >= SMALLEST:
            return name, out
    raise UsageError(
        f"{path}: no packed kernel found in the zImage (gzip, xz, lzma, lz4, lzo and zstd are known)"
    )
