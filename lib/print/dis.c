/* What python3 -m pickletools prints.
 *
 * pickletools checks a pickle while it prints it, on a stack of its own that knows only which entries are marks. The
 * same is done here, so that both stop at the same place: CPython Lib/pickletools.py, dis().
 */
#include <npickle/reader.h>

#include "base/error.h"
#include "base/map.h"
#include "base/reserved.h"
#include "opcode/opcode.h"
#include "print/dis_argument.h"
#include "print/settings.h"
#include "text/number.h"

#include <string.h>

#define INDENT 4
#define ARGUMENT_COLUMN 10
#define ANNOTATION_COLUMN 30
#define ANNOTATION_LAST 50

/* Marks are indented, so n of them print n * n blanks: output that grows faster than this is refused. */
#define OUTPUT_FREE (8u << 20)
#define OUTPUT_PER_BYTE 128u

/* --- the machine -------------------------------------------------------------------------------------------------- */

typedef struct dis_numbers {
    uint64_t *at;
    size_t count;
    size_t room;
} dis_numbers;

static bool push(const npk_allocator *allocator, dis_numbers *numbers, uint64_t value)
{
    if (numbers->count == numbers->room) {
        size_t room = numbers->room == 0 ? 64 : 2 * numbers->room, held = numbers->room * sizeof *numbers->at;
        uint64_t *at =
            room > SIZE_MAX / sizeof *at ? NULL : npki_resize(allocator, numbers->at, held, room * sizeof *at);
        if (at == NULL)
            return false;
        numbers->at = at;
        numbers->room = room;
    }
    numbers->at[numbers->count++] = value;
    return true;
}

typedef struct dis_run {
    npki_sink out;
    npk_allocator allocator;
    npk_instructions *in;
    bool annotate;
    uint64_t annotation_column;
    uint64_t first;    /* offset of this pickle */
    uint64_t depth;    /* entries on the stack */
    dis_numbers marks; /* heights of the marks that lie on it */
    dis_numbers open;  /* offsets of the MARKs that no opcode has taken; a mark may leave the stack without */
    npki_map *memo; /* `own`, or that of all pickles */
    npki_map own;
    int highest; /* protocol */
    npki_dis_argument argument;
} dis_run;

/* What one instruction does to the line and to the stack. */
typedef struct dis_effect {
    unsigned pops;
    bool took_mark;
    uint64_t mark; /* offset of the MARK it took */
    bool memoized; /* "(as N)" */
    uint64_t memo_number;
    bool cut;          /* pickletools fails before it has printed the line */
    npk_status status; /* what is wrong, told after the line */
    const char *complaint;
} dis_effect;

static void complain(dis_effect *effect, npk_status status, const char *complaint)
{
    effect->status = status;
    effect->complaint = complaint;
}

static bool mark_on_top(const dis_run *dis)
{
    return dis->marks.count > 0 && dis->marks.at[dis->marks.count - 1] + 1 == dis->depth;
}

static void find_mark(dis_run *dis, const npk_opcode *opcode, dis_effect *effect)
{
    bool popped = opcode->action == NPKI_DO_POP && mark_on_top(dis);
    if (!opcode->to_mark && !popped)
        return;
    if (dis->open.count == 0) {
        complain(effect, NPK_ERR_STACK, "no MARK is on the stack");
        return;
    }
    effect->took_mark = true;
    effect->mark = dis->open.at[--dis->open.count];
    if (popped)
        effect->pops = 0;
    if (dis->marks.count > 0) {
        dis->depth = dis->marks.at[--dis->marks.count];
        return;
    }
    effect->cut = true;
    complain(effect, NPK_ERR_STACK, "the MARK was taken from the stack by an opcode that takes values");
}

