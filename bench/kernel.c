/*
 * Kernel operations, named and done as in lmbench. Each is done a few times first: what is measured is warm.
 *
 *     kernel PERCENT [live=N] [OPERATION...]
 *         each operation's usual count, times PERCENT / 100; without names, all of them; beside N sleeping
 * processes kernel list
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "measure.h"

enum { PAGE = 4096, CHUNK = 65536, MAPPED = 1 << 20, RING_MAX = 16, RING_TOUCH = 16384 };

static char buf[CHUNK], *map;
static int zero, null, file, there[2], back[2], ring[RING_MAX][2];
static pid_t child, others[RING_MAX];
static unsigned other_count;
static char suffix[32]; /* of the names that are printed */

static void spawn(const char *path, char *const argv[])
{
    pid_t p = fork();

    must(p >= 0, "fork");
    if (p == 0) {
        if (path)
            execv(path, argv);
        _exit(path != NULL);
    }
    must(waitpid(p, NULL, 0) == p, "waitpid");
}

/* ---- what is prepared before; n operations will be done ---- */

static void no_setup(int n) { (void)n; }

static void serve(int in, int out)
{
    char c[1];

    close(in == there[0] ? there[1] : -1);
    while (read(in, c, 1) == 1)
        must(write(out, c, 1) == 1, "write");
    _exit(0);
}

static void setup_pipe(int n)
{
    (void)n;
    must(!pipe(there) && !pipe(back), "pipe");
    if ((child = fork()) == 0)
        serve(there[0], back[1]);
}

static void setup_unix(int n)
{
    (void)n;
    must(!socketpair(AF_UNIX, SOCK_STREAM, 0, there), "socketpair");
    if ((child = fork()) == 0) {
        close(there[0]);
        serve(there[1], there[1]);
    }
}

static void setup_pipe_bw(int n)
{
    (void)n;
    must(!pipe(there), "pipe");
    if ((child = fork()) == 0)
        while (write(there[1], buf, CHUNK) == CHUNK)
            ;
}

static void setup_select(int n)
{
    (void)n;
    for (int i = 0; i < 100; i++)
        must(dup2(there[0], 100 + i) >= 0, "dup2");
}

static void on_signal(int s) { (void)s; }

static void setup_signal(int n)
{
    (void)n;
    signal(SIGUSR1, on_signal);
}

/* The store that faulted is passed over. */
static void on_fault(int s, siginfo_t *info, void *context)
{
    (void)s, (void)info;
    ((ucontext_t *)context)->uc_mcontext.arm_pc += 4;
}

static void setup_prot_fault(int n)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

    (void)n;
    must(!sigaction(SIGSEGV, &action, NULL), "sigaction");
    map = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(map != MAP_FAILED, "mmap");
}

static void setup_file(int n)
{
    size_t size = n > MAPPED / PAGE ? (size_t)n * PAGE : MAPPED;

    must((file = open("/tmp/mapped", O_RDWR | O_CREAT | O_TRUNC, 0600)) >= 0, "/tmp/mapped");
    for (size_t i = 0; i < size; i += CHUNK)
        must(write(file, buf, CHUNK) == CHUNK, "write");
    map = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
    must(map != MAP_FAILED, "mmap");
}

