/* Arrays like one that was written before. Where many stand in a list or are the values of a dict, the opcodes of each
 * are those of the last one but for the lengths of its axes, its payload and the numbers of the memo. So what the plain
 * way wrote is kept, cut where these stand, and the next one is put together from it. Where each is a pickle of its own
 * and a writer makes many, it is the same, and the numbers are too. Nothing is known here of what an array's opcodes
 * are.
 *
 * Only for the middle of a run (core/run.h), where a value has nothing around it, and there only what the memo knew all
 * of: had it got a new key, the next array would be another one; and for the root of a pickle, before which the memo is
 * empty. */
#include "writer/core/run.h"
#include "writer/numpy/numpy.h"

#include "array/layout.h"
#include "base/bytes.h"
#include "dtype/facts.h"
#include "opcode/instruction.h"
#include "text/encoding.h"

#include <string.h>

enum {
    KINDS = 64,  /* of arrays that may alternate: of more none is kept for long */
    BYTES = 400, /* of an array, without its payload */
    STEPS = 32,
    PUTS = 32,
    PUT_BYTES = 5,
    BLOCK = 16,       /* most steps are shorter: they are copied as one, and what is behind them is overwritten */
    LARGEST = 1 << 14 /* payload */
};

typedef enum step_does { DOES_NO_MORE, DOES_PUT, DOES_SHAPE, DOES_STR, DOES_BINBYTES, DOES_BYTEARRAY } step_does;

/* So many of ready.bytes, and what comes behind them. */
typedef struct step {
    uint16_t from, size;
    uint8_t does;
} step;

/* What tells arrays apart, but for the lengths of their axes. */
typedef struct layout {
    size_t nbytes;
    char order;
    bool is_c, readonly;
    npki_buffer_use use;
    bool is_root;
} layout;

typedef struct ready {
    const npk_dtype *dtype;
    uint64_t hash;         /* of what it was */
    uint64_t memo_changes; /* of the writer: since one more nothing holds, but for a root */
    int ndim;
    layout form; /* but for its size */
    uint8_t steps, puts;
    uint16_t byte_count;
    uint8_t last;        /* the number of the array, counted from the first of its PUTs */
    uint8_t next;        /* 1 + the index of another one in the same place of kept.first, or 0 */
    uint32_t unhashable; /* a bit for each of its PUTs */
    step step[STEPS];
    uint8_t bytes[BYTES + BLOCK];
} ready;

/* What stands in npk_writer.ready: as much of it as there are kinds. */
typedef struct kept {
    uint64_t memo_changes; /* of the writer, when the last one came that is no root */
    size_t count;
    uint8_t first[KINDS]; /* 1 + the index of one of this place, or 0 */
    ready at[];
} kept;

static bool is_static(const npk_dtype *dtype)
{
    return dtype->storage == NPKI_STORED_STATIC;
}

/* An item in the middle of a run, where an array may stand. */
static bool is_in_run(const npk_writer *w)
{
    if (w->run == 0 || w->in_frame != w->framing)
        return false;
    const npki_container *container = &w->containers[w->depth - 1];
    return (container->kind == NPK_KIND_LIST && !container->of_set) ||
           (container->kind == NPK_KIND_DICT && container->items % 2 == 1);
}

/* Of a pickle that is not the writer's first. */
static bool is_root(const npk_writer *w)
{
    return w->depth == 0 && w->roots == 0 && w->memo_changes > 0 && w->memo.count == 0 &&
           w->next_memo == w->python->from1 && w->payload == NULL;
}

/* Whether the array at hand is one of those that this file is about. */
static bool can_be_ready(const npk_writer *w, const npk_array *array, npki_buffer_use use, layout *out)
{
    const bool root = w->depth == 0;
    if (!w->quick || w->from_graph || w->buffer != NULL || w->numbered != NPKI_NUMBERED_ALL)
        return false;
    if (root && array->dtype->is_struct) /* which of the numbers behind its dtypes are the shape can't be told */
        return false;
    /* a call with the shape before the elements */
    const bool takes = use != NPKI_BUFFER_ALWAYS && !(array->readonly && npki_is_for_both(w));
    bool has_padding = !w->keep_padding && !npki_dtype_is_full(array->dtype),
         has_bytes = array->data != NULL && !array->dtype->has_object;
    int64_t nbytes = takes && has_bytes && !has_padding ? npk_array_nbytes(array) : 0;
    if (nbytes < 2 || nbytes > LARGEST || array->encoding != NPK_ENCODING_RAW)
        return false;
    *out = (layout){
        .nbytes = (size_t)nbytes, .order = 'C', .is_c = true, .readonly = array->readonly, .use = use, .is_root = root};
    if (array->strides == NULL && array->order != 'F')
        return true;
    out->order = npki_written_order(w, array);
    out->is_c = npki_is_c_contiguous(array);
    return out->order == 'F' ? npki_is_f_contiguous(array) : out->is_c;
}

