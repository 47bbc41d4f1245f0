/* Reads the .golden files of tests/data; tests/gen/golden.py says what stands in them. */
#ifndef NPICKLE_TESTS_GOLDEN_H
#define NPICKLE_TESTS_GOLDEN_H

#include "mirror.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN_PROTOCOLS 6

typedef struct golden_bytes {
    uint8_t *bytes;
    size_t size;
} golden_bytes;

typedef struct golden {
    char *text;
    char *next;  /* the line to be read next */
    char *name;  /* of the case */
    char *words; /* the rest of its line */
    golden_bytes last[GOLDEN_PROTOCOLS]; /* of this case or an earlier one, by protocol */
    golden_bytes previous;               /* the line before, of the same case */
    bool mirrored;                       /* as a big-endian machine would have written it: mirror.h */
    golden_bytes mirror[GOLDEN_PROTOCOLS]; /* of last, if mirrored */
} golden;

/* A file of tests/data; there is a NUL after its bytes. Ownership: the bytes are the caller's, until free(). */
static inline golden_bytes golden_file(const char *name)
{
    char path[1024];
    const char *data = getenv("NPICKLE_TEST_DATA");
    snprintf(path, sizeof path, "%s/%s", data != NULL ? data : "tests/data", name);
    FILE *file = fopen(path, "rb");
    cr_assert(file != NULL, "%s can't be opened", path);
    fseek(file, 0, SEEK_END);
    golden_bytes out = {.size = (size_t)ftell(file)};
    rewind(file);
    out.bytes = malloc(out.size + 1);
    cr_assert(out.bytes != NULL && fread(out.bytes, 1, out.size, file) == out.size);
    out.bytes[out.size] = '\0';
    fclose(file);
    return out;
}

static inline char *golden_read(const char *name)
{
    return (char *)golden_file(name).bytes;
}

static inline void golden_open(golden *g, const char *name)
{
    memset(g, 0, sizeof *g);
    g->text = g->next = golden_read(name);
}

/* On a little-endian machine a golden is read as it is. On a big-endian one twice: as it is, and as its mirror image. */
static inline void golden_open_way(golden *g, const char *name, int way)
{
    golden_open(g, name);
    g->mirrored = way == 1;
}

static inline int golden_ways(void)
{
    return mirror_is_needed() ? 2 : 1;
}

/* Whether no machine of this kind writes the case so. As it is: NumPy has one descriptor for all native numbers of a type, and
 * makes a new one for each swapped one. As its mirror image: big-endian machines have no long doubles of the x87. */
static inline bool golden_is_foreign(const golden *g)
{
    static const struct {
        const char *name; /* a part of it */
        bool mirrored;
    } rows[] = {{"two-swapped-dtypes", false}, {"f16/", true}, {"c32/", true}, {"long_double/", true}, {"long-doubles", true}};
    for (size_t i = 0; mirror_is_needed() && i < sizeof rows / sizeof *rows; i++)
        if (g->mirrored == rows[i].mirrored && strstr(g->name, rows[i].name) != NULL)
            return true;
    return false;
}

static inline void golden_close(golden *g)
{
    for (int i = 0; i < GOLDEN_PROTOCOLS; i++)
        free(g->last[i].bytes);
    for (int i = 0; i < GOLDEN_PROTOCOLS; i++)
        free(g->mirror[i].bytes);
    free(g->text);
}

/* The next line, its newline made a NUL; NULL at the end. Comments are left out. */
static inline char *golden_line(golden *g)
{
    while (*g->next != '\0') {
        char *line = g->next;
        size_t length = strcspn(line, "\n");
        g->next = line + length + (line[length] == '\n');
        line[length] = '\0';
        if (line[0] != '#' && line[0] != '\0')
            return line;
    }
    return NULL;
}

/* Takes the next word, which ends at a blank; NULL at the end. No blank stands in a quoted word. */
static inline char *golden_word(char **at)
{
    char *word = *at + strspn(*at, " ");
    char *end = word + strcspn(word, " ");
    if (*word == '\0')
        return NULL;
    *at = end + (*end != '\0');
    *end = '\0';
    return word;
}

/* "2,3" -> 2 3; "-" -> nothing. Returns how many. */
static inline int golden_numbers(char *text, int64_t *out)
{
    int count = 0;
    if (strcmp(text, "-") == 0)
        return 0;
    for (char *at = text; *at != '\0'; at += *at == ',')
        out[count++] = strtoll(at, &at, 10);
    return count;
}

