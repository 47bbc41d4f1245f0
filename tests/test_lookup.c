/* lib/value/lookup.c, key.c, find.c, lib/base/siphash.c: an index changes nothing but the time. What it gives is compared with a search one by
 * one, which is what the level without shortcuts does. */
#include "base/cpu.h"
#include "base/siphash.h"
#include "counted.h"
#include "golden.h"
#include "value/lookup.h"
#include "value/step.h"

#include <npickle.h>

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_KEYS = 300, ROUNDS = 60, LONGEST = 64 << 10 };

static uint64_t next_random(void)
{
    static uint64_t state = UINT64_C(88172645463325252);
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

Test(lookup, the_hash_is_siphash_1_3)
{
    /* CPython 3.11, PYTHONHASHSEED=0: hash(bytes(range(n))), whose key is 0 */
    static const struct {
        size_t size;
        uint64_t hash;
    } rows[] = {
        {1, UINT64_C(0x68a914128e01e473)},
        {7, UINT64_C(0x2f098ab0c751325a)},
        {8, UINT64_C(0xead411e67ebe2eea)},
        {9, UINT64_C(0x75927f9d95124362)},
        {15, UINT64_C(0xf30eb725bb91c9ea)},
        {16, UINT64_C(0x8972188433a5c5b7)},
        {17, UINT64_C(0x4883c49a2c009c1d)},
        {31, UINT64_C(0x169739443111d49b)},
    };
    const npki_hash_key key = {{0, 0}};
    uint8_t bytes[32];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(npki_siphash(&key, bytes, rows[i].size), rows[i].hash, "%zu bytes", rows[i].size);
    cr_expect_eq(npki_siphash_word(&key, UINT64_C(0x0706050403020100)), npki_siphash(&key, bytes, 8));
}

Test(lookup, short_texts_that_differ_have_other_words)
{
    for (size_t size = 0; size <= NPKI_SHORT; size++) {
        uint8_t bytes[NPKI_SHORT];
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)next_random();
        const npki_short as = npki_short_of(bytes, size);
        for (size_t bit = 0; bit < 8 * size; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            const npki_short other = npki_short_of(bytes, size);
            cr_expect(memcmp(&as, &other, sizeof as) != 0, "%zu bytes, bit %zu", size, bit);
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

/* Of n places n balls at random leave n / e free; with 2^14 places one time in a million it is 200 more or fewer. */
Test(lookup, short_texts_are_spread_as_by_chance)
{
    enum { PLACES = 1 << 14, BY_CHANCE = 6027, APART = 200 };
    static const char *const forms[] = {"%x", "key%d", "%09d", "%016d", "%d0000000", "model.%d.w", "%08d-------", "-------%08d"};
    for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
        const npki_hash_key key = {{next_random(), next_random(), next_random(), next_random()}};
        static bool taken[2][PLACES];
        int unused[2] = {PLACES, PLACES};
        memset(taken, 0, sizeof taken);
        for (int i = 0; i < PLACES; i++) {
            char name[32];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            size_t size = (size_t)snprintf(name, sizeof name, forms[form], i);
#pragma GCC diagnostic pop
            cr_assert(size <= NPKI_SHORT);
            uint64_t hash = npki_short_hash(&key, npki_short_of(name, size), size);
            for (int half = 0; half < 2; half++) {
                bool *place = &taken[half][(hash >> 32 * half) % PLACES];
                unused[half] -= !*place;
                *place = true;
            }
        }
        for (int half = 0; half < 2; half++)
            cr_expect(abs(unused[half] - BY_CHANCE) < APART, "%s: %d in half %d", forms[form], unused[half], half);
    }
}

/* --- pickles of one dict --- */

typedef struct text {
    char bytes[LONGEST];
    size_t size;
} text;

static void add(text *t, const void *bytes, size_t size)
{
    cr_assert(size <= sizeof t->bytes - t->size);
    memcpy(t->bytes + t->size, bytes, size);
    t->size += size;
}

#define ADD(t, literal) add(t, literal, sizeof(literal) - 1)

static void add_sized(text *t, char opcode, const char *bytes, size_t size)
{
    const char head[2] = {opcode, (char)size};
    add(t, head, 2);
    add(t, bytes, size);
}

/* A key of any kind, one of few, so that they come again: 1 is True and 1.0, and 'a' is Python 2's 'a', but not b'a'. */
static void add_key(text *t)
{
    uint64_t random = next_random() >> 16, number = random % 40;
    char name[120], hard[2] = {(char)number, '\''};
    int size = snprintf(name, sizeof name, random % 5 == 0 ? "the key %d that is longer than sixty-four bytes, as few are in any dict" : "k%d", (int)number);
    const char one[2] = {'K', (char)number};
    switch (random / 64 % 12) {
    case 0:
        add(t, one, 2);
        break;
    case 1:
        add(t, number % 2 == 0 ? "\x88" : "\x89", 1);
        break;
    case 2:
        ADD(t, "G?\xf0\0\0\0\0\0\0");
        break;
    case 3:
        ADD(t, "G\x7f\xf8\0\0\0\0\0\0"); /* a NaN is no other NaN */
        break;
    case 4:
        add_sized(t, 'C', name, (size_t)size);
        break;
    case 5:
        add_sized(t, 'U', name, (size_t)size);
        break;
    case 6:
        add_sized(t, '\x8c', hard, number < 128 ? 2 : 1);
        break;
    case 7:
        add_sized(t, '\x8a', "\1\2\3\4\5\6\7\10\11", 9);
        break;
    case 8:
        ADD(t, "G?\xe0\0\0\0\0\0\0");
        break;
    case 9:
        ADD(t, "K\1K\2\x86");
        break;
    default:
        add_sized(t, '\x8c', name, (size_t)size);
    }
}

/* The dict, or an object with it as its attributes, or as its items. */
static void make_pickle(text *t, size_t keys)
{
    static const struct {
        const char *before, *after;
    } forms[] = {{"", ""}, {"cm\nT\n)\x81", "b"}, {"cm\nT\n)\x81", "u"}, {"cm\nT\n)\x81K\1a", "u"}};
    size_t form = next_random() % (sizeof forms / sizeof *forms);
    bool items = form >= 2;
    t->size = 0;
    ADD(t, "\x80\4");
    add(t, forms[form].before, strlen(forms[form].before));
    add(t, items ? "(" : "}(", items ? 1 : 2);
    for (size_t i = 0; i < keys; i++) {
        add_key(t);
        const char value[3] = {'M', (char)(i % 256), (char)(1 + i / 256)};
        add(t, value, 3);
    }
    if (!items)
        ADD(t, "u");
    add(t, forms[form].after, strlen(forms[form].after));
    ADD(t, ".");
}

static npk_doc *load(const text *t, const npk_allocator *allocator)
{
    npk_doc *doc = NULL;
    npk_error error = {.message = ""};
    cr_assert(npk_doc_load_memory(t->bytes, t->size, &(npk_read_options){.allocator = allocator}, &doc, &error) == NPK_OK, "%s",
              error.message);
    return doc;
}

static const npk_value *dict_of(const npk_doc *doc)
{
    npk_object object;
    const npk_value *root = npk_doc_root(doc);
    if (!npk_value_as_object(root, &object))
        return root;
    return object.state != NULL ? object.state : object.dictitems;
}

/* The value there, and 0 without one: each has a number of its own. */
static int64_t number_of(const npk_value *value)
{
    int64_t number = 0;
    npk_value_as_int64(value, &number);
    return number;
}

static int64_t found_at(const npk_doc *doc, const char *path)
{
    const npk_value *found = NULL;
    npk_status status = npk_value_find(npk_doc_root(doc), path, &found, NULL);
    cr_expect(status == NPK_OK || status == NPK_ERR_NOT_FOUND || status == NPK_ERR_USAGE); /* a path without an end */
    return number_of(found);
}

static const char *const paths[] = {
    "['k%d']", "[\"k%d\"]",     "[b'k%d']",       "[%d]",          "[0%d]",         "[-%d]",    ".k%d",
    ".k%d[0]", ".<values>[%d]", ".<values>[0%d]", ".<keys>[%d]",   "['\\x%02d\\'']", "['k%d'", "['k%d']x",
    ".<call %d>", "[True]", "['the key %d that is longer than sixty-four bytes, as few are in any dict']"};

typedef struct answers {
    int64_t got[200], found[sizeof paths / sizeof *paths][60];
} answers;

/* All that can be asked, twice: the index is made the second time. */
static void ask(const npk_doc *doc, answers *out)
{
    char name[160];
    memset(out, 0, sizeof *out);
    for (int again = 0; again < 2; again++) {
        for (int i = 0; i < 100; i++) {
            snprintf(name, sizeof name, "k%d", i);
            out->got[i] = number_of(npk_dict_get(dict_of(doc), name));
            snprintf(name, sizeof name, "the key %d that is longer than sixty-four bytes, as few are in any dict", i);
            out->got[100 + i] = number_of(npk_dict_get(dict_of(doc), name));
        }
        for (size_t p = 0; p < sizeof paths / sizeof *paths; p++)
            for (int i = 0; i < 60; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
                snprintf(name, sizeof name, paths[p], i);
#pragma GCC diagnostic pop
                out->found[p][i] = found_at(doc, name);
            }
    }
}

static void expect_same(const answers *a, const answers *b, size_t keys)
{
    for (size_t i = 0; i < 200; i++)
        cr_expect_eq(a->got[i], b->got[i], "of %zu keys, number %zu", keys, i);
    for (size_t p = 0; p < sizeof paths / sizeof *paths; p++)
        for (size_t i = 0; i < 60; i++)
            cr_expect_eq(a->found[p][i], b->found[p][i], "of %zu keys: %s of %zu: %d, %d", keys, paths[p], i, (int)a->found[p][i],
                         (int)b->found[p][i]);
}

static text pickle;
static answers plain, indexed;

Test(lookup, an_index_finds_what_a_search_finds)
{
    for (size_t round = 0; round < ROUNDS; round++) {
        size_t keys = next_random() % (round % 3 == 0 ? 20 : MOST_KEYS);
        make_pickle(&pickle, keys);
        counted counter = {0};
        npk_allocator allocator = {resize_counted, &counter};
        npk_doc *doc = load(&pickle, &allocator);
        ask(doc, &indexed);
        npk_doc_free(doc);
        cr_expect(counter.held == 0 && !counter.wrong);
        npki_cpu_limit(NPKI_CPU_PLAIN);
        doc = load(&pickle, NULL);
        ask(doc, &plain);
        npk_doc_free(doc);
        npki_cpu_limit(NPKI_CPUS);
        expect_same(&plain, &indexed, keys);
    }
}

Test(lookup, paths_of_a_walk_lead_back)
{
    for (size_t round = 0; round < 10; round++) {
        make_pickle(&pickle, 150);
        npk_doc *doc = load(&pickle, NULL);
        npk_walk *walk;
        const npk_value *value, *found, *searched;
        cr_assert_eq(npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL), NPK_OK);
        while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL) {
            const char *path = npk_walk_path(walk);
            if (number_of(value) < 256)
                continue; /* a key, or the object */
            cr_assert_eq(npk_value_find(npk_doc_root(doc), path, &found, NULL), NPK_OK, "%s", path);
            npki_cpu_limit(NPKI_CPU_PLAIN);
            cr_assert_eq(npk_value_find(npk_doc_root(doc), path, &searched, NULL), NPK_OK, "%s", path);
            npki_cpu_limit(NPKI_CPUS);
            cr_expect(found == searched, "%s", path);
        }
        npk_walk_free(walk);
        npk_doc_free(doc);
    }
}