static void use_memo(dis_run *dis, const npk_opcode *opcode, dis_effect *effect)
{
    bool added = true;
    uint64_t key = (uint64_t)dis->argument.key;
    if (dis->argument.no_key) { /* CPython refuses these too */
        complain(effect, NPK_ERR_ARGUMENT, "expected the number of a memo entry, found one of more than 63 bits");
        return;
    }
    if (opcode->action == NPKI_DO_GET) {
        if (npki_map_get(dis->memo, key) == NULL)
            complain(effect, NPK_ERR_MEMO, "a memo entry that was never stored");
        return;
    }
    effect->memoized = opcode->action == NPKI_DO_MEMOIZE;
    if (effect->memoized)
        key = effect->memo_number = dis->memo->count;
    else if (opcode->action != NPKI_DO_PUT)
        return;
    if (npki_map_get(dis->memo, key) != NULL)
        complain(effect, NPK_ERR_MEMO, "this memo entry was stored before");
    else if (dis->depth == 0)
        complain(effect, NPK_ERR_STACK, "the stack is empty: nothing to keep");
    else if (mark_on_top(dis))
        complain(effect, NPK_ERR_STACK, "a MARK is on top: nothing to keep");
    else if (npki_map_put(dis->memo, key, &added) == NULL)
        complain(effect, NPK_ERR_MEMORY, "an allocation failed");
}

/* The stack after the instruction. */
static void move_stack(dis_run *dis, const npk_instruction *instruction, dis_effect *effect)
{
    const npk_opcode *opcode = instruction->opcode;
    if (dis->depth < effect->pops) {
        complain(effect, NPK_ERR_STACK, "too few values on the stack");
        return;
    }
    dis->depth -= effect->pops;
    while (dis->marks.count > 0 && dis->marks.at[dis->marks.count - 1] >= dis->depth)
        dis->marks.count--;
    bool is_mark = opcode->action == NPKI_DO_MARK;
    if (is_mark &&
        (!push(&dis->allocator, &dis->marks, dis->depth) || !push(&dis->allocator, &dis->open, instruction->offset)))
        complain(effect, NPK_ERR_MEMORY, "an allocation failed");
    dis->depth += (uint64_t)opcode->pushes;
}

/* --- the line ----------------------------------------------------------------------------------------------------- */

static void put_blanks(npki_sink *out, uint64_t count)
{
    if (count > SIZE_MAX)
        npki_sink_fail(out, NPK_ERR_LIMIT);
    else
        npki_sink_repeat(out, ' ', (size_t)count);
}

/* "%5d: " */
static void put_offset(npki_sink *out, uint64_t offset)
{
    char digits[24];
    size_t size = npki_print_uint64(offset, digits);
    put_blanks(out, size < 5 ? 5 - size : 0);
    npki_sink_bytes(out, digits, size);
    npki_sink_text(out, ": ");
}

/* repr() of the opcode's character, without quotes, in four columns; and as many blanks as there are marks. */
static void put_opcode(npki_sink *out, const npk_opcode *opcode, size_t marks)
{
    static const char hex[] = "0123456789abcdef";
    char code[] = {'\\', 'x', hex[opcode->byte >> 4], hex[opcode->byte & 15]};
    if (opcode->byte >= 0x20 && opcode->byte < 0x7f) {
        npki_sink_char(out, (char)opcode->byte);
        put_blanks(out, 3);
    } else {
        npki_sink_bytes(out, code, sizeof code);
    }
    put_blanks(out, 1 + (uint64_t)INDENT * marks);
    npki_sink_text(out, opcode->name);
}

/* " (as 7)" */
static void put_numbered(npki_sink *out, const char *before, uint64_t number)
{
    npki_sink_text(out, before);
    npki_sink_uint(out, number);
    npki_sink_char(out, ')');
}

static void put_tail(dis_run *dis, const npk_opcode *opcode, const dis_effect *effect)
{
    npki_sink *out = &dis->out;
    bool no_mark = effect->complaint != NULL && opcode->to_mark && !effect->took_mark;
    if (dis->argument.state == NPKI_DIS_NOTHING && !effect->took_mark && !effect->memoized && !no_mark)
        return;
    size_t name = strlen(opcode->name);
    put_blanks(out, name < ARGUMENT_COLUMN ? ARGUMENT_COLUMN - name : 0);
    if (dis->argument.state != NPKI_DIS_NOTHING) {
        npki_sink_char(out, ' ');
        npki_dis_print(&dis->argument, out);
    }
    if (effect->memoized)
        put_numbered(out, " (as ", effect->memo_number);
    else if (effect->took_mark)
        put_numbered(out, " (MARK at ", effect->mark);
    else if (no_mark)
        npki_sink_text(out, " no MARK exists on stack");
}

