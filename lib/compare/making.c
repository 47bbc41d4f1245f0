/* The spellings of class.__new__(class, *args, **kwargs), by Lib/copyreg.py and Lib/pickle.py save_reduce():
 *
 *   NEWOBJ                              class, args
 *   NEWOBJ_EX                           class, args, kwargs
 *   copyreg.__newobj__                  (class, *args)
 *   copyreg.__newobj_ex__               (class, args, kwargs)
 *   copyreg._reconstructor              (class, object, None): no arguments
 *   functools.partial(class.__new__)    called with (), after BUILD gave it (class.__new__, (class, *args), kwargs,
 *                                       None); or, without a state, functools.partial(class.__new__, class, *args)
 *
 * and, from NumPy 1.24 on (numpy/random/_pickle.py), those of a generator:
 *
 *   numpy.random._pickle.__generator_ctor, __randomstate_ctor    (name, what makes it), before (name): it is that name
 *
 * and, from NumPy 1.26 on, by a newer Cython, those of a SeedSequence (numpy/random/bit_generator.pyx):
 *
 *   __pyx_unpickle_SeedSequence         (class, checksum of the names of its attributes, state): the names are the same
 */
#include "compare/making.h"

#include "known/known.h"
#include "value/event.h"
#include "value/step.h"

#include <npickle/value.h>

#include <string.h>

enum { BY_OPCODE, BY_OPCODE_EX, BY_NEWOBJ, BY_NEWOBJ_EX, BY_RECONSTRUCTOR, BY_PARTIAL, BY_CONSTRUCTOR, BY_CHECKSUM };

static void go(npki_making_way *way, const npk_value *value, size_t child)
{
    way->values[way->count] = value;
    way->children[way->count++] = child;
}

static npki_making_way way_on(npki_making_way way, const npk_value *value, size_t child)
{
    go(&way, value, child);
    return way;
}

static bool calls(const npki_object *object, const char *module, const char *name)
{
    return object->construction == NPK_BY_CALL && npki_is_global(object->callable, module, name);
}

static const npki_object *plain_object(const npk_value *value)
{
    return value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
}

static bool is_or_may_be(const npk_value *value, npk_kind kind)
{
    return value->kind == kind || npki_may_be_any(value);
}

/* copyreg.__newobj__ */
static bool of_newobj(npki_made *made, const npk_value *args)
{
    if (npki_count_of(args) == 0)
        return false;
    made->spelling = BY_NEWOBJ;
    made->callable = npki_item_of(args, 0);
    made->first = 1;
    go(&made->to_callable, args, 0);
    return true;
}

/* copyreg.__newobj_ex__ */
static bool of_newobj_ex(npki_made *made, const npk_value *args)
{
    if (npki_count_of(args) != 3 || !is_or_may_be(npki_item_of(args, 1), NPK_KIND_TUPLE) ||
        !is_or_may_be(npki_item_of(args, 2), NPK_KIND_DICT))
        return false;
    made->spelling = BY_NEWOBJ_EX;
    made->callable = npki_item_of(args, 0);
    made->args = npki_item_of(args, 1);
    made->kwargs = npki_item_of(args, 2);
    made->to_kwargs = way_on(made->to_args, args, 2);
    go(&made->to_args, args, 1);
    go(&made->to_callable, args, 0);
    return true;
}

/* copyreg._reconstructor */
static bool of_reconstructor(npki_made *made, const npk_value *args)
{
    if (npki_count_of(args) != 3 || !npki_is_builtin(npki_item_of(args, 1), "object") ||
        npki_item_of(args, 2)->kind != NPK_KIND_NONE)
        return false;
    made->spelling = BY_RECONSTRUCTOR;
    made->callable = npki_item_of(args, 0);
    made->args = NULL;
    go(&made->to_callable, args, 0);
    return true;
}

/* Whether a value is class.__new__: getattr(class, "__new__"). */
static bool is_new_of(const npk_value *value)
{
    const npki_object *object = plain_object(value);
    return object != NULL && calls(object, "builtins", "getattr") && npki_is_tuple_of(object->args, 2) &&
           npki_text_is(npki_item_of(object->args, 1), "__new__");
}

