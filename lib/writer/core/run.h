/* Items in the middle of a container, of which there are many: a value without parts, or a list, dict or tuple whose
 * count is known, and nothing to be done before and after it that npki_before and npki_after would do. How many such
 * may come is worked out once, by npki_after, and so is how far the output may grow; whoever begins or ends something
 * puts it back to 0.
 *
 * Here are the opcodes of protocols 2 and up that CPython chooses, as emit.c chooses them out of the table.
 */
#ifndef NPKI_WRITER_CORE_RUN_H
#define NPKI_WRITER_CORE_RUN_H

#include "writer/core/core.h"

#include "base/bytes.h"
#include "text/unicode.h"

#define NPKI_RUN_NUMBER ((size_t)10) /* bytes that a number takes, at most */
#define NPKI_RUN_TEXT ((size_t)256)  /* a str, bytes or an int of fewer bytes is one of a run */

/* What the writer is made with allows runs, or does not. */
bool npki_is_quick(const npk_writer *w);

/* An item of this container was written; how many may follow. */
void npki_run_after(npk_writer *w, npki_container *container);

/* Bytes after which the frame, or what is held, is full: no item begins there before it is ended, or sent. */
static inline size_t npki_run_left(const npk_writer *w)
{
    const size_t full = w->in_frame ? NPKI_FRAME_SIZE : NPKI_HELD;
    if (!w->in_frame && w->write == NULL)
        return SIZE_MAX;
    size_t held = w->out.size - (w->in_frame ? w->frame_start + NPKI_FRAME_HEADER : 0);
    return held < full ? full - held : 0;
}

/* w->run_until: the frame, or what is held, is not full there, and an item of NPKI_RUN_NUMBER bytes has room behind it.
 * Worked out when that much is in `out`; what opens, ends or sends a frame puts it back to 0. */
void npki_run_look(npk_writer *w);

/* `size`: bytes that the item takes, at most. */
static inline bool npki_run_fits(const npk_writer *w, size_t size)
{
    return w->out.size < w->run_until &&
           (size <= NPKI_RUN_NUMBER || w->out.room - w->out.size >= size + NPKI_FRAME_HEADER);
}

/* Whether the next item may come, if it is a number; and where it is written. */
static inline bool npki_run_goes_on(const npk_writer *w)
{
    return w->run != 0 && w->out.size < w->run_until;
}
static inline uint8_t *npki_run_at(const npk_writer *w)
{
    return w->out.bytes + w->out.size;
}

/* Room for the next item, of any size, which is written then; NULL: not by a run. At the first one of a batch what ends
 * the batch before it, and its MARK, are written too. */
uint8_t *npki_run_begin_item(npk_writer *w, size_t size);
static inline uint8_t *npki_run_room(npk_writer *w, size_t size)
{
    return w->run != 0 && npki_run_fits(w, size) ? npki_run_at(w) : npki_run_begin_item(w, size);
}

/* A list, dict or tuple that is an item of a run, as npki_begin_as and npki_end have it. False: nothing is done. */
bool npki_run_begin(npk_writer *w, npk_kind kind, int64_t count, npki_number_when number, uint64_t key);
bool npki_run_end(npk_writer *w);

/* So many items are written, no more than `run` has: the bytes from npki_run_at to `end`; or one is. */
static inline void npki_run_put_many(npk_writer *w, const uint8_t *end, size_t count)
{
    w->out.size = (size_t)(end - w->out.bytes);
    *w->run_items += (int64_t)count;
    w->run -= (int64_t)count;
    w->last = NPK_UNKNOWN;
    w->last_unhashable = w->last_loose = false;
}
static inline void npki_run_put(npk_writer *w, const uint8_t *end)
{
    npki_run_put_many(w, end, 1);
}

static inline uint8_t *npki_spell_byte(uint8_t *at, enum npki_opcode_byte opcode)
{
    *at = (uint8_t)opcode;
    return at + 1;
}

static inline uint8_t *npki_spell_le(uint8_t *at, enum npki_opcode_byte opcode, uint64_t number, size_t width)
{
    at[0] = (uint8_t)opcode;
    npki_store_le(at + 1, number, width);
    return at + 1 + width;
}

static inline uint8_t *npki_spell_int(uint8_t *at, int64_t number)
{
    if (number >= 0 && number < 0x100)
        return npki_spell_le(at, NPKI_BYTE_BININT1, (uint64_t)number, 1);
    if (number >= 0 && number < 0x10000)
        return npki_spell_le(at, NPKI_BYTE_BININT2, (uint64_t)number, 2);
    if (number >= INT32_MIN && number <= INT32_MAX)
        return npki_spell_le(at, NPKI_BYTE_BININT, (uint64_t)number, 4);
    uint64_t bits = (uint64_t)(number < 0 ? ~number : number); /* what is left of it, and the bit of the sign */
    size_t size = (size_t)(64 - __builtin_clzll(bits)) / 8 + 1;
    at[0] = NPKI_BYTE_LONG1;
    at[1] = (uint8_t)size;
    npki_store_le(at + 2, (uint64_t)number, 8);
    return at + 2 + size;
}