/* In a column of its own, as far as the line, which has so many characters, leaves it free. */
static void put_annotation(dis_run *dis, const npk_opcode *opcode, uint64_t column)
{
    uint64_t blanks = column < dis->annotation_column ? dis->annotation_column - column : 0;
    put_blanks(&dis->out, blanks + 1);
    column += blanks;
    dis->annotation_column = column > ANNOTATION_LAST ? ANNOTATION_COLUMN : column;
    npki_sink_text(&dis->out, opcode->summary);
}

/* Characters of the last `bytes` bytes; as many of those that have left the buffer, which are far behind the last
 * column. */
static uint64_t width_of(const npki_sink *out, uint64_t bytes)
{
    return bytes > out->size ? bytes : npki_sink_characters(out->bytes + out->size - bytes, (size_t)bytes);
}

static void put_line(dis_run *dis, const npk_instruction *instruction, const dis_effect *effect, size_t marks)
{
    npki_sink *out = &dis->out;
    const uint64_t start = out->added;
    put_opcode(out, instruction->opcode, marks);
    put_tail(dis, instruction->opcode, effect);
    if (dis->annotate && out->status == NPK_OK)
        put_annotation(dis, instruction->opcode, width_of(out, out->added - start));
    npki_sink_char(out, '\n');
    npki_sink_pass(out);
}

/* --- a pickle ----------------------------------------------------------------------------------------------------- */

static npk_status check_output(const dis_run *dis, const npk_instruction *instruction, npk_error *error)
{
    uint64_t paid = OUTPUT_FREE + OUTPUT_PER_BYTE * (instruction->end - dis->first);
    if (dis->out.status != NPK_OK)
        return dis->out.status; /* npki_print_finish says what it was */
    if (dis->out.added <= paid)
        return NPK_OK;
    return npki_fail_at(error, NPK_ERR_LIMIT, instruction->offset, instruction->opcode->byte,
                        "expected at most %u bytes for each byte of the pickle, found more: MARKs inside MARKs",
                        OUTPUT_PER_BYTE);
}

static npk_status step(dis_run *dis, const npk_instruction *instruction, npk_error *error)
{
    const npk_opcode *opcode = instruction->opcode;
    npk_status status = npki_dis_read(&dis->argument, instruction, error);
    if (status != NPK_OK)
        return status;
    dis_effect effect = {.pops = (unsigned)opcode->pops};
    size_t marks = dis->open.count;
    put_offset(&dis->out, instruction->offset);
    dis->highest = opcode->protocol > dis->highest ? opcode->protocol : dis->highest;
    find_mark(dis, opcode, &effect);
    if (!effect.cut)
        use_memo(dis, opcode, &effect);
    if (!effect.cut && dis->argument.state == NPKI_DIS_TOO_LONG) {
        effect.cut = true;
        complain(&effect, NPK_ERR_LIMIT, "an int of more than 4300 digits");
    }
    if (!effect.cut) {
        put_line(dis, instruction, &effect, marks);
        if (effect.status == NPK_OK)
            move_stack(dis, instruction, &effect);
    }
    if (effect.status != NPK_OK)
        return npki_fail_at(error, effect.status, instruction->offset, opcode->byte, "%s", effect.complaint);
    return check_output(dis, instruction, error);
}

static npk_status print_pickle(dis_run *dis, npk_error *error)
{
    npk_instruction instruction;
    npk_status status;
    do {
        status = npk_instructions_next(dis->in, &instruction, error);
        if (status == NPK_OK)
            status = step(dis, &instruction, error);
    } while (status == NPK_OK && instruction.opcode->action != NPKI_DO_STOP);
    if (status != NPK_OK)
        return status;
    npki_sink_text(&dis->out, "highest protocol among opcodes = ");
    npki_sink_int(&dis->out, dis->highest);
    npki_sink_char(&dis->out, '\n');
    if (dis->depth > 0)
        return npki_fail_at(error, NPK_ERR_STACK, instruction.offset, instruction.opcode->byte,
                            "expected an empty stack after STOP, found values left on it");
    return NPK_OK;
}

