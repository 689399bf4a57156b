/* Full exits by data and prefetch aborts. */
#ifndef ABORT_H
#define ABORT_H

#include "run/frame.h"

void abort_data(struct frame *f);
void abort_prefetch(struct frame *f);
/* The machine is at fault: it stops, with the fault's name. */
_Noreturn void abort_host_failed(const struct frame *f, uint32_t fsr, uint32_t far);

#endif
