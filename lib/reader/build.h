/* Instructions -> values: the stack machine, as a reader runs it. */
#ifndef NPKI_READER_BUILD_H
#define NPKI_READER_BUILD_H

#include "base/dynbuf.h"
#include "known/known.h"
#include "opcode/instruction.h"
#include "reader/earlier.h"
#include "reader/memo.h"
#include "reader/incoming.h"
#include "reader/sniff.h"
#include "reader/source.h"

#include <stdatomic.h>

/* One pickle's machine. A pickle inside another has a machine of its own for as long. */
typedef struct npki_machine {
    size_t floor; /* of the stack: what lies below is the outer pickle's */
    size_t mark_floor;
    npki_memo memo;
    uint64_t frame_end;  /* 0: in no frame */
    int protocol;        /* -1: no PROTO yet */
    uint64_t start;      /* offset of its first opcode */
    size_t first_needed; /* of builder.needed: where its own begin */
    npk_value *before;   /* holds what was dropped with nothing below it that it could belong to; NULL: nothing yet */
} npki_machine;

/* Documents that hold values of each other, and the reader that makes more of them. Their memory goes with the last of
 * these. */
typedef struct npki_kin {
    atomic_size_t users;
    npk_allocator allocator;
    npk_doc *docs;
    uint64_t taken; /* bytes of their memory, which has one limit for all of them */
} npki_kin;

npki_kin *npki_kin_new(const npk_allocator *allocator); /* with one user; NULL without memory */
/* With the last user go the documents. */
void npki_kin_leave(npki_kin *kin);

struct npk_doc {
    npk_allocator allocator;
    npki_arena arena;
    npk_value *root;
    npk_doc_info info;
    npki_chunk **chunks; /* of the input, kept */
    size_t chunk_count;
    npki_items *globals;
    npki_items *faults; /* objects that were kept though they are malformed; NULL: none */
    npk_limits limits;
    uint64_t paid; /* bytes of input, for the limit of memory */
    npki_kin *kin; /* documents that share a memo with this one; NULL: none do */
    npk_doc *kin_next;
    npki_earlier_value *earlier; /* what it took out of the memo that earlier pickles had stored */
    size_t earlier_count;
    bool is_apart;             /* of its kin: it put nothing into the memo, and took nothing out of it */
    bool has_bytes;            /* by an opcode, which Python 2 does not know */
    const npk_buffer *buffers; /* that it took: info.buffers of them */
    uint64_t earlier_numbers;  /* how many numbers the memo had before this pickle ... */
    uint64_t earlier_next;     /* ... and the one that its pickler would have given next */
    uint64_t own_first;        /* that under which this pickle stored something first; UINT64_MAX: nothing */
    npki_order *order;         /* of what its pickle called; NULL: nothing */
    bool has_calls;            /* objects that would be known, but that stay calls */
    /* of its pickle, where all of that was at hand; NULL: it was not, or the document is being edited */
    const uint8_t *bytes;
    npk_array_producer producer; /* as it was read, and whether what is malformed was kept */
    bool keeps_malformed;
    bool drops;   /* it may have values that were made and dropped */
    bool returns; /* ... and objects that were made inside their own arguments */
};

/* Numbers in the memo from here on are those of values that were there before the pickle: npki_builder.given. */
#define NPKI_FIRST_GIVEN INT64_C(0x80000000)

typedef struct npki_stack_mark {
    size_t height; /* of the stack */
    uint32_t from; /* where it stands: npki_here */
} npki_stack_mark;

/* A place on the stack, and where what lies there begins. */
typedef struct npki_beginning {
    uint32_t at;
    uint32_t from; /* npki_here */
} npki_beginning;

/* Places next to one another on the stack. */
typedef struct npki_places {
    uint32_t from, end;
} npki_places;

