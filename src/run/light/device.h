/* The pages of devices that light accesses have hit, kept as a TLB keeps global entries. */
#ifndef LIGHT_DEVICE_H
#define LIGHT_DEVICE_H

#include "types.h"

#define LIGHT_PAGES 8u
struct light_device {
    uint32_t slots; /* a bit for each of 32 slots of pages that are known; all: sections are */
    struct light_page {
        uint32_t va;   /* of the page; 1: none */
        uint32_t base; /* the device's offset of its first byte */
        const struct device *device;
        bool writable;
        uint8_t domain;
    } pages[LIGHT_PAGES];
};
extern struct light_device light_device_known;

void light_device_forget(void); /* TLB maintenance of everything, or of tables' format */
void light_device_forget_mib(gva_t va);
static inline void light_device_forget_va(gva_t va)
{
    if (light_device_known.slots >> (va.a >> 12 & 31) & 1)
        light_device_forget();
}
static inline void light_device_forget_pages(gva_t va, unsigned count) /* within one MiB */
{
    if (count == 1)
        light_device_forget_va(va);
    else if (light_device_known.slots)
        light_device_forget_mib(va);
}

#endif