/* functools.partial, called without anything. */
static bool of_partial(npki_made *made, const npk_value *value)
{
    const npk_value *function = value->u.object->callable;
    const npki_object *partial = plain_object(function);
    npki_making_way way = {.count = 0};
    if (partial == NULL || !npki_is_tuple_of(value->u.object->args, 0) || !calls(partial, "functools", "partial"))
        return false;
    const npk_value *state = partial->state, *parts = partial->args;
    go(&way, value, npki_child_at(value, NPKI_SLOT_CALLABLE));
    if (state != NULL && partial->later == NULL && state->kind == NPK_KIND_TUPLE && npki_count_of(state) >= 3 &&
        npki_item_of(state, 1)->kind == NPK_KIND_TUPLE && npki_count_of(npki_item_of(state, 1)) > 0 &&
        is_new_of(npki_item_of(state, 0))) {
        way = way_on(way, function, npki_child_at(function, NPKI_SLOT_STATE));
        made->args = npki_item_of(state, 1);
        made->first = 1;
        made->kwargs = is_or_may_be(npki_item_of(state, 2), NPK_KIND_DICT) ? npki_item_of(state, 2) : NULL;
        made->to_kwargs = way_on(way, state, 2);
        made->to_args = way_on(way, state, 1);
    } else if (state == NULL && npki_count_of(parts) >= 2 && is_new_of(npki_item_of(parts, 0))) {
        made->args = parts;
        made->first = 2;
        made->to_args = way_on(way, function, npki_child_at(function, NPKI_SLOT_ARGS));
    } else {
        return false;
    }
    made->spelling = BY_PARTIAL;
    made->helpers[0] = function;
    made->helpers[1] = state != NULL ? npki_item_of(state, 0) : npki_item_of(parts, 0);
    made->callable = npki_item_of(made->args, made->first - 1);
    made->to_callable = way_on(made->to_args, made->args, made->first - 1);
    return true;
}

static bool is_older_spelling(npki_made *made, const npk_value *value)
{
    const npki_object *object = value->u.object;
    if (object->construction != NPK_BY_CALL)
        return false;
    made->to_callable = made->to_args;
    if (npki_is_global(object->callable, "copyreg", "__newobj__"))
        return of_newobj(made, object->args);
    if (npki_is_global(object->callable, "copyreg", "__newobj_ex__"))
        return of_newobj_ex(made, object->args);
    if (npki_is_global(object->callable, "copyreg", "_reconstructor"))
        return of_reconstructor(made, object->args);
    return of_partial(made, value);
}

static bool of_generator(npki_made *made, const npk_value *value)
{
    const npki_object *object = value->u.object;
    bool generator = calls(object, "numpy.random._pickle", "__generator_ctor") ||
                     calls(object, "numpy.random._pickle", "__randomstate_ctor");
    if (!generator || npki_count_of(object->args) != 2 ||
        !npki_is_global(npki_item_of(object->args, 1), "numpy.random._pickle", "__bit_generator_ctor"))
        return false;
    made->spelling = BY_CONSTRUCTOR;
    made->by_new = false;
    made->to_callable = (npki_making_way){.count = 0};
    go(&made->to_callable, value, npki_child_at(value, NPKI_SLOT_CALLABLE));
    return true;
}

#define CHECKSUM 1 /* which argument */

/* Of one class the checksums before and since. */
static const struct {
    const char *function;
    int64_t sums[2];
} checksums[] = {
    {"__pyx_unpickle_SeedSequence", {0xf88304a, 0x3eaa222}},
    {"__pyx_unpickle_SeedlessSeedSequence", {0xd41d8cd, 0xe3b0c44}},
};

static bool of_seeds(npki_made *made, const npk_value *value)
{
    const npki_object *object = value->u.object;
    int64_t sum;
    size_t row = 0, which = 0;
    while (row < sizeof checksums / sizeof *checksums &&
           !calls(object, "numpy.random.bit_generator", checksums[row].function))
        row++;
    if (row == sizeof checksums / sizeof *checksums || !npki_is_tuple_of(object->args, 3) ||
        !npk_value_as_int64(npki_item_of(object->args, CHECKSUM), &sum))
        return false;
    while (which < 2 && checksums[row].sums[which] != sum)
        which++;
    if (which == 2)
        return false;
    made->spelling = (uint8_t)(BY_CHECKSUM + which);
    made->left_out = CHECKSUM;
    made->by_new = false;
    made->to_callable = (npki_making_way){.count = 0};
    go(&made->to_callable, value, npki_child_at(value, NPKI_SLOT_CALLABLE));
    return true;
}

