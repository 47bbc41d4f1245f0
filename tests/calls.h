/* The words of tests/gen/values.py and pythons.py: calls of the writer. */
#ifndef NPICKLE_TESTS_CALLS_H
#define NPICKLE_TESTS_CALLS_H

#include "golden.h"

#include <npickle.h>

#define CALLS_KEPT 2048 /* more than any case has of objects and of descriptors */

typedef struct calls {
    npk_writer *w;
    char *at; /* the words that are left */
    int64_t kept[CALLS_KEPT];
    const npk_dtype *dtypes[CALLS_KEPT];
} calls;

static inline int64_t calls_number(calls *c)
{
    return strtoll(golden_word(&c->at), NULL, 10);
}

static inline double calls_double(calls *c)
{
    uint64_t bits = strtoull(golden_word(&c->at), NULL, 16);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A call that takes a text. */
static inline void calls_text(calls *c, void (*write)(npk_writer *, golden_bytes))
{
    golden_bytes text = golden_unquote(golden_word(&c->at));
    write(c->w, text);
    free(text.bytes);
}

static inline void calls_none(calls *c)
{
    npk_write_none(c->w);
}

static inline void calls_true(calls *c)
{
    npk_write_bool(c->w, true);
}

static inline void calls_false(calls *c)
{
    npk_write_bool(c->w, false);
}

static inline void calls_int(calls *c)
{
    const char *text = golden_word(&c->at);
    if (text[0] == '-')
        npk_write_int(c->w, strtoll(text, NULL, 10));
    else
        npk_write_uint(c->w, strtoull(text, NULL, 10));
}

static inline void calls_put_long(npk_writer *w, golden_bytes text)
{
    npk_write_long(w, text.bytes, text.size);
}

static inline void calls_long(calls *c)
{
    calls_text(c, calls_put_long);
}

static inline void calls_float(calls *c)
{
    npk_write_float(c->w, calls_double(c));
}

static inline void calls_complex(calls *c)
{
    double real = calls_double(c);
    npk_write_complex(c->w, real, calls_double(c));
}

static inline void calls_put_str(npk_writer *w, golden_bytes text)
{
    npk_write_str_size(w, (const char *)text.bytes, text.size);
}

static inline void calls_str(calls *c)
{
    calls_text(c, calls_put_str);
}

static inline void calls_put_bytes(npk_writer *w, golden_bytes text)
{
    npk_write_bytes(w, text.bytes, text.size);
}

static inline void calls_bytes(calls *c)
{
    calls_text(c, calls_put_bytes);
}

static inline void calls_put_bytearray(npk_writer *w, golden_bytes text)
{
    npk_write_bytearray(w, text.bytes, text.size);
}

static inline void calls_bytearray(calls *c)
{
    calls_text(c, calls_put_bytearray);
}

static inline void calls_global(calls *c)
{
    const char *module = golden_word(&c->at);
    npk_write_global(c->w, module, golden_word(&c->at));
}

static inline void calls_end(calls *c)
{
    npk_write_end(c->w);
}

static inline void calls_call(calls *c)
{
    npk_write_begin_call(c->w);
}

static inline void calls_new(calls *c)
{
    npk_write_begin_new(c->w);
}

static inline void calls_keep(calls *c)
{
    c->kept[calls_number(c)] = npk_writer_last(c->w);
}

static inline void calls_again(calls *c)
{
    npk_write_again(c->w, c->kept[calls_number(c)]);
}

static inline void calls_pairs(calls *c)
{
    int64_t from = calls_number(c), to = calls_number(c);
    for (; from < to; from++) {
        npk_write_int(c->w, from);
        npk_write_none(c->w);
    }
}

static inline void calls_ints(calls *c)
{
    int64_t from = calls_number(c), to = calls_number(c);
    for (; from < to; from++)
        npk_write_int(c->w, from);
}

static inline void calls_dtype(calls *c)
{
    int64_t number = calls_number(c);
    cr_assert(npk_dtype_parse(golden_word(&c->at), NULL, &c->dtypes[number], NULL) == NPK_OK);
}

static inline void calls_array(calls *c)
{
    int64_t shape[NPK_MAXDIMS];
    npk_array array = {.dtype = c->dtypes[calls_number(c)], .shape = shape};
    array.ndim = golden_numbers(golden_word(&c->at), shape);
    array.order = golden_word(&c->at)[0];
    golden_bytes memory = golden_unquote(golden_word(&c->at));
    array.data = memory.bytes;
    npk_write_array(c->w, &array);
    free(memory.bytes);
}

static inline void calls_times(calls *c);

typedef struct calls_row {
    const char *word;
    void (*call)(calls *);
    npk_status (*begin)(npk_writer *, int64_t); /* or this, with a count */
} calls_row;

/* The next word; false at the end. */
static inline bool calls_step(calls *c)
{
    static const calls_row rows[] = {
        {"none", calls_none, NULL},
        {"true", calls_true, NULL},
        {"false", calls_false, NULL},
        {"int", calls_int, NULL},
        {"long", calls_long, NULL},
        {"float", calls_float, NULL},
        {"complex", calls_complex, NULL},
        {"str", calls_str, NULL},
        {"bytes", calls_bytes, NULL},
        {"bytearray", calls_bytearray, NULL},
        {"global", calls_global, NULL},
        {"end", calls_end, NULL},
        {"call", calls_call, NULL},
        {"new", calls_new, NULL},
        {"keep", calls_keep, NULL},
        {"again", calls_again, NULL},
        {"pairs", calls_pairs, NULL},
        {"ints", calls_ints, NULL},
        {"dtype", calls_dtype, NULL},
        {"array", calls_array, NULL},
        {"times", calls_times, NULL},
        {"list", NULL, npk_write_begin_list},
        {"tuple", NULL, npk_write_begin_tuple},
        {"dict", NULL, npk_write_begin_dict},
        {"set", NULL, npk_write_begin_set},
        {"frozenset", NULL, npk_write_begin_frozenset},
        {"appended", NULL, npk_write_begin_appended},
        {"assigned", NULL, npk_write_begin_assigned},
    };
    const char *word = golden_word(&c->at);
    if (word == NULL)
        return false;
    size_t row = 0, count = sizeof rows / sizeof *rows;
    while (row < count && strcmp(rows[row].word, word) != 0)
        row++;
    cr_assert(row < count, "unknown word %s", word);
    if (rows[row].begin != NULL)
        rows[row].begin(c->w, calls_number(c));
    else
        rows[row].call(c);
    return true;
}

static inline void calls_times(calls *c)
{
    int64_t times = calls_number(c);
    char *rest = c->at, *again = strdup(rest), *end = again;
    for (; times > 0; times--) {
        strcpy(again, rest);
        c->at = again;
        calls_step(c);
        end = c->at;
    }
    c->at = rest + (end - again);
    free(again);
}

/* All of them. */
static inline void calls_run(npk_writer *w, const char *words)
{
    calls *c = calloc(1, sizeof *c);
    char *copy = strdup(words);
    cr_assert(c != NULL && copy != NULL);
    c->w = w;
    c->at = copy;
    while (calls_step(c))
        ;
    for (size_t i = 0; i < CALLS_KEPT; i++)
        npk_dtype_free(c->dtypes[i]);
    free(copy);
    free(c);
}

#endif