Test(lookup, without_memory_for_an_index_a_search_finds_it)
{
    make_pickle(&pickle, 250);
    npk_doc *doc = load(&pickle, NULL);
    ask(doc, &plain);
    npk_doc_free(doc);
    for (size_t fail = 1; fail < 4; fail++) {
        counted counter = {0};
        npk_allocator allocator = {resize_counted, &counter};
        doc = load(&pickle, &allocator);
        counter.fail = counter.calls + fail;
        counter.onwards = true;
        answers *a = &indexed;
        for (int i = 0; i < 100; i++) {
            char name[8];
            snprintf(name, sizeof name, "k%d", i);
            a->got[i] = number_of(npk_dict_get(dict_of(doc), name));
            cr_expect_eq(a->got[i], plain.got[i]);
        }
        npk_doc_free(doc);
        cr_expect(counter.held == 0 && !counter.wrong);
    }
}

/* --- which keys are one --- */

/* Whether bit `i` of a hexadecimal number is set. */
static bool bit_of(const char *row, size_t i)
{
    size_t digits = strlen(row);
    return i / 4 < digits && (golden_digit(row[digits - 1 - i / 4]) >> i % 4 & 1) != 0;
}

/* Setting a key that a dict has adds no pair, and removing it takes out the only one. */
static void set_and_remove(const char *name, npk_doc *doc, const npk_value *dict, const npk_value *key, bool expected)
{
    size_t before = npk_value_size(dict);
    cr_assert_eq(npk_edit_dict_set_value(doc, dict, key, npk_doc_root(doc), NULL), NPK_OK);
    cr_expect_eq(npk_value_size(dict) == before, expected, "%s: set", name);
    cr_expect_eq(npk_edit_dict_remove_value(doc, dict, key, NULL), NPK_OK, "%s: removed", name);
    cr_expect_eq(npk_value_size(dict), before - expected, "%s: removed", name);
    cr_expect_eq(npk_edit_dict_remove_value(doc, dict, key, NULL), NPK_ERR_NOT_FOUND, "%s: removed twice", name);
}