typedef struct npki_builder {
    /* Its memory, which it keeps from pickle to pickle: all that stands before `doc`, and the memo. */
    npk_allocator allocator;
    npk_value **stack;
    npki_stack_mark *marks;
    size_t room, mark_room;
    npki_dynbuf fetched; /* see called.c: what on the stack is not where it was made */
    /* places on the stack, upwards, see called.c: of what calls have made, or of parts of it */
    npki_dynbuf called;
    npki_dynbuf dropped; /* see drop.c: what the POPs just before have dropped */
    npki_dynbuf needed;  /* likewise: values that may turn out to be part of the graph */
    npki_dynbuf begins;  /* see stack.c */

    npk_doc *doc;
    npki_source *source;
    npki_site site;
    npk_limits limits;
    size_t height, mark_count;
    npki_machine machine;
    bool stopped;

    /* While a pickle inside another is read: what its STOP does (else NULL), the outer one, and what it is a part
     * of. */
    npk_status (*stop)(struct npki_builder *builder, npk_value *result);
    npki_machine outer;
    npk_value *wrapper;

    bool keeps_malformed; /* npk_read_options.malformed */
    size_t faults_before; /* of the stream: of the pickles before this one */
    bool over;            /* nothing says where the pickle ends: nothing is read behind it */
    bool grew_late;       /* a container grew after it had been placed: depths must be counted anew, at the end */
    bool names_again;     /* the pickle spelled the names of a global a second time */
    npki_order *order;    /* of what it makes; NULL: nothing yet */
    uint32_t late;        /* numbers of what was dropped after something had happened to it where it was fetched */
    uint32_t last_late;   /* where something last came to a value that was fetched */
    uint64_t last_call;   /* the offset of the last opcode by which Python calls what npickle does not know, or 0 */
    /* what nothing else had until it came out of the memo last, and what last_call was then */
    const npk_value *last_shared;
    uint64_t call_at_shared;
    npk_value *last_drop;       /* what the last value that was dropped belongs to, or NULL */
    uint64_t last_drop_end;     /* offset behind the opcode */
    uint64_t pops_end;          /* offset behind the last POPs that were looked at together */
    size_t dropped_together;    /* how many of `dropped` the last opcode has dropped */
    const npk_value *last_made; /* what the last call made, and where its first part begins */
    uint32_t last_made_from, last_drop_from;
    uint64_t looked, compared; /* values looked at, for what was dropped */
    const npk_buffer *buffers;
    size_t buffer_count, next_buffer;
    npk_value *const *given; /* see NPKI_FIRST_GIVEN; taking one out does not make it shared */
    size_t given_count;
    uint8_t head[NPKI_SNIFFED]; /* the first bytes read */
    size_t head_size;
    npki_earlier earlier;
    /* the elements of the array that it may be go there; NULL: they stay in the input, or have gone */
    npki_incoming *incoming;
    npki_map global_names; /* hash of the names -> address of the GLOBAL: the list has each once */
} npki_builder;

/* Runs one pickle from the source; then doc->root is set. */
npk_status npki_build(npki_builder *builder);

/* NULL, with the error filled, where there is no memory. */
npki_builder *npki_builder_new(npk_doc *doc, npki_source *source, const npk_limits *limits, npk_error *error);
void npki_builder_free(npki_builder *builder);

/* After a pickle, before its document goes: the builder lets go of all but its memory. Then, for another one: as a new
 * one is. */
void npki_builder_rest(npki_builder *builder);
void npki_builder_again(npki_builder *builder, npk_doc *doc, npki_source *source, const npk_limits *limits,
                        npk_error *error);

/* How much memory it has, to be kept or not. */
size_t npki_builder_size(const npki_builder *builder);

/* Whether a document is what these bytes are when they are read so: it was, and nobody has edited it. */
static inline bool npki_doc_is_of(const npk_doc *doc, const void *bytes, size_t size, const npk_read_options *options)
{
    return doc->bytes != NULL && doc->bytes == bytes && doc->info.size == size &&
           doc->producer == options->array_producer &&
           doc->keeps_malformed == (options->malformed == NPK_MALFORMED_KEEP);
}

/* As npk_doc_load_memory, for bytes that stand in the place of `doc`, behind the pickles whose memo it shares. The new
 * document has values of those earlier ones too, and may not outlive `doc`. */
npk_status npki_doc_load_behind(const npk_doc *doc, const void *bytes, size_t size, const npk_read_options *options,
                                npk_doc **out, npk_error *error);

/* The one pickle of an input that is an array whose elements, as they come, go where `incoming` says: its head has been
 * read. Not NPK_OK, or incoming->whole is not set: it is something else, or malformed, and `out` is not set. */
npk_status npki_doc_load_straight(npki_incoming *incoming, const npk_read_options *options, npk_doc **out);