/* --- from an array to the next one --- */

static bool is_same(const layout *a, const layout *b)
{
    return a->order == b->order && a->is_c == b->is_c && a->readonly == b->readonly && a->use == b->use &&
           a->is_root == b->is_root;
}

static kept *kept_by(const npk_writer *w)
{
    return (kept *)(void *)w->ready.bytes;
}

static size_t place_of(const npk_array *array)
{
    const uint64_t key = (uint64_t)(uintptr_t)array->dtype ^ (uint64_t)array->ndim << 56;
    return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 58) % KINDS;
}

static const ready *find(const npk_writer *w, const npk_array *array, const layout *form)
{
    const kept *all = kept_by(w);
    for (size_t i = all->first[place_of(array)]; i > 0; i = all->at[i - 1].next) {
        const ready *r = &all->at[i - 1];
        if (r->dtype == array->dtype && r->ndim == array->ndim && is_same(&r->form, form) &&
            (form->is_root || r->memo_changes == w->memo_changes) &&
            (is_static(r->dtype) || r->hash == npk_dtype_hash(r->dtype)))
            return r;
    }
    return NULL;
}

/* The payload behind its length: for a text there is room for two bytes each. */
static uint8_t *spell_payload(uint8_t *at, step_does does, const uint8_t *bytes, size_t size)
{
    if (does == DOES_STR) {
        npki_stream stream = {
            .in = bytes, .in_end = bytes + size, .out = at + 5, .out_end = at + 5 + 2 * size + NPKI_ENCODING_WIDEST};
        npki_encoding_encode(NPK_ENCODING_LATIN1_UTF8, '\0', &stream);
        npki_spell_le(at, NPKI_BYTE_BINUNICODE, (uint64_t)(stream.out - at - 5), 4);
        return stream.out;
    }
    if (does == DOES_BYTEARRAY)
        at = npki_spell_le(at, NPKI_BYTE_BYTEARRAY8, size, 8);
    else if (size < 0x100)
        at = npki_spell_le(at, NPKI_BYTE_SHORT_BINBYTES, size, 1);
    else
        at = npki_spell_le(at, NPKI_BYTE_BINBYTES, size, 4);
    memcpy(at, bytes, size);
    return at + size;
}

static inline uint8_t *spell_bytes(uint8_t *at, const uint8_t *bytes, size_t size)
{
    memcpy(at, bytes, BLOCK);
    if (size > BLOCK)
        memcpy(at + BLOCK, bytes + BLOCK, size - BLOCK);
    return at + size;
}

static uint8_t *spell(const npk_writer *w, const ready *r, const npk_array *array, size_t nbytes, uint8_t *at)
{
    int64_t number = w->next_memo;
    for (size_t i = 0; i < r->steps; i++) {
        const step *s = &r->step[i];
        at = spell_bytes(at, r->bytes + s->from, s->size);
        switch ((step_does)s->does) {
        case DOES_NO_MORE:
            break;
        case DOES_PUT:
            at = npki_spell_put(w, at, number++);
            break;
        case DOES_SHAPE:
            for (int axis = 0; axis < array->ndim; axis++)
                at = npki_spell_int(at, array->shape[axis]);
            break;
        case DOES_STR:
        case DOES_BINBYTES:
        case DOES_BYTEARRAY:
            at = spell_payload(at, (step_does)s->does, array->data, nbytes);
        }
    }
    return at;
}

/* The writer after such an array. */
static void end_ready(npk_writer *w, const ready *r, size_t nbytes)
{
    if (!w->keep_padding)
        w->elements = npki_add_saturated(w->elements, nbytes); /* npki_make_mask */
    for (uint32_t bits = r->unhashable, put = 0; bits != 0; bits >>= 1, put++)
        if (bits & 1)
            npki_note_unhashable(w, w->next_memo + put);
    w->last = w->next_memo + r->last;
    w->next_memo += r->puts;
    w->last_unhashable = true;
}

