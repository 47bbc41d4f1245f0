/* Whether what Python and NumPy make by a call is made in their way: what check --strict asks, where a call that means
 * the same is written as it was read. */
#include "writer/graph/graph.h"

#include "array/layout.h"
#include "dtype/facts.h"
#include "globals/typecode.h"
#include "known/known.h"

#include <string.h>

/* --- forms -------------------------------------------------------------------------------------------------------- */

static bool is_int(const npk_value *value, int64_t number)
{
    return value->kind == NPK_KIND_INT && value->u.integer == number;
}

static bool is_bool(const npk_value *value, bool boolean)
{
    return value->kind == NPK_KIND_BOOL && value->u.boolean == boolean;
}

/* What the name means that is called. */
static npki_meaning meaning_of(const npki_object *call)
{
    const npki_global_row *row = call->callable->kind == NPK_KIND_GLOBAL ? call->callable->u.global->row : NULL;
    return row == NULL ? NPKI_UNKNOWN : row->meaning;
}

/* A dtype, or a call for one of which npickle knows no more. */
static bool is_of_dtype(const npk_value *value)
{
    return npk_value_dtype(value) != NULL ||
           (value->kind == NPK_KIND_OBJECT && meaning_of(value->u.object) == NPKI_DTYPE);
}

/* Python 2 has one str for text and for bytes. */
static npk_kind own_str(const npk_writer *w, npk_kind in_python3)
{
    return w->python->python2 ? NPK_KIND_PYTHON2_STR : in_python3;
}

static bool is_letter(const npk_writer *w, const npk_value *value, char letter)
{
    switch (letter) {
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
        return is_int(value, letter - '0');
    case 'i':
        return value->kind == NPK_KIND_INT;
    case 'f':
        return is_bool(value, false);
    case 't':
        return is_bool(value, true);
    case '?':
        return value->kind == NPK_KIND_BOOL;
    case 's':
        return value->kind == own_str(w, NPK_KIND_STR);
    case 'b':
        return value->kind == own_str(w, NPK_KIND_BYTES);
    case 'u':
        return value->kind == NPK_KIND_STR;
    case 'l':
        return value->kind == NPK_KIND_LIST;
    case 'e':
        return value->kind == NPK_KIND_LIST || value->kind == own_str(w, NPK_KIND_BYTES);
    case 'd':
        return is_of_dtype(value);
    case 'c':
        return value->kind == NPK_KIND_GLOBAL || value->kind == NPK_KIND_OBJECT;
    case 'g':
        return value->kind == NPK_KIND_FLOAT;
    default:
        return true;
    }
}

#define DEEPEST 2 /* tuples in one another */

/* Whether a value has one of the forms, which `|` parts: (...) is a tuple of just that, a letter one item, and with `*`
 * behind it as many as there are.
 *
 *   0 to 4   the int          f t ?   False, True, either       l   a list
 *   i        an int           s       Python's own str          d   a dtype
 *   g        a float          b       its bytes                 c   a class
 *   .        anything         u       a text, unicode in 2      e   the elements of an array: bytes, or a list */
static bool has_form(const npk_writer *w, const npk_value *value, const char *forms)
{
    const npk_value *open[DEEPEST];
    size_t next[DEEPEST], depth = 0;
    bool good = true;
    for (const char *at = forms; *at != '\0'; at++) {
        const size_t count = depth > 0 ? npki_count_of(open[depth - 1]) : 1;
        if (*at == '|' && good)
            return true;
        if (*at == '|') {
            good = true;
            depth = 0;
        } else if (!good) {
            continue;
        } else if (*at == ')') {
            good = next[depth - 1] == count;
            depth--;
        } else if (at[1] == '*') {
            while (next[depth - 1] < count && is_letter(w, npki_item_of(open[depth - 1], next[depth - 1]), *at))
                next[depth - 1]++;
            at++;
        } else {
            const bool there = depth == 0 || next[depth - 1] < count;
            const npk_value *item = !there       ? NULL
                                    : depth == 0 ? value
                                                 : npki_item_of(open[depth - 1], next[depth - 1]++);
            good = there && (*at == '(' ? item->kind == NPK_KIND_TUPLE : is_letter(w, item, *at));
            if (good && *at == '(') {
                open[depth] = item;
                next[depth++] = 0;
            }
        }
    }
    return good;
}

/* --- dtypes: arraydescr_reduce() in descriptor.c ------------------------------------------------------------------ */

enum {
    ORDER = 1,
    BASE,
    NAMES,
    FIELDS,
    SIZE,
    ALIGNMENT,
    FLAGS,
    METADATA,
    LEAST = FLAGS
}; /* of a state since NumPy 1.0 */

