/*
 * Reset values of devices that are not replicated.
 */
#include "emul/idcell.h"

#include "emul/primecell.h"

const struct idcell idcell_pl041 = { 0x29041041, { { 0x08, 0xb }, { 0x68, 0xa80 } } };
const struct idcell idcell_pl111 = { 0x00241111, { { 0 } } };
const struct idcell idcell_pl081 = { 0x0a041081, { { 0 } } };

uint32_t idcell_read(void *state, uint32_t offset, unsigned size)
{
    const struct idcell *c = state;

    (void)size;
    if (offset >= PRIMECELL_ID_OFFSET)
        return primecell_id(c->peripheral_id, offset);
    for (unsigned i = 0; i < ARRAY_SIZE(c->reg); i++)
        if (c->reg[i].value && c->reg[i].offset == offset)
            return c->reg[i].value;
    return 0;
}

void idcell_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    (void)state, (void)offset, (void)value, (void)size;
}

void idcell_reset(void *state) { (void)state; }