static void compare_keys(const char *name, npk_doc *doc, size_t j, const char *row)
{
    const npk_value *values = npk_value_item(npk_doc_root(doc), 0),
                    *dict = npk_value_item(npk_value_item(npk_doc_root(doc), 1), j);
    for (int large = 0; large < 2; large++) {
        for (size_t i = 0; i < npk_value_size(values); i++)
            cr_expect_eq(npki_dict_find(dict, npk_value_item(values, i)) != NPKI_NO_PAIR, bit_of(row, i),
                         "%s: value %zu in dict %zu, of %zu pairs", name, i, j, npk_value_size(dict));
        for (int more = 0; large == 0 && more < 20; more++) {
            char key[8];
            snprintf(key, sizeof key, "more %d", more);
            cr_assert_eq(npk_edit_dict_set(doc, dict, key, values, NULL), NPK_OK);
        }
    }
    size_t i = j * 7 % npk_value_size(values);
    set_and_remove(name, doc, dict, npk_value_item(values, i), bit_of(row, i));
    set_and_remove(name, doc, dict, npk_value_item(values, j), bit_of(row, j) && (i == j ? 0 : !bit_of(row, i)));
}

Test(lookup, keys_are_one_where_python_says_so)
{
    golden g;
    int pickles = 0;
    golden_open(&g, "keys.golden");
    for (char *line; (line = golden_line(&g)) != NULL; pickles++) {
        const char *name = golden_word(&line), *count = golden_word(&line), *row;
        golden_bytes bytes = golden_unquote(golden_word(&line));
        npk_doc *doc = NULL;
        cr_assert_eq(npk_doc_load_memory(bytes.bytes, bytes.size, NULL, &doc, NULL), NPK_OK);
        cr_assert_eq(npk_value_size(npk_value_item(npk_doc_root(doc), 0)), strtoull(count, NULL, 10));
        for (size_t j = 0; (row = golden_word(&line)) != NULL; j++)
            compare_keys(name, doc, j, row);
        npk_doc_free(doc);
        free(bytes.bytes);
    }
    golden_close(&g);
    cr_expect_eq(pickles, 5);
}

