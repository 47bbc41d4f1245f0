/* The memo: who an object is, and its number. */
#include "writer/core/core.h"

#include "text/number.h"

#define FORGOTTEN UINT64_MAX /* in the memo, in place of a number */
#define NUMBERS 256          /* for which there is room at once to say that they can't be keys */

npki_numbered npki_numbered_of(const npk_writer *w)
{
    return w->python->numbers == NPKI_NUMBERS_HELD ? NPKI_NUMBERED_HELD : NPKI_NUMBERED_ALL;
}

npki_number_when npki_number_temporaries(const npk_writer *w)
{
    return npki_number_always_if(w->python->numbers == NPKI_NUMBERS_ALL);
}

/* --- numbers whose objects can't be keys --- */

/* A pickler counts its numbers up, but those of a stream may have been chosen: the bits of numbers from 0 on may have
 * what each that went beyond them pays for. */
#define BITS_FOR_EACH 64 /* bytes */

void npki_note_unhashable_far(npk_writer *w, int64_t number)
{
    static const uint8_t none[NUMBERS / 8] = {0};
    const uint64_t bit = UINT64_C(1) << number % 64;
    const size_t at = (size_t)number / 8;
    bool good = true, added;
    w->unhashable_room += BITS_FOR_EACH;
    if (at < w->unhashable_room) {
        while (good && w->unhashable.size <= at)
            good = npki_dynbuf_add(&w->unhashable, none, sizeof none);
        if (good)
            w->unhashable.bytes[at] |= (uint8_t)(1U << (size_t)number % 8);
    } else {
        uint64_t *bits = npki_map_put(&w->far_unhashable, (uint64_t)number / 64, &added);
        good = bits != NULL;
        if (good)
            *bits |= bit;
    }
    if (!good)
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
}

bool npki_is_unhashable_far(const npk_writer *w, int64_t number)
{
    const uint64_t *bits = npki_map_get(&w->far_unhashable, (uint64_t)number / 64);
    return bits != NULL && (*bits >> number % 64 & 1) != 0;
}

void npki_forget_unhashable(npk_writer *w)
{
    w->unhashable.size = 0;
    w->unhashable_room = 0;
    npki_map_free(&w->far_unhashable);
}

/* --- PUT --- */

static void op_put(npk_writer *w, int64_t number)
{
    char text[21];
    if (w->protocol >= npki_opcodes[NPKI_ROW_MEMOIZE].protocol)
        npki_op(w, NPKI_ROW_MEMOIZE);
    else if (w->protocol >= npki_opcodes[NPKI_ROW_BINPUT].protocol)
        npki_op_number(w, number < 256 ? NPKI_ROW_BINPUT : NPKI_ROW_LONG_BINPUT, (uint64_t)number);
    else
        npki_op_line(w, NPKI_ROW_PUT, text, npki_print_int64(number, text));
}

/* Whether the pickle to compare with has a PUT of this number here. */
static bool is_put_beside(const npk_writer *w, int64_t number)
{
    const uint64_t offset = npki_offset(w);
    npk_instruction in;
    int64_t found;
    if (offset >= w->beside_size || npk_instruction_at(w->beside, w->beside_size, offset, &in, NULL) != NPK_OK ||
        in.opcode->action != NPKI_DO_PUT)
        return false;
    if (npki_arguments[in.opcode->argument].form != NPKI_FORM_LINE)
        return in.number.u == (uint64_t)number;
    return npki_parse_int64(in.argument, in.size, &found) && found == number;
}

/* pickle.py keeps the arguments and the state of an old-style instance alive in its memo, in a list of which it has
 * one: numbers go by how much the memo has. Lib/pickle.py of Python 2: save_inst(), _keep_alive(). Arguments come out
 * of __getinitargs__; whether there was a __getstate__, or no arguments came, shows in the numbers of the pickle
 * alone. */
void npki_keep_alive(npk_writer *w, bool known)
{
    w->came_to |= NPKI_CAME_TO_INSTANCE;
    if (!w->python->keeps_alive || w->kept_alive)
        return;
    w->may_keep_alive = !known;
    w->kept_alive = known;
    w->next_memo += known;
}

/* cPickle's numbers go by how much its memo has, to which an object adds nothing that is in it already: one that was
 * made once more inside its own arguments, as an old-style instance is to which what __getinitargs__ gave leads back.
 * The next one gets the same number. cPickle.c of Python 2: put2(). Which object that was shows in the pickle alone. */
static void repeat_number(npk_writer *w)
{
    if (w->may_repeat && w->python->numbers == NPKI_NUMBERS_HELD && is_put_beside(w, w->next_memo - 1))
        w->next_memo--;
    w->may_repeat = false;
}