/* The one pickle of a reader, and nothing behind it but padding; closes the reader. */
npk_status npki_doc_of_reader(npk_reader *reader, npk_doc **out, npk_error *error);

/* Containers that grew after they had been placed have told the depth of what holds them too late: counts that of all
 * that is reached from the root anew. `earlier`: what can't have changed, or NULL. Errors: NPK_ERR_LIMIT,
 * NPK_ERR_MEMORY; then values keep the depth they had. */
npk_status npki_recount_depth(npk_value *root, const npk_allocator *allocator, const npk_limits *limits,
                              const npki_earlier *earlier, npk_error *error);

/* The globals that the document lists already are not to be listed again. Errors: NPK_ERR_MEMORY. */
npk_status npki_builder_knows_globals(npki_builder *builder);

/* --- what the files of the reader share --- */

/* Fails at the instruction at hand. */
#define npki_build_fail(builder, ...) npki_site_fail(&(builder)->site, __VA_ARGS__)

/* Fails because the value is of a kind that the instruction does not take; "..., found %s". What a persistent id stands
 * for may be of any: NPK_ERR_UNSUPPORTED. */
npk_status npki_wrong_kind(npki_builder *builder, const npk_value *found, const char *expected);

/* The number under which something was first stored in the memo, by this pickle or an earlier one; UINT64_MAX: nothing
 * was yet. */
static inline uint64_t npki_first_put(const npki_builder *builder)
{
    return builder->earlier.first != UINT64_MAX ? builder->earlier.first : builder->machine.memo.first;
}

/* npki_global.protocol, of those that this pickle has. */
static inline int npki_names_of(const npki_builder *builder)
{
    return builder->machine.protocol < 0 ? 0 : builder->machine.protocol;
}

/* Where a value that may be needed yet was dropped, in which nothing was called. */
typedef struct npki_needed {
    npk_value *holder; /* of the event */
    size_t index;      /* of the event */
} npki_needed;

/* The opcode at hand, counted from the start of the pickle; NOWHERE beyond 4 GiB: nothing is said to lie inside what is
 * there. */
#define NPKI_NOWHERE UINT32_MAX
static inline uint32_t npki_here(const npki_builder *builder)
{
    uint64_t at = builder->site.offset - builder->doc->info.offset;
    return at < NPKI_NOWHERE ? (uint32_t)at : NPKI_NOWHERE;
}

npk_status npki_push(npki_builder *builder, npk_value *value); /* NULL: the arena ended */
/* ... of which the first part came earlier: as npki_begins. */
npk_status npki_push_begun(npki_builder *builder, npk_value *value, uint32_t from);

/* Of values that can be called it is known where their first opcode is. Notes that of the topmost value; finds that of
 * the value at a place on the stack, and forgets what lies above it. */
npk_status npki_note_begin(npki_builder *builder, uint32_t from);
static inline npk_status npki_begins(npki_builder *b, uint32_t from)
{
    npki_beginning *last = npki_last_of(&b->begins, sizeof *last);
    if (last == NULL || last->at != b->height - 1)
        return npki_note_begin(b, from);
    last->from = from;
    return NPK_OK;
}
uint32_t npki_begin_of(npki_builder *builder, size_t at);
/* The value `depth` under the top, 0 for the top; NULL where a mark or the floor is in the way. */
npk_value *npki_peek(const npki_builder *builder, size_t depth);
/* Fails if fewer than `count` values lie above the topmost mark. */
npk_status npki_need(const npki_builder *builder, size_t count);
npk_status npki_push_mark(npki_builder *builder);
/* Fails if there is no mark. */
npk_status npki_need_mark(const npki_builder *builder);
/* How many values lie above the topmost mark, or above the floor. */
size_t npki_above(const npki_builder *builder);

/* The topmost `count` values; NULL for none: the stack may have no memory yet. */
static inline npk_value **npki_top(const npki_builder *builder, size_t count)
{
    return count == 0 ? NULL : builder->stack + builder->height - count;
}

/* straight.c: where the elements of the array that the pickle is come next, takes them out of the input, and returns
 * the value that is to be pushed for their opcode, which becomes in->opcode. NULL: there is none such; then input that
 * is wanted after all may be missing. */
npk_value *npki_straight_next(npki_builder *builder, npk_instruction *in);

/* As many instructions as there is nothing to be said about, see fused.c; the next one is for the handlers. Errors:
 * NPK_ERR_LIMIT, NPK_ERR_MEMORY. */
