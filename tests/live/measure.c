/* Runs a program, and tells what it took: for proportion.py. The program's own processes are measured, not this one's.
 *
 *   measure SECONDS PROGRAM [ARGUMENT]...
 *
 * Its standard output and error are read to the end and counted. Prints "STATUS SECONDS KIBIBYTES OUT ERR": exit status, or 128 and
 * the signal that ended it (137 after SECONDS of processor time, or ten times as many by the clock); processor time; the peak of its
 * memory; bytes written. */
#ifndef _DEFAULT_SOURCE /* tests/above.h comes first */
#define _DEFAULT_SOURCE
#endif

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void run(char **argv, rlim_t seconds, int to[2][2])
{
    const struct rlimit limit = {seconds, seconds};
    setrlimit(RLIMIT_CPU, &limit);
    signal(SIGPIPE, SIG_DFL);
    for (int i = 0; i < 2; i++) {
        dup2(to[i][1], STDOUT_FILENO + i);
        close(to[i][0]);
        close(to[i][1]);
    }
    execvp(*argv, argv);
    _exit(127);
}

/* All that comes out; false if the time ends first. */
static int drain(int to[2][2], double seconds, unsigned long long counts[2])
{
    static char room[1 << 16];
    struct pollfd ends[2] = {{.fd = to[0][0], .events = POLLIN}, {.fd = to[1][0], .events = POLLIN}};
    struct timespec now, start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        double passed = (double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) / 1e9;
        if (passed > seconds)
            return 0;
        if (poll(ends, 2, 100) <= 0)
            continue;
        for (int i = 0; i < 2; i++) {
            if (ends[i].fd < 0 || ends[i].revents == 0)
                continue;
            ssize_t size = read(ends[i].fd, room, sizeof room);
            if (size > 0)
                counts[i] += (unsigned long long)size;
            else
                ends[i].fd = -1;
        }
    }
    return 1;
}

int main(int argc, char **argv)
{
    int to[2][2], status = 0;
    unsigned long long counts[2] = {0, 0};
    struct rusage used;
    if (argc < 3 || pipe(to[0]) != 0 || pipe(to[1]) != 0)
        return 2;
    unsigned long seconds = strtoul(argv[1], NULL, 10);
    pid_t child = fork();
    if (child == 0)
        run(argv + 2, (rlim_t)seconds, to);
    close(to[0][1]);
    close(to[1][1]);
    if (child < 0)
        return 2;
    if (!drain(to, 10.0 * (double)seconds, counts))
        kill(child, SIGKILL);
    if (wait4(child, &status, 0, &used) != child)
        return 2;
    double time = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                  (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    printf("%d %.6f %ld %llu %llu\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), time,
           used.ru_maxrss, counts[0], counts[1]);
    return 0;
}
