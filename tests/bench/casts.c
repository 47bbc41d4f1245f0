/* From one type, byte order or layout to another: npk_array_read_as and its like beside numpy.copyto. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

/* make.py has them too. */
enum { SIDE = 1024, STRUCTS = 100000 };

static bench_file from, to;
static const npk_dtype *from_dtype, *to_dtype;
static npk_array array;
static int64_t shape[2], strides[2];
static uint8_t *room;

static bool prepare_files(const char *from_name, const char *to_name)
{
    if (!bench_map(&from, "cast.%s", from_name) || !bench_map(&to, "cast.%s", to_name))
        return false;
    room = bench_room(to.size);
    return true;
}

static bool parse_types(const char *from_text, const char *to_text)
{
    npk_error error;
    bench_must(npk_dtype_parse(from_text, NULL, &from_dtype, &error), &error);
    bench_must(npk_dtype_parse(to_text, NULL, &to_dtype, &error), &error);
    return true;
}

/* "from" and "to": types; the files are the elements of the one, and the same after numpy.copyto. */
static bool prepare_cast(char **words)
{
    char name[64];
    strcpy(name, words[0]);
    strcat(strcat(name, "-"), words[1]);
    if (!prepare_files(words[0], name))
        return false;
    parse_types(words[0], words[1]);
    shape[0] = (int64_t)(from.size / (size_t)npk_dtype_itemsize(from_dtype));
    array = (npk_array){.dtype = from_dtype, .data = from.bytes, .ndim = 1, .shape = shape, .order = 'C'};
    return true;
}

static void cast(void)
{
    npk_error error;
    bench_must(npk_array_read_as(&array, to_dtype, NPK_CAST_UNSAFE, room, (size_t)npk_array_count(&array), &error),
               &error);
}

/* The doubles of a square as its columns. */
static bool prepare_transpose(char **words)
{
    (void)words;
    if (!prepare_files("square", "transposed"))
        return false;
    parse_types("f8", "f8");
    shape[0] = shape[1] = SIDE;
    strides[0] = sizeof(double);
    strides[1] = SIDE * sizeof(double);
    array = (npk_array){
        .dtype = from_dtype, .data = from.bytes, .ndim = 2, .shape = shape, .strides = strides, .order = 'K'};
    return true;
}

/* Every other column of it. */
static bool prepare_strided(char **words)
{
    (void)words;
    if (!prepare_files("square", "strided"))
        return false;
    parse_types("f8", "f8");
    shape[0] = SIDE;
    shape[1] = SIDE / 2;
    strides[0] = SIDE * sizeof(double);
    strides[1] = 2 * sizeof(double);
    array = (npk_array){
        .dtype = from_dtype, .data = from.bytes, .ndim = 2, .shape = shape, .strides = strides, .order = 'K'};
    return true;
}

static void copy(void)
{
    npk_error error;
    bench_must(npk_array_copy(&array, 'C', room, to.size, &error), &error);
}

static bool prepare_structs(char **words)
{
    (void)words;
    if (!prepare_files("structs", "fields"))
        return false;
    parse_types("[('a', '<f4'), ('b', '<i8'), ('c', '<f8')]", "[('c', '<f8'), ('a', '<f4')]");
    shape[0] = STRUCTS;
    array = (npk_array){.dtype = from_dtype, .data = from.bytes, .ndim = 1, .shape = shape, .order = 'C'};
    return true;
}

static void read_fields(void)
{
    npk_error error;
    bench_must(npk_array_read_fields(&array, to_dtype, NULL, room, STRUCTS, &error), &error);
}

static bool check(void)
{
    return memcmp(room, to.bytes, to.size) == 0;
}

static void finish(void)
{
    npk_dtype_free(from_dtype);
    npk_dtype_free(to_dtype);
}

const bench_case bench_cast_cases[] = {
    {"cast", 2, prepare_cast, cast, check, NULL, finish},
    {"transpose", 0, prepare_transpose, copy, check, NULL, finish},
    {"strided", 0, prepare_strided, copy, check, NULL, finish},
    {"fields", 0, prepare_structs, read_fields, check, NULL, finish},
    {NULL, 0, NULL, NULL, NULL, NULL, NULL},
};
