"""The symbols that a Linux kernel carries with it: kallsyms' tables, found in the unpacked image.

Format: scripts/kallsyms.c of Linux 4.6 and later with CONFIG_KALLSYMS_BASE_RELATIVE, and its order up to 6.3
(offsets, base, count, names, markers, token table) and after (names, markers, tokens, offsets, base). Names
are compressed by a table of 256 tokens; a symbol's first character is its type.
"""

import struct
from collections import namedtuple

Symbol = namedtuple("Symbol", "name address kind")

DIGITS = b"".join(b"%c\0" % c for c in b"0123456789")  # tokens that are always single characters
TEXT_KINDS = "TtWw"


def kallsyms_find(image):
    """The kernel's symbols, by address, and the address of the image's first byte; None if it has no tables.
    """
    at = image.find(DIGITS)
    while at >= 0:
        try:
            found = tables_read(image, at)
        except (struct.error, IndexError, ValueError):
            found = None
        if found:
            return found
        at = image.find(DIGITS, at + 1)
    return None


def tables_read(image, digits_at):
    tokens, index_at, tokens_at = tokens_read(image, digits_at)
    for names_at, count in names_candidates(image, tokens_at):
        end = names_end(image, names_at, count)
        if end is None:
            continue
        for offsets_at, base_at in (
            (names_at - 8 - padded(4 * count), names_at - 8),
            (index_at + 512, index_at + 512 + padded(4 * count)),
        ):
            symbols = symbols_read(image, tokens, names_at, count, offsets_at, base_at)
            if symbols:
                return symbols
    return None


def padded(size):
    return size + 3 & ~3


def tokens_read(image, digits_at):
    """The 256 tokens, where their index begins, and where they begin themselves."""
    start = digits_at
    for _ in range(ord("0")):  # back over the tokens before that of '0'
        start = image.rindex(b"\0", 0, start - 1) + 1
    tokens, at = [], start
    for _ in range(256):
        end = image.index(b"\0", at)
        tokens.append(image[at:end])
        at = end + 1
    index_at = padded(at)
    offsets = struct.unpack_from("<256H", image, index_at)
    position, wanted = 0, []
    for token in tokens:
        wanted.append(position)
        position += len(token) + 1
    if list(offsets) != wanted:
        raise ValueError
    return tokens, index_at, start


def names_candidates(image, tokens_at):
    """(where the names begin, how many) before the token table: the word before them is their number."""
    for at in range(tokens_at - 4 & ~3, max(0, tokens_at - (8 << 20)), -4):
        count = struct.unpack_from("<I", image, at)[0]
        # Markers, one a 256 names, lie between; names take 2 bytes at least.
        if 1000 < count < 1 << 20 and 2 * count < tokens_at - at < 40 * count:
            yield at + 4, count


def names_end(image, at, count):
    """After `count` names; None if these are none."""
    for _ in range(count):
        length = image[at]
        at += 1
        if length & 0x80:
            length = length & 0x7F | image[at] << 7
            at += 1
        if length == 0:
            return None
        at += length
    # The first marker, 0, comes next, and the second is where the 256th name begins: small.
    markers = struct.unpack_from("<2I", image, padded(at))
    return at if markers[0] == 0 and 256 <= markers[1] < 1 << 16 else None


def symbols_read(image, tokens, at, count, offsets_at, base_at):
    offsets = struct.unpack_from(f"<{count}i", image, offsets_at)
    base = struct.unpack_from("<I", image, base_at)[0]
    addresses = [o if o >= 0 else base - 1 - o for o in offsets]
    if all(o >= 0 for o in offsets):
        addresses = [base + o for o in offsets]
    if any(b < a for a, b in zip(addresses, addresses[1:])):
        return None
    symbols = []
    for address in addresses:
        length = image[at]
        at += 1
        if length & 0x80:
            length = length & 0x7F | image[at] << 7
            at += 1
        name = b"".join(tokens[t] for t in image[at : at + length]).decode("ascii")
        at += length
        symbols.append(Symbol(name[1:], address, name[0]))
    return symbols
