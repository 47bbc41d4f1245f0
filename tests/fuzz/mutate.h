/* What libFuzzer does to an input, at times by opcodes: programs that a reader takes are mostly made into such. A target that includes this has
 * FUZZ_HEAD bytes before its first pickle. */
#ifndef NPICKLE_TESTS_FUZZ_MUTATE_H
#define NPICKLE_TESTS_FUZZ_MUTATE_H

#include "fuzz.h"

#ifndef FUZZ_HEAD
#define FUZZ_HEAD 0
#endif

#define MUTATE_MOST 512 /* instructions */
#define MUTATE_ROOM 512 /* bytes of what is put in */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

/* --- chance --- */

static uint64_t mutate_state;

static inline size_t chance(size_t of)
{
    mutate_state = mutate_state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(mutate_state >> 33) % of;
}

/* --- what is put in --- */

typedef struct fragment {
    uint8_t bytes[MUTATE_ROOM];
    size_t size;
} fragment;

static inline void put(fragment *f, const char *bytes, size_t size)
{
    if (size > MUTATE_ROOM - f->size)
        return;
    memcpy(f->bytes + f->size, bytes, size);
    f->size += size;
}

static inline void put_text(fragment *f, const char *text)
{
    put(f, text, strlen(text));
}

static inline void put_numbered(fragment *f, char opcode, size_t number)
{
    const char both[2] = {opcode, (char)number};
    put(f, both, 2);
}

typedef struct piece {
    const char *text;
    size_t size;
} piece;

#define PIECE(text)                                                                                                    \
    {                                                                                                                  \
        text, sizeof text - 1                                                                                          \
    }

/* A value without parts. */
static const piece atoms[] = {PIECE("N"),          PIECE("K\1"),        PIECE("I7\n"),
                              PIECE("X\1\0\0\0a"), PIECE("X\1\0\0\0b"), PIECE("\x8c\1c"),
                              PIECE("Va\n"),       PIECE("U\1a"),       PIECE("C\1a"),
                              PIECE("\x88"),       PIECE("Pid\n"),      PIECE("G\0\0\0\0\0\0\0\0"),
                              PIECE("\x97"),       PIECE("\x97\x98"),   PIECE("\x96\2\0\0\0\0\0\0\0ab")};

static const piece empty[] = {PIECE("]"),  PIECE("}"),  PIECE("\x8f"), PIECE(")"),
                              PIECE("(l"), PIECE("(d"), PIECE("(t"),   PIECE("(\x91")};

/* What may be called. */
static const piece names[] = {PIECE("cm\nf\n"),
                              PIECE("cm\ng\n"),
                              PIECE("cm\nC\n"),
                              PIECE("\x8c\1m\x8c\3C.D\x93"),
                              PIECE("\x82\1"),
                              PIECE("cbuiltins\nset\n"),
                              PIECE("c__builtin__\nlist\n"),
                              PIECE("cbuiltins\ngetattr\n"),
                              PIECE("ccollections\nOrderedDict\n"),
                              PIECE("ccollections\ndefaultdict\n"),
                              PIECE("cfunctools\npartial\n"),
                              PIECE("ccopyreg\n_reconstructor\n"),
                              PIECE("ccopy_reg\n__newobj__\n"),
                              PIECE("c_codecs\nencode\n"),
                              PIECE("carray\narray\n")};

/* How the values over a mark become one, and how two or three do. */
static const piece closers[] = {PIECE("t"), PIECE("l"),       PIECE("d"), PIECE("\x91"),
                                PIECE("o"), PIECE("im\nC\n"), PIECE("tQ")};
static const piece pairs[] = {PIECE("\x86"),     PIECE("\x85R"), PIECE("a"),    PIECE("0"),
                              PIECE("\x85\x81"), PIECE("b"),     PIECE("2\x87")};