/* A letter and a number of bytes, without the byte order. */
static bool is_code(const npk_dtype *dtype, const char *text, size_t size)
{
    int64_t number = 0;
    if (size < 2 || size > 12 || memchr("biufcmMOSUV", text[0], 11) == NULL || (text[1] == '0' && size > 2))
        return false;
    for (size_t i = 1; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (text[i] - '0');
    }
    return text[0] == 'O' || number * (text[0] == 'U' ? 4 : 1) == dtype->itemsize;
}

/* `|` where there is nothing to swap. Where Python 3 has each character once, that is one str in the whole pickle. */
static bool is_order(npk_writer *w, const npk_dtype *dtype, const npk_value *order)
{
    const char *text;
    size_t size;
    bool added;
    if (!npki_text_of(order, &text, &size) || size != 1 || text[0] == '=' ||
        (text[0] == '|') != (dtype->byteorder == '|'))
        return false;
    if (w->python->chars != NPKI_CHARS_ONCE || w->python->python2)
        return true;
    uint64_t *known = npki_map_put(&w->memo, npki_key(NPKI_IS_FORM, (uint64_t)text[0]), &added);
    if (known != NULL && added)
        *known = (uint64_t)(uintptr_t)order;
    return known != NULL && *known == (uint64_t)(uintptr_t)order;
}

/* Those of NumPy's own types are told by the code alone. */
static bool has_size(const npk_dtype *dtype, const npk_value *state)
{
    const npki_dtype_row *row = &npki_dtype_rows[dtype->type];
    const int64_t alignment = npki_item_of(state, ALIGNMENT)->u.integer;
    if (row->itemsize != 0 && row->module == NULL)
        return npki_item_of(state, SIZE)->u.integer == -1 && alignment == -1;
    return !npki_dtype_is_plain(dtype) || row->module != NULL || alignment == (dtype->type == NPK_STR ? 4 : 1);
}

/* Of a type by itself: 63 of objects, of text 0 or 8. What a struct or a subarray has its parts tell. */
static bool has_flags(const npk_dtype *dtype, const npk_value *state)
{
    const npk_value *flags = npki_count_of(state) > FLAGS ? npki_item_of(state, FLAGS) : NULL;
    if (flags == NULL || !npki_dtype_is_plain(dtype) || npki_dtype_rows[dtype->type].module != NULL)
        return true;
    return is_int(flags, dtype->type == NPK_OBJECT ? 63 : 0) || (dtype->type == NPK_STR && is_int(flags, 8));
}

static bool has_base(const npk_writer *w, const npk_value *state)
{
    const npk_value *base = npki_item_of(state, BASE);
    return base->kind == NPK_KIND_NONE || has_form(w, base, "(d(i*))|(di)");
}

#define RELEASE(major, minor) ((major) << 8 | (minor))

/* Each name is a key of the dict, and, where there is a title, that is another key of the same tuple. Before Python 3.6
 * keys came in any order. */
static bool are_fields(const npk_writer *w, const npk_value *names, const npk_value *fields)
{
    const size_t pairs = npki_count_of(fields) / 2, count = npki_count_of(names);
    const bool ordered = w->target.first[NPKI_OF_PYTHON] >= RELEASE(3, 6);
    size_t next = 0;
    for (size_t i = 0; i < pairs; i++) {
        const npk_value *key = npki_item_of(fields, 2 * i), *field = npki_item_of(fields, 2 * i + 1);
        const bool is_name = next < count && npki_item_of(names, next) == key;
        next += is_name;
        if (!has_form(w, field, "(di)|(di.)") ||
            (ordered && !is_name && (npki_count_of(field) != 3 || npki_item_of(field, 2) != key)))
            return false;
    }
    return !ordered || next == count;
}

/* The names and the fields of many dtypes may be the same: they are looked at once. */
static bool has_fields(npk_writer *w, const npk_value *state)
{
    const npk_value *names = npki_item_of(state, NAMES), *fields = npki_item_of(state, FIELDS);
    bool added;
    if (names->kind == NPK_KIND_NONE)
        return fields->kind == NPK_KIND_NONE;
    if (!has_form(w, names, "(s*)") || fields->kind != NPK_KIND_DICT)
        return false;
    uint64_t *known = npki_map_put(
        &w->memo, npki_key(NPKI_IS_FORM, (uint64_t)(uintptr_t)names * 31 ^ (uint64_t)(uintptr_t)fields), &added);
    if (known != NULL && added)
        *known = are_fields(w, names, fields);
    return known != NULL && *known != 0;
}

