/*
 * Runs a program and measures it from fork to wait.
 *
 *     mark NAME PROGRAM [ARGUMENT...]
 *
 * The program's status is ours. Its stdout goes to stderr, the figures are on stdout (measure.h).
 */
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

int main(int argc, char **argv)
{
    int status = 0;
    pid_t p;

    if (argc < 3)
        return 2;
    measure_start();
    if ((p = fork()) == 0) {
        dup2(2, 1);
        execv(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    must(p > 0 && waitpid(p, &status, 0) == p, "fork");
    measure_stop(argv[1], 1);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
