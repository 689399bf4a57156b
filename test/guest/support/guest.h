/*
 * What every bare-metal test guest stands on: console, checks, exception recorder, modes.
 *
 * A guest prints only what is the same at any speed of execution; its output is compared byte for
 * byte between the bare board and the VMM. crt0 calls main() in SVC mode, MMU off, interrupts
 * masked, VBAR at the image's vectors, a stack in every mode.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define MODE_USR 0x10u
#define MODE_FIQ 0x11u
#define MODE_IRQ 0x12u
#define MODE_SVC 0x13u
#define MODE_ABT 0x17u
#define MODE_UND 0x1bu
#define MODE_SYS 0x1fu
#define PSR_T    0x20u
#define PSR_F    0x40u
#define PSR_I    0x80u
#define PSR_A    0x100u
#define PSR_E    0x200u
#define PSR_MODE 0x1fu

/* Console (PL011 0, polled). print() knows %s %c %d %u %x %08x %%. */
void console_put(char c);
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Checks: one line each, "ok name" or "FAIL name got=... want=...". */
void check(const char *name, bool ok);
void check_eq(const char *name, uint32_t got, uint32_t want);
extern unsigned check_failures;
/* Print the end mark (0x04) and power off; natively, where there is no PSCI, wait for ever. */
_Noreturn void guest_exit(void);

/* Exceptions, in vector order. */
enum exc { EXC_RESET, EXC_UND, EXC_SVC, EXC_PABT, EXC_DABT, EXC_UNUSED, EXC_IRQ, EXC_FIQ };
#define EXC_BIT(e) (1u << (e))
#define EXC_SYNC   (EXC_BIT(EXC_UND) | EXC_BIT(EXC_SVC) | EXC_BIT(EXC_PABT) | EXC_BIT(EXC_DABT))

/* The interrupted state, on the stack of the exception's mode; what the hook changes is what gets resumed
   (but sp and lr, which are of the interrupted mode and only shown). */
struct exc_frame {
    uint32_t r[13], sp, lr, pc, spsr, type; /* pc: LR of the exception's mode, unadjusted */
};

struct exc_record {
    uint32_t type, lr, spsr, cpsr; /* as the handler found them */
    uint32_t pc;                   /* of the instruction, from lr */
    uint32_t dfsr, dfar, ifsr, ifar;
    uint32_t user_sp, user_lr; /* of the interrupted mode */
};

extern volatile unsigned exc_allowed;
/* EXC_BITs that are recorded and stepped over; others end the guest */
extern volatile unsigned exc_count;
extern volatile struct exc_record exc_last;
extern void (*volatile exc_hook)(struct exc_frame *f); /* instead of stepping over; after recording */
void exc_arm(unsigned allowed);                        /* sets exc_allowed, forgets records */
void exc_skip(struct exc_frame *f);                    /* advance f past the instruction, ITSTATE too */
uint32_t exc_insn_pc(const struct exc_frame *f);
const char *exc_name(unsigned type);
const char *mode_name(unsigned mode);
void exc_print(const char *what); /* one line with the last record */
extern char exc_vectors[];        /* the default vector table, 32-byte aligned */

/* Call fn(arg) in another privileged mode, on that mode's stack, masks unchanged. From any privileged mode.
 */
uint32_t run_in_mode(uint32_t mode, uint32_t (*fn)(uint32_t), uint32_t arg);
/* Call fn(arg) at PL0 with CPSR `psr` (mode and T bit are seen to); from SVC mode. Its return is SVC #0xff.
 */
uint32_t run_user(uint32_t psr, uint32_t (*fn)(uint32_t), uint32_t arg);

#define READ_CPSR()                                                                                          \
    ({                                                                                                       \
        uint32_t v_;                                                                                         \
        __asm__ volatile("mrs %0, cpsr" : "=r"(v_));                                                         \
        v_;                                                                                                  \
    })
#define READ_SPSR()                                                                                          \
    ({                                                                                                       \
        uint32_t v_;                                                                                         \
        __asm__ volatile("mrs %0, spsr" : "=r"(v_));                                                         \
        v_;                                                                                                  \
    })
#define MRC15(op1, crn, crm, op2)                                                                            \
    ({                                                                                                       \
        uint32_t v_;                                                                                         \
        __asm__ volatile("mrc p15, " #op1 ", %0, c" #crn ", c" #crm ", " #op2 : "=r"(v_)::"memory");         \
        v_;                                                                                                  \
    })
#define MCR15(op1, crn, crm, op2, v)                                                                         \
    __asm__ volatile("mcr p15, " #op1 ", %0, c" #crn ", c" #crm ", " #op2 ::"r"((uint32_t)(v)) : "memory")
#define ISB()   __asm__ volatile("isb" ::: "memory")
#define DSB()   __asm__ volatile("dsb" ::: "memory")
#define SCTLR() MRC15(0, 1, 0, 0)
#define SET_SCTLR(v)                                                                                         \
    do {                                                                                                     \
        MCR15(0, 1, 0, 0, v);                                                                                \
        ISB();                                                                                               \
    } while (0)
/* Never with write-back: where the access may abort, the handler steps over it. */
#define READ32(a)                                                                                            \
    ({                                                                                                       \
        uint32_t v_;                                                                                         \
        __asm__ volatile("ldr %0, [%1]" : "=r"(v_) : "r"((uint32_t)(a)) : "memory");                         \
        v_;                                                                                                  \
    })
#define WRITE32(a, v) __asm__ volatile("str %1, [%0]" ::"r"((uint32_t)(a)), "r"((uint32_t)(v)) : "memory")

/* Make what was written at [start, start + size) executable: the architecture's sequence (B2.2.9). */
void code_sync(const void *start, size_t size);

int main(void);
#endif
