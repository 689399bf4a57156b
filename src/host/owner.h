/*
 * Whose a variable is. One guest's, unless it says otherwise: all that the VMM knows of a guest is one range
 * of memory, of which each guest has its own. What is the host's says so, by one of these; src/boot/vmm.ld
 * keeps the two apart, and test/house checks that the parts which are the host's alone (src/board, src/vm)
 * have no other variables.
 */
#ifndef OWNER_H
#define OWNER_H

#define HOST_DATA __attribute__((section(".data.host"))) /* with an initial value */
#define HOST_BSS  __attribute__((section(".bss.host")))  /* zero at start */

#endif
