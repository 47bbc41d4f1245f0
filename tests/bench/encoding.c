/* How fast the encodings are, beside memcpy: gigabytes of plain bytes a second of CPU time, and how many times as long as
 * memcpy they take. Every kernel has its turn in each round, so that all meet the same moods of the machine; the median
 * counts. The memcpy of each table is the one that ran among its kernels. */
#include "text/encoding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SIZE = 1 << 20, ROUNDS = 31, REPEATS = 4 };

static uint8_t plain[SIZE], encoded[SIZE * NPKI_ENCODING_WIDEST], out[SIZE * NPKI_ENCODING_WIDEST];
static size_t encoded_size;
static volatile uint64_t sink; /* what is counted must not be optimised away */

static void copy(npk_encoding encoding)
{
    (void)encoding;
    memcpy(out, plain, SIZE);
    sink = out[sink % SIZE];
}

static void encode(npk_encoding encoding)
{
    npki_stream stream = {plain, plain + SIZE, out, out + sizeof out, false};
    npki_encoding_encode(encoding, '\'', &stream);
    sink = (uint64_t)(stream.out - out);
}

static void count(npk_encoding encoding)
{
    sink = npki_encoding_encoded_size(encoding, '\'', plain, SIZE);
}

static void measure(npk_encoding encoding)
{
    uint64_t decoded;
    if (npki_encoding_measure(encoding, encoded, encoded_size, &decoded) != encoded_size || decoded != SIZE)
        abort();
    sink = decoded;
}

static void decode(npk_encoding encoding)
{
    npki_stream stream = {encoded, encoded + encoded_size, out, out + SIZE, false};
    npki_encoding_decode(encoding, &stream);
    sink = (uint64_t)(stream.out - out);
}

static void measure_and_decode(npk_encoding encoding)
{
    measure(encoding);
    decode(encoding);
}

static const struct {
    const char *name;
    void (*run)(npk_encoding encoding);
} kernels[] = {
    {"memcpy", copy},     {"encode", encode}, {"encoded size", count},
    {"measure", measure}, {"decode", decode}, {"measure + decode", measure_and_decode},
};
enum { KERNELS = sizeof kernels / sizeof *kernels };

/* --- what is encoded --- */

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

static void bench(const char *encoding_name, npk_encoding encoding, const char *input)
{
    static double times[KERNELS][ROUNDS];
    npki_stream stream = {plain, plain + SIZE, encoded, encoded + sizeof encoded, false};
    npki_encoding_encode(encoding, '\'', &stream);
    encoded_size = (size_t)(stream.out - encoded);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < KERNELS; i++) {
            double start = now();
            for (int repeat = 0; repeat < REPEATS; repeat++)
                kernels[i].run(encoding);
            times[i][round] = (now() - start) / REPEATS;
        }
    }
    if (memcmp(out, plain, SIZE) != 0) { /* the last kernel decoded */
        fprintf(stderr, "%s does not bring %s back\n", encoding_name, input);
        exit(1);
    }
    for (size_t i = 0; i < KERNELS; i++) {
        qsort(times[i], ROUNDS, sizeof times[i][0], compare);
        printf("%-8s %-14s %-17s %7.2f GB/s %7.1f x memcpy\n", encoding_name, input, kernels[i].name,
               SIZE / times[i][ROUNDS / 2] / 1e9, times[i][ROUNDS / 2] / times[0][ROUNDS / 2]);
    }
}

int main(void)
{
    static const struct {
        const char *name;
        npk_encoding encoding;
    } encodings[] = {{"RAW", NPK_ENCODING_RAW},
                     {"UTF8", NPK_ENCODING_LATIN1_UTF8},
                     {"UNICODE", NPK_ENCODING_RAW_UNICODE_ESCAPE},
                     {"REPR", NPK_ENCODING_STRING_ESCAPE}};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        for (size_t k = 0; k < SIZE; k++)
            plain[k] = inputs[i].fill(k);
        for (size_t k = 0; k < sizeof encodings / sizeof *encodings; k++)
            bench(encodings[k].name, encodings[k].encoding, inputs[i].name);
    }
    return 0;
}
