"""pack: the bootable image alone, as ELF for QEMU's -kernel and as a raw binary for boot loaders on
hardware."""

from boards import MIB
from files import Output
from image import image_elf, image_raw, image_segments
from messages import say
from options import add_guest_options, guest_from, guest_layout, image_options
from setup import setup_ensure


def add_options(parser):
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="writes FILE (ELF) and FILE.bin (raw)"
    )
    add_guest_options(parser)


def run(arguments):
    setup_ensure()
    guest = guest_from(arguments, psci=True)
    entry, segments = image_segments(
        guest, guest_layout(guest), **image_options(arguments)
    )
    address, raw = image_raw(guest.board, entry, segments)
    Output(arguments.output).write(image_elf(entry, segments))
    Output(arguments.output + ".bin").write(raw)
    say(
        f"{arguments.output}: ELF, enter at {entry:#x} (qemu-system-arm -M {guest.board.qemu} "
        f"-m {guest.board.ram_size // MIB} -kernel {arguments.output})"
    )
    say(f"{arguments.output}.bin: raw, {len(raw)} bytes, load at {address:#x} and enter there")
    return 0
