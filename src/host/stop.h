/* Ends that something goes wrong to: each says why in a line. */
#ifndef HOST_STOP_H
#define HOST_STOP_H

/* Of what ./armature returns; 0 to 123 are a guest's own. */
#define STATUS_TIMEOUT 124
#define STATUS_VMM     125

/* How an end is done: given at start, by what is above. */
struct stop_ends {
    void (*guest)(int status) __attribute__((noreturn));
    void (*machine)(int status) __attribute__((noreturn));
    void (*off)(int status)
        __attribute__((noreturn)); /* at once: no format, no counters, nothing that can fail again */
};
void stop_init(const struct stop_ends *ends);

/* This guest cannot go on; what others do is their own affair. */
_Noreturn void guest_stopped(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Nothing can. */
_Noreturn void machine_stopped(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Everything is said. */
_Noreturn void stop_off(int status);

#endif
