/* Pickles in which more happens than in a pickler's, made at random: things are made and dropped, have states and setters, grow once others have them, are
 * made inside their own arguments, hold themselves, and come out of the memo anywhere. */
#ifndef NPICKLE_TESTS_HISTORY_H
#define NPICKLE_TESTS_HISTORY_H

#include "program.h"

enum { HISTORY_NUMBERS = 60 };

static inline void add_value(program *p, int depth);

static inline void put_words(program *p, const char *words, size_t size)
{
    put(p, words, size);
    p->opcodes++;
}
#define PUT(p, words) put_words(p, words, sizeof words - 1)

/* The top of the stack gets a number, by which it is this kind from here on: one of "astTldSox". */
static inline void name_it(program *p, char kind)
{
    if (p->number_count == HISTORY_NUMBERS)
        return;
    PUT(p, "q");
    put_byte(p, (uint8_t)p->number_count);
    p->kinds[p->number_count++] = kind;
}

static inline bool fetch(program *p, const char *kinds, char *kind)
{
    for (size_t tries = 0; tries < 8 && p->number_count > 0; tries++) {
        const size_t number = next_random() % p->number_count;
        if (strchr(kinds, p->kinds[number]) == NULL)
            continue;
        PUT(p, "h");
        put_byte(p, (uint8_t)number);
        *kind = p->kinds[number];
        return true;
    }
    return false;
}

typedef struct words {
    const char *text;
    size_t size;
    char kind;
} words;
#define WORDS(text, kind)                                                                                              \
    {                                                                                                                  \
        text, sizeof text - 1, kind                                                                                    \
    }

static inline char put_any(program *p, const words *table, size_t count)
{
    const words *one = &table[next_random() % count];
    put_words(p, one->text, one->size);
    return one->kind;
}
#define PUT_ANY(p, table) put_any(p, table, sizeof table / sizeof *table)

static inline void add_atom(program *p)
{
    static const words atoms[] = {WORDS("N", 'a'),          WORDS("K\1", 'a'),   WORDS("K\7", 'a'),
                                  WORDS("X\1\0\0\0a", 'a'), WORDS("U\1b", 'a'),  WORDS("C\1c", 'a'),
                                  WORDS("\x88", 'a'),       WORDS("M\0\1", 'a'), WORDS("\x8c\4name", 'a'),
                                  WORDS("\x8c\0", 'a'),     WORDS(")", 'a'),     WORDS("cm\nD\n", 'a')};
    PUT_ANY(p, atoms);
}

/* Something that can be a key. */
static inline void add_key(program *p)
{
    char kind;
    if (one_in(3) || !fetch(p, "atox", &kind))
        add_atom(p);
}

static inline void add_name(program *p)
{
    static const words names[] = {WORDS("cm\nf\n", 'x'), WORDS("cm\ng\n", 'x'), WORDS("cm\nC\n", 'x'),
                                  WORDS("\x8c\1m\x8c\3C.D\x93", 'x')};
    PUT_ANY(p, names);
}

/* Something happens to the top of the stack, which is of this kind. */
static inline void add_event(program *p, char kind, int depth)
{
    const bool lists = strchr("lo", kind) != NULL, dicts = strchr("do", kind) != NULL;
    char late;
    switch (next_random() % 9) {
    case 0:
    case 1:
        add_value(p, depth);
        PUT(p, "0");
        return;
    case 2:
        PUT(p, "(");
        add_value(p, depth);
        add_value(p, depth);
        PUT(p, "1");
        return;
    case 3:
        if (fetch(p, "ldSo", &late)) {
            add_event(p, late, depth - 1);
            PUT(p, "0");
        }
        return;
    case 4:
        if (kind == 'o') {
            add_value(p, depth);
            PUT(p, "b");
        }
        return;
    default:
        if (lists && (!dicts || one_in(2))) {
            if (one_in(2)) {
                add_value(p, depth);
                PUT(p, "a");
                return;
            }
            PUT(p, "(");
            add_value(p, depth);
            add_value(p, depth);
            PUT(p, "e");
        } else if (dicts) {
            add_key(p);
            add_value(p, depth);
            PUT(p, "s");
        } else if (kind == 'S') {
            PUT(p, "(");
            add_key(p);
            PUT(p, "\x90");
        }
    }
}

