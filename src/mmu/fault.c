/*
 * The rows of table B3-23. What a Cortex-A8 never says has a verdict too: another core may.
 *
 * Walks are of the shadow tables, so what fails in them is the host's memory. The access flag is off in the
 * real SCTLR, and no watchpoint is set. Asynchronous aborts tell neither address nor cause (B3.12.4): a store
 * of the VMM's may be meant.
 */
#include "mmu/fault.h"

#define ROW(on_data, on_fetch, text)                                                                         \
    {                                                                                                        \
        FAULT_##on_data, FAULT_##on_fetch, false, text                                                       \
    }
#define ASYNCHRONOUS(text)                                                                                   \
    {                                                                                                        \
        FAULT_HOST, FAULT_HOST, true, text                                                                   \
    }
#define RESERVED ROW(HOST, HOST, "reserved fault status")

const struct fault_row fault_rows[32] = {
    [0x00] = RESERVED,
    [0x01] = ROW(OWN, OWN, "alignment fault"),
    [0x02] = ROW(HOST, OWN, "debug event"), /* fetch: BKPT */
    [0x03] = ROW(HOST, HOST, "access flag fault"),
    [0x04] = ROW(TABLES, HOST,
                 "instruction cache maintenance fault"), /* a translation's, in other words: B3.12.2 */
    [0x05] = ROW(TABLES, TABLES, "translation fault"),
    [0x06] = ROW(HOST, HOST, "access flag fault"),
    [0x07] = ROW(TABLES, TABLES, "translation fault"),
    [0x08] = ROW(BUS, BUS, "synchronous external abort"),
    [0x09] = ROW(TABLES, TABLES, "domain fault"),
    [0x0a] = RESERVED,
    [0x0b] = ROW(TABLES, TABLES, "domain fault"),
    [0x0c] = ROW(HOST, HOST, "synchronous external abort in a table walk"),
    [0x0d] = ROW(TABLES, TABLES, "permission fault"),
    [0x0e] = ROW(HOST, HOST, "synchronous external abort in a table walk"),
    [0x0f] = ROW(TABLES, TABLES, "permission fault"),
    [0x10] = ROW(HOST, HOST, "TLB conflict abort"),
    [0x11] = RESERVED,
    [0x12] = RESERVED,
    [0x13] = RESERVED,
    [0x14] = ROW(HOST, HOST, "lockdown abort"),
    [0x15] = RESERVED,
    [0x16] = ASYNCHRONOUS("asynchronous external abort"),
    [0x17] = RESERVED,
    [0x18] = ASYNCHRONOUS("asynchronous parity error"),
    [0x19] = ROW(BUS, BUS, "synchronous parity error"),
    [0x1a] = ROW(HOST, HOST, "coprocessor abort"),
    [0x1b] = RESERVED,
    [0x1c] = ROW(HOST, HOST, "synchronous parity error in a table walk"),
    [0x1d] = RESERVED,
    [0x1e] = ROW(HOST, HOST, "synchronous parity error in a table walk"),
    [0x1f] = RESERVED,
};
