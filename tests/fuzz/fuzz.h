/* What the fuzzers share: a finding ends the program. */
#ifndef NPICKLE_TESTS_FUZZ_H
#define NPICKLE_TESTS_FUZZ_H

#include "value/value.h"

#include <npickle.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEMAND(condition)                                                                                              \
    ((condition) ? (void)0                                                                                             \
                 : (fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition), abort()))

/* One of the dialects. */
static inline npk_dialect fuzz_dialect(size_t number)
{
    npk_dialect dialect = NPK_DIALECT_DEFAULT;
    size_t count = 0;
    while (npk_dialect_at(count, &dialect))
        count++;
    npk_dialect_at(number % count, &dialect);
    return dialect;
}

/* Names of attributes are text in Python 3, whatever else is bytes. Keys of a dtype's metadata are such names, of which the
 * difference has only the text. */
static inline bool fuzz_is_name(const npk_difference *difference)
{
    const bool metadata = strncmp(difference->message, "metadata of the dtype: {b'", 26) == 0;
    if (metadata)
        return strstr(difference->message, " / {'") != NULL;
    return strstr(difference->path, "<keys>") != NULL && npk_value_kind(difference->a) == NPK_KIND_PYTHON2_STR &&
           npk_value_kind(difference->b) == NPK_KIND_STR;
}

static inline void fuzz_say_difference(void *context, const npk_difference *difference)
{
    uint64_t *names = context;
    *names += fuzz_is_name(difference);
    if (!fuzz_is_name(difference))
        fprintf(stderr, "written / read at '%s': %s\n", difference->path, difference->message);
}

/* Whether what was read is what was written, value for value. A str of Python 2 may have become another kind of text. */
static inline bool fuzz_is_same(const npk_value *written, const npk_value *read, npk_python2_str python2_str)
{
    uint64_t differences = 0, names = 0;
    npk_compare_options options = {
        .python2_str = python2_str == NPK_PYTHON2_STR_REFUSE ? NPK_PYTHON2_STR_KEEP : python2_str,
        .work = (uint64_t)1 << 18,
        .most = NPK_UNLIMITED,
        .report = fuzz_say_difference,
        .context = &names,
    };
    npk_status status = npk_compare(written, read, &options, &differences, NULL);
    DEMAND(status == NPK_OK || status == NPK_ERR_LIMIT);
    return differences == names;
}

/* Objects without the arrays that npickle found in what they are made of, as long as they are compared by that. */
#define FUZZ_MOST_FOUND 256

typedef struct fuzz_found {
    npki_object *objects[FUZZ_MOST_FOUND];
    npki_array_state *arrays[FUZZ_MOST_FOUND];
    npk_value *payloads[FUZZ_MOST_FOUND];
    uint8_t flags[FUZZ_MOST_FOUND];
    size_t count;
} fuzz_found;

static inline void fuzz_find(const npk_value *root, fuzz_found *found)
{
    npk_walk *walk = NULL;
    const npk_value *value;
    DEMAND(npk_walk_start(root, NULL, &walk, NULL) == NPK_OK);
    while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL) {
        npki_array_state *array = value->kind == NPK_KIND_OBJECT ? value->u.object->array : NULL;
        const npk_value *class_ = value->kind == NPK_KIND_OBJECT ? npk_value_item(value->u.object->args, 0) : NULL;
        const bool unknown = class_ != NULL && (class_->kind != NPK_KIND_GLOBAL || class_->u.global->row == NULL);
        const bool may_be_found =
            array != NULL &&
            (array->of_unknown || array->holders != NULL ||
             ((value->u.object->meaning == NPKI_RECONSTRUCT || value->u.object->meaning == NPKI_MASKED) && unknown));
        if (!may_be_found || found->count == FUZZ_MOST_FOUND)
            continue;
        found->objects[found->count] = value->u.object;
        found->arrays[found->count] = array;
        found->payloads[found->count++] = array->payload;
    }
    npk_walk_free(walk);
}

static inline void fuzz_forget(fuzz_found *found)
{
    for (size_t i = 0; i < found->count; i++) {
        found->objects[i]->array = NULL;
        found->flags[i] = found->payloads[i]->flags;
        found->payloads[i]->flags &= (uint8_t)~NPKI_IS_PAYLOAD; /* else it is compared as elements */
    }
}

static inline void fuzz_remember(const fuzz_found *found)
{
    for (size_t i = found->count; i-- > 0;) {
        found->objects[i]->array = found->arrays[i];
        found->payloads[i]->flags = found->flags[i];
    }
}

/* The same after edits, which don't find arrays, nor lose them: where a reader finds other ones, both are compared without those. */
static inline bool fuzz_is_same_edited(const npk_value *written, const npk_value *read, npk_python2_str python2_str)
{
    fuzz_found found = {.count = 0};
    if (fuzz_is_same(written, read, python2_str))
        return true;
    fuzz_find(written, &found);
    const size_t before = found.count;
    fuzz_find(read, &found);
    if (found.count == 0 || found.count == FUZZ_MOST_FOUND)
        return false;
    fprintf(stderr, "%zu arrays found before, %zu after: compared by their parts\n", before, found.count - before);
    fuzz_forget(&found);
    const bool same = fuzz_is_same(written, read, python2_str);
    fuzz_remember(&found);
    return same;
}

/* Whether all is spelled with these options so that npk_compare follows. Elsewhere an object or a class in another is made by another
 * call that does the same, a persistent id that was a str of Python 2 is a line, which is a str, or an array.array has the typecode of
 * another Python. Without a memo what a call is given is made anew with all that was dropped over it. A dtype that was fetched to be
 * dropped may have got a state then, and is in the way of finding an array; written again it is not fetched. */