/* --- edits --- */

/* The same changes at random to both; the written bytes say whether the same keys were found. */
static void change(npk_doc *doc, uint64_t random)
{
    char name[8];
    snprintf(name, sizeof name, "k%d", (int)(random % 50));
    const npk_value *dict = dict_of(doc), *value = npk_dict_value(dict, random / 64 % npk_value_size(dict));
    const npk_value *key = npk_dict_key(dict, random / 4096 % npk_value_size(dict));
    switch (random >> 24 & 7) {
    case 0:
        (void)!npk_edit_dict_remove(doc, dict, name, NULL);
        break;
    case 1:
        (void)!npk_edit_dict_remove_value(doc, dict, key, NULL);
        break;
    case 2:
        (void)!npk_edit_dict_set_value(doc, dict, key, value, NULL);
        break;
    case 3:
        (void)!npk_edit_replace(doc, key, npk_dict_key(dict, 0), NULL);
        break;
    default:
        (void)!npk_edit_dict_set(doc, dict, name, value, NULL);
    }
    snprintf(name, sizeof name, "k%d", (int)(random >> 40 & 63));
    (void)npk_dict_get(dict, name);
}

static size_t written(const npk_doc *doc, uint8_t **bytes)
{
    npk_writer *w;
    size_t size;
    cr_assert_eq(npk_writer_memory(NULL, &w, NULL), NPK_OK);
    npk_write_value(w, npk_doc_root(doc));
    cr_assert_eq(npk_writer_finish_memory(w, bytes, &size, NULL), NPK_OK);
    return size;
}