npk_status npk_print_instructions(npk_instructions *in, const npk_instruction_options *options,
                                  npk_write_function *write, void *context, npk_error *error)
{
    static const npk_instruction_options none = {.allocator = NULL};
    const npk_instruction_options *wish = options == NULL ? &none : options;
    if (in == NULL || write == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected instructions and a function to write to, found NULL");
    npk_status status = NPKI_CHECK_RESERVED(wish, "npk_instruction_options", error);
    if (status == NPK_OK && wish->memo_scope > NPK_MEMO_OF_STREAM)
        status = npki_fail(error, NPK_ERR_USAGE, "expected one of npk_memo_scope as memo_scope");
    if (status != NPK_OK)
        return status;
    npk_allocator allocator = npki_allocator(wish->allocator);
    dis_run *dis = npki_allocate(&allocator, sizeof *dis);
    if (dis == NULL)
        return npki_no_memory(error);
    memset(dis, 0, sizeof *dis);
    npki_sink_start(&dis->out, &allocator, write, context, NPK_UNLIMITED);
    dis->allocator = allocator;
    dis->in = in;
    dis->first = npk_instructions_offset(in);
    dis->highest = -1;
    dis->annotate = wish->annotate;
    dis->annotation_column = ANNOTATION_COLUMN;
    dis->argument.latin1 = wish->latin1;
    npki_dynbuf_init(&dis->argument.scratch, &allocator, SIZE_MAX);
    npki_map_init(&dis->own, &allocator);
    dis->memo = wish->memo_scope == NPK_MEMO_OF_STREAM ? npki_instructions_memo(in) : &dis->own;
    status = print_pickle(dis, error);
    status = npki_print_finish(&dis->out, status, error);
    npki_map_free(&dis->own);
    npki_dynbuf_free(&dis->argument.scratch);
    npki_free(&allocator, dis->marks.at, dis->marks.room * sizeof *dis->marks.at);
    npki_free(&allocator, dis->open.at, dis->open.room * sizeof *dis->open.at);
    npki_free(&allocator, dis, sizeof *dis);
    return status;
}

npk_status npk_print_instruction(const npk_instruction *instruction, const npk_instruction_options *options,
                                 npk_write_function *write, void *context, npk_error *error)
{
    static const npk_instruction_options none = {.allocator = NULL};
    const npk_instruction_options *wish = options == NULL ? &none : options;
    npki_sink out;
    if (instruction == NULL || instruction->opcode == NULL || write == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected an instruction and a function to write to, found NULL");
    npk_status status = NPKI_CHECK_RESERVED(wish, "npk_instruction_options", error);
    if (status != NPK_OK)
        return status;
    npk_allocator allocator = npki_allocator(wish->allocator);
    npki_dis_argument *argument = npki_allocate(&allocator, sizeof *argument);
    if (argument == NULL)
        return npki_no_memory(error);
    memset(argument, 0, sizeof *argument);
    argument->latin1 = wish->latin1;
    npki_dynbuf_init(&argument->scratch, &allocator, SIZE_MAX);
    npki_sink_start(&out, &allocator, write, context, NPK_UNLIMITED);
    status = npki_dis_read(argument, instruction, error);
    if (status == NPK_OK && argument->state == NPKI_DIS_TOO_LONG)
        status = npki_fail_at(error, NPK_ERR_LIMIT, instruction->offset, instruction->opcode->byte,
                              "an int of more than 4300 digits");
    if (status == NPK_OK)
        npki_dis_print(argument, &out);
    status = npki_print_finish(&out, status, error);
    npki_dynbuf_free(&argument->scratch);
    npki_free(&allocator, argument, sizeof *argument);
    return status;
}
