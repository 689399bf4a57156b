/*
 * Exits by what they did: the first of the VMM's counters, in the order of the list, that one has moved.
 *
 * The counters are in the board's RAM, which the emulator maps in our own address space.
 */
#include <stdlib.h>
#include <string.h>

#include "host/window.h"
#include "profile.h"

struct vmm_counter {
    uint32_t offset, seen; /* seen: when the last exit began */
    char *name;
    struct counter total; /* by sections */
    struct {
        struct counter exits, cost;
    } by[2]; /* light and full ones */
};
static struct vmm_counter *counters;
static size_t counter_count;
static uint32_t magic_offset, magic, exits_offset, image_offset, exits_seen;
static const volatile uint8_t *ram;
static uint64_t exit_from;
static int full; /* the exit that is going on */
uint64_t stub_count;

static uint32_t ram_word(uint32_t offset) { return *(const volatile uint32_t *)(ram + offset); }

void counters_read(const char *path)
{
    FILE *file = fopen(path, "r");
    char name[200];
    uint32_t offset;

    check(file);
    check(fscanf(file, "%" SCNx32 " %" SCNx32 " %" SCNx32 " %" SCNx32, &magic_offset, &magic, &exits_offset,
                 &image_offset) == 4
              ? file
              : NULL);
    while (fscanf(file, "%" SCNx32 " %199s", &offset, name) == 2) {
        check(counters = realloc(counters, (counter_count + 1) * sizeof *counters));
        counters[counter_count] = (struct vmm_counter){.offset = offset, .name = strdup(name)};
        counter_count++;
    }
    check(counters = realloc(counters, (counter_count + 1) *
                                           sizeof *counters)); /* one more, for exits that moved none */
    counters[counter_count] = (struct vmm_counter){.name = "uncounted"};
    fclose(file);
}

static int is_ram(unsigned long at)
{
    uint32_t exits;

    if (*(const uint32_t *)(at + magic_offset) !=
        magic) /* the emulator's copy of the image has it too, but never runs */
        return 0;
    exits = *(const uint32_t *)(at + exits_offset);
    return exits && exits <= exits_seen;
}

/* Anonymous memory of our own process, readable and writable. */
static void ram_find(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    uint32_t last = magic_offset > exits_offset ? magic_offset : exits_offset;
    unsigned long from, to;
    char rights[8], line[512];

    check(maps);
    while (!ram && fgets(line, sizeof line, maps))
        if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) == 3 && !strncmp(rights, "rw", 2) &&
            to - from > last + 8ul)
            for (unsigned long at = from; at + last + 8 <= to && !ram; at += 0x1000)
                if (is_ram(at))
                    ram = (const uint8_t *)at;
    fclose(maps);
    if (!ram) {
        fprintf(stderr, "profile.so: the board's RAM was not found\n");
        exit(1);
    }
}

/* The VMM is the last thing in the board's RAM. */
void memory_write(const char *path)
{
    FILE *file = fopen(path, "wb");

    check(file);
    if (ram)
        check(fwrite((const void *)(ram + image_offset), WINDOW_DEVICES - WINDOW_VMM, 1, file) ? file : NULL);
    fclose(file);
}

/* The exit that ends here goes to the first counter of the list that it moved. */
static void exit_ends(void)
{
    struct vmm_counter *mover = NULL;
    uint64_t now = vmm_count + stub_count;

    if (!counter_count || exits_seen < 8) /* too early to know the RAM by its count of exits */
        return;
    if (!ram)
        ram_find();
    for (size_t i = 0; i < counter_count; i++) {
        struct vmm_counter *c = &counters[i];
        uint32_t value = ram_word(c->offset);

        if (value != c->seen && !mover)
            mover = c;
        c->total.count += (uint32_t)(value - c->seen);
        c->seen = value;
    }
    if (!mover)
        mover = &counters[counter_count];
    mover->by[full].exits.count++;
    mover->by[full].cost.count += now - exit_from;
    exit_from = now;
    full = 0;
}

void exit_is_full(void) { full = 1; }

void exit_begins(void)
{
    exit_ends();
    exits_seen++;
}

void exits_begin(void)
{
    exit_ends();
    for (size_t i = 0; i <= counter_count && counters; i++) {
        counter_begin(&counters[i].total);
        for (int k = 0; k < 2; k++) {
            counter_begin(&counters[i].by[k].exits);
            counter_begin(&counters[i].by[k].cost);
        }
    }
}

void exits_end(FILE *out)
{
    exit_ends();
    for (size_t i = 0; i <= counter_count && counters; i++) {
        const struct vmm_counter *c = &counters[i];

        if (counter_grown(&c->total))
            fprintf(out, "counter %s %" PRIu64 "\n", c->name, counter_grown(&c->total));
        for (int k = 0; k < 2; k++)
            if (counter_grown(&c->by[k].exits))
                fprintf(out, "exits %s%s %" PRIu64 " %" PRIu64 "\n", c->name, k ? ":full" : "",
                        counter_grown(&c->by[k].exits), counter_grown(&c->by[k].cost));
    }
}