static inline uint8_t *npki_spell_float(uint8_t *at, double number)
{
    at[0] = NPKI_BYTE_BINFLOAT;
    npki_store_be(at + 1, npki_bits_of(number), 8);
    return at + 9;
}

/* memcpy for few bytes: no call, and words that overlap. */
static inline void npki_copy_short(uint8_t *to, const uint8_t *from, size_t size)
{
    if (size < 8) {
        if (size >= 4) {
            memcpy(to, from, 4);
            memcpy(to + size - 4, from + size - 4, 4);
        } else {
            for (size_t i = 0; i < size; i++)
                to[i] = from[i];
        }
        return;
    }
    for (size_t i = 0; i < size - 8; i += 8)
        memcpy(to + i, from + i, 8);
    memcpy(to + size - 8, from + size - 8, 8);
}

/* The same of 3 bytes or more; whether all are ASCII. */
static inline bool npki_copy_ascii(uint8_t *to, const uint8_t *from, size_t size)
{
    uint64_t all, word;
    uint32_t first, last;
    if (size >= 8) {
        memcpy(&all, from + size - 8, 8);
        memcpy(to + size - 8, &all, 8);
        for (size_t i = 0; i < size - 8; i += 8) {
            memcpy(&word, from + i, 8);
            memcpy(to + i, &word, 8);
            all |= word;
        }
        return (all & UINT64_C(0x8080808080808080)) == 0;
    }
    if (size >= 4) {
        memcpy(&first, from, 4);
        memcpy(&last, from + size - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + size - 4, &last, 4);
        return ((first | last) & 0x80808080) == 0;
    }
    for (size_t i = 0; i < 3; i++)
        to[i] = from[i];
    return ((from[0] | from[1] | from[2]) & 0x80) == 0;
}

/* Less than NPKI_RUN_TEXT bytes behind an opcode that has their number in one. */
static inline uint8_t *npki_spell_counted(uint8_t *at, enum npki_opcode_byte opcode, const void *bytes, size_t size)
{
    at = npki_spell_le(at, opcode, size, 1);
    npki_copy_short(at, bytes, size);
    return at + size;
}

/* Opcode and size of a str of as many bytes. */
static inline uint8_t *npki_spell_str_head(const npk_writer *w, uint8_t *at, size_t size)
{
    return w->protocol >= 4 ? npki_spell_le(at, NPKI_BYTE_SHORT_BINUNICODE, size, 1)
                            : npki_spell_le(at, NPKI_BYTE_BINUNICODE, size, 4);
}

/* Such a str; and its PUT. */
static inline uint8_t *npki_spell_str(const npk_writer *w, uint8_t *at, const void *utf8, size_t size)
{
    at = npki_spell_str_head(w, at, size);
    npki_copy_short(at, utf8, size);
    return at + size;
}

static inline uint8_t *npki_spell_put(const npk_writer *w, uint8_t *at, int64_t number)
{
    if (w->protocol >= 4)
        return npki_spell_byte(at, NPKI_BYTE_MEMOIZE);
    return number < 256 ? npki_spell_le(at, NPKI_BYTE_BINPUT, (uint64_t)number, 1)
                        : npki_spell_le(at, NPKI_BYTE_LONG_BINPUT, (uint64_t)number, 4);
}
static inline uint8_t *npki_spell_get(uint8_t *at, int64_t number)
{
    return number < 256 ? npki_spell_le(at, NPKI_BYTE_BINGET, (uint64_t)number, 1)
                        : npki_spell_le(at, NPKI_BYTE_LONG_BINGET, (uint64_t)number, 4);
}

#define NPKI_RUN_STR (NPKI_RUN_TEXT + 10) /* bytes that both take, at most */

/* Whether a str of so many bytes can be an item: one character is one object, and what is long has another opcode. */
static inline bool npki_run_takes_str(size_t size)
{
    return size > 2 && size < NPKI_RUN_TEXT;
}

/* Whether a str may be one of a run: UTF-8, neither long nor one character, which is one object wherever it is met. */
static inline bool npki_run_is_str(const char *text, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)text;
    return npki_run_takes_str(size) && (npki_is_ascii(bytes, size) || npki_utf8_check(bytes, size) == size);
}

/* It is written, but for its number. */
static inline void npki_run_put_str(npk_writer *w, uint8_t *end)
{
    const int64_t number = w->next_memo++;
    npki_run_put(w, npki_spell_put(w, end, number));
    w->last = number;
}

static inline void npki_run_str(npk_writer *w, uint8_t *at, const char *utf8, size_t size)
{
    npki_run_put_str(w, npki_spell_str(w, at, utf8, size));
}

/* --- many.c --- */

/* As many of these as may come now as items of a run. Returns how many. `sizes` NULL: the texts end with NUL. */
size_t npki_run_doubles(npk_writer *w, const double *values, size_t count);
size_t npki_run_ints(npk_writer *w, const int64_t *values, size_t count);
size_t npki_run_strs(npk_writer *w, const char *const *texts, const size_t *sizes, size_t count);

#endif