static inline void put_one(fragment *f, const piece *table, size_t count)
{
    const piece *one = &table[chance(count)];
    put(f, one->text, one->size);
}
#define PUT_ONE(f, table) put_one(f, table, sizeof(table) / sizeof *(table))

/* A value of a few steps: parts one after another, which something then makes one of. */
static inline void put_value(fragment *f)
{
    const size_t parts = chance(3), how = chance(8);
    const bool is_call = how < 4, is_marked = how >= 6;
    if (how == 4) {
        PUT_ONE(f, atoms);
        return;
    }
    if (is_marked)
        put_text(f, "(");
    if (is_call || (is_marked && chance(2) == 0))
        PUT_ONE(f, names);
    if (is_call)
        put_text(f, "(");
    for (size_t i = 0; i < parts; i++) {
        if (chance(2) == 0)
            put_numbered(f, 'h', chance(6));
        else if (chance(2) == 0)
            PUT_ONE(f, empty);
        else
            PUT_ONE(f, atoms);
        if (chance(4) == 0)
            put_numbered(f, 'q', chance(6));
    }
    if (is_marked)
        PUT_ONE(f, closers);
    else if (is_call)
        put_text(f, chance(3) == 0 ? "t\x81" : chance(8) == 0 ? "t}\x92" : "tR");
    else
        for (size_t i = 1; i < parts; i++)
            PUT_ONE(f, pairs);
    if (!is_marked && !is_call && parts == 0)
        PUT_ONE(f, empty);
    if (chance(2) == 0)
        put_numbered(f, 'q', chance(6));
}

/* Something that happens to what is on top of the stack. */
static inline void put_event(fragment *f)
{
    static const char *const ends[] = {"a", "b", "s", "0", "(", "2"};
    switch (chance(10)) {
    case 0:
        put_value(f);
        put_text(f, "a");
        return;
    case 1:
        put_value(f);
        put_text(f, "b");
        return;
    case 2:
        PUT_ONE(f, atoms);
        put_value(f);
        put_text(f, "s");
        return;
    case 3:
    case 4:
        put_text(f, "(");
        put_value(f);
        put_value(f);
        put_text(f, chance(3) == 0 ? "u" : chance(3) == 0 ? "\x90" : "e");
        return;
    case 5:
        put_value(f);
        put_text(f, "0");
        return;
    case 6:
        put_text(f, "(");
        put_value(f);
        put_value(f);
        put_text(f, "1");
        return;
    case 7:
        put_numbered(f, 'q', chance(6));
        return;
    case 8:
        put_text(f, "20");
        return;
    default:
        put_text(f, ends[chance(sizeof ends / sizeof *ends)]);
    }
}

/* Out of the memo, changed and dropped. */
static inline void put_late(fragment *f)
{
    put_numbered(f, 'h', chance(6));
    put_event(f);
    if (chance(3) == 0)
        put_event(f);
    put_text(f, "0");
}

/* --- where --- */

typedef struct cut {
    size_t at[MUTATE_MOST + 1]; /* where instructions begin; at[count] the end of the last */
    int height[MUTATE_MOST + 1];
    size_t count;
} cut;

/* How high the stack is before each instruction, as far as they can be told apart. */
static inline void cut_up(const uint8_t *data, size_t size, cut *c)
{
    int marks[64], height = 0;
    size_t marked = 0;
    npk_instruction in;
    *c = (cut){.count = 0};
    while (c->count < MUTATE_MOST && npk_instruction_at(data, size, c->at[c->count], &in, NULL) == NPK_OK) {
        c->height[c->count] = height;
        if (in.opcode->to_mark && marked > 0)
            height = marks[--marked];
        height -= in.opcode->pops;
        height = height < 0 ? 0 : height;
        if (in.opcode->byte == '(' && marked < 64)
            marks[marked++] = height;
        height += in.opcode->pushes;
        c->at[++c->count] = (size_t)in.end;
    }
    c->height[c->count] = height;
}