static inline int golden_digit(char c)
{
    return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

static inline uint8_t golden_hex(const char *text)
{
    return (uint8_t)(golden_digit(text[0]) << 4 | golden_digit(text[1]));
}

/* The room of so many bytes: a power of two, so that adding them one by one does not move them each time. */
static inline size_t golden_room(size_t size)
{
    return size < 64 ? 64 : (size_t)1 << (64 - __builtin_clzll(size));
}

/* Onto bytes that golden_add made, or none. */
static inline void golden_add(golden_bytes *out, const void *bytes, size_t size)
{
    if (out->bytes == NULL || golden_room(out->size + size) > golden_room(out->size))
        out->bytes = realloc(out->bytes, golden_room(out->size + size));
    if (out->bytes == NULL)
        cr_assert_fail("no memory"); /* an assertion that holds is a call too */
    if (size > 0)
        memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}

/* An npk_write_function; context: such bytes. */
static inline int golden_collect(void *context, const void *bytes, size_t size)
{
    golden_add(context, bytes, size);
    return 0;
}

/* The bytes of a quoted word. The caller frees them. */
static inline golden_bytes golden_unquote(const char *word)
{
    golden_bytes out = {NULL, 0};
    cr_assert(word[0] == '"', "no quoted word: %.40s", word);
    golden_add(&out, "", 0);
    for (const char *p = word + 1; *p != '"';) {
        if (p[0] != '\\') {
            size_t plain = strcspn(p, "\\\"");
            golden_add(&out, p, plain);
            p += plain;
        } else if (p[1] != '{') {
            uint8_t byte = golden_hex(p + 1);
            golden_add(&out, &byte, 1);
            p += 3;
        } else { /* \{times:hex} */
            golden_bytes unit = {NULL, 0};
            char *at;
            size_t times = strtoul(p + 2, &at, 10);
            for (at++; *at != '}'; at += 2) {
                uint8_t byte = golden_hex(at);
                golden_add(&unit, &byte, 1);
            }
            for (; times > 0; times--)
                golden_add(&out, unit.bytes, unit.size);
            free(unit.bytes);
            p = at + 1;
        }
    }
    return out;
}

/* The next case: its name, and the rest of its line in g->words. */
static inline bool golden_case(golden *g)
{
    char *line = golden_line(g);
    while (line != NULL && strncmp(line, "case ", 5) != 0)
        line = golden_line(g);
    if (line == NULL)
        return false;
    line += 5;
    g->name = golden_word(&line);
    g->words = line;
    if (g->mirrored)
        mirror_words(line);
    g->previous = (golden_bytes){NULL, 0};
    return true;
}

static inline golden_bytes golden_mirror(golden *g, int protocol)
{
    free(g->mirror[protocol].bytes);
    g->mirror[protocol] = (golden_bytes){NULL, 0};
    golden_add(&g->mirror[protocol], g->last[protocol].bytes, g->last[protocol].size);
    mirror_pickle(g->mirror[protocol].bytes, g->mirror[protocol].size);
    return g->mirror[protocol];
}

/* The next pickle of the case: protocol and bytes, which golden_close frees; false where the case ends. */
static inline bool golden_pickle(golden *g, int *protocol, golden_bytes *out)
{
    if (g->next[0] != 'p')
        return false;
    char *line = golden_line(g), *edit;
    *protocol = line[1] - '0';
    line += 3;
    char reference = golden_word(&line)[0];
    golden_bytes from = reference == 'c' ? g->last[*protocol] : reference == 'p' ? g->previous : (golden_bytes){NULL, 0};
    golden_bytes made = {NULL, 0};
    golden_add(&made, "", 0);
    for (size_t at = 0; (edit = golden_word(&line)) != NULL;) {
        if (edit[0] == '"') {
            golden_bytes piece = golden_unquote(edit);
            golden_add(&made, piece.bytes, piece.size);
            free(piece.bytes);
            continue;
        }
        size_t count = strtoul(edit + 1, NULL, 10);
        cr_assert(at + count <= from.size, "%s: an edit beyond its reference", g->name);
        if (edit[0] == '=')
            golden_add(&made, from.bytes + at, count);
        at += count;
    }
    free(g->last[*protocol].bytes);
    g->last[*protocol] = g->previous = made;
    *out = g->mirrored ? golden_mirror(g, *protocol) : made;
    return true;
}

#endif
