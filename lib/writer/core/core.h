/* The lowest layer of a writer: bytes, instructions, the memo, containers. What a value is called in Python, and what
 * NumPy makes of it, is the business of the layers above; of a dialect it knows columns. */
#ifndef NPKI_WRITER_CORE_CORE_H
#define NPKI_WRITER_CORE_CORE_H

#include "writer/core/writer.h"

/* --- frame.c: bytes out --- */

/* The header of a frame, which has its place until it is known whether it is needed. */
#define NPKI_FRAME_HEADER ((size_t)9)

#define NPKI_FRAME_SIZE ((size_t)1 << 16) /* a frame ends at the first object after so many bytes */
#define NPKI_HELD ((size_t)1 << 16)       /* bytes that are held before they are sent */

/* The first error of a writer is its last. Returns it. */
npk_status npki_writer_fail(npk_writer *w, npk_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* --- left_out.c --- */

/* The target loads all but this. The first such thing is kept; graph/refused.c knows where in a graph it is. */
void npki_leave_out(npk_writer *w, npki_left_out what);
void npki_place_left_out(npk_writer *w, const char *path);

/* --- frame.c again --- */

/* The offset of the next byte. */
uint64_t npki_offset(const npk_writer *w);

/* Room for `size` bytes, inside a frame where there are frames; NULL: an error. The caller adds to out.size. */
uint8_t *npki_room_for(npk_writer *w, size_t size);
void npki_put_bytes(npk_writer *w, const void *bytes, size_t size);

/* The bytes of a text, of which there may be many. */
void npki_text(npk_writer *w, const void *bytes, size_t size);

/* Or its bytes are made where they go: room for `least` at least, *room for those that there are; and so many were
 * made. NULL: an error. */
uint8_t *npki_text_room(npk_writer *w, size_t least, size_t *room);
void npki_text_put(npk_writer *w, size_t size);

/* Where the caller's memory is what is written to (npk_sink_fixed), they may be made there at once: npki_direct_room
 * sends what is held, and gives what there is behind it. NULL: an error. */
bool npki_is_direct(const npk_writer *w);
uint8_t *npki_direct_room(npk_writer *w, size_t *room);
void npki_direct_put(npk_writer *w, size_t size);

/* So many bytes come now: memory for all of them at once, where the output is memory. Is it worth counting them? */
void npki_expect(npk_writer *w, uint64_t size);
bool npki_expects(const npk_writer *w, uint64_t size);

/* Round a text of `size` bytes: one that is large stands outside of frames. */
void npki_leave_frames(npk_writer *w, uint64_t size);
void npki_return_to_frames(npk_writer *w, uint64_t size);

/* Round bytes that are no opcodes, outside of frames: npki_offset is where they go, and npki_text takes them. */
void npki_begin_inline(npk_writer *w);
void npki_end_inline(npk_writer *w);

/* What a pickler does before each object: a frame that is full ends. */
void npki_boundary(npk_writer *w);

/* Puts a MARK in at an offset not sent yet. */
void npki_insert_mark(npk_writer *w, uint64_t offset);

/* The pickle ends here, without STOP; `needs_frame`: where that is only its frame says. */
void npki_end_broken(npk_writer *w, bool needs_frame);

/* Ends the frame, and sends what is held. */
void npki_flush(npk_writer *w);

/* --- emit.c: instructions -> bytes --- */

/* An opcode without an argument. */
void npki_op(npk_writer *w, enum npki_opcode_row row);
void npki_op_number(npk_writer *w, enum npki_opcode_row row, uint64_t number);
void npki_op_line(npk_writer *w, enum npki_opcode_row row, const void *text, size_t size);
void npki_op_lines(npk_writer *w, enum npki_opcode_row row, const char *first, size_t first_size, const char *second,
                   size_t second_size);
void npki_op_float(npk_writer *w, double value);

/* An int: two's complement, the shortest. Python 2 has two types: its long takes the opcodes for any size, its int
 * the others. */
typedef enum npki_int_type { NPKI_INT_EITHER, NPKI_INT_SHORT, NPKI_INT_LONG } npki_int_type;
void npki_op_int(npk_writer *w, npki_int_type type, const uint8_t *bytes, size_t size);

/* Whether the protocol has an opcode for a text of `size` bytes; it is an error where it has none. */
bool npki_can_hold(npk_writer *w, npk_kind kind, uint64_t size);

/* A text or bytes in one piece or in several: opcode and length, the bytes as they lie in the pickle (encoded) by
 * npki_text, the end. */
const npk_opcode *npki_begin_text(npk_writer *w, npk_kind kind, uint64_t size); /* NULL: an error */
void npki_end_text(npk_writer *w, const npk_opcode *opcode, uint64_t size);

/* --- memo.c --- */

/* Who an object is, for the memo: what Python has only once, or what the caller gave by address. A layer counts its
 * classes of objects from its own number on. What is known to be met only once has a key too, which is never looked
 * up. */
enum {
    NPKI_KEYS_NOBODY_ASKS_FOR,
    NPKI_KEYS_OF_PYTHON,
    NPKI_KEYS_OF_NUMPY = 32,
    NPKI_KEYS_OF_GRAPH = 64,
    NPKI_KEYS_AS_READ = 128
};

static inline uint64_t npki_key(int class_, uint64_t which)
{
    return (uint64_t)class_ << 56 | (which & UINT64_C(0x00ffffffffffffff));
}

/* The same object as a document has it, which may have it several times: its own values never stand for each other. */
static inline uint64_t npki_as_read(uint64_t key)
{
    return key + ((uint64_t)NPKI_KEYS_AS_READ << 56);
}

/* What gets a number of values that no document has; and whether what only the pickler itself holds does. */
npki_numbered npki_numbered_of(const npk_writer *w);
npki_number_when npki_number_temporaries(const npk_writer *w);

/* Gives the object just written the next number; `key` 0: nobody will ask for it. */
void npki_put(npk_writer *w, uint64_t key, npki_number_when when);

/* Before an old-style instance, and before its state: npki_python_row.keeps_alive. `known`: it has arguments. */
void npki_keep_alive(npk_writer *w, bool known);
void npki_put_global(npk_writer *w, uint64_t key, npki_number_when when, int protocol); /* of its document */
void npki_put_container(npk_writer *w, const npki_container *container);
void npki_get(npk_writer *w, int64_t number);

/* The number of an object that was written before. 0 is nobody's key. */
bool npki_find_known(const npk_writer *w, uint64_t key, int64_t *number);
static inline bool npki_is_asked_for(uint64_t key)
{
    return key >> 56 != NPKI_KEYS_NOBODY_ASKS_FOR;
}
static inline bool npki_known(const npk_writer *w, uint64_t key, int64_t *number)
{
    return npki_is_asked_for(key) && npki_find_known(w, key, number);
}

/* If it was: a GET, between npki_before and npki_after, and true. */
bool npki_get_known(npk_writer *w, uint64_t key);

/* Of something that Python has once: that of this writer, or else of the document; `key` where it is neither yet. */
uint64_t npki_own_or_read(const npk_writer *w, uint64_t key);

/* The object written last shall be known under this key from here on; or no more. */
void npki_remember(npk_writer *w, uint64_t key);
void npki_forget(npk_writer *w, uint64_t key);

/* The object of this number can't be a key; whether it is such a one. */
void npki_note_unhashable_far(npk_writer *w, int64_t number);
bool npki_is_unhashable_far(const npk_writer *w, int64_t number);
void npki_forget_unhashable(npk_writer *w);
static inline void npki_note_unhashable(npk_writer *w, int64_t number)
{
    const size_t at = (size_t)number / 8;
    if (at < w->unhashable.size)
        w->unhashable.bytes[at] |= (uint8_t)(1U << (size_t)number % 8);
    else
        npki_note_unhashable_far(w, number);
}
static inline bool npki_is_unhashable(const npk_writer *w, int64_t number)
{
    const size_t at = (size_t)number / 8;
    return (at < w->unhashable.size && (w->unhashable.bytes[at] >> (size_t)number % 8 & 1) != 0) ||
           (w->far_unhashable.count > 0 && npki_is_unhashable_far(w, number));
}

/* A pickle before this one, by another writer, gave this number to an object. */
void npki_knows(npk_writer *w, uint64_t key, uint64_t number);

/* --- batch.c: the items of a container --- */

/* Items of an entry: a dict has a key and a value. */
static inline int64_t npki_per_entry(const npki_container *container)
{
    return container->kind == NPK_KIND_DICT ? 2 : 1;
}
static inline int64_t npki_entries_of(const npki_container *container)
{
    return container->kind == NPK_KIND_DICT ? container->items >> 1 : container->items;
}
static inline bool npki_ends_entry(const npki_container *container)
{
    return container->kind != NPK_KIND_DICT || container->items % 2 == 0;
}

/* Items of the batch at hand; of a tuple all. */
int64_t npki_in_batch(const npk_writer *w, const npki_container *container);

/* Items from which a MARK is needed: one item goes without, a tuple's three. */
static inline int64_t npki_unmarked(const npk_writer *w, const npki_container *container)
{
    if (container->kind == NPK_KIND_TUPLE)
        return w->protocol >= npki_opcodes[NPKI_ROW_TUPLE1].protocol ? 3 : 0;
    return container->kind == NPK_KIND_SET || container->kind == NPK_KIND_FROZENSET ? 0 : npki_per_entry(container);
}
void npki_mark(npk_writer *w, npki_container *container);

/* Whether items are added many at a time, between a MARK and an opcode; and the opcode that adds one entry, or all down
 * to the MARK. A list or dict at protocol 0 adds its items one by one. A set, where there is an opcode for it, does
 * not. */
static inline bool npki_has_batches(const npk_writer *w, const npki_container *container)
{
    return (container->kind == NPK_KIND_LIST || container->kind == NPK_KIND_DICT || container->kind == NPK_KIND_SET) &&
           w->protocol >= npki_opcodes[NPKI_ROW_APPENDS].protocol;
}
static inline enum npki_opcode_row npki_add_one(const npki_container *container)
{
    return container->kind == NPK_KIND_DICT ? NPKI_ROW_SETITEM : NPKI_ROW_APPEND;
}
static inline enum npki_opcode_row npki_add_batch(const npki_container *container)
{
    return container->kind == NPK_KIND_DICT  ? NPKI_ROW_SETITEMS
           : container->kind == NPK_KIND_SET ? NPKI_ROW_ADDITEMS
                                             : NPKI_ROW_APPENDS;
}

/* Before an item: the end of the batch before it, and the MARK of its own. At the end: the last batch. */
void npki_mark_item(npk_writer *w, npki_container *container);
void npki_close_batches(npk_writer *w, npki_container *container);

/* Between two items: all so far are in the container; those that follow begin anew. */
void npki_break_batch(npk_writer *w, npki_container *container);

/* --- container.c: containers and calls --- */

/* Round every value: the MARK of its batch, the boundary; then the opcodes that add it to its container. False: an
 * error. */
bool npki_before(npk_writer *w);
void npki_after(npk_writer *w);

npk_status npki_begin(npk_writer *w, npk_kind kind, int64_t count, npki_number_when number);

/* By kind, count, number, key, call, parts, added, also_ends, of_set, unhashable. */
npk_status npki_begin_as(npk_writer *w, const npki_container *container);

/* An empty list, dict or tuple of a graph, from protocol 1 on: what these two make of one, at once. */
void npki_write_empty(npk_writer *w, npk_kind kind, uint64_t key, npki_number_when number);
npk_status npki_end(npk_writer *w);

/* What the call of a container has just made: its number. An object that holds itself through its arguments has one by
 * now: it was written, whole, while they were, and that one stays. */
void npki_put_made(npk_writer *w, npki_container *container);

/* The call at hand makes what can't be the key of a dict. */
void npki_can_be_no_key(npk_writer *w);

/* If the object was written before: a GET as the next value, and true. */
bool npki_write_known(npk_writer *w, uint64_t key);

#endif
