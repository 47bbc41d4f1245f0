/* Programs of the stack machine, made at random: most of them are good, and a few have a step that is not. */
#ifndef NPICKLE_TESTS_PROGRAM_H
#define NPICKLE_TESTS_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { PROGRAM = 16384, HEIGHT = 2048, MARKS = 64, NUMBERS = 512 };

static uint64_t state;

static inline uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return (state ^= state << 17) >> 11;
}

/* The same programs each time. */
static inline void start_random(uint64_t seed)
{
    state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
    next_random();
}

static inline bool one_in(uint64_t many)
{
    return next_random() % many == 0;
}

/* What a program has on its stack by now: a letter for each value. Letters are those that the opcodes below ask for. */
typedef struct program {
    uint8_t bytes[PROGRAM];
    size_t size;
    char stack[HEIGHT];
    size_t height;
    size_t marks[MARKS];
    size_t mark_count;
    uint32_t numbers[NUMBERS]; /* in the memo, and what they are */
    char kinds[NUMBERS];
    size_t number_count;
    uint64_t opcodes;
    int protocol;
    size_t frame; /* where the length of the frame at hand stands; 0: none */
    bool calls;   /* it shall have names and calls of many kinds */
} program;

static inline void put(program *p, const void *bytes, size_t size)
{
    if (size > 0)
        memcpy(p->bytes + p->size, bytes, size);
    p->size += size;
}

static inline void put_byte(program *p, uint8_t byte)
{
    put(p, &byte, 1);
}

static inline void put_op(program *p, char opcode)
{
    put_byte(p, (uint8_t)opcode);
    p->opcodes++;
}

static inline void put_le(program *p, uint64_t number, size_t width)
{
    for (size_t i = 0; i < width; i++)
        put_byte(p, (uint8_t)(number >> 8 * i));
}

static inline void push(program *p, char kind)
{
    p->stack[p->height++] = kind;
}

static inline size_t above(const program *p)
{
    return p->height - (p->mark_count > 0 ? p->marks[p->mark_count - 1] : 0);
}

static inline bool top_is(const program *p, size_t depth, const char *kinds)
{
    return above(p) > depth && strchr(kinds, p->stack[p->height - 1 - depth]) != NULL;
}

/* What lies below the mark. */
static inline bool below_is(const program *p, const char *kinds)
{
    size_t mark = p->mark_count > 0 ? p->marks[p->mark_count - 1] : 0;
    return mark > (p->mark_count > 1 ? p->marks[p->mark_count - 2] : 0) && strchr(kinds, p->stack[mark - 1]) != NULL;
}

static inline bool all_hashable(const program *p, size_t count, size_t step)
{
    for (size_t i = 0; i < count; i += step)
        if (strchr("astg", p->stack[p->height - count + i]) == NULL)
            return false;
    return true;
}

/* --- atoms --- */

/* An opcode, and a number in so many bytes. */
static inline void put_number(program *p, const char *opcodes, uint64_t bits, size_t width)
{
    put_op(p, opcodes[next_random() % strlen(opcodes)]);
    put_le(p, bits, width);
}

static inline void put_long(program *p, uint64_t bits)
{
    static const uint8_t widths[] = {1, 1, 2, 2, 4, 4, 8, 7, 5, 3, 0, 9};
    size_t width = widths[next_random() % sizeof widths];
    bool is_short = !one_in(3);
    put_op(p, is_short ? '\x8a' : '\x8b');
    put_le(p, width, is_short ? 1 : 4);
    put_le(p, bits, width < 8 ? width : 8);
    put_le(p, bits, width > 8 ? width - 8 : 0);
}

static inline void put_line(program *p)
{
    static const char *const lines[] = {"I-17\n", "I01\n", "I00\n",  "I123\n",  "L123\n",
                                        "L-5L\n", "L0L\n", "F1.5\n", "F-0.0\n", "Finf\n"};
    const char *line = lines[next_random() % (sizeof lines / sizeof *lines)];
    put(p, line, strlen(line));
    p->opcodes++;
}

/* A text or bytes, their length in so many bytes before them; one in 200 is malformed. */
static inline void put_text(program *p, const char *opcodes, size_t width)
{
    static const char *const texts[] = {"",
                                        "a",
                                        "name",
                                        "eight ch",
                                        "\xc3\xa9",
                                        "a\xe2\x82\xac",
                                        "\xf0\x9f\x98\x80 longer than a word",
                                        "\xed\xa0\x80"};
    const char *text = texts[next_random() % (sizeof texts / sizeof *texts)];
    put_number(p, opcodes, strlen(text), width);
    put(p, text, strlen(text));
    if (text[0] != '\0' && one_in(200))
        p->bytes[p->size - 1] = 0xff;
}

