/*
 * The head of a raw image (`armature pack` writes FILE.bin), for boot loaders that know no ELF.
 *
 * Entered at its first word with the MMU off, wherever it was loaded. The packer appends a table of
 * (destination, offset from raw_start, file size, memory size), all multiples of 4, closed by a destination
 * of RAW_END and the VMM's physical entry. The packer loads the image where no destination lies, so nothing
 * here is overwritten.
 *
 * r0-r2 as the boot loader left them are lost: the guest's come from the configuration block.
 */
    .syntax unified
    .arm
    .text
    .global raw_start
raw_start:
    cpsid   aif
    mrc     p15, 0, r0, c1, c0, 0    @ A boot loader may leave caches or the MMU on (with a flat map):
    bic     r0, r0, #0x1000          @ off go the I-cache,
    bic     r0, r0, #0x5             @ D-cache and MMU. What it loaded it has cleaned: go's usual contract.
    mcr     p15, 0, r0, c1, c0, 0
    isb
    adr     r10, raw_start
    adr     r4, raw_table
next:
    ldm     r4!, {r5, r6, r7, r8}    @ destination, source offset, file size, memory size
    cmn     r5, #1                   @ RAW_END
    beq     done
    add     r6, r6, r10
    add     r7, r5, r7               @ end of what the file gives
    add     r8, r5, r8               @ end of what memory wants
copy:
    cmp     r5, r7
    ldrlo   r0, [r6], #4
    strlo   r0, [r5], #4
    blo     copy
    mov     r0, #0
clear:
    cmp     r5, r8
    strlo   r0, [r5], #4
    blo     clear
    b       next
done:
    mov     r0, #0
    mcr     p15, 0, r0, c7, c5, 0    @ ICIALLU: what was copied may have been fetched as something else
    mcr     p15, 0, r0, c7, c5, 6    @ BPIALL
    dsb
    isb
    bx      r6                       @ the closing row's second word: the entry
    .balign 4
    .global raw_table
raw_table:
