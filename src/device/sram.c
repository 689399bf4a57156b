/*
 * RAM behind the bus. Accesses are aligned, so they stay within the page.
 */
#include "device/sram.h"

#include <string.h>

static uint8_t sram[PAGE_SIZE];

uint32_t sram_read(void *state, uint32_t offset, unsigned size)
{
    uint32_t value = 0;

    (void)state;
    memcpy(&value, sram + offset, size);
    return value;
}

void sram_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    (void)state;
    memcpy(sram + offset, &value, size);
}

void sram_reset(void *state)
{
    (void)state;
    memset(sram, 0, sizeof sram);
}