static inline void add_events(program *p, char kind, int depth)
{
    const bool named = one_in(2);
    if (named)
        name_it(p, kind);
    for (size_t count = next_random() % 4; count > 0; count--)
        add_event(p, kind, depth);
    if (!named && one_in(2))
        name_it(p, kind);
}

static inline void add_many(program *p, int depth, size_t most)
{
    for (size_t count = next_random() % (most + 1); count > 0; count--)
        add_value(p, depth);
}

/* GLOBAL and its module, as it is called at the protocol. */
static inline void put_module(program *p, const char *below3, const char *from3)
{
    const char *module = p->protocol < 3 ? below3 : from3;
    put_byte(p, 'c');
    while (*module != '\0')
        put_byte(p, (uint8_t)*module++);
    put_byte(p, '\n');
}

/* By one spelling or another. */
static inline void add_object(program *p, int depth)
{
    switch (next_random() % 8) {
    case 0:
        PUT(p, "(");
        add_name(p);
        add_many(p, depth, 2);
        PUT(p, "o");
        return;
    case 1:
        PUT(p, "(");
        add_many(p, depth, 2);
        PUT(p, "im\nC\n");
        return;
    case 2:
        put_module(p, "copy_reg", "copyreg");
        PUT(p, "__newobj__\n(");
        add_name(p);
        add_many(p, depth, 1);
        PUT(p, "tR");
        return;
    case 3:
        put_module(p, "copy_reg", "copyreg");
        PUT(p, "_reconstructor\n(");
        add_name(p);
        put_module(p, "__builtin__", "builtins");
        PUT(p, "object\nNtR");
        return;
    case 4:
        add_name(p);
        PUT(p, "(");
        add_many(p, depth, 2);
        PUT(p, "t\x81");
        return;
    case 5:
        add_name(p);
        PUT(p, "(");
        add_many(p, depth, 1);
        PUT(p, "t}\x92");
        return;
    default:
        add_name(p);
        PUT(p, "(");
        add_many(p, depth, 2);
        PUT(p, "t");
        if (one_in(4))
            name_it(p, 'T');
        if (one_in(4))
            add_event(p, 'T', depth);
        PUT(p, "R");
    }
}

/* What npickle knows. */
static inline char add_known(program *p, int depth)
{
    static const words whole[] = {
        WORDS("ccollections\nOrderedDict\n)R", 'd'),
        WORDS("ccollections\ndefaultdict\nc__builtin__\nlist\n\x85R", 'd'),
        WORDS("c__builtin__\nset\n]K\1a\x85R", 'S'),
        WORDS("cnumpy\ndtype\nU\2i4K\0K\1\x87R", 'x'),
        WORDS("cnumpy\ndtype\nU\2i4K\0K\1\x87R(K\3U\1<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb", 'x'),
        WORDS("carray\narray\nU\1i]K\1a\x86R", 'x'),
        WORDS("c_codecs\nencode\nX\1\0\0\0aX\6\0\0\0latin1\x86R", 'x')};
    static const words takers[] = {WORDS("list\n(", 'l'), WORDS("set\n(", 'S'), WORDS("frozenset\n(", 'x'),
                                   WORDS("tuple\n(", 'x')};
    char kind, taken;
    switch (next_random() % 4) {
    case 0: /* at times of what others have, which may get more later, or has got some */
        put_module(p, "__builtin__", "builtins");
        kind = PUT_ANY(p, takers);
        if (one_in(2) || !fetch(p, "lTdS", &taken))
            add_value(p, depth);
        PUT(p, "tR");
        return kind;
    case 1:
        put_module(p, "__builtin__", "builtins");
        PUT(p, "getattr\n(");
        add_value(p, depth);
        PUT(p, "X\4\0\0\0nametR");
        return 'o';
    default:
        return PUT_ANY(p, whole);
    }
}

