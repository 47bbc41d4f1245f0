/* npickle's side of the benchmark, a child of driver.py that reads lines and answers each with one:
 *
 *     prep CASE WORD...    ok, or absent and why
 *     check                ok, or wrong
 *     run N                nanoseconds of CPU time, and of the clock on the wall, for N times
 *     done                 ok
 *     others               the libraries of other formats that it has: NAME VERSION, NAME VERSION...
 *
 *     tests/bench/ours DIRECTORY DIALECT LEVEL             the child; a LEVEL of 0 to 4 as in base/cpu.h
 *     tests/bench/ours DIRECTORY DIALECT LEVEL CASE ...    once, for callgrind, which counts bench_measured
 */
#include "bench.h"

#include "base/cpu.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

npk_dialect bench_dialect;
volatile uint64_t bench_sink;

static char absent[256];

bool bench_absent(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(absent, sizeof absent, format, arguments);
    va_end(arguments);
    return false;
}

void bench_must(npk_status status, const npk_error *error)
{
    if (status == NPK_OK)
        return;
    fprintf(stderr, "%s\n", error->message);
    exit(1);
}

static int64_t nanoseconds(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* --- cases --- */

static const bench_case *const tables[] = {bench_array_cases,  bench_small_cases,  bench_load_cases,
                                           bench_dump_cases,   bench_text_cases,   bench_cast_cases,
                                           bench_memory_cases, bench_yyjson_cases, bench_mpack_cases};

static const bench_case *find(const char *name)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const bench_case *row = tables[i]; row->name != NULL; row++)
            if (strcmp(row->name, name) == 0)
                return row;
    return NULL;
}

static const bench_case *prepare(int count, char **words)
{
    const bench_case *found = count == 0 ? NULL : find(words[0]);
    if (found == NULL || found->words != count - 1) {
        bench_absent("no such case");
        return NULL;
    }
    if (!found->prepare(words + 1)) {
        bench_release();
        return NULL;
    }
    return found;
}

static void finish(const bench_case *at_hand)
{
    if (at_hand != NULL && at_hand->finish != NULL)
        at_hand->finish();
    bench_release();
}

__attribute__((noinline)) void bench_measured(const bench_case *at_hand);
void bench_measured(const bench_case *at_hand)
{
    at_hand->once();
}

static void run(const bench_case *at_hand, long times)
{
    int64_t cpu = 0, wall = 0;
    long at_once = at_hand->before == NULL ? times : 1;
    for (long done = 0; done < times; done += at_once) {
        if (at_hand->before != NULL)
            at_hand->before();
        int64_t wall_start = nanoseconds(CLOCK_MONOTONIC), cpu_start = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
        for (long i = 0; i < at_once; i++)
            at_hand->once();
        cpu += nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
        wall += nanoseconds(CLOCK_MONOTONIC) - wall_start;
    }
    printf("%lld %lld\n", (long long)cpu, (long long)wall);
}

/* --- the protocol --- */

enum { WORDS = 16, LINE = 1024 };

static void print_others(void)
{
    const char *const others[][2] = {{"yyjson", bench_yyjson_version}, {"mpack", bench_mpack_version}};
    const char *between = "";
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i][1] == NULL)
            continue;
        printf("%s%s %s", between, others[i][0], others[i][1]);
        between = ", ";
    }
    printf("\n");
}

static int split(char *line, char **words)
{
    int count = 0;
    for (char *word = strtok(line, " \n"); word != NULL && count < WORDS; word = strtok(NULL, " \n"))
        words[count++] = word;
    return count;
}

static void answer(const bench_case **at_hand, int count, char **words)
{
    if (strcmp(words[0], "prep") == 0) {
        finish(*at_hand);
        *at_hand = prepare(count - 1, words + 1);
        printf(*at_hand != NULL ? "ok\n" : "absent %s\n", absent);
    } else if (strcmp(words[0], "others") == 0) {
        print_others();
    } else if (*at_hand == NULL) {
        printf("absent nothing is prepared\n");
    } else if (strcmp(words[0], "check") == 0) {
        if ((*at_hand)->before != NULL)
            (*at_hand)->before();
        (*at_hand)->once();
        printf("%s\n", (*at_hand)->check() ? "ok" : "wrong");
    } else if (strcmp(words[0], "run") == 0 && count == 2) {
        run(*at_hand, atol(words[1]));
    } else {
        finish(*at_hand);
        *at_hand = NULL;
        printf("ok\n");
    }
    fflush(stdout);
}

static int once(int count, char **words)
{
    const bench_case *at_hand = prepare(count, words);
    if (at_hand == NULL) {
        fprintf(stderr, "%s: %s\n", words[0], absent);
        return 77;
    }
    for (int i = 0; i < 2; i++) { /* the first finds out what the machine can do, and fills what is kept */
        if (at_hand->before != NULL)
            at_hand->before();
        if (i == 0)
            at_hand->once();
        else
            bench_measured(at_hand);
    }
    bool right = at_hand->check();
    finish(at_hand);
    return right ? 0 : 1;
}

int main(int argc, char **argv)
{
    npk_error error;
    if (argc < 4) {
        fprintf(stderr, "usage: ours DIRECTORY DIALECT LEVEL [CASE WORD...]\n");
        return 2;
    }
    bench_path("%s/", argv[1]);
    bench_must(npk_dialect_parse(argv[2], &bench_dialect, &error), &error);
    npki_cpu_limit((npki_cpu)atoi(argv[3]));
    if (argc > 4)
        return once(argc - 4, argv + 4);
    char line[LINE], *words[WORDS];
    const bench_case *at_hand = NULL;
    while (fgets(line, sizeof line, stdin) != NULL) {
        int count = split(line, words);
        if (count == 0 || strcmp(words[0], "quit") == 0)
            break;
        answer(&at_hand, count, words);
    }
    finish(at_hand);
    return 0;
}