npk_status npki_run_fused(npki_builder *builder);

/* --- called.c --- */

/* An opcode calls something, to make the object, which is at this place on the stack, or because it has it: the object
 * has its place in the order, of which this may be the beginning. */
npk_status npki_called_now(npki_builder *builder, npki_object *object, size_t at);

/* BUILD gives it a state, of which a call takes what is in it by then. */
npk_status npki_built_now(npki_builder *builder, npki_object *object, const npk_value *state, size_t at);

/* ... just now, with nothing of it on the stack any more. What npickle knows has a place in the order only if it took
 * what may get more. */
npk_status npki_made_now(npki_builder *builder, npki_object *object);

/* Whether arguments or a state have a dtype that waits on the stack for its own state, as that of an array in the
 * metadata of its dtype. */
bool npki_has_open_dtype(const npki_builder *builder, const npk_value *part);
npk_status npki_begin_order(npki_builder *builder);

/* The document has its root, and with it the order its end. */
void npki_end_order(npki_builder *builder, npk_value *root);

/* Something is called for what lies at a place. False without memory. Inline, where the one below has been called. */
bool npki_note_call_at(npki_builder *builder, size_t at);
static inline bool npki_note_call(npki_builder *b, size_t at)
{
    npki_places *last = npki_last_of(&b->called, sizeof *last);
    if (last == NULL || last->end != at || at >= UINT32_MAX)
        return npki_note_call_at(b, at);
    last->end++;
    return true;
}

/* ... just now; *order, which may be known, becomes that of all that the pickle calls. */
static inline npk_status npki_call_now(npki_builder *b, const npki_order **order, size_t at)
{
    b->last_call = b->site.offset;
    if (!npki_note_call(b, at))
        return npki_build_fail(b, NPK_ERR_MEMORY, "an allocation failed");
    if (*order != NULL)
        return NPK_OK;
    const npk_status status = b->order == NULL ? npki_begin_order(b) : NPK_OK;
    *order = b->order;
    return status;
}

/* A persistent id, the next value on the stack, is looked up, which is a call too. The offset 0 says nothing, and 1 is
 * in its line. */
static inline npk_status npki_looked_up_now(npki_builder *b, npk_value *persid)
{
    npki_called_at *looked_up = &persid->u.outside->looked_up;
    looked_up->offset = b->site.offset == 0 ? 1 : b->site.offset;
    return npki_call_now(b, &looked_up->order, b->height);
}

/* The topmost value is gone: whether anything was called for it. That belongs to what lies under it now. */
bool npki_forget_calls(npki_builder *builder);
static inline bool npki_calls_go(npki_builder *b)
{
    npki_places *last = npki_last_of(&b->called, sizeof *last);
    if (last == NULL || last->end <= b->height)
        return false;
    const bool goes_on = last->from == 0 ? b->height > 0 : last->from + 1 < b->height; /* below: all that stays */
    if (last->end != b->height + 1 || !goes_on)
        return npki_forget_calls(b);
    last->end--;
    return true;
}

/* The same in two steps, for what is dropped together: whether anything was called for what lies at a place, and above;
 * and, if for any of them, that this belongs to what lies under all of them, which are gone. False without memory. */
bool npki_forget_calls_at(npki_builder *builder, size_t at);
static inline bool npki_calls_end(npki_builder *b, size_t at)
{
    return b->called.size > 0 && npki_forget_calls_at(b, at);
}
bool npki_calls_below(npki_builder *builder);

/* ... and comes again, as the next value. False without memory. */
bool npki_calls_return(npki_builder *builder);

/* A value that is none of those that many pickles have in common is given out a second time. */
static inline void npki_share(npki_builder *b, npk_value *value)
{
    if ((value->flags & (NPKI_IS_SHARED | NPKI_PLACED)) == 0) {
        b->last_shared = value;
        b->call_at_shared = b->last_call;
    }
    value->flags |= NPKI_IS_SHARED;
}

/* Pushes a value that is given out a second time; ... and is not where it was made. */
npk_status npki_push_shared(npki_builder *builder, npk_value *value);
npk_status npki_push_fetched(npki_builder *builder, npk_value *value);

/* The value at this place on the stack is not where it was made: it came out of the memo. False without memory. */
bool npki_note_fetched(npki_builder *builder, const npk_value *value, size_t at);