static inline void put_text_line(program *p)
{
    const char *line = one_in(2) ? "Va\\u00e9\n" : "Vplain.\n";
    put(p, line, strlen(line));
    p->opcodes++;
}

static inline void atom(program *p)
{
    uint64_t bits = next_random() << next_random() % 12 >> next_random() % 64, choice = next_random() % 22;
    if (choice < 2)
        put_number(p, "N\x88\x89", 0, 0);
    else if (choice < 4)
        put_number(p, "K", bits, 1);
    else if (choice < 5)
        put_number(p, "M", bits, 2);
    else if (choice < 7)
        put_number(p, "J", bits, 4);
    else if (choice < 10)
        put_long(p, bits);
    else if (choice < 12)
        put_number(p, "G", bits, 8);
    else if (choice < 14)
        put_line(p);
    else if (choice < 15)
        put_text(p, "CU", 1);
    else if (choice < 16)
        put_text(p, "BT", 4);
    else if (choice < 17)
        put_text_line(p);
    else if (choice < 19)
        put_text(p, "X", 4);
    else
        put_text(p, "\x8c", 1);
    push(p, choice < 16 ? 'a' : 's');
}

/* --- the memo --- */

static inline void number_it(program *p)
{
    if (above(p) == 0 || p->number_count == NUMBERS)
        return;
    uint32_t number = one_in(30)                          ? (uint32_t)(next_random() % 100000)
                      : one_in(20) && p->number_count > 0 ? p->numbers[0]
                                                          : (uint32_t)p->number_count;
    if (p->protocol >= 4 && one_in(2)) {
        put_op(p, '\x94');
        number = (uint32_t)p->number_count;
    } else if (number < 256 && !one_in(20)) {
        put_op(p, 'q');
        put_le(p, number, 1);
    } else {
        put_op(p, 'r');
        put_le(p, number, 4);
    }
    p->kinds[p->number_count] = p->stack[p->height - 1];
    p->numbers[p->number_count++] = number;
}

static inline void get_it(program *p)
{
    if (p->number_count == 0)
        return;
    size_t which = next_random() % p->number_count;
    uint32_t number = one_in(100) ? 99 : p->numbers[which];
    if (number < 256 && !one_in(20)) {
        put_op(p, 'h');
        put_le(p, number, 1);
    } else if (one_in(20)) {
        char line[16];
        put_op(p, 'g');
        put(p, line, (size_t)snprintf(line, sizeof line, "%u\n", (unsigned)number));
    } else {
        put_op(p, 'j');
        put_le(p, number, 4);
    }
    push(p, p->kinds[which]);
}

/* --- containers and objects --- */

static inline void shrink(program *p, size_t count, bool marked, char kind)
{
    p->height -= count;
    p->mark_count -= marked;
    if (kind != 0)
        push(p, kind);
}

static inline void close_mark(program *p)
{
    size_t count = above(p);
    if (p->mark_count == 0)
        return;
    if (below_is(p, "lo"))
        put_op(p, 'e'), shrink(p, count, true, 0);
    else if (below_is(p, "do") && count % 2 == 0 && all_hashable(p, count, 2))
        put_op(p, 'u'), shrink(p, count, true, 0);
    else if (below_is(p, "S") && all_hashable(p, count, 1))
        put_op(p, '\x90'), shrink(p, count, true, 0);
    else if (one_in(3))
        put_op(p, 'l'), shrink(p, count, true, 'l');
    else if (count % 2 == 0 && all_hashable(p, count, 2) && one_in(2))
        put_op(p, 'd'), shrink(p, count, true, 'd');
    else if (all_hashable(p, count, 1) && one_in(4))
        put_op(p, '\x91'), shrink(p, count, true, 't');
    else
        put_op(p, 't'), shrink(p, count, true, all_hashable(p, count, 1) ? 't' : 'T');
}

