@ Performs a script of register accesses at exact times, natively on the board; compare.py makes the script
@ and reads the results. With -icount shift=0 every instruction below is one nanosecond: an entry takes
@ 2 n + 6. An entry is four words: n (at least 1), address, value, kind (0: read, 1: write, 2: the end).
        .syntax unified
        .arm
        .equ SCRIPT, 0x70100000
        .equ RESULTS, 0x70800000
        .global _start
_start: ldr     r4, =SCRIPT
        ldr     r5, =RESULTS
next:   ldmia   r4!, {r0-r3}
wait:   subs    r0, r0, #1
        bne     wait
        cmp     r3, #1
        streq   r2, [r1]
        ldrlo   r2, [r1]
        strlo   r2, [r5], #4
        bls     next

        @ Print the results in hexadecimal and leave.
        ldr     r6, =RESULTS
        ldr     r7, =0x10009000
print:  cmp     r6, r5
        beq     leave
        ldr     r0, [r6], #4
        mov     r1, #8
digit:  lsr     r2, r0, #28
        cmp     r2, #9
        addls   r2, r2, #'0'
        addhi   r2, r2, #'a' - 10
        str     r2, [r7]
        lsl     r0, r0, #4
        subs    r1, r1, #1
        bne     digit
        mov     r2, #'\n'
        str     r2, [r7]
        b       print
leave:  mov     r0, #0x18               @ SYS_EXIT, ADP_Stopped_ApplicationExit
        ldr     r1, =0x20026
        svc     #0x123456
        b       .