static void setup_anonymous(int n)
{
    map = mmap(NULL, (size_t)n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(map != MAP_FAILED, "mmap");
}

static void setup_ring(unsigned processes, unsigned touched)
{
    for (unsigned i = 0; i < processes; i++)
        must(!pipe(ring[i]), "pipe");
    other_count = processes - 1;
    for (unsigned i = 1; i < processes; i++)
        if ((others[i - 1] = fork()) == 0) {
            char c[1];

            while (read(ring[i][0], c, 1) == 1) {
                for (unsigned at = 0; at < touched; at += 4)
                    ++*(volatile int *)(buf + at);
                must(write(ring[(i + 1) % processes][1], c, 1) == 1, "write");
            }
            _exit(0);
        }
}

/* ---- the operations ---- */

static void op_null(int i) { (void)i, syscall(SYS_getppid); }
static void op_read(int i) { (void)i, must(read(zero, buf, 1) == 1, "read"); }
static void op_write(int i) { (void)i, must(write(null, buf, 1) == 1, "write"); }
static void op_sig_install(int i) { (void)i, signal(SIGUSR2, on_signal); }
static void op_sig_handle(int i) { (void)i, kill(getpid(), SIGUSR1); }
static void op_prot_fault(int i) { (void)i, *(volatile char *)map = 1; }
static void op_fork(int i) { (void)i, spawn(NULL, NULL); }
static void op_exec(int i) { (void)i, spawn("/proc/self/exe", (char *[]){"kernel", "exit", NULL}); }
static void op_sh(int i) { (void)i, spawn("/bin/sh", (char *[]){"sh", "-c", "/bin/true; exit 0", NULL}); }
static void op_pgfault(int i) { (void)*(volatile char *)(map + i * PAGE); }
static void op_pgfault_anon(int i) { *(volatile char *)(map + i * PAGE) = 1; }

static void op_stat(int i)
{
    struct stat st;

    (void)i, must(!stat("/init", &st), "stat");
}

static void op_fstat(int i)
{
    struct stat st;

    (void)i, must(!fstat(zero, &st), "fstat");
}

static void op_open(int i)
{
    int f = open("/init", O_RDONLY);

    (void)i, must(f >= 0 && !close(f), "open");
}

static void select_on(int count)
{
    struct timeval now = {0, 0};
    fd_set set;

    FD_ZERO(&set);
    for (int i = 0; i < count; i++)
        FD_SET(100 + i, &set);
    must(select(100 + count, &set, NULL, NULL, &now) == 0, "select");
}
static void op_select10(int i) { (void)i, select_on(10); }
static void op_select100(int i) { (void)i, select_on(100); }

static void round_trip(int out, int in)
{
    must(write(out, buf, 1) == 1, "write");
    must(read(in, buf, 1) == 1, "read");
}
static void op_pipe(int i) { (void)i, round_trip(there[1], back[0]); }
static void op_unix(int i) { (void)i, round_trip(there[0], there[0]); }

static void op_pipe_bw(int i)
{
    (void)i;
    for (ssize_t n = 0, got; n < CHUNK; n += got)
        must((got = read(there[0], buf, CHUNK - n)) > 0, "read");
}

static void op_mmap(int i)
{
    char *m = mmap(NULL, MAPPED, PROT_READ, MAP_SHARED, file, 0);

    (void)i, must(m != MAP_FAILED, "mmap");
    for (int at = 0; at < MAPPED; at += 16384)
        (void)*(volatile char *)(m + at);
    must(!munmap(m, MAPPED), "munmap");
}

static void op_ctx(int i)
{
    (void)i, must(write(ring[1][1], buf, 1) == 1, "write");
    must(read(ring[0][0], buf, 1) == 1, "read");
}
static void op_ctx_16k(int i)
{
    for (int at = 0; at < RING_TOUCH; at += 4)
        ++*(volatile int *)(buf + at);
    op_ctx(i);
}
#define RING(name, processes, touched)                                                                       \
    static void setup_##name(int n) { (void)n, setup_ring(processes, touched); }
RING(ctx_2_0, 2, 0)
RING(ctx_8_0, 8, 0)
RING(ctx_16_0, 16, 0)
RING(ctx_2_16k, 2, RING_TOUCH)
RING(ctx_8_16k, 8, RING_TOUCH)
RING(ctx_16_16k, 16, RING_TOUCH)

static const struct {
    const char *name;
    unsigned count;
    void (*setup)(int n);
    void (*run)(int i);
} ops[] = {
    {"null", 120000, no_setup, op_null},
    {"read", 72000, no_setup, op_read},
    {"write", 48000, no_setup, op_write},
    {"stat", 8000, no_setup, op_stat},
    {"fstat", 12000, no_setup, op_fstat},
    {"open", 4000, no_setup, op_open},
    {"select10", 9000, setup_select, op_select10},
    {"select100", 1500, setup_select, op_select100},
    {"sig_install", 36000, no_setup, op_sig_install},
    {"sig_handle", 6000, setup_signal, op_sig_handle},
    {"prot_fault", 6000, setup_prot_fault, op_prot_fault},
    {"pipe", 3000, setup_pipe, op_pipe},
    {"pipe_bw", 1200, setup_pipe_bw, op_pipe_bw},
    {"unix", 3000, setup_unix, op_unix},
    {"fork", 150, no_setup, op_fork},
    {"exec", 60, no_setup, op_exec},
    {"sh", 30, no_setup, op_sh},
    {"pgfault", 3000, setup_file, op_pgfault},
    {"pgfault_anon", 3000, setup_anonymous, op_pgfault_anon},
    {"mmap", 150, setup_file, op_mmap},
    {"ctx_2_0", 2400, setup_ctx_2_0, op_ctx},
    {"ctx_8_0", 600, setup_ctx_8_0, op_ctx},
    {"ctx_16_0", 300, setup_ctx_16_0, op_ctx},
    {"ctx_2_16k", 300, setup_ctx_2_16k, op_ctx_16k},
    {"ctx_8_16k", 75, setup_ctx_8_16k, op_ctx_16k},
    {"ctx_16_16k", 39, setup_ctx_16_16k, op_ctx_16k},
};
enum { OPS = sizeof ops / sizeof ops[0] };

static void measure(const char *name, unsigned n, unsigned warm, void (*setup)(int), void (*run)(int))
{
    setup((int)(n + warm));
    for (unsigned i = 0; i < warm; i++)
        run((int)i);
    measure_start();
    for (unsigned i = warm; i < n + warm; i++)
        run((int)i);
    char full[64];
    snprintf(full, sizeof full, "%s%s", name, suffix);
    measure_stop(full, n);
}

static int living[2]; /* a pipe: they read from it until its writing end is closed */

static void live(unsigned count)
{
    char c;

    must(!pipe(living), "pipe");
    snprintf(suffix, sizeof suffix, "_live_%u", count);
    for (unsigned i = 1; i < count; i++) {
        pid_t p = fork();

        must(p >= 0, "fork");
        if (p == 0) {
            close(living[1]);
            (void)!read(living[0], &c, 1);
            _exit(0);
        }
    }
}

/* In a process of its own, so that no operation leaves anything to the next. */
static void measure_apart(const char *name, unsigned percent)
{
    pid_t p;

    for (unsigned i = 0; i < OPS; i++) {
        unsigned n = ops[i].count * percent / 100;

        if (strcmp(name, ops[i].name))
            continue;
        must((p = fork()) >= 0, "fork");
        if (p == 0) {
            n = n ? n : 1;
            measure(name, n, n / 4 + 2, ops[i].setup, ops[i].run);
            if (child)
                kill(child, SIGKILL);
            for (unsigned k = 0; k < other_count; k++)
                kill(others[k], SIGKILL);
            while (wait(NULL) > 0)
                ;
            exit(0);
        }
        int status;
        must(waitpid(p, &status, 0) == p && status == 0, name);
        return;
    }
    fprintf(stderr, "kernel: no operation is called %s\n", name);
    exit(2);
}

int main(int argc, char **argv)
{
    unsigned percent = argc > 1 ? (unsigned)atoi(argv[1]) : 0;

    if (argc == 2 && !strcmp(argv[1], "exit"))
        return 0;
    if (!percent) {
        for (int i = 0; i < OPS; i++)
            printf("%s\n", ops[i].name);
        return argc == 2 && !strcmp(argv[1], "list") ? 0 : 2;
    }
    must((zero = open("/dev/zero", O_RDONLY)) >= 0 && (null = open("/dev/null", O_WRONLY)) >= 0, "/dev");
    must(!pipe(there), "pipe");
    memset(buf, 1, sizeof buf);
    for (int i = 2; i < argc; i++)
        if (!strncmp(argv[i], "live=", 5))
            live((unsigned)atoi(argv[i] + 5));
        else
            measure_apart(argv[i], percent);
    for (int i = 0; argc == 2 && i < OPS; i++)
        measure_apart(ops[i].name, percent);
    if (*suffix)
        close(living[1]);
    while (wait(NULL) > 0)
        ;
    return 0;
}