/* The object just written gets the next number, if it gets one. */
static void put(npk_writer *w, uint64_t key, npki_number_when when, npki_origin by)
{
    w->last = NPK_UNKNOWN;
    if ((w->numbered != NPKI_NUMBERED_ALL && when == NPKI_NUMBER_IF_HELD && !w->held) ||
        w->memo_policy == NPK_MEMO_NONE) {
        w->unnumbered = npki_offset(w);
        return;
    }
    if (w->may_keep_alive) {
        w->may_keep_alive = false;
        w->kept_alive = is_put_beside(w, w->next_memo + 1);
        w->next_memo += w->kept_alive;
    }
    repeat_number(w);
    int64_t number = w->next_memo++;
    op_put(w, number);
    if (w->last_unhashable)
        npki_note_unhashable(w, number);
    if (w->hooks->made != NULL)
        w->hooks->made(w, number, by);
    w->last = number;
    if (key != 0)
        npki_remember(w, key);
}

void npki_put(npk_writer *w, uint64_t key, npki_number_when when)
{
    put(w, key, when, w->from_graph ? NPKI_FROM_DOCUMENT : NPKI_FROM_WRITES);
}

void npki_put_global(npk_writer *w, uint64_t key, npki_number_when when, int protocol)
{
    if (w->hooks->made != NULL && w->from_graph && protocol < npki_opcodes[NPKI_ROW_STACK_GLOBAL].protocol)
        put(w, key, NPKI_NUMBER_ALWAYS, (npki_origin)(NPKI_FROM_GLOBAL + protocol)); /* by the number */
    else
        npki_put(w, key, when);
}

void npki_put_container(npk_writer *w, const npki_container *container)
{
    w->last_unhashable = container->unhashable;
    put(w, container->key, container->number,
        container->named != 0   ? container->named
        : container->from_graph ? NPKI_FROM_DOCUMENT
        : container->one_write  ? NPKI_FROM_ONE_WRITE
                                : NPKI_FROM_WRITES);
    w->may_repeat = container->kind == NPK_KIND_OBJECT && w->last != NPK_UNKNOWN;
}

/* --- GET --- */

void npki_get(npk_writer *w, int64_t number)
{
    char text[21];
    if (w->apart != 0 && w->apart == npki_offset(w)) {
        npki_op(w, NPKI_ROW_NONE);
        npki_op(w, NPKI_ROW_POP);
    }
    if (w->protocol < npki_opcodes[NPKI_ROW_BINGET].protocol)
        npki_op_line(w, NPKI_ROW_GET, text, npki_print_int64(number, text));
    else
        npki_op_number(w, number < 256 ? NPKI_ROW_BINGET : NPKI_ROW_LONG_BINGET, (uint64_t)number);
    w->last = number;
    w->last_unhashable = npki_is_unhashable(w, number);
}

bool npki_find_known(const npk_writer *w, uint64_t key, int64_t *number)
{
    const uint64_t *found = npki_map_get(&w->memo, key);
    if (found == NULL || *found == FORGOTTEN)
        return false;
    *number = (int64_t)*found;
    return true;
}

uint64_t npki_own_or_read(const npk_writer *w, uint64_t key)
{
    int64_t number;
    return !npki_known(w, key, &number) && npki_known(w, npki_as_read(key), &number) ? npki_as_read(key) : key;
}

bool npki_get_known(npk_writer *w, uint64_t key)
{
    int64_t number;
    if (!npki_known(w, key, &number))
        return false;
    npki_get(w, number);
    return true;
}

void npki_remember(npk_writer *w, uint64_t key)
{
    bool added;
    if (!npki_is_asked_for(key))
        return;
    uint64_t *slot = w->error.status == NPK_OK ? npki_map_put(&w->memo, key, &added) : NULL;
    if (slot == NULL) {
        npki_writer_fail(w, NPK_ERR_MEMORY, "an allocation failed");
        return;
    }
    *slot = w->last == NPK_UNKNOWN ? FORGOTTEN : (uint64_t)w->last;
    w->memo_changes += !added;
}

void npki_knows(npk_writer *w, uint64_t key, uint64_t number)
{
    w->last = (int64_t)number;
    npki_remember(w, key);
    w->last = NPK_UNKNOWN;
}

void npki_forget(npk_writer *w, uint64_t key)
{
    uint64_t *slot = npki_map_get(&w->memo, key);
    if (slot != NULL)
        *slot = FORGOTTEN;
    w->memo_changes++;
}
