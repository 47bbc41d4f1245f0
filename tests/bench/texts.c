/* Floats as text, both ways: doubles between 0 and 1, and of random bits. */
#include "bench.h"

#include "text/number.h"

#include <stdlib.h>
#include <string.h>

static bench_file doubles, texts; /* each text with a newline */
static char *printed;
static double *parsed;
static size_t count, printed_size;

static bool prepare_texts(char **words)
{
    if (!bench_map(&doubles, "%s.raw", words[0]) || !bench_map(&texts, "%s.txt", words[0]))
        return false;
    count = doubles.size / sizeof(double);
    printed = bench_room(count * (NPKI_REPR_DOUBLE + 1));
    parsed = bench_room(doubles.size);
    return true;
}

static void print_floats(void)
{
    const double *values = (const double *)(const void *)doubles.bytes;
    char *at = printed;
    for (size_t i = 0; i < count; i++) {
        at += npki_repr_double(values[i], at);
        *at++ = '\n';
    }
    printed_size = (size_t)(at - printed);
}

static bool check_print(void)
{
    return printed_size == texts.size && memcmp(printed, texts.bytes, printed_size) == 0;
}

static void parse_floats(void)
{
    const uint8_t *at = texts.bytes, *end = at + texts.size;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *line = memchr(at, '\n', (size_t)(end - at));
        if (line == NULL || !npki_parse_double(at, (size_t)(line - at), &parsed[i]))
            abort();
        at = line + 1;
    }
}

static bool check_parse(void)
{
    return memcmp(parsed, doubles.bytes, doubles.size) == 0;
}

const bench_case bench_text_cases[] = {
    {"float-print", 1, prepare_texts, print_floats, check_print, NULL, NULL},
    {"float-parse", 1, prepare_texts, parse_floats, check_parse, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL, NULL, NULL},
};