/* Most callables are none of those above: that is seen by their module, of which all older names begin alike. */
static bool may_be_other_spelling(const npki_object *object)
{
    static const struct {
        const char *text;
        size_t size;
    } modules[] = {{"copy", 4}, {"numpy.random.", 13}};
    if (object->construction != NPK_BY_CALL || object->callable->kind != NPK_KIND_GLOBAL)
        return object->construction == NPK_BY_CALL;
    const npki_global *global = object->callable->u.global;
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        if (global->module_size >= modules[i].size && memcmp(global->module, modules[i].text, modules[i].size) == 0)
            return true;
    return false;
}

static npki_made begun_with(const npk_value *value)
{
    const npki_object *object = value->u.object;
    npki_made made = {.callable = object->callable, .args = object->args, .kwargs = object->kwargs};
    go(&made.to_args, value, npki_child_at(value, NPKI_SLOT_ARGS));
    return made;
}

static bool is_other_spelling(npki_made *made, const npk_value *value)
{
    *made = begun_with(value);
    made->by_new = true;
    return is_older_spelling(made, value) || of_generator(made, value) || of_seeds(made, value);
}

/* Whether more is known of an object than how it is made. Of one in whose state an array was found it is not: its parts
 * are children too. */
static bool is_known(const npki_object *object)
{
    const npki_array_state *array = object->array;
    const bool found = array != NULL && array->of_unknown && array->holders != NULL && !array->in_arguments;
    return (array != NULL && !found) || object->dtype != NULL;
}

bool npki_is_usual_call(const npk_value *value)
{
    const npki_object *object = plain_object(value);
    return object != NULL && !is_known(object) && object->args != NULL && object->kwargs == NULL &&
           object->construction == NPK_BY_CALL && !may_be_other_spelling(object);
}

bool npki_made_of(const npk_value *value, npki_made *out)
{
    const npki_object *object = plain_object(value);
    if (object == NULL || is_known(object) || object->args == NULL)
        return false;
    if (!may_be_other_spelling(object) || !is_other_spelling(out, value)) {
        *out = begun_with(value);
        go(&out->to_callable, value, npki_child_at(value, NPKI_SLOT_CALLABLE));
        go(&out->to_kwargs, value, npki_child_at(value, NPKI_SLOT_KWARGS));
        out->by_new = object->construction == NPK_BY_NEW;
        out->spelling = object->kwargs != NULL ? BY_OPCODE_EX : BY_OPCODE;
    }
    out->whole = out->args != NULL && out->args->kind != NPK_KIND_TUPLE;
    out->count = out->args == NULL ? 0 : out->whole ? 1 : npki_count_of(out->args) - out->first - (out->left_out != 0);
    if (out->spelling == BY_CONSTRUCTOR)
        out->count = 1;
    if (out->kwargs != NULL && out->kwargs->kind == NPK_KIND_DICT && npki_own_children(out->kwargs) == 0 &&
        !npki_is_dropped_over(out->kwargs)) /* what was dropped before a document is not part of its root */
        out->kwargs = NULL;
    return true;
}

size_t npki_made_parts(const npki_made *made, const npk_value *value)
{
    return 2 + npki_made_args(made) + npki_own_children(value) - NPKI_SLOTS_MAKING;
}

const npk_value *npki_made_part(const npki_made *made, const npk_value *value, size_t index)
{
    size_t args = npki_made_args(made);
    if (index == 0)
        return made->callable;
    if (index <= args)
        return npki_made_arg(made, index - 1);
    if (index == args + 1)
        return made->kwargs;
    const size_t other = index - args - 2; /* those that say how it is made are left out */
    return npki_child(value, other < npki_child_at(value, NPKI_SLOT_CALLABLE) ? other : other + NPKI_SLOTS_MAKING);
}