/* (None or a dict, (unit, multiple, 1, 1)); of another type a dict that is not empty. */
static bool has_metadata(const npk_writer *w, const npk_dtype *dtype, const npk_value *state)
{
    const npk_value *metadata = npki_count_of(state) > METADATA ? npki_item_of(state, METADATA) : NULL;
    if (npki_dtype_rows[dtype->type].number != NPKI_NUMBER_TIME)
        return metadata == NULL || (metadata->kind == NPK_KIND_DICT && npki_count_of(metadata) > 0);
    return metadata == NULL || has_form(w, metadata, "(.(bi11))");
}

static bool is_dtype(npk_writer *w, const npki_object *call)
{
    const char *code;
    size_t size;
    const npk_value *state = call->state;
    if (npki_text_of(npki_arg(call, 0), &code, &size) && !is_code(call->dtype, code, size))
        return false;
    if (npki_count_of(state) < LEAST)
        return true; /* of NumPy before 1.0 */
    return is_order(w, call->dtype, npki_item_of(state, ORDER)) && has_size(call->dtype, state) &&
           has_flags(call->dtype, state) && has_base(w, state) && has_fields(w, state) &&
           has_metadata(w, call->dtype, state);
}

/* --- arrays: array_reduce() in methods.c -------------------------------------------------------------------------- */

/* In Fortran's order where it is not in C's, too. NumPy before 1.12 saw that in another way, and 1.21 keeps the order
 * of items without bytes. */
static bool has_order(const npk_writer *w, const npk_value *value)
{
    npk_array array;
    if (npk_array_of(value, &array, NULL) != NPK_OK || array.order != 'F')
        return true;
    if (npki_is_fortran_as_made(&array))
        return w->numpy->made_order;
    return npki_memory_order(&array) == 'F' || npki_strict_order(&array) == 'F';
}

static bool is_array(npk_writer *w, const npki_object *call)
{
    (void)w;
    return npki_text_is(npki_arg(call, call->meaning == NPKI_MASKED ? 3 : 2), "b");
}

/* The class of what NumPy pickles as an array, and nobody in a way of his own. */
static bool is_class_of_array(const npk_value *class_)
{
    const npki_global_row *row = class_ != NULL && class_->kind == NPK_KIND_GLOBAL ? class_->u.global->row : NULL;
    return row != NULL &&
           (row->meaning == NPKI_NDARRAY || row->meaning == NPKI_MATRIX || row->meaning == NPKI_RECARRAY ||
            row->meaning == NPKI_CHARARRAY || row->meaning == NPKI_MEMMAP);
}

static bool is_scalar(npk_writer *w, const npki_object *call)
{
    const npk_dtype *dtype = npk_value_dtype(npki_arg(call, 0));
    return dtype == NULL || dtype->has_object || dtype->type == NPK_VSTRING || is_letter(w, npki_arg(call, 1), 'b');
}

/* --- array.array: arraymodule.c ----------------------------------------------------------------------------------- */

/* What the elements of a typecode are in a list. */
static const char in_list[NPKI_ITEMS] = {
    [NPKI_ITEM_INT] = 'i',  [NPKI_ITEM_UINT] = 'i', [NPKI_ITEM_FLOAT] = 'g',
    [NPKI_ITEM_BOOL] = '?', [NPKI_ITEM_CHAR] = 's', [NPKI_ITEM_TEXT] = 'u',
};

static const npki_typecode *typecode_of(const npk_value *letter)
{
    const char *text;
    size_t size;
    return npki_text_of(letter, &text, &size) && size == 1 ? npki_typecode_of(text[0]) : NULL;
}

/* Many arrays may have the same list, which is looked at once. */
static bool is_list_of(npk_writer *w, const npk_value *list, char letter)
{
    bool added;
    uint64_t *known =
        npki_map_put(&w->memo, npki_key(NPKI_IS_FORM, (uint64_t)(uintptr_t)list * 31 ^ (uint64_t)letter), &added);
    bool good = known != NULL;
    for (size_t i = 0; good && added && i < npki_count_of(list); i++)
        good = is_letter(w, npki_item_of(list, i), letter);
    if (known != NULL && added)
        *known = good;
    return known != NULL && *known != 0;
}

static bool is_pyarray(npk_writer *w, const npki_object *call)
{
    const npki_typecode *typecode = typecode_of(npki_arg(call, 0));
    const npk_value *items = npki_arg(call, 1);
    return typecode != NULL &&
           (items == NULL || items->kind != NPK_KIND_LIST || is_list_of(w, items, in_list[typecode->item]));
}

/* The code of the machine says of the elements what the typecode does. */
static bool is_reconstructed(npk_writer *w, const npki_object *call)
{
    (void)w;
    const npki_typecode *typecode = typecode_of(npki_arg(call, 1));
    const npki_machine_format *format = npki_machine_format_of(npki_arg(call, 2)->u.integer);
    bool fits = false;
    for (size_t i = 0; typecode != NULL && format != NULL && i < NPKI_WIDTHS; i++)
        fits = fits || typecode->width[i] == format->width;
    return fits && typecode->item == format->item;
}

