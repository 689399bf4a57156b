"""Check what the user calls an initrd: a file that a kernel would find cut short is refused here, in one
line."""

import bz2
import lzma
import zlib

from messages import UsageError

CPIO_MAGICS = (b"070701", b"070702")


UNPACKED_CHUNK = 1 << 20


class TooLarge(Exception):
    pass


def initrd_check(path, data, most):
    """Compressed archives are unpacked once, up to `most` bytes, plain ones walked; what is neither may be a
    file system, and passes."""
    if not data:
        raise UsageError(f"{path}: the initrd is empty")
    try:
        complete = archive_complete(data, most)
    except (zlib.error, OSError, lzma.LZMAError, ValueError) as error:
        raise UsageError(f"{path}: broken initrd ({error})") from None
    except TooLarge:
        raise UsageError(
            f"{path}: the initrd unpacks to more than {most >> 20} MiB, all RAM that there is"
        ) from None
    if not complete:
        raise UsageError(f"{path}: truncated initrd")


def archive_complete(data, most):
    if data[:2] == b"\x1f\x8b":
        return zlib_complete(data, most)
    elif data[:6] == b"\xfd7zXZ\0":
        stream = lzma.LZMADecompressor(lzma.FORMAT_XZ)
    elif data[:3] == b"BZh":
        stream = bz2.BZ2Decompressor()
    elif data[:6] in CPIO_MAGICS:
        return cpio_complete(data)
    else:
        return True
    unpacked, rest = 0, data
    while not stream.eof and (rest or not stream.needs_input):
        unpacked += len(stream.decompress(rest, UNPACKED_CHUNK))
        rest = b""  # the stream has it
        size_check(unpacked, most)
    return stream.eof


def zlib_complete(data, most):
    stream, unpacked = zlib.decompressobj(31), 0
    for at in range(0, len(data), UNPACKED_CHUNK):
        rest = data[at : at + UNPACKED_CHUNK]
        while rest and not stream.eof:
            unpacked += len(stream.decompress(rest, UNPACKED_CHUNK))
            rest = stream.unconsumed_tail
            size_check(unpacked, most)
    return stream.eof


def size_check(unpacked, most):
    if unpacked > most:
        raise TooLarge


def cpio_complete(data):
    """To the trailer of the first archive; further ones, and padding, may follow."""
    at = 0
    while data[at : at + 6] in CPIO_MAGICS and len(data) >= at + 110:
        size, name_size = int(data[at + 54 : at + 62], 16), int(data[at + 94 : at + 102], 16)
        name = data[at + 110 : at + 110 + name_size]
        at = (at + 110 + name_size + 3 & ~3) + (size + 3 & ~3)
        if name == b"TRAILER!!!\0":
            return True
    if at < len(data) - 110:
        raise ValueError(f"no archive member at byte {at}")
    return False
