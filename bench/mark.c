/*
 * Runs a program and measures it from fork to wait.
 *
 *     mark NAME PROGRAM [ARGUMENT...]
 *     mark seed        tells the kernel that its random numbers are random: else whoever wants one first
 * waits for it
 *
 * The program's status is ours, its output goes nowhere; the figures are on stdout (measure.h).
 */
#include <fcntl.h>
#include <linux/random.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

static int seed(void)
{
    struct { /* rand_pool_info, with its bytes */
        int entropy_bits, size;
        char bytes[64];
    } pool = {8 * 64, 64, "the same in each run: this is a measurement, nothing is secret"};
    int random = open("/dev/random", O_WRONLY);

    must(random >= 0 && ioctl(random, RNDADDENTROPY, &pool) == 0, "/dev/random");
    return 0;
}

int main(int argc, char **argv)
{
    int status = 0;
    pid_t p;

    if (argc == 2 && !strcmp(argv[1], "seed"))
        return seed();
    if (argc < 3)
        return 2;
    measure_start();
    if ((p = fork()) == 0) {
        dup2(open("/dev/null", O_WRONLY), 1);
        execv(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    must(p > 0 && waitpid(p, &status, 0) == p, "fork");
    measure_stop(argv[1], 1);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