/* --- bytes -------------------------------------------------------------------------------------------------------- */

/* Of no bytes there is another call. */
static bool is_encoded(npk_writer *w, const npki_object *call)
{
    (void)w;
    return !npki_text_is(npki_arg(call, 0), "");
}

static bool is_bytearray(npk_writer *w, const npki_object *call)
{
    const npk_value *text = npki_arg(call, 1);
    return text == NULL ? npki_arg(call, 0) == NULL || w->protocol >= 3 || !w->python->text_bytearray
                        : w->protocol < 3 && w->python->text_bytearray && npki_text_is(text, "latin-1");
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

/* By what an object is made: the forms of its arguments, and of its state, of which there is none where that is
 * NULL. */
static const struct {
    npki_meaning meaning;
    const char *args, *state;
    bool (*has_more)(npk_writer *w, const npki_object *call); /* or NULL */
} ways[] = {
    {NPKI_DTYPE, "(sft)|(s01)|(cft)|(c01)", "(3s...iii)|(4s...iii.)|(2s...ii)|(1s..ii)|(s..ii)", is_dtype},
    {NPKI_RECONSTRUCT, "(c(0)b)", "(1(i*)d?e)|((i*)d?e)", is_array},
    {NPKI_FROMBUFFER, "(.d(i*)s)|(.d(i*)s(i*))", NULL, NULL},
    {NPKI_SCALAR, "(d.)", NULL, is_scalar},
    {NPKI_MASKED, "(cc(0)s)", "(1(i*)d?eb.)", is_array},
    {NPKI_CODECS_ENCODE, "(us)", NULL, is_encoded},
    {NPKI_BYTES, "()", NULL, NULL},
    {NPKI_BYTEARRAY, "()|(b)|(us)", NULL, is_bytearray},
    {NPKI_SET, "(l)", NULL, NULL},
    {NPKI_FROZENSET, "(l)", NULL, NULL},
    {NPKI_COMPLEX, "(gg)", NULL, NULL},
    {NPKI_PYARRAY, "(s)|(sl)|(sb)", NULL, is_pyarray},
    {NPKI_PYARRAY_RECONSTRUCT, "(csib)", NULL, is_reconstructed},
};

#define WAYS (sizeof ways / sizeof *ways)

/* Of a class of somebody's own, whose arguments may be others, and whose state may have more than that of the array. */
static bool has_state_of_array(const npk_writer *w, const npki_object *call, const char *forms)
{
    return call->array == NULL || call->array->holders != NULL || !npki_is_tuple_of(call->state, NPKI_STATE_SIZE) ||
           has_form(w, call->state, forms);
}

/* Old-style instances are of Python 2. A pickler gives a state once, and None to such a one alone. pickle.py goes on
 * with an object that was made meanwhile, inside its arguments, and gives it its state once more; _pickle does not. */
static bool has_usual_states(npk_writer *w, const npk_value *value, const npki_object *call)
{
    const bool old_style =
        call->opcode == npki_opcodes[NPKI_ROW_INST].byte || call->opcode == npki_opcodes[NPKI_ROW_OBJ].byte;
    const bool none = call->state != NULL && call->state->kind == NPK_KIND_NONE;
    if (old_style ? !w->python->python2 : none) {
        w->refused_alike = w->refused_alike || w->error.status == NPK_OK;
        return false;
    }
    const bool inside = call->state != NULL && npki_is_made_inside(value);
    if (!inside)
        return call->later == NULL;
    w->came_to |= NPKI_CAME_TO_AGAIN;
    return w->python->state_again == (call->later != NULL);
}

bool npki_is_made_as_is_usual(npk_writer *w, const npk_value *value, const npki_object *call)
{
    const npki_meaning meaning = meaning_of(call);
    size_t i = 0;
    while (i < WAYS && ways[i].meaning != meaning)
        i++;
    if (!has_usual_states(w, value, call))
        return false;
    if (i == WAYS)
        return true;
    if (meaning == NPKI_RECONSTRUCT && !is_class_of_array(npki_arg(call, 0)))
        return has_state_of_array(w, call, ways[i].state);
    if (call->opcode != npki_opcodes[NPKI_ROW_REDUCE].byte || !has_form(w, call->args, ways[i].args))
        return false;
    if (ways[i].state == NULL ? call->state != NULL : call->state == NULL || !has_form(w, call->state, ways[i].state))
        return false;
    const bool stays = call->meaning != meaning; /* a call, as npickle knows no more of it */
    return stays || (has_order(w, value) && (ways[i].has_more == NULL || ways[i].has_more(w, call)));
}