/* A list that holds a tuple in which it is; a tuple that comes once more, behind what its item could be. */
static inline void add_again(program *p, int depth)
{
    const uint8_t number = (uint8_t)p->number_count;
    if (one_in(2)) {
        PUT(p, "]");
        name_it(p, 'l');
        PUT(p, "(h");
        put_byte(p, number);
        add_many(p, depth, 3);
        PUT(p, "ta");
        return;
    }
    PUT(p, "((K\1Qt");
    name_it(p, 't');
    if (one_in(2))
        PUT(p, "K\1Q");
    PUT(p, "1h");
    put_byte(p, number);
}

/* f([itself]), ([itself],), f made inside its own arguments. */
static inline void add_cycle(program *p, int depth)
{
    if (p->number_count + 4 > HISTORY_NUMBERS)
        return add_atom(p);
    if (one_in(3))
        return add_again(p, depth);
    const bool call = one_in(2);
    if (call)
        PUT(p, "cm\nf\n");
    PUT(p, "(");
    if (one_in(3))
        add_atom(p);
    else if (one_in(3))
        PUT(p, "cm\ng\n)R");
    const uint8_t list = (uint8_t)p->number_count, whole = (uint8_t)(list + 1);
    PUT(p, "]");
    name_it(p, 'l');
    if (one_in(3))
        add_event(p, 'l', depth);
    if (call)
        PUT(p, "cm\nf\n");
    PUT(p, "(h");
    put_byte(p, list);
    PUT(p, "t");
    if (call)
        PUT(p, "R");
    p->number_count = p->number_count > whole ? p->number_count : whole;
    PUT(p, "q");
    put_byte(p, (uint8_t)p->number_count);
    p->kinds[p->number_count] = call ? 'o' : 'T';
    const uint8_t number = (uint8_t)p->number_count++;
    if (call && one_in(3))
        add_event(p, 'o', depth);
    PUT(p, "a");
    if (one_in(3))
        add_event(p, 'l', depth);
    if (call)
        PUT(p, "tR0");
    else
        PUT(p, "1");
    PUT(p, "h");
    put_byte(p, number);
    if (one_in(3))
        add_event(p, call ? 'o' : 'T', depth);
}

static inline void add_value(program *p, int depth)
{
    char kind;
    const uint64_t choice = next_random() % 20;
    if (depth <= 0 || p->size > 600) {
        if (one_in(2) || !fetch(p, "atTldSox", &kind))
            add_atom(p);
        return;
    }
    depth--;
    if (choice < 3) {
        add_atom(p);
    } else if (choice < 7 && fetch(p, "atTldSox", &kind)) {
        if (one_in(4))
            add_event(p, kind, depth);
    } else if (choice < 10) {
        PUT(p, "]");
        add_events(p, 'l', depth);
    } else if (choice < 11) {
        PUT(p, "}");
        add_events(p, 'd', depth);
    } else if (choice < 12) {
        PUT(p, "\x8f");
        add_events(p, 'S', depth);
    } else if (choice < 14) {
        PUT(p, "(");
        add_many(p, depth, 3);
        PUT(p, "t");
        add_events(p, 'T', depth);
    } else if (choice < 15) {
        add_atom(p);
        PUT(p, "Q");
        add_events(p, 'x', depth);
    } else if (choice < 16) {
        add_cycle(p, depth);
    } else if (choice < 17) {
        kind = add_known(p, depth);
        add_events(p, kind, depth);
    } else {
        add_object(p, depth);
        add_events(p, 'o', depth);
    }
}

static inline void make_history(program *p)
{
    *p = (program){.size = 0};
    p->protocol = one_in(2) ? 2 : 4;
    PUT(p, "\x80");
    put_byte(p, (uint8_t)p->protocol);
    while (one_in(4)) {
        add_value(p, 3);
        PUT(p, "0");
    }
    PUT(p, "(");
    for (size_t count = 1 + next_random() % 4; count > 0; count--)
        add_value(p, 1 + (int)(next_random() % 4));
    put_words(p, one_in(2) ? "l." : "t.", 2);
}

#endif