static inline bool fuzz_keeps_spellings(const npk_value *root, const npk_write_options *options)
{
    const int protocol = options->protocol;
    npk_walk *walk = NULL;
    const npk_value *value;
    npk_pyarray array;
    npk_object object;
    const char *name;
    size_t size;
    bool keeps = true;
    DEMAND(npk_walk_start(root, NULL, &walk, NULL) == NPK_OK);
    while (keeps && npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL)
        if (options->memo == NPK_MEMO_NONE && npk_value_calls(value) != NULL)
            keeps = false;
        else if (options->translate_names && npk_pyarray_of(value, &array))
            keeps = strchr("czqQw", array.typecode) == NULL;
        else if (npk_value_kind(value) == NPK_KIND_PERSID)
            keeps = protocol > 0 || npk_value_kind(npk_value_id(value)) != NPK_KIND_PYTHON2_STR;
        else if (npk_value_as_global(value, NULL, NULL, &name, &size))
            keeps = protocol >= 4 || memchr(name, '.', size) == NULL;
        else if (npk_value_is_array(value) && npk_value_as_object(value, &object) &&
                 npk_value_as_object(npk_value_item(object.args, 0), &object))
            keeps = protocol >= 4; /* an array is compared by the name of its class, also where this is another object */
        else if (npk_value_dtype(value) != NULL)
            keeps = value->u.object->state != NULL || (value->flags & NPKI_IS_SHARED) == 0;
        else if (npk_value_as_object(value, &object) && object.construction == NPK_BY_NEW)
            keeps = protocol >= 2 && (protocol >= 4 || object.kwargs == NULL);
    npk_walk_free(walk);
    return keeps;
}

/* The pickle, for whoever looks into a finding. */
static inline bool fuzz_show(const npk_write_options *options, const uint8_t *bytes, size_t size)
{
    fprintf(stderr, "protocol %d, dialect 0x%08x: ", options->protocol, (unsigned)options->dialect);
    for (size_t i = 0; i < size && i < 1000; i++)
        fprintf(stderr, "%02x", bytes[i]);
    fprintf(stderr, "\n");
    return false;
}

/* Who wrote the raw bytes of its array.array: written again they may show less of that, so it has to be said. False: several did. */
static inline bool fuzz_producer(const npk_value *root, npk_array_producer *out)
{
    npk_walk *walk = NULL;
    const npk_value *value;
    npk_pyarray is;
    bool one = true;
    *out = NPK_ARRAY_GUESS;
    DEMAND(npk_walk_start(root, NULL, &walk, NULL) == NPK_OK);
    while (one && npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL)
        if (npk_pyarray_of(value, &is) && is.producer != NPK_ARRAY_GUESS) {
            one = *out == NPK_ARRAY_GUESS || *out == is.producer;
            *out = is.producer;
        }
    npk_walk_free(walk);
    return one;
}

/* Bytes that a writer with these options made of a document: they load, and are that document. */
typedef enum fuzz_how { FUZZ_SAME, FUZZ_SAME_EDITED, FUZZ_LOADS } fuzz_how;
static inline void fuzz_read_again(const npk_doc *doc, const npk_write_options *options, const uint8_t *bytes,
                                   size_t size, fuzz_how how)
{
    const npk_value *root = npk_doc_root(doc);
    npk_doc *copy = NULL;
    npk_error error = {.status = NPK_OK};
    npk_read_options reading = {.allocator = NULL};
    bool same = true, known = fuzz_producer(root, &reading.array_producer);
    if (npk_doc_load_memory(bytes, size, &reading, &copy, &error) != NPK_OK)
        fprintf(stderr, "%s at %llu\n", error.message, (unsigned long long)error.offset);
    DEMAND(copy != NULL || fuzz_show(options, bytes, size));
    npk_doc_info info = {.protocol = 0}, copied = {.protocol = 0};
    bool names = true; /* for Python 2 a name from protocol 3 on is what it is there */
    if (npk_doc_info_of(copy, &copied) && npk_doc_info_of(doc, &info))
        names = !npk_dialect_is_python2(options->dialect) || (info.protocol < 3) == (copied.protocol < 3);
    bool python2 = npk_dialect_is_python2(options->dialect), kept = options->python2_str == NPK_PYTHON2_STR_KEEP;
    if (how != FUZZ_LOADS && names && known && fuzz_keeps_spellings(root, options) &&
        (!python2 || kept)) /* Python 2 has one type for str and bytes */
        same = (how == FUZZ_SAME ? fuzz_is_same : fuzz_is_same_edited)(
            root, npk_doc_root(copy), python2 ? NPK_PYTHON2_STR_BYTES : options->python2_str);
    DEMAND(same || fuzz_show(options, bytes, size));
    npk_doc_free(copy);
}

/* Deals out the bytes of an input; zeros behind its end. */
typedef struct dealer {
    const uint8_t *at, *end;
} dealer;

static inline uint64_t deal(dealer *d, size_t bytes)
{
    uint64_t value = 0;
    for (; bytes > 0; bytes--)
        value = value << 8 | (d->at < d->end ? *d->at++ : 0);
    return value;
}

/* Up to `most` bytes, in a block of their own, so that a step past their end is seen. The caller frees it. */
static inline uint8_t *deal_block(dealer *d, size_t most, size_t *size)
{
    size_t left = (size_t)(d->end - d->at);
    *size = most < left ? most : left;
    uint8_t *block = malloc(*size > 0 ? *size : 1);
    DEMAND(block != NULL);
    memcpy(block, d->at, *size);
    d->at += *size;
    return block;
}

#endif