static bool write_root(npk_writer *w, const ready *r, const npk_array *array, size_t nbytes, size_t most)
{
    uint8_t *at = npki_before(w) ? npki_room_for(w, most) : NULL;
    if (at != NULL)
        w->out.size = (size_t)(spell(w, r, array, nbytes, at) - w->out.bytes);
    end_ready(w, r, nbytes);
    npki_after(w);
    return true; /* or there is an error */
}

bool npki_write_ready(npk_writer *w, const npk_array *array, npki_buffer_use use)
{
    layout form;
    if (w->ready.size == 0 || !(is_in_run(w) || is_root(w)) || !can_be_ready(w, array, use, &form))
        return false;
    const ready *r = find(w, array, &form);
    if (r == NULL)
        return false;
    const size_t nbytes = form.nbytes;
    const size_t most = r->byte_count + (size_t)r->puts * PUT_BYTES + (size_t)array->ndim * NPKI_RUN_NUMBER +
                        2 * nbytes + 2 * NPKI_RUN_NUMBER + BLOCK;
    if (form.is_root)
        return write_root(w, r, array, nbytes, most);
    uint8_t *at = npki_run_room(w, most);
    if (at == NULL || (w->in_frame && w->out.size - w->frame_start + most >= NPKI_FRAME_SIZE))
        return false;
    npki_run_put(w, spell(w, r, array, nbytes, at));
    end_ready(w, r, nbytes);
    return true;
}

/* --- what the plain way wrote --- */

npki_ready_start npki_start_ready(npk_writer *w, const npk_array *array, npki_buffer_use use)
{
    layout form;
    const bool here = is_root(w) || (is_in_run(w) && npki_run_room(w, 1) != NULL);
    return (npki_ready_start){.possible = here && can_be_ready(w, array, use, &form),
                              .size = w->out.size,
                              .frame_start = w->frame_start,
                              .written = w->written,
                              .memo = w->next_memo,
                              .known = w->memo.count,
                              .memo_changes = w->memo_changes};
}

static step *last_step(ready *r)
{
    const bool joins = r->steps > 0 && r->step[r->steps - 1].does == DOES_NO_MORE;
    if (!joins && r->steps == STEPS)
        return NULL;
    if (!joins)
        r->step[r->steps++] = (step){.from = r->byte_count, .does = DOES_NO_MORE};
    return &r->step[r->steps - 1];
}

static bool add_bytes(ready *r, const uint8_t *bytes, size_t size)
{
    step *s = size > BYTES - (size_t)r->byte_count ? NULL : last_step(r);
    if (s == NULL)
        return false;
    memcpy(r->bytes + r->byte_count, bytes, size);
    s->size = (uint16_t)(s->size + size);
    r->byte_count = (uint16_t)(r->byte_count + size);
    return true;
}

static bool add_step(ready *r, step_does does)
{
    step *s = last_step(r);
    if (s == NULL)
        return false;
    s->does = (uint8_t)does;
    return true;
}

/* Where the shape may begin: behind the version of a state (after its MARK), or behind the dtype after the payload. The
 * dtype is fetched, or of a root is made where it stands, and built; the texts before that are codes and names. */
typedef struct cutting {
    const npk_writer *w;
    const npk_array *array;
    bool root, built, marked, payload;
    int axes; /* found; -1: they do not come yet */
    int64_t memo;
} cutting;

static bool cut_int(cutting *c, ready *r, const uint8_t *at, const npk_instruction *in)
{
    if (c->axes < 0 || c->axes == c->array->ndim) {
        c->axes = c->marked && !c->payload && c->axes < 0 ? 0 : c->axes;
        return add_bytes(r, at, (size_t)in->end);
    }
    uint8_t spelled[NPKI_RUN_NUMBER];
    size_t size = (size_t)(npki_spell_int(spelled, c->array->shape[c->axes]) - spelled);
    if (size != in->end || memcmp(spelled, at, size) != 0)
        return false;
    return c->axes++ > 0 || add_step(r, DOES_SHAPE);
}