/* Something happens to a value at a place on the stack. Where that is not where it was made: where to note the index of
 * the first event, NPKI_NOT_LATE before it; else NULL. */
#define NPKI_NOT_LATE UINT32_MAX
uint32_t *npki_find_late(npki_builder *builder, const npk_value *value, size_t at);
static inline uint32_t *npki_late_from(npki_builder *b, const npk_value *value, size_t at)
{
    return b->fetched.size == 0 ? NULL : npki_find_late(b, value, at);
}

/* The same of values at one place after another, upwards: from the first on that was fetched at a place or above it. */
size_t npki_first_fetched(const npki_builder *builder, size_t at);
uint32_t *npki_late_behind(npki_builder *builder, const npk_value *value, size_t at, size_t *index);
/* Downwards: whether it was fetched. *index: behind the last one below the place before. */
bool npki_was_fetched(const npki_builder *builder, const npk_value *value, size_t at, size_t *index);

/* --- drop.c, settle.c --- */

/* A value that was made, and is now off the stack; all above the topmost mark, which are on it still. */
npk_status npki_drop(npki_builder *builder, npk_value *value);
npk_status npki_drop_marked(npki_builder *builder);

/* A POP takes the topmost mark. */
void npki_pop_mark(npki_builder *builder);

/* So many of them, by a POP each, none of which comes again: as those above a mark. */
npk_status npki_drop_many(npki_builder *builder, size_t count);

/* A value that comes out of the memo: should what was dropped just before it be the same call, or its items, it was no
 * call of its own, and *from becomes where that begins, *made true: this is where it is made. */
npk_status npki_returned(npki_builder *builder, npk_value *value, uint32_t *from, bool *made);

/* At the end: what of all that was dropped is not part of the graph, or was called when it was made, stays in it as an
 * event. */
npk_status npki_settle(npki_builder *builder, npk_value **root);

/* After a value has got items: its depth and whether it may be a key. */
npk_status npki_adopt(npki_builder *builder, npk_value *container, npk_value *const *items, size_t count);

/* At a GET: `value` may be one of an earlier pickle of the stream. */
npk_status npki_take_earlier(npki_builder *builder, uint64_t number, npk_value *value);

/* Of what an earlier pickle made, which may have been used, nothing may be changed. */
npk_status npki_refuse_earlier(npki_builder *builder, const npk_value *value);

/* Keeps the chunk that borrowed bytes lie in. */
npk_status npki_keep_input(npki_builder *builder);
void npki_doc_drop_input(npk_doc *doc); /* all such chunks */

/* A text up to this size is checked and decoded at once; a longer one is most likely an array's payload, which is
 * checked as such, and decoded, if it is, straight to where it shall be. */
#define NPKI_SHORT_TEXT ((size_t)4096)

/* Opcodes with an argument that is a value. */
npk_status npki_do_number(npki_builder *builder, const npk_instruction *instruction);
npk_status npki_do_text(npki_builder *builder, const npk_instruction *instruction);
npk_status npki_do_global(npki_builder *builder, const npk_instruction *instruction);
/* The first global of these names that the document has; NULL: none. */
const npki_global *npki_known_global(const npki_builder *builder, const npki_global_name *name);
#define NPKI_LONG_NAMES ((size_t)128) /* bytes of both: STACK_GLOBAL does not look for them each time */
npk_status npki_make_global(npki_builder *builder, const uint8_t *module, size_t module_size, const uint8_t *name,
                            size_t name_size, npk_value **out);

/* Opcodes that make containers. */
npk_status npki_do_make(npki_builder *builder, const npk_instruction *instruction);
npk_status npki_do_add(npki_builder *builder, const npk_instruction *instruction);

/* REDUCE: whether it is set |= set, of a set that lies below the function; that it is done. */
bool npki_is_addition(const npki_builder *builder);
npk_status npki_do_addition(npki_builder *builder);

/* Opcodes that make objects. */
/* An object that has its callable and its arguments, the first of which was put on the stack at an offset, is called:
 * what that makes stands in the place of all from `at` on. */
