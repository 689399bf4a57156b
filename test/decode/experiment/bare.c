#include "bare.h"

int host(int operation, void *arguments); /* in assembly */

enum { HOST_OPEN = 1, HOST_CLOSE = 2, HOST_WRITE = 5, HOST_READ = 6, HOST_EXIT = 0x18 };
enum { MODE_READ = 1, MODE_WRITE = 5 }; /* rb, wb */

static uint32_t random_state = 1;

void *memcpy(void *to, const void *from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((char *)to)[i] = ((const char *)from)[i];
    return to;
}

void *memset(void *to, int value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((char *)to)[i] = (char)value;
    return to;
}

uint32_t random_word(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static int host_open(const char *name, uint32_t mode)
{
    uint32_t length = 0;

    while (name[length])
        length++;
    return host(HOST_OPEN, (uint32_t[]){(uint32_t)name, mode, length});
}

void bare_run(const struct bare_job *job)
{
    int in = host_open(job->in, MODE_READ), out = host_open(job->out, MODE_WRITE);
    uint32_t whole = job->in_size * job->batch, left = 0;

    if (in >= 0 && out >= 0) {
        job->begin();
        while (!left) {
            uint32_t count;

            left = (uint32_t)host(HOST_READ, (uint32_t[]){(uint32_t)in, (uint32_t)job->in_batch, whole});
            count = (whole - left) / job->in_size;
            for (uint32_t i = 0; i < count; i++)
                job->run(i);
            host(HOST_WRITE, (uint32_t[]){(uint32_t)out, (uint32_t)job->out_batch, count * job->out_size});
        }
        host(HOST_CLOSE, (uint32_t[]){(uint32_t)out});
    }
    host(HOST_EXIT, (void *)0x20026);
}
