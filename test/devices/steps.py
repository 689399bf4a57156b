"""What is done to a device at random, to the board's and to its replica alike: a function a device, which
makes one command of the line protocol at a time. What is left out is said here, with its reason."""

GICC, GICD, UART0, RTC, SYS, I2C = 0x1e000000, 0x1e001000, 0x10009000, 0x10017000, 0x10000000, 0x10002000

SIZES = {"b": 0, "w": 1, "l": 3}


def access(rng, kind, address):
    """With a random width, aligned to it."""
    size = rng.choice("lllbw")
    return f"{kind}{size} {address & ~SIZES[size]:#x}"


def read(rng, address):
    return access(rng, "read", address)


def write(rng, address, value):
    return f"{access(rng, 'write', address)} {value & 0xffffffff:#x}"


def any_value(rng):
    return rng.choice(
        [0, 1, 0xff, 0xffffffff, 1 << rng.randrange(32), rng.getrandbits(32), rng.getrandbits(8)]
    )


def step_gic(rng):
    """Weighted towards what makes interrupts pending and active. (A zero written to SPENDSGIR makes QEMU
    abort.)"""
    target = rng.getrandbits(2) << 24 | rng.getrandbits(2) << 16 | rng.getrandbits(4)
    banks = [0x100, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380]
    steps = [
        (15, lambda: f"line {rng.randrange(64)} {rng.randrange(2)}"),
        (12, lambda: f"readl {GICC + 0xc:#x}"),
        (9, lambda: f"writel {GICC + 0x10:#x} {rng.choice([rng.randrange(100), rng.randrange(1024)]):#x}"),
        (6, lambda: f"writel {GICD + 0xf00:#x} {target:#x}"),
        (2, lambda: write(rng, GICD + 0xf10 + rng.randrange(0x10), any_value(rng))),
        (2, lambda: f"writeb {GICD + 0xf20 + rng.randrange(0x10):#x} {rng.randrange(1, 256)}"),
        (
            4,
            lambda: (
                f"writel {GICC + rng.choice([0, 0, 4, 8]):#x} "
                f"{rng.choice([1, 3, 0xff, 0xf0, 0x80, 2, 5, 7])}"
            ),
        ),
        (2, lambda: f"writel {GICD:#x} {rng.choice([1, 1, 3, 2, 0xffffffff]):#x}"),
        (8, lambda: write(rng, GICD + rng.choice(banks) + rng.randrange(16), any_value(rng))),
        (6, lambda: write(rng, GICD + 0x400 + rng.randrange(100), rng.getrandbits(32))),
        (3, lambda: write(rng, GICD + 0xc00 + rng.randrange(28), rng.getrandbits(32))),
        (10, lambda: read(rng, GICC + rng.choice([0, 4, 8, 0x14, 0x18, 0xfc, rng.randrange(0x100)]))),
        (
            5,
            lambda: write(
                rng, GICD + rng.choice([rng.randrange(0xf20), 0xf30 + rng.randrange(0xd0)]), any_value(rng)
            ),
        ),
        (2, lambda: write(rng, GICC + rng.randrange(0x100), any_value(rng))),
        (9, lambda: read(rng, GICD + rng.choice([0, 0x400, 0xc00, *banks]) + rng.randrange(0x80))),
        (7, lambda: read(rng, GICD + rng.randrange(0x1000))),
    ]
    return rng.choices([s for _, s in steps], [w for w, _ in steps])[0]()


def registers(base, offsets, skip=(), watch=True, value=None):
    """Reads and writes all over a device, most of them at `offsets`; now and then a look at all pending SPIs.
    `value` gives what is written where not anything will do: its arguments are the random numbers and the
    offset."""
    def step(rng):
        if watch and rng.random() < 0.1:
            return f"readl {GICD + 0x204:#x}"
        offset = rng.choice(offsets) if rng.random() < 0.85 else rng.randrange(0x1000)
        if offset & ~3 in skip:
            offset = 0xfe0
        if rng.random() < 0.5:
            return read(rng, base + offset)
        return write(rng, base + offset, value(rng, offset) if value else any_value(rng))
    return step