/* The end of a piece from `from` on that leaves `more` values on the stack and takes nothing from what was there; the same again if there is none. */
static inline size_t piece_from(const cut *c, size_t from, int more)
{
    size_t found = from, steps = 1 + chance(12);
    for (size_t i = from + 1; i <= c->count && c->height[i] >= c->height[from] && steps > 0; i++)
        if (c->height[i] == c->height[from] + more) {
            found = i;
            steps--;
        }
    return found;
}

/* --- one change --- */

/* Puts bytes in the place of those from `from` to `end`. */
static inline size_t splice(uint8_t *data, size_t size, size_t most, size_t from, size_t end, const uint8_t *bytes,
                            size_t count)
{
    const size_t left = size - (end - from);
    if (count > most || left > most - count)
        return size;
    memmove(data + from + count, data + end, size - end);
    if (count > 0)
        memcpy(data + from, bytes, count);
    return left + count;
}

/* Another opcode of the same argument in its place, or another number of the memo. */
static inline void change_opcode(uint8_t *at)
{
    const npk_opcode *row = npk_opcode_row(*at);
    if (row == NULL)
        return;
    if ((*at == 'h' || *at == 'q') && chance(4) != 0) {
        at[1] = (uint8_t)chance(8);
        return;
    }
    for (int tries = 0; tries < 64; tries++) {
        const npk_opcode *other = npk_opcode_row((uint8_t)chance(256));
        if (other != NULL && other->argument == row->argument &&
            other->pops - other->pushes == row->pops - row->pushes && other->to_mark == row->to_mark) {
            *at = other->byte;
            return;
        }
    }
}

static inline size_t change_once(uint8_t *data, size_t size, size_t most)
{
    static cut c;
    fragment f = {.size = 0};
    cut_up(data, size, &c);
    if (c.count == 0)
        return size;
    const size_t one = chance(c.count), other = chance(c.count), at = c.at[one];
    size_t end = c.at[piece_from(&c, one, chance(2) == 0)];
    switch (chance(10)) {
    case 0:
        change_opcode(data + at);
        return size;
    case 1: /* out */
        return splice(data, size, most, at, end, NULL, 0);
    case 2: /* another value for one */
        put_value(&f);
        return splice(data, size, most, at, c.at[piece_from(&c, one, 1)], f.bytes, f.size);
    case 3: /* once more elsewhere */
        put(&f, (const char *)data + at, end - at);
        return splice(data, size, most, c.at[other], c.at[other], f.bytes, f.size);
    case 4: /* once more, dropped */
        put(&f, (const char *)data + at, end - at);
        put_text(&f, "0");
        return splice(data, size, most, c.at[other], c.at[other], f.bytes, f.size);
    case 5: /* around it */
        PUT_ONE(&f, names);
        put_text(&f, "(");
        put(&f, (const char *)data + at, end - at);
        put_text(&f, "tR");
        return splice(data, size, most, at, end, f.bytes, f.size);
    case 6:
        put_late(&f);
        break;
    case 7:
        put_numbered(&f, chance(2) == 0 ? 'q' : 'h', chance(8));
        break;
    case 8:
        put_value(&f);
        put_text(&f, "0");
        break;
    default:
        put_event(&f);
    }
    return splice(data, size, most, at, at, f.bytes, f.size);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    mutate_state = seed * 2654435761u + 1;
    (void)chance(1);
    if (size <= FUZZ_HEAD || chance(3) == 0)
        return LLVMFuzzerMutate(data, size, most);
    for (size_t changes = 1 + chance(3); changes > 0; changes--)
        size = FUZZ_HEAD + change_once(data + FUZZ_HEAD, size - FUZZ_HEAD, most - FUZZ_HEAD);
    if (FUZZ_HEAD > 0 && chance(8) == 0)
        data[chance(FUZZ_HEAD)] = (uint8_t)chance(256);
    return size;
}

#endif