static bool cut_text(cutting *c, ready *r, const uint8_t *at, const npk_instruction *in)
{
    const npk_opcode *opcode = in->opcode;
    bool str = opcode->kind == NPK_KIND_STR && c->w->protocol < 3;
    bool bytes = opcode->kind == NPK_KIND_BYTES && c->w->protocol >= 3;
    const bool other = str ? !c->built : !bytes || in->size < 2; /* an array has two bytes or more */
    if (c->root && other && opcode->kind != NPK_KIND_BYTEARRAY)
        return add_bytes(r, at, (size_t)in->end);
    if (c->payload || (!str && !bytes && opcode->kind != NPK_KIND_BYTEARRAY))
        return false;
    c->payload = true;
    return add_step(r, str ? DOES_STR : bytes ? DOES_BINBYTES : DOES_BYTEARRAY);
}

static bool cut(cutting *c, ready *r, const uint8_t *at, const npk_instruction *in)
{
    const npk_opcode *opcode = in->opcode;
    size_t row = (size_t)(opcode - npki_opcodes);
    switch (opcode->action) {
    case NPKI_DO_PUT:
    case NPKI_DO_MEMOIZE:
        if (r->puts == PUTS || (row != NPKI_ROW_MEMOIZE && in->number.u != (uint64_t)c->memo + r->puts))
            return false;
        r->puts++;
        return c->root || row == NPKI_ROW_MEMOIZE ? add_bytes(r, at, (size_t)in->end) : add_step(r, DOES_PUT);
    case NPKI_DO_TEXT:
        return cut_text(c, r, at, in);
    case NPKI_DO_NUMBER:
        return cut_int(c, r, at, in);
    case NPKI_DO_GET:
        c->axes = c->payload && c->axes < 0 && !c->root ? 0 : c->axes;
        break;
    case NPKI_DO_BUILD:
        c->axes = c->payload && c->axes < 0 ? 0 : c->axes;
        c->built = true;
        break;
    case NPKI_DO_MARK:
        c->marked = true;
        break;
    default:
        break;
    }
    return add_bytes(r, at, (size_t)in->end);
}

/* Everything from the start to here, which was one array. */
static bool cut_all(cutting *c, ready *r, const uint8_t *at, size_t size)
{
    while (size > 0) {
        npk_instruction in;
        size_t needed;
        if (npki_decode(at, size, &in, &needed) != NPK_OK || !cut(c, r, at, &in))
            return false;
        at += in.end;
        size -= (size_t)in.end;
    }
    return c->payload && c->axes == c->array->ndim && c->memo + r->puts == c->w->next_memo;
}

/* Where there is no memory it is not kept. */
static void keep(npk_writer *w, const ready *made, size_t place)
{
    const kept none = {.memo_changes = w->memo_changes};
    if (w->ready.size == 0 && !npki_dynbuf_add(&w->ready, &none, sizeof none))
        return;
    if (!npki_dynbuf_add(&w->ready, made, sizeof *made))
        return;
    kept *all = kept_by(w);
    all->at[all->count].next = all->first[place];
    all->first[place] = (uint8_t)++all->count;
}

void npki_keep_ready(npk_writer *w, const npk_array *array, npki_buffer_use use, const npki_ready_start *start)
{
    layout form;
    const bool root = w->depth == 0,
               good = start->possible && w->error.status == NPK_OK && w->written == start->written;
    const bool alone = root || (w->frame_start == start->frame_start && w->memo.count == start->known &&
                                w->memo_changes == start->memo_changes);
    if (!good || !alone || w->last < start->memo || w->last_loose || w->in_frame != w->framing ||
        !can_be_ready(w, array, use, &form))
        return;
    const size_t from = root && w->in_frame ? w->frame_start + NPKI_FRAME_HEADER : start->size;
    ready made = {.dtype = array->dtype,
                  .hash = npk_dtype_hash(array->dtype),
                  .memo_changes = w->memo_changes,
                  .ndim = array->ndim,
                  .form = form};
    cutting c = {.w = w, .array = array, .root = root, .axes = -1, .memo = start->memo};
    if (!cut_all(&c, &made, w->out.bytes + from, w->out.size - from))
        return;
    made.last = (uint8_t)(w->last - start->memo);
    for (uint32_t put = 0; put < made.puts; put++)
        made.unhashable |= (uint32_t)npki_is_unhashable(w, start->memo + put) << put;
    if (w->ready.size > 0 &&
        (kept_by(w)->count == KINDS || (!form.is_root && kept_by(w)->memo_changes != w->memo_changes)))
        w->ready.size = 0;
    keep(w, &made, place_of(array));
}
