#include "reader/numbers.h"

#include "reader/frames.h"

#include <npickle/dialect.h>

/* --- numbers --- */

#define IN_A_RUN 4 /* that are looked at together */

typedef struct number {
    size_t width; /* of its opcode and argument; 0: it is none, or none that is known here */
    bool is_real;
    int64_t whole;
    double real;
} number;

/* The number at `at`, where at least one byte is; `left` bytes lie before the end. */
static inline number number_at(const uint8_t *at, size_t left)
{
    switch (at[0]) {
    case NPKI_BYTE_NEWTRUE:
    case NPKI_BYTE_NEWFALSE:
        return (number){.width = 1, .whole = at[0] == NPKI_BYTE_NEWTRUE};
    case NPKI_BYTE_BININT1:
        return left < 2 ? (number){0} : (number){.width = 2, .whole = at[1]};
    case NPKI_BYTE_BININT2:
        return left < 3 ? (number){0} : (number){.width = 3, .whole = (int64_t)npki_load_le(at + 1, 2)};
    case NPKI_BYTE_BININT:
        return left < 5 ? (number){0} : (number){.width = 5, .whole = npki_sign_extend(npki_load_le(at + 1, 4), 4)};
    case NPKI_BYTE_LONG1:
        if (left < 3 || at[1] == 0 || at[1] > 8 || left - 2 < at[1])
            return (number){0};
        return (number){.width = (size_t)2 + at[1], .whole = npki_sign_extend(npki_load_le(at + 2, at[1]), at[1])};
    case NPKI_BYTE_BINFLOAT:
        return left < 9 ? (number){0}
                        : (number){.width = 9, .is_real = true, .real = npki_double_of(npki_load_be(at + 1, 8))};
    default:
        return (number){0};
    }
}

/* Whether as many numbers of this opcode and width follow one another as are looked at together. */
static inline bool is_run(const uint8_t *at, const uint8_t *end, size_t room, uint8_t opcode, size_t width)
{
    return room >= IN_A_RUN && (size_t)(end - at) >= IN_A_RUN * width && at[0] == opcode && at[width] == opcode &&
           at[2 * width] == opcode && at[3 * width] == opcode;
}

size_t npki_take_doubles(const uint8_t **from, const uint8_t *end, void *out, size_t room)
{
    const uint8_t *at = *from;
    double *to = out;
    size_t made = 0;
    while (made < room && at < end) {
        for (; is_run(at, end, room - made, NPKI_BYTE_BINFLOAT, 9); at += IN_A_RUN * 9, made += IN_A_RUN)
            for (size_t i = 0; i < IN_A_RUN; i++)
                to[made + i] = npki_double_of(npki_load_be(at + 9 * i + 1, 8));
        const number one = made < room && at < end ? number_at(at, (size_t)(end - at)) : (number){0};
        if (one.width == 0)
            break;
        to[made++] = one.is_real ? one.real : (double)one.whole;
        at += one.width;
    }
    *from = at;
    return made;
}

size_t npki_take_ints(const uint8_t **from, const uint8_t *end, void *out, size_t room)
{
    const uint8_t *at = *from;
    int64_t *to = out;
    size_t made = 0;
    while (made < room && at < end) {
        for (; is_run(at, end, room - made, NPKI_BYTE_BININT, 5); at += IN_A_RUN * 5, made += IN_A_RUN)
            for (size_t i = 0; i < IN_A_RUN; i++)
                to[made + i] = npki_sign_extend(npki_load_le(at + 5 * i + 1, 4), 4);
        for (; is_run(at, end, room - made, NPKI_BYTE_BININT1, 2); at += IN_A_RUN * 2, made += IN_A_RUN)
            for (size_t i = 0; i < IN_A_RUN; i++)
                to[made + i] = at[2 * i + 1];
        const number one = made < room && at < end ? number_at(at, (size_t)(end - at)) : (number){0};
        if (one.width == 0 || one.is_real)
            break;
        to[made++] = one.whole;
        at += one.width;
    }
    *from = at;
    return made;
}

/* --- the list around them --- */

#define COUNTED 64 /* at a time, where they have no place of their own */

typedef struct scan {
    npki_frames in;
    npki_numbers_take *take;
    uint8_t *out;
    size_t room, made;
    uint64_t others; /* opcodes that are neither numbers nor FRAME */
} scan;

static inline bool eat(scan *s, enum npki_opcode_byte opcode, size_t width)
{
    if (npki_frames_peek(&s->in) != (int)opcode || (size_t)(s->in.end - s->in.at) < width)
        return false;
    s->in.at += width;
    s->others++;
    return true;
}

/* The list may have a number in the memo, which nobody asks for. */
static void pass_put(scan *s)
{
    (void)(eat(s, NPKI_BYTE_MEMOIZE, 1) || eat(s, NPKI_BYTE_BINPUT, 2));
}

/* Up to `most` numbers; how many there were. */
static size_t take(scan *s, size_t most)
{
    uint64_t counted[COUNTED];
    size_t all = 0, more = 1;
    while (more > 0 && all < most && npki_frames_peek(&s->in) != 0) {
        size_t room = s->room - s->made < most - all ? s->room - s->made : most - all;
        if (s->out == NULL && room > COUNTED)
            room = COUNTED;
        more =
            s->take(&s->in.at, s->in.end, s->out == NULL ? (void *)counted : s->out + sizeof *counted * s->made, room);
        s->made += more;
        all += more;
    }
    return all;
}

/* Behind its opcode. Several batches are several of MARK and APPENDS, and one number alone has APPEND. */
static bool take_list(scan *s)
{
    pass_put(s);
    for (int next; (next = npki_frames_peek(&s->in)) != NPKI_BYTE_STOP;) {
        const bool batch = next == NPKI_BYTE_MARK;
        if (batch)
            (void)eat(s, NPKI_BYTE_MARK, 1);
        if (take(s, batch ? SIZE_MAX : 1) == 0 || !eat(s, batch ? NPKI_BYTE_APPENDS : NPKI_BYTE_APPEND, 1))
            return false;
    }
    return true;
}

static bool take_tuple(scan *s)
{
    if (take(s, SIZE_MAX) == 0 || !eat(s, NPKI_BYTE_TUPLE, 1))
        return false;
    pass_put(s);
    return true;
}

bool npki_scan_numbers(npki_numbers_take *numbers, const void *bytes, size_t size, uint64_t opcodes, void *out,
                       size_t room, size_t *count)
{
    const uint8_t *from = bytes;
    if (size < 2)
        return false;
    scan s = {.in = {.at = from, .end = from + size, .last = from + size},
              .take = numbers,
              .out = out,
              .room = out == NULL ? SIZE_MAX : room};
    if (from[0] == NPKI_BYTE_PROTO && from[1] <= NPK_PROTOCOL_MAX)
        (void)eat(&s, NPKI_BYTE_PROTO, 2);
    const bool list = eat(&s, NPKI_BYTE_EMPTY_LIST, 1);
    if (!(list ? take_list(&s) : eat(&s, NPKI_BYTE_MARK, 1) && take_tuple(&s)) || !eat(&s, NPKI_BYTE_STOP, 1))
        return false;
    if (s.in.framed && s.in.at != s.in.end)
        return false;
    while (s.in.at < s.in.last && npki_is_padding(*s.in.at))
        s.in.at++;
    const uint64_t others = s.others + s.in.opened;
    if (s.in.at != s.in.last || opcodes < others || opcodes - others < s.made)
        return false;
    *count = s.made;
    return true;
}