static inline void container(program *p)
{
    size_t count = 1 + next_random() % 3;
    bool binary = p->protocol > 0 || one_in(20);
    switch (binary ? next_random() % 10 : 6 + next_random() % 3) {
    case 0:
        put_op(p, ']');
        push(p, 'l');
        break;
    case 1:
        put_op(p, '}');
        push(p, 'd');
        break;
    case 2:
        put_op(p, '\x8f');
        push(p, 'S');
        break;
    case 3:
        put_op(p, ')');
        push(p, 't');
        break;
    case 4:
    case 5:
        if (above(p) < count)
            break;
        put_op(p, (char)(0x84 + count));
        shrink(p, count, false, all_hashable(p, count, 1) ? 't' : 'T');
        break;
    case 6:
        if (!top_is(p, 1, "lo"))
            break;
        put_op(p, 'a');
        shrink(p, 1, false, 0);
        break;
    case 7:
        if (!top_is(p, 2, "do") || !all_hashable(p, 2, 2))
            break;
        put_op(p, 's');
        shrink(p, 2, false, 0);
        break;
    default:
        if (p->mark_count == MARKS)
            break;
        put_op(p, '(');
        p->marks[p->mark_count++] = p->height;
    }
}

/* Names and calls: as many of the first as all programs have, and those that one with `calls` has, too. */
typedef struct program_call {
    const char *text;
    char kind;
    unsigned opcodes;
} program_call;

enum { PROGRAM_CALLS = 7 };

static const program_call program_calls[] = {
    {"ccollections\nOrderedDict\n)R", 'o', 3},
    {"cm\nC\n)\x81", 'o', 3},
    {"c__builtin__\nset\n]\x85R", 'x', 4},
    {"cm\nf\nK\x01\x85R", 'x', 4},
    {"(im\nC\n", 'o', 2},
    {"cm\nC\n)\x81}b", 'o', 5},
    {"cm\nC\n)\x81}U\1aK\1sb", 'o', 8},
    {"cbuiltins\nbytearray\n)R", 'x', 3},
    {"cbuiltins\nfrozenset\nN\x85\x85R", 'x', 5},
    {"ccollections\nOrderedDict\n)R}b", 'o', 5},
    {"ccollections\nOrderedDict\n]K\1K\2\206a\x85R", 'o', 8},
    {"(K\1im\nC\n", 'o', 3},
    {"(]ibuiltins\nset\n", 'x', 3},
    {"(cm\nC\n]o", 'o', 4},
    {"(cbuiltins\nset\n]K\1ao", 'x', 6},
    {"cm\nC\nK\1\x85\x81", 'o', 4},
    {"cm\nf\n)R)R", 'x', 5},
    {"\x8c\1m\x8c\1C\x93)R", 'o', 5},
    {"cm\nC\n", 'c', 1},
    {"cbuiltins\nset\n", 'c', 1},
    {"cbuiltins\ncomplex\n", 'c', 1},
    {"cbuiltins\nset\n]0(]0tR", 'x', 8},
    {"cbuiltins\nbytes\n]2a\x85R", 'x', 6},
};

/* What a class on the stack is called with, at protocol 0 too; complex([]) and complex(None) stay calls. */
static const program_call program_arguments[] = {{"(tR", 'x', 3},     {"((ltR", 'x', 5}, {"(NtR", 'x', 3},
                                                 {")R", 'x', 2},      {"]\x85R", 'x', 3}, {"N\x85\x81", 'x', 3},
                                                 {"]2\x86R", 'x', 4}};
static const program_call program_lines[] = {{"(im\nC\n", 'o', 2},
                                             {"(I1\nim\nC\n", 'o', 3},
                                             {"((libuiltins\nset\n", 'x', 4},
                                             {"cm\nC\n", 'c', 1},
                                             {"cbuiltins\nset\n", 'c', 1},
                                             {"ccollections\nOrderedDict\n", 'c', 1}};

#define PROGRAM_COUNT(table) (sizeof(table) / sizeof *(table))

static inline void put_call(program *p, const program_call *table, size_t count)
{
    const program_call *call = &table[next_random() % count];
    put(p, call->text, strlen(call->text));
    push(p, call->kind);
    p->opcodes += call->opcodes;
}

static inline void call_top(program *p, size_t count)
{
    if (!top_is(p, 0, "c"))
        return;
    p->height--;
    put_call(p, program_arguments, count);
}

static inline void object(program *p)
{
    switch (next_random() % (p->calls ? 9 : 7)) {
    case 0:
    case 1:
        put_call(p, program_calls, p->calls ? PROGRAM_COUNT(program_calls) : PROGRAM_CALLS);
        break;
    case 2:
        if (!top_is(p, 0, "d") || !top_is(p, 1, "o"))
            break;
        put_op(p, 'b');
        shrink(p, 1, false, 0);
        break;
    case 3:
        if (above(p) == 0)
            break;
        put_op(p, '0');
        shrink(p, 1, false, 0);
        break;
    case 4:
        if (p->mark_count == 0)
            break;
        put_op(p, '1');
        shrink(p, above(p), true, 0);
        break;
    case 5:
        if (above(p) == 0)
            break;
        put_op(p, '2');
        push(p, p->stack[p->height - 1]);
        break;
    case 7:
    case 8:
        call_top(p, PROGRAM_COUNT(program_arguments));
        break;
    default:
        if (!top_is(p, 0, "s"))
            break;
        put_op(p, 'Q');
        p->stack[p->height - 1] = 'x';
    }
}