Test(lookup, edits_find_the_same_keys)
{
    for (size_t round = 0; round < 20; round++) {
        make_pickle(&pickle, 20 + next_random() % 100);
        uint8_t *bytes[2];
        size_t sizes[2];
        uint64_t randoms[300];
        for (size_t i = 0; i < 300; i++)
            randoms[i] = next_random() >> 8;
        for (int way = 0; way < 2; way++) {
            npki_cpu_limit(way == 0 ? NPKI_CPU_PLAIN : NPKI_CPUS);
            npk_doc *doc = load(&pickle, NULL);
            for (size_t i = 0; i < 300; i++)
                change(doc, randoms[i]);
            sizes[way] = written(doc, &bytes[way]);
            npk_doc_free(doc);
        }
        cr_expect(sizes[0] == sizes[1] && memcmp(bytes[0], bytes[1], sizes[0]) == 0, "round %zu", round);
        for (int way = 0; way < 2; way++)
            npk_bytes_free(NULL, bytes[way], sizes[way]);
    }
}

/* --- threads --- */

static void *look_up_all(void *context)
{
    const npk_doc *doc = context;
    size_t wrong = 0;
    for (int i = 0; i < 2000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        wrong += number_of(npk_dict_get(npk_doc_root(doc), name)) != i;
    }
    return wrong == 0 ? NULL : context;
}

Test(lookup, threads_may_look_up_at_once)
{
    pickle.size = 0;
    ADD(&pickle, "\x80\4}(");
    for (int i = 0; i < 2000; i++) {
        char name[16];
        const char value[3] = {'M', (char)(i % 256), (char)(i / 256)};
        add_sized(&pickle, '\x8c', name, (size_t)snprintf(name, sizeof name, "n%d", i));
        add(&pickle, value, 3);
    }
    ADD(&pickle, "u.");
    for (int round = 0; round < 10; round++) {
        npk_doc *doc = load(&pickle, NULL);
        pthread_t threads[4];
        for (size_t i = 0; i < 4; i++)
            cr_assert_eq(pthread_create(&threads[i], NULL, look_up_all, doc), 0);
        for (size_t i = 0; i < 4; i++) {
            void *wrong;
            cr_assert_eq(pthread_join(threads[i], &wrong), 0);
            cr_expect_null(wrong);
        }
        npk_doc_free(doc);
    }
}

/* --- paths in other spellings --- */

/* The UTF-8 of a character, surrogates too. */
static size_t put_utf8(uint32_t character, char *out)
{
    const size_t more = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    static const uint8_t heads[] = {0, 0xc0, 0xe0, 0xf0};
    for (size_t i = 0; i <= more; i++)
        out[i] = (char)((character >> 6 * (more - i) & (i == 0 ? 0xff >> (more + (more > 0)) : 0x3f)) |
                        (i == 0 ? heads[more] : 0x80u));
    return more + 1;
}

/* A dict whose values are their own numbers; its keys are texts or bytes of a few characters, and what Python's ascii() would
 * spell of them, with every character escaped. */
typedef struct strange_keys {
    uint8_t pickle[8000];
    size_t size, count;
    char spelled[100][120];
} strange_keys;

static void make_strange(strange_keys *keys)
{
    static const uint32_t characters[] = {'\'', '"',  '\\', '\n',   '\t',   '\r',   0,      1,       0x1b,
                                          0x7f, 0x80, 0xe9, 0x20ac, 0xd800, 0xdfff, 0x202e, 0x1f600, 0x10ffff,
                                          '0',  '[',  ']',  '.',    'a',    '<',    '>'};
    keys->count = 1 + next_random() % 40; /* beyond what is looked up in a row, too */
    keys->size = 0;
    keys->pickle[keys->size++] = '}';
    keys->pickle[keys->size++] = '(';
    for (size_t i = 0; i < keys->count; i++) {
        const bool bytes = next_random() % 3 == 0;
        const char quote = next_random() % 2 == 0 ? '\'' : '"';
        char text[60], *spelled = keys->spelled[i];
        size_t size = 0, used = (size_t)snprintf(spelled, 120, "[%s%c", bytes ? "b" : "", quote);
        for (size_t left = next_random() % 6; left > 0; left--) {
            const uint32_t character = characters[next_random() % (sizeof characters / sizeof *characters)];
            if (bytes)
                text[size++] = (char)character;
            else
                size += put_utf8(character, text + size);
            const uint32_t shown = bytes ? character & 0xff : character;
            used += (size_t)snprintf(spelled + used, 120 - used,
                                     shown > 0xffff ? "\\U%08x"
                                     : shown > 0xff ? "\\u%04x"
                                                    : "\\x%02x",
                                     (unsigned)shown);
        }
        used += (size_t)snprintf(spelled + used, 120 - used, "%c]", quote);
        uint8_t *at = keys->pickle + keys->size;
        const uint8_t head[] = {bytes ? 'C' : 'X', (uint8_t)size, 0, 0, 0};
        memcpy(at, head, bytes ? 2 : 5);
        memcpy(at + (bytes ? 2 : 5), text, size);
        at += size + (bytes ? 2 : 5);
        *at++ = 'K';
        *at++ = (uint8_t)i;
        keys->size = (size_t)(at - keys->pickle);
    }
    keys->pickle[keys->size++] = 'u';
    keys->pickle[keys->size++] = '.';
}

