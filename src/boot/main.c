/* The VMM's start, from the first C instruction to the guest's first. */
#include "board/board.h"
#include "host/console.h"
#include "host/memory.h"
#include "host/window_tables.h"
#include "run/run.h"
#include "vm/end.h"
#include "vm/guest.h"

_Noreturn void main(uint32_t offset);

static const struct image_config *config_check(void)
{
    const struct image_config *c = &image_config;

    if (c->magic != IMAGE_MAGIC || c->version != IMAGE_VERSION)
        machine_stopped(STATUS_VMM,
                        "the image has no configuration of this version: make it with `armature pack`");
    return c;
}

/* offset: physical - virtual, of the VMM's own memory. */
_Noreturn void main(uint32_t offset)
{
    memory_offset = offset;
    window_map_early(board.devices);
    board_init();
    console_init(board_console_put);
    stop_init(&guest_ends);
    board_console_listen(guest_hear);
    guest_make(config_check());
    guest_resume();
}