static inline void run_of_atoms(program *p)
{
    if (p->height + 300 > HEIGHT || p->size + 300 * 40 > PROGRAM - 2048)
        return;
    bool numbered = one_in(2), same = one_in(2);
    size_t start = p->size;
    atom(p);
    size_t size = p->size - start;
    for (size_t i = next_random() % 300; i > 0; i--) {
        if (same) {
            put(p, p->bytes + start, size);
            p->opcodes++;
            push(p, p->stack[p->height - 1]);
        } else {
            atom(p);
        }
        if (numbered)
            number_it(p);
    }
}

/* Begins a frame, or ends the one that there is: behind an opcode, or one in 20 times not. */
static inline void turn_frame(program *p)
{
    if (p->frame == 0) {
        put_op(p, '\x95');
        p->frame = p->size;
        put_le(p, 0, 8);
        return;
    }
    size_t end = p->size;
    uint64_t size = end - p->frame - 8 + (one_in(20) ? 1 : 0);
    p->size = p->frame;
    put_le(p, size, 8);
    p->size = end;
    p->frame = 0;
}

/* What a pickle of protocol 0 has. */
static inline void step_lines(program *p)
{
    char line[16];
    uint64_t choice = next_random() % 100, number = one_in(9) ? next_random() % 300 : p->number_count;
    if (choice < 30) {
        put_line(p);
        push(p, 'a');
    } else if (choice < 40) {
        put_text_line(p);
        push(p, 's');
    } else if (choice < 60) {
        if (above(p) == 0 || p->number_count == NUMBERS)
            return;
        put_op(p, 'p');
        put(p, line, (size_t)snprintf(line, sizeof line, one_in(99) ? "0%u\n" : "%u\n", (unsigned)number));
        p->kinds[p->number_count] = p->stack[p->height - 1];
        p->numbers[p->number_count++] = (uint32_t)number;
    } else if (choice < 70) {
        if (p->number_count == 0)
            return;
        number = next_random() % p->number_count;
        put_op(p, 'g');
        put(p, line, (size_t)snprintf(line, sizeof line, "%u\n", (unsigned)p->numbers[number]));
        push(p, p->kinds[number]);
    } else if (choice < 80) {
        close_mark(p);
    } else if (choice < 85 && p->calls) {
        one_in(2) ? put_call(p, program_lines, PROGRAM_COUNT(program_lines)) : call_top(p, 3);
    } else {
        container(p);
    }
}

static inline void step_program(program *p)
{
    static const char any[] = "aestub012Rl\x90\x85\x86\x87";
    uint64_t choice = next_random() % 100;
    if (choice < 45)
        atom(p);
    else if (choice < 60)
        container(p);
    else if (choice < 68)
        close_mark(p);
    else if (choice < 80)
        number_it(p);
    else if (choice < 88)
        get_it(p);
    else if (choice < 94)
        object(p);
    else if (choice < 95)
        run_of_atoms(p);
    else if (choice < 96 && p->protocol >= 4)
        turn_frame(p);
    else if (one_in(60)) /* whatever comes of it */
        put_op(p, any[next_random() % (sizeof any - 1)]);
}

static inline void make_program(program *p, size_t steps)
{
    p->size = p->height = p->mark_count = p->number_count = p->opcodes = p->frame = 0;
    p->protocol = one_in(3) ? (int)(next_random() % 6) : 4;
    bool lines = one_in(5);
    if (!lines && !one_in(10))
        put_number(p, "\x80", (uint64_t)p->protocol, 1);
    p->protocol = lines ? 0 : p->protocol;
    for (size_t i = 0; i < steps && p->size < PROGRAM - 2048 && p->height < HEIGHT - 16; i++)
        lines ? step_lines(p) : step_program(p);
    while (p->mark_count > 0)
        close_mark(p);
    if (p->height == 0)
        atom(p);
    for (; p->height > 1; p->height--)
        put_op(p, '\x86');
    put_op(p, '.');
    if (p->frame > 0)
        turn_frame(p);
}

#endif