def kmi_value(rng, offset):
    """Commands of both devices, and their arguments."""
    commands = [0, 1, 2, 3, 5, 80, 100, 200, *range(0xe6, 0xf7), 0xfa, 0xfc, 0xff, 0x1ff]
    return rng.choice(commands) if offset == 8 and rng.random() < 0.95 else any_value(rng)


def mmci_value(rng, offset):
    """Lengths that the FIFO reaches, transfers of both directions."""
    if offset == 0x28:
        return rng.randrange(80)
    return rng.choice([1, 3, 1, 3, 0, 2]) if offset == 0x2c else any_value(rng)


def aaci_value(rng, offset):
    """Accesses to the codec; no slot of a channel that sends: what is sent leaves by the host's audio clock.
    """
    if offset == 0x54:
        return rng.getrandbits(1) << 19 | rng.getrandbits(7) << 12 | rng.getrandbits(12)
    if offset & ~3 == 4:
        return any_value(rng) & ~0x18
    if offset == 0x78:
        return 1 if rng.random() < 0.95 else 0
    return any_value(rng)


BUS_ADDRESSES = [0x68, 0x68, 0x68, 0x68, 0x68, 0, 0x50]


def bus_byte(value):
    """The accesses that send a byte over the two-wire bus, and read its acknowledge bit."""
    accesses = []
    for bit in [*(value >> n & 1 for n in reversed(range(8))), 1]:
        accesses += [f"writel {I2C + 4:#x} 1", f"writel {I2C + (0 if bit else 4):#x} 2", f"writel {I2C:#x} 1",
                     f"readl {I2C:#x}"]
    return [*accesses, f"writel {I2C + 4:#x} 1"]


class BusSteps:
    """Whole transfers with the clock on the two-wire bus."""

    def __init__(self):
        self.queue = []

    @staticmethod
    def written(rng):
        """A pointer alone, or one and what is written there. The time is not set: what QEMU makes of that
        depends on the host's clock (-rtc clock=vm)."""
        pointer = rng.choice([7, 62, rng.randrange(7, 64)])
        data = [rng.randrange(256) for _ in range(min(rng.randrange(10), 64 - pointer))]
        return (
            [pointer + 64 * rng.randrange(4), *data]
            if data
            else [rng.choice([0, 1, 6, 63, rng.randrange(256)])]
        )

    def transfer(self, rng):
        accesses = [f"writel {I2C:#x} 3", f"writel {I2C + 4:#x} 2", f"writel {I2C + 4:#x} 1"]
        address, reads = rng.choice(BUS_ADDRESSES), rng.random() < 0.5
        accesses += bus_byte(address << 1 | reads)
        if reads:
            for _ in range(rng.randrange(12)):
                accesses += bus_byte(0xff)[:-4]
                accesses += [f"writel {I2C + (0 if rng.random() < 0.1 else 4):#x} 2", f"writel {I2C:#x} 1",
                             f"readl {I2C:#x}", f"writel {I2C + 4:#x} 1"]
        else:
            for value in self.written(rng):
                accesses += bus_byte(value)
        if rng.random() < 0.8:
            accesses += [
                f"writel {I2C + 4:#x} 2", f"writel {I2C:#x} 1", f"writel {I2C:#x} 2", f"readl {I2C:#x}"
            ]
        return accesses

    def __call__(self, rng):
        if not self.queue:
            self.queue = self.transfer(rng)
        return self.queue.pop(0)


step_i2c = BusSteps()
KMI = [0, 4, 8, 8, 8, 8, 8, 8, 0xc, 0x10]
RAM = 0x70000000