npk_status npki_call(npki_builder *builder, npk_value *object, size_t at, uint32_t from);
npk_status npki_do_reduce(npki_builder *builder, const npk_instruction *instruction);
npk_status npki_do_inst(npki_builder *builder, const npk_instruction *instruction);
npk_status npki_do_obj(npki_builder *builder, const npk_instruction *instruction);
npk_status npki_do_new(npki_builder *builder, const npk_instruction *instruction);
npk_status npki_do_build(npki_builder *builder, const npk_instruction *instruction);

/* A call of which npickle knows what it makes stays a call, without an array or anything else made of it. */
void npki_leave_as_call(npki_builder *builder, npk_value *value, npki_stays why);

/* A rule refused what a pickle does with this object, and the error is filled: keeps it, as one of an unknown class, if
 * the caller wants that and it can be done; or if it is made of what a persistent id stands for, which may be what the
 * rule wants. Returns NPK_OK, or else `status`, NPK_ERR_MEMORY or NPK_ERR_LIMIT. */
npk_status npki_keep_malformed(npki_builder *builder, npk_value *value, npk_status status);

/* The instruction, which lies at `bytes`, can't be done, the error is filled, and the stack is as it was before:
 * likewise keeps a value in the place of what it would have left. */
npk_status npki_keep_instruction(npki_builder *builder, const npk_instruction *instruction, const uint8_t *bytes,
                                 npk_status status);

/* ... an object that no rule looks at any more. Returns NPK_OK; NPK_ERR_MEMORY, or NPK_ERR_LIMIT where there are too
 * many of them. */
npk_status npki_keep_as_unknown(npki_builder *builder, npk_value *value, npki_object *object, npk_status status);

/* Whether a value is at fault, not the caller's limit, nor the machine. */
bool npki_is_of_value(npk_status status);

/* A MALFORMED without its parts yet, for the error that is filled, in the document's list; or with none. Errors: as
 * above. Values become more of its parts, which are a tuple. And what stands before its operand `at`: false where the
 * arena ends. */
npk_status npki_new_malformed(npki_builder *builder, const npk_opcode *row, npk_status status, npk_value **out);
npk_status npki_new_partless(npki_builder *builder, enum npki_opcode_row row, npk_status status, npk_value **out);
npk_status npki_malformed_take(npki_builder *builder, npk_value *malformed, npk_value *const *values, size_t count);
bool npki_malformed_step(npki_builder *builder, npki_malformed *malformed, size_t at, bool mark);

/* --- broken.c --- */

/* At STOP there is another value than one: likewise *out, of all of them, is that. */
npk_status npki_keep_at_stop(npki_builder *builder, npk_status status, npk_value **out);

/* Likewise, the pickle inside an array of joblib has made something else than its elements. */
npk_status npki_keep_inner(npki_builder *builder, npk_value *wrapper, npk_value *result, npk_status status,
                           npk_value **out);

/* The elements of an array of joblib, at the source, whose wrapper is malformed: *out is both. */
npk_status npki_keep_elements(npki_builder *builder, npk_value *wrapper, size_t size, npk_status status,
                              npk_value **out);

/* The pickle can't be read on, at an instruction, or (NULL) as there is none. Likewise it ends here: all that is on the
 * stack becomes its root, and the source moves to where the next one may begin, or nothing more is read. */
npk_status npki_keep_broken(npki_builder *builder, const npk_instruction *instruction, npk_status status);

/* A frame is wrong, which only says how much may be read at once: likewise it is left. Returns NPK_OK, or else `status`
 * or NPK_ERR_MEMORY. */
npk_status npki_keep_misframed(npki_builder *builder, npk_status status);

/* Opcodes of payloads outside the pickle. */
npk_status npki_do_buffer(npki_builder *builder, const npk_instruction *instruction);
npk_status npki_do_readonly(npki_builder *builder, const npk_instruction *instruction);

/* As npki_source_more, for the instruction at hand, which goes on for `needed` bytes at least. */
bool npki_read_more(npki_source *source, size_t needed, npk_status *status, npk_error *error);

/* What follows the BUILD of a joblib array: its elements. */
npk_status npki_take_joblib(npki_builder *builder, npk_value *wrapper);

/* ... whose state, which is on the stack yet, was refused, though it says what follows: likewise keeps all of it. */
npk_status npki_keep_joblib(npki_builder *builder, npk_value *wrapper, npk_status status);

/* A memo number as text. */
npk_status npki_memo_number(npki_builder *builder, const npk_instruction *instruction, uint64_t *out);

#endif
