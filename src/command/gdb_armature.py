"""For gdb-multiarch, by `./armature boot --gdb`: from an address in the code cache to the guest's pc.

guest-pc [ADDRESS] (default: the processor's pc) prints the block and the guest's instruction.

While a guest runs, the VMM's memory is No-access, and QEMU's stub honours that; so the VMM's data is read at
its physical addresses, which differ from the linked ones by a constant.
"""

import gdb


class Physical:
    """Within it, memory accesses of QEMU's stub are physical."""

    def __enter__(self):
        gdb.execute("maintenance packet Qqemu.PhyMemMode:1", to_string=True)
        gdb.execute("maintenance flush dcache", to_string=True)

    def __exit__(self, *_):
        gdb.execute("maintenance packet Qqemu.PhyMemMode:0", to_string=True)
        gdb.execute("maintenance flush dcache", to_string=True)


def word_symbol(name):
    return int(gdb.parse_and_eval(f"(unsigned long)&{name}"))


def physical(address):
    """The image's load address is known by its entry."""
    return address - word_symbol("start") + word_symbol("physical_entry")


def read(address, type_name):
    """The object at a VMM address, as a value of our own: nothing of it is read later."""
    kind = gdb.lookup_type(type_name)
    data = gdb.selected_inferior().read_memory(physical(address), kind.sizeof)
    return gdb.Value(bytes(data), kind)


def cache_index():
    """(index_top, block_count): struct cache begins with them."""
    words = [int(read(word_symbol("cache") + 4 * i, "unsigned int")) for i in range(2)]
    return words[0], words[1]


def block_owner(address):
    """As cache_owner() does it: the last block that begins at or before the address."""
    (top, high), low = cache_index(), 0
    while low < high:
        middle = (low + high) // 2
        block = read(int(read(top - 4 * (middle + 1), "unsigned int")), "struct block")
        if int(block["host"]["a"]) <= address:
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return None
    block = read(int(read(top - 4 * low, "unsigned int")), "struct block")
    return block if address < int(block["host"]["a"]) + 4 * int(block["word_count"]) else None


def instruction_at(block, word):
    """The last guest instruction whose code begins at or before `word`."""
    found, size = None, gdb.lookup_type("struct insn_map").sizeof
    for i in range(int(block["insn_count"])):
        row = read(int(block["insns"]) + i * size, "struct insn_map")
        if int(row["word"]) > word:
            break
        found = row
    return found


class GuestPc(gdb.Command):
    """guest-pc [ADDRESS]: which guest instruction the code at ADDRESS (default $pc) in the code cache
    stands for."""

    def __init__(self):
        super().__init__("guest-pc", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        del from_tty
        address = int(gdb.parse_and_eval(argument or "(unsigned int)$pc")) & 0xFFFFFFFF
        with Physical():
            block = block_owner(address)
            if block is None:
                print(f"{address:#010x} is in no block: the guest's own code (User mode), a stub, or the VMM")
                return
            word = (address - int(block["host"]["a"])) // 4
            row = instruction_at(block, word)
        gva, key = int(block["gva"]["a"]), int(block["key"])
        state = f"mode {key & 0x1f:#x}, {'Thumb' if key & 0x20 else 'ARM'}"
        print(
            f"guest pc {gva + int(row['offset']):#010x}: word {word} of the block for {gva:#010x} ({state}) "
            f"at {int(block['host']['a']):#010x}"
        )


GuestPc()