/* What stands there: the value itself, where no later one has the same key. */
static void expect_at(const npk_value *root, const char *path, const npk_value *value)
{
    const npk_value *found = NULL;
    cr_expect_eq(npk_value_find(root, path, &found, NULL), NPK_OK, "%s", path);
    cr_expect_eq(found, value, "%s", path);
}

/* The path of every key is found as the walk has it, as a message has it, and with all characters escaped. */
Test(lookup, paths_by_their_escapes)
{
    static strange_keys keys;
    size_t messages = 0, escaped = 0;
    for (size_t round = 0; round < 300; round++) {
        npk_doc *doc;
        npk_walk *walk;
        npk_error error;
        const npk_value *value;
        make_strange(&keys);
        cr_assert_eq(npk_doc_load_memory(keys.pickle, keys.size, NULL, &doc, &error), NPK_OK, "%s", error.message);
        const npk_value *root = npk_doc_root(doc);
        cr_assert_eq(npk_walk_start(root, NULL, &walk, NULL), NPK_OK);
        while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL) {
            char path[400], message[300];
            int64_t number;
            snprintf(path, sizeof path, "%s", npk_walk_path(walk));
            expect_at(root, path, value);
            const npk_value *none;
            strcat(path, ".none");
            cr_expect_eq(npk_value_find(root, path, &none, &error), NPK_ERR_NOT_FOUND, "%s", path);
            const char *end = strstr(error.message, ".none'");
            const char *start = strstr(error.message, "at '");
            for (const char *p = error.message; *p != '\0'; p++)
                cr_expect(*p >= 0x20 && *p <= 0x7e);
            if (end == NULL || start == NULL)
                continue;
            snprintf(message, sizeof message, "%.*s", (int)(end - start - 4), start + 4);
            expect_at(root, message, value);
            messages++;
            if (path[0] == '[' && npk_value_as_int64(value, &number)) {
                expect_at(root, keys.spelled[number], value);
                escaped++;
            }
        }
        npk_walk_free(walk);
        npk_doc_free(doc);
    }
    cr_expect(messages > 3000 && escaped > 2000, "%zu, %zu", messages, escaped);
}

/* Long keys are found by all of themselves, and by nothing shorter: an escape is longer than what it spells. */
Test(lookup, long_keys_by_all_of_them)
{
    enum { MOST = 2 * NPKI_LONGEST_KEY };
    static const struct {
        const char *byte, *spelled, *quote;
        uint8_t opcode;
    } rows[] = {{"a", "a", "'", 'X'}, {"\n", "\\n", "'", 'X'},      {"\1", "\\x01", "'", 'X'},
                {"a", "a", "'", 'T'}, {"\xe9", "\\xe9", "b'", 'T'}, {"\xe9", "\\xe9", "b'", 'B'}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint32_t size = 1; size <= MOST; size++) {
            char pickle[MOST + 64], path[5 * MOST + 64];
            const size_t each = strlen(rows[i].spelled);
            npk_doc *doc;
            char *at = pickle;
            memcpy(at, "\x80\3}", 3);
            at[3] = (char)rows[i].opcode;
            memcpy(at + 4, (uint8_t[4]){(uint8_t)size, (uint8_t)(size >> 8), 0, 0}, 4);
            memset(at + 8, rows[i].byte[0], size);
            memcpy(at + 8 + size, "K\1s.", 5);
            cr_assert_eq(npk_doc_load_memory(pickle, size + 12, NULL, &doc, NULL), NPK_OK);
            at = stpcpy(stpcpy(path, "["), rows[i].quote);
            for (uint32_t k = 0; k < size; k++)
                at = stpcpy(at, rows[i].spelled);
            strcpy(at, "']");
            expect_at(npk_doc_root(doc), path, npk_dict_value(npk_doc_root(doc), 0));
            strcpy(at - each, "']");
            const npk_value *none;
            cr_expect_eq(npk_value_find(npk_doc_root(doc), path, &none, NULL), NPK_ERR_NOT_FOUND, "%s", path);
            npk_doc_free(doc);
        }
}
