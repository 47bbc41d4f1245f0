/* How fast the coats are, beside memcpy: gigabytes of plain bytes a second of CPU time, and how many times as long as
 * memcpy they take. Every kernel has its turn in each round, so that all meet the same moods of the machine; the median
 * counts. The memcpy of each table is the one that ran among its kernels. */
#include "text/coat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SIZE = 1 << 20, ROUNDS = 31, REPEATS = 4 };

static uint8_t plain[SIZE], coated[SIZE * NPKI_COAT_WIDEST], out[SIZE * NPKI_COAT_WIDEST];
static size_t coated_size;
static volatile uint64_t sink; /* what is counted must not be optimised away */

static void copy(npk_coat coat)
{
    (void)coat;
    memcpy(out, plain, SIZE);
    sink = out[sink % SIZE];
}

static void encode(npk_coat coat)
{
    npki_stream stream = {plain, plain + SIZE, out, out + sizeof out, false};
    npki_coat_encode(coat, '\'', &stream);
    sink = (uint64_t)(stream.out - out);
}

static void count(npk_coat coat)
{
    sink = npki_coat_encoded_size(coat, '\'', plain, SIZE);
}

static void measure(npk_coat coat)
{
    uint64_t decoded;
    if (npki_coat_measure(coat, coated, coated_size, &decoded) != coated_size || decoded != SIZE)
        abort();
    sink = decoded;
}

static void decode(npk_coat coat)
{
    npki_stream stream = {coated, coated + coated_size, out, out + SIZE, false};
    npki_coat_decode(coat, &stream);
    sink = (uint64_t)(stream.out - out);
}

static void measure_and_decode(npk_coat coat)
{
    measure(coat);
    decode(coat);
}

static const struct {
    const char *name;
    void (*run)(npk_coat coat);
} kernels[] = {
    {"memcpy", copy},     {"encode", encode}, {"encoded size", count},
    {"measure", measure}, {"decode", decode}, {"measure + decode", measure_and_decode},
};
enum { KERNELS = sizeof kernels / sizeof *kernels };

/* --- what is coated --- */

static uint64_t next_random(void)
{
    static uint64_t state = UINT64_C(88172645463325252);
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static uint8_t fill_random(size_t i)
{
    (void)i;
    return (uint8_t)(next_random() >> 32);
}

/* Between -1 and 1: seven bytes at random, and one of sign and exponent. */
static uint8_t fill_doubles(size_t i)
{
    static double value;
    uint8_t bytes[sizeof value];
    if (i % sizeof value == 0)
        value = (double)(int64_t)next_random() / 9223372036854775808.0;
    memcpy(bytes, &value, sizeof value);
    return bytes[i % sizeof value];
}

/* 0.0, 1.0, 2.0 ...: most bytes are 0. */
static uint8_t fill_whole_doubles(size_t i)
{
    double value = (double)(i / sizeof value);
    uint8_t bytes[sizeof value];
    memcpy(bytes, &value, sizeof value);
    return bytes[i % sizeof value];
}

static uint8_t fill_ascii(size_t i)
{
    return (uint8_t)("what is written "[i % 16]);
}

static const struct {
    const char *name;
    uint8_t (*fill)(size_t i);
} inputs[] = {
    {"random bytes", fill_random},
    {"doubles", fill_doubles},
    {"whole doubles", fill_whole_doubles},
    {"ASCII", fill_ascii},
};

/* --- the clock --- */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void bench(const char *coat_name, npk_coat coat, const char *input)
{
    static double times[KERNELS][ROUNDS];
    npki_stream stream = {plain, plain + SIZE, coated, coated + sizeof coated, false};
    npki_coat_encode(coat, '\'', &stream);
    coated_size = (size_t)(stream.out - coated);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < KERNELS; i++) {
            double start = now();
            for (int repeat = 0; repeat < REPEATS; repeat++)
                kernels[i].run(coat);
            times[i][round] = (now() - start) / REPEATS;
        }
    }
    if (memcmp(out, plain, SIZE) != 0) { /* the last kernel decoded */
        fprintf(stderr, "%s does not bring %s back\n", coat_name, input);
        exit(1);
    }
    for (size_t i = 0; i < KERNELS; i++) {
        qsort(times[i], ROUNDS, sizeof times[i][0], compare);
        printf("%-8s %-14s %-17s %7.2f GB/s %7.1f x memcpy\n", coat_name, input, kernels[i].name,
               SIZE / times[i][ROUNDS / 2] / 1e9, times[i][ROUNDS / 2] / times[0][ROUNDS / 2]);
    }
}

int main(void)
{
    static const struct {
        const char *name;
        npk_coat coat;
    } coats[] = {
        {"RAW", NPK_COAT_RAW}, {"UTF8", NPK_COAT_UTF8}, {"UNICODE", NPK_COAT_UNICODE}, {"REPR", NPK_COAT_REPR}};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        for (size_t k = 0; k < SIZE; k++)
            plain[k] = inputs[i].fill(k);
        for (size_t k = 0; k < sizeof coats / sizeof *coats; k++)
            bench(coats[k].name, coats[k].coat, inputs[i].name);
    }
    return 0;
}