def step_dma(rng):
    """Transfers within a MiB of RAM, of all widths and directions; chains that end. What no peripheral asks
    for does not move. (A flow control of 4 or more makes QEMU abort, widths beyond 4 bytes overrun its
    buffer.)"""
    dma, channel = 0x10030000, 0x10030100 + 0x20 * rng.randrange(2)
    somewhere = RAM + rng.randrange(0x1000)
    control = (
        rng.getrandbits(32) & 0x8c00f000 | rng.randrange(3) << 18 | rng.randrange(3) << 21 | rng.randrange(40)
    )
    config = rng.choice([0xc001, 0xc001, 0x8001, 0x4001, 0xc000, 0x4c001, 0xc801, 0xd001, 0x1043])
    item = RAM + 0x10000 + 16 * rng.randrange(64)
    steps = [
        (3, lambda: f"writel {channel:#x} {somewhere:#x}"),
        (3, lambda: f"writel {channel + 4:#x} {somewhere:#x}"),
        (2, lambda: f"writel {channel + 8:#x} {rng.choice([0, item]):#x}"),
        (3, lambda: f"writel {channel + 0xc:#x} {control:#x}"),
        (3, lambda: f"writel {channel + 0x10:#x} {config:#x}"),
        (2, lambda: f"writel {item:#x} {somewhere:#x}"),
        (2, lambda: f"writel {item + 4:#x} {somewhere:#x}"),
        (2, lambda: f"writel {item + 12:#x} {control:#x}"),
        (2, lambda: f"writel {dma + 0x30:#x} {rng.choice([1, 1, 1, 0]):#x}"),
        (2, lambda: f"writel {dma + rng.choice([8, 0x10, 0x34, 0x20]):#x} {any_value(rng):#x}"),
        (4, lambda: write(rng, RAM + rng.randrange(0x1000), any_value(rng))),
        (8, lambda: read(rng, RAM + rng.randrange(0x1000))),
        (12, lambda: read(rng, dma + rng.choice(DMA))),
        (2, lambda: f"readl {GICD + 0x204:#x}"),
    ]
    return rng.choices([s for _, s in steps], [w for w, _ in steps])[0]()


UART = [0, 4, 0x18, 0x20, 0x24, 0x28, 0x2c, 0x30, 0x34, 0x38, 0x3c, 0x40, 0x44, 0x48]
TIMER = [n + m for n in (0, 0x20) for m in (0, 4, 8, 0xc, 0x10, 0x14, 0x18)]
GPIO = [0x3fc, *range(0, 0x400, 0x44), *range(0x400, 0x428, 4)]
MMCI = [
    0,
    4,
    8,
    0xc,
    0x10,
    0x14,
    0x24,
    0x28,
    0x2c,
    0x2c,
    0x30,
    0x34,
    0x34,
    0x38,
    0x3c,
    0x40,
    0x48,
    0x80,
    0x84,
    0xbc,
]
AACI = [4, 8, 0xc, 0x10, 0x50, 0x54, 0x58, 0x5c, 0x68, 0x74, 0x78, 0x84, *[0x90, 0x94, 0x9c] * 8, 0xa0]
CLCD = [*range(0, 0x34, 4), 0x200, 0x204, 0x3fc]
DMA = [
    0,
    4,
    8,
    0xc,
    0x10,
    0x14,
    0x18,
    0x1c,
    0x20,
    0x30,
    0x34,
    *range(0x100, 0x114, 4),
    *range(0x120, 0x134, 4),
    0x140,
]
DEVICES = {
    "gic": step_gic,
    "uart0": registers(UART0, UART),
    "uart3": registers(0x1000c000, UART),
    "timer01": registers(0x10011000, TIMER),
    "timer23": registers(0x10012000, TIMER),
    "rtc": registers(RTC, [0, 4, 8, 0xc, 0x10, 0x14, 0x18, 0x1c]),
    "mmci": registers(0x10005000, MMCI, value=mmci_value),
    "i2c": step_i2c,
    "i2c lines": registers(0x10002000, [0, 4, 8]),
    "kmi0": registers(0x10006000, KMI, value=kmi_value),
    "kmi1": registers(0x10007000, KMI, value=kmi_value),
    "aaci": registers(0x10004000, AACI, value=aaci_value),
    "clcd": registers(0x10020000, CLCD),
    "dma": step_dma,
    "sram": registers(0xe0000000, range(0, 0x1000, 4)),
    "gpio0": registers(0x10013000, GPIO),
    "gpio2": registers(0x10015000, GPIO),
    # it resets
    "sysreg": registers(SYS, [*range(0, 0x70, 4), 0x84, 0x88, 0xd0, 0xd4], skip=[0x40], watch=False),
}
