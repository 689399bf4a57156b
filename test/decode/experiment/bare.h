/* What both bare-metal programs of the experiment stand on: files of the host's by semihosting, random words.
 */
#ifndef BARE_H
#define BARE_H

#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);

uint32_t random_word(void);

/*
 * Records of the file `in`, `batch` at a time at most, to the file `out`: run() makes out_batch[i] of
 * in_batch[i]. Then the emulator ends. begin() is called once, if both files can be opened.
 */
struct bare_job {
    const char *in, *out;
    void *in_batch, *out_batch;
    uint32_t in_size, out_size, batch; /* sizes of one record, bytes */
    void (*begin)(void);
    void (*run)(uint32_t i);
};
void bare_run(const struct bare_job *job);

#endif
