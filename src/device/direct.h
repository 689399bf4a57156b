/* Devices of the guest machine that are the host's own (bus_give()). */
#ifndef DIRECT_H
#define DIRECT_H

/* Those for which the board has a spare one; the others stay models. Before bus_reset(). */
void direct_give_spares(void);

#endif
