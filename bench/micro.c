/*
 * Kernel operations, each timed by the guest's own clock.
 *
 *     micro OPERATION COUNT        (micro alone lists the operations)
 *
 * On the deterministic clock (./armature native --icount, boot --icount) a nanosecond is an instruction, so
 * these are instructions per operation. The markers around the loop, two instructions that do nothing, are
 * for plugins of the emulator that count what is executed between them.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char buf[4096], *map;
static int zero, there[2], back[2];

static void must(int ok, const char *what)
{
    if (!ok) {
        perror(what);
        exit(1);
    }
}

static void spawn(char *const argv[])
{
    pid_t p = fork();

    must(p >= 0, "fork");
    if (p == 0) {
        if (argv)
            execv("/proc/self/exe", argv);
        _exit(argv != NULL);
    }
    must(waitpid(p, NULL, 0) == p, "waitpid");
}

static void op_null(int i) { (void)i, syscall(SYS_getppid); }
static void op_read1(int i) { (void)i, must(read(zero, buf, 1) == 1, "read"); }
static void op_read4k(int i) { (void)i, must(read(zero, buf, 4096) == 4096, "read"); }
static void op_sig(int i) { (void)i, kill(getpid(), SIGUSR1); }
static void op_fork(int i) { (void)i, spawn(NULL); }
static void op_exec(int i) { (void)i, spawn((char *[]){"micro", "exit", NULL}); }
static void op_pgfault(int i) { map[i * 4096] = 1; }

static void op_stat(int i)
{
    struct stat st;

    (void)i, must(!stat("/init", &st), "stat");
}

static void op_pipe(int i)
{
    (void)i, must(write(there[1], buf, 1) == 1, "write");
    must(read(back[0], buf, 1) == 1, "read");
}

static void op_pipe4k(int i)
{
    (void)i, must(write(there[1], buf, 4096) == 4096, "write");
    must(read(there[0], buf, 4096) == 4096, "read");
}

static const struct {
    const char *name;
    void (*run)(int i);
} ops[] = {
    {"null", op_null}, {"read1", op_read1},     {"read4k", op_read4k}, {"stat", op_stat},
    {"sig", op_sig},   {"pipe", op_pipe},       {"pipe4k", op_pipe4k}, {"fork", op_fork},
    {"exec", op_exec}, {"pgfault", op_pgfault},
};
enum { OPS = sizeof ops / sizeof ops[0] };

static void on_signal(int s) { (void)s; }

static void echo(void)
{
    while (read(there[0], buf, 1) == 1)
        must(write(back[1], buf, 1) == 1, "write");
}

static void measure(const char *name, void (*run)(int), int n)
{
    struct timespec a, b;

    map = mmap(NULL, (n + 1) * 4096ul, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(map != MAP_FAILED, "mmap");
    run(n); /* warm up */
    clock_gettime(CLOCK_MONOTONIC, &a);
    __asm__ volatile("mov r10, r10");
    for (int i = 0; i < n; i++)
        run(i);
    __asm__ volatile("mov r11, r11");
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%s %.1f ns/op\n", name, ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) / n);
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "exit"))
        return 0;
    for (int i = 0; argc == 3 && atoi(argv[2]) > 0 && i < OPS; i++) {
        pid_t child = 0;

        if (strcmp(argv[1], ops[i].name))
            continue;
        must((zero = open("/dev/zero", O_RDONLY)) >= 0, "/dev/zero");
        must(!pipe(there) && !pipe(back), "pipe");
        signal(SIGUSR1, on_signal);
        if (ops[i].run == op_pipe && (child = fork()) == 0)
            echo();
        measure(ops[i].name, ops[i].run, atoi(argv[2]));
        if (child)
            kill(child, SIGKILL);
        return 0;
    }
    fprintf(stderr, "usage: micro OPERATION COUNT; operations:");
    for (int i = 0; i < OPS; i++)
        fprintf(stderr, " %s", ops[i].name);
    fprintf(stderr, "\n");
    return 2;
}
