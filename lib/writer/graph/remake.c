/* Objects that one release of a project makes in another way than the next, where both say the same.
 *
 *   numpy.random   until 1.16  __RandomState_ctor(), the state a tuple; all later releases read it
 *                  1.17        __randomstate_ctor(name), __generator_ctor(name), __bit_generator_ctor(name), a dict;
 *                              read by all later
 *                  1.24        the first two take __bit_generator_ctor as a second argument
 *                  2.0         the first two take a bit generator; __bit_generator_ctor takes a class, and its state is
 *                              a pair of the dict and a SeedSequence, which only spawn() looks at; before, no pickle
 *                              has it
 *   SeedSequence   1.26        another checksum of its attributes, which releases before do not know
 *   scalars        of structs that hold objects: of a tuple until 1.19, which loads as garbage there; of an array since
 *   ufuncs         until 1.19  _ufunc_reconstruct(), which takes nothing but str, in Python 2 too; what it makes of
 *                              private names comes and goes
 *   NumpyVersion   in Python 2 a class of the old kind, which has no __new__
 *   range          in Python 2 xrange, of ints that a C long holds
 *   pandas         copyreg._reconstructor(cls, object, None), as protocols 0 and 1 have it, of classes that are no
 *                  longer Python's
 *
 * Source: numpy/random/_pickle.py, _bit_generator.pyx; pandas/_libs/internals.pyx; each loaded by all the others. */
#include "writer/graph/graph.h"

#include "known/known.h"

#include <string.h>

#define MOVE(name) NPKI_MOVE_##name
#define RELEASE(major, minor) ((major) << 8 | (minor))
#define FIRST_OF_ARRAY RELEASE(1, 20)

/* callable(value0), and its own state */
static const npki_move of_name[] = {MOVE(VALUE1), MOVE(TUPLE), MOVE(VALUE0), MOVE(END), MOVE(DONE)};

/* callable(value0), and value2 as state */
static const npki_move of_name_and_state[] = {MOVE(VALUE1), MOVE(TUPLE),  MOVE(VALUE0),
                                              MOVE(END),    MOVE(VALUE2), MOVE(DONE)};

/* __RandomState_ctor(), and (name, key, pos, has_gauss, gauss) */
static const npki_move of_tuple[] = {MOVE(RANDOMSTATE), MOVE(TUPLE),  MOVE(END),    MOVE(TUPLE),
                                     MOVE(VALUE0),      MOVE(VALUE1), MOVE(VALUE2), MOVE(VALUE3),
                                     MOVE(VALUE4),      MOVE(END),    MOVE(DONE)};

/* callable(cls, checksum, state), and its own state */
static const npki_move of_checksum[] = {MOVE(VALUE0), MOVE(TUPLE), MOVE(VALUE1), MOVE(CHECKSUM),
                                        MOVE(VALUE2), MOVE(END),   MOVE(DONE)};

static const npki_move of_no_checksum[] = {MOVE(VALUE0), MOVE(TUPLE), MOVE(VALUE1), MOVE(NO_CHECKSUM),
                                           MOVE(VALUE2), MOVE(END),   MOVE(DONE)};

/* callable(module, name), both as str */
static const npki_move of_native[] = {MOVE(VALUE2),  MOVE(TUPLE), MOVE(NATIVE0),
                                      MOVE(NATIVE1), MOVE(END),   MOVE(DONE)};

/* cls.__new__(cls), and cls.__new__ as a call */
static const npki_move of_class[] = {MOVE(VALUE0), MOVE(TUPLE), MOVE(END), MOVE(DONE)};
static const npki_move of_class_named[] = {MOVE(DONE)};
static const npki_move of_class_by_call[] = {MOVE(NEWOBJ), MOVE(TUPLE), MOVE(VALUE0), MOVE(END), MOVE(DONE)};

static const npki_object *call_of(const npk_value *value, const char *module, const char *name)
{
    const npki_object *call = value != NULL && value->kind == NPK_KIND_OBJECT ? value->u.object : NULL;
    return call != NULL && npki_is_global(call->callable, module, name) ? call : NULL;
}

/* --- numpy.random --- */

/* The dict of a bit generator whose state is a pair. */
static const npk_value *dict_of(const npki_object *bit_generator)
{
    const npk_value *state = bit_generator != NULL ? bit_generator->state : NULL;
    return npki_is_tuple_of(state, 2) ? npki_item_of(state, 0) : NULL;
}

/* What a generator is made of: the name of its bit generator, and the dict that is its state; NULL where it is made in
 * no such way. */
typedef struct random_parts {
    const npk_value *bit_generator; /* an object of its own, or NULL */
    const npk_value *name;
    const npk_value *state;
} random_parts;

static random_parts parts_of(const npki_object *call)
{
    const npk_value *first = npki_arg(call, 0);
    const npki_object *inner = call_of(first, "numpy.random._pickle", "__bit_generator_ctor");
    random_parts parts = {.bit_generator = inner != NULL ? first : NULL, .name = first, .state = call->state};
    bool named = first != NULL && (first->kind == NPK_KIND_STR || first->kind == NPK_KIND_PYTHON2_STR);
    if (inner != NULL && call->state == NULL)
        parts.state = dict_of(inner);
    if (inner == NULL && npki_is_tuple_of(call->state, 2))
        parts.state = dict_of(call);
    if (!named)
        parts.name = npk_dict_get(parts.state, "bit_generator");
    return parts;
}

/* Whether there is a SeedSequence: only a pair has one. */
static bool has_seeds(const npki_object *call, const random_parts *parts)
{
    const npki_object *owner = parts->bit_generator != NULL ? parts->bit_generator->u.object : call;
    return dict_of(owner) != NULL && npki_item_of(owner->state, 1)->kind != NPK_KIND_NONE;
}

static void leave_seeds_out(npk_writer *w, const npki_object *call, const random_parts *parts)
{
    if (has_seeds(call, parts))
        npki_leave_out(w, NPKI_LEFT_OUT_SEEDS);
}

/* Before NumPy 2 a bit generator is made anew for each that has it. */
static void refuse_shared(npk_writer *w, const random_parts *parts)
{
    if (w->unloadable != NPK_UNLOADABLE_REFUSE || parts->bit_generator == NULL ||
        (parts->bit_generator->flags & NPKI_IS_SHARED) == 0)
        return;
    npki_writer_fail(w, NPK_ERR_UNSUPPORTED,
                     "a bit generator that several generators have, which NumPy 1 can't pickle");
    w->refused = parts->bit_generator;
}

/* Whether it has a name; an error where the release has no such bit generator. */
static bool can_be_named(npk_writer *w, const random_parts *parts)
{
    npki_lack why;
    npki_global_name name = {.module = "numpy.random", .module_size = 12};
    if (parts->name == NULL || !npki_text_of(parts->name, &name.name, &name.name_size))
        return false;
    if (w->unloadable == NPK_UNLOADABLE_REFUSE && !npki_target_has(&w->target, &name, &why))
        npki_refuse(w, parts->name, name, &why);
    else
        refuse_shared(w, parts);
    return true;
}

/* RandomState of the Mersenne Twister: the oldest form, which every NumPy reads. */
static bool by_tuple(const npk_writer *w, const random_parts *parts, npki_spelled *out)
{
    bool portable = w->target.first[NPKI_OF_NUMPY] != w->target.last[NPKI_OF_NUMPY];
    if ((w->target.first[NPKI_OF_NUMPY] >= RELEASE(1, 17) && !portable) || !npki_text_is(parts->name, "MT19937"))
        return false;
    const npk_value *inner = npk_dict_get(parts->state, "state");
    *out = (npki_spelled){.row = out->row,
                          .moves = of_tuple,
                          .values = {parts->name, npk_dict_get(inner, "key"), npk_dict_get(inner, "pos"),
                                     npk_dict_get(parts->state, "has_gauss"), npk_dict_get(parts->state, "gauss")},
                          .whole = true};
    for (size_t i = 0; i < 5; i++)
        if (out->values[i] == NULL)
            return false;
    return true;
}

/* What the call has beside the name or bit generator: nothing, or what NumPy 1.24 to 1.26 give. */
static bool is_plain_random(const npki_object *call)
{
    const size_t count = npki_count_of(call->args);
    const npk_value *second = npki_arg(call, 1);
    const bool generator = !npki_is_global(call->callable, "numpy.random._pickle", "__bit_generator_ctor");
    return count == 1 ||
           (count == 2 && generator && npki_is_global(second, "numpy.random._pickle", "__bit_generator_ctor"));
}

static bool remake_random(npk_writer *w, const npki_object *call, npki_spelled *out)
{
    npki_release first = w->target.first[NPKI_OF_NUMPY];
    random_parts parts = parts_of(call);
    if (first >= RELEASE(2, 0) || first < RELEASE(1, 17) || parts.name == NULL)
        return false;
    bool named = parts.name == npki_arg(call, 0);
    if (!is_plain_random(call)) { /* as it is, or not at all */
        if (w->unloadable == NPK_UNLOADABLE_REFUSE && (first < RELEASE(1, 24) || !named))
            npki_writer_fail(w, NPK_ERR_UNSUPPORTED,
                             "this is made with more than the target takes: a constructor of somebody's own");
        return false;
    }
    if (!can_be_named(w, &parts) || (named && npki_count_of(call->args) == 1) ||
        (named && first >= RELEASE(1, 24) && w->target.last[NPKI_OF_NUMPY] == first))
        return false;
    leave_seeds_out(w, call, &parts);
    bool own = parts.state == call->state;
    *out = (npki_spelled){.row = out->row,
                          .moves = own ? of_name : of_name_and_state,
                          .values = {parts.name, call->callable, parts.state},
                          .whole = !own};
    return true;
}

static bool remake_randomstate(npk_writer *w, const npki_object *call, npki_spelled *out)
{
    npki_spelled tuple = *out;
    random_parts parts = parts_of(call);
    if (parts.name == NULL || parts.state == NULL || parts.state->kind != NPK_KIND_DICT || !by_tuple(w, &parts, &tuple))
        return remake_random(w, call, out);
    if (w->target.first[NPKI_OF_NUMPY] >= RELEASE(2, 0) && has_seeds(call, &parts))
        return false;
    *out = tuple;
    leave_seeds_out(w, call, &parts);
    refuse_shared(w, &parts);
    return true;
}

static bool remake_seeds(npk_writer *w, const npki_object *call, npki_spelled *out)
{
    if (w->target.first[NPKI_OF_NUMPY] > RELEASE(1, 26) || !npki_is_tuple_of(call->args, 3))
        return false;
    *out = (npki_spelled){
        .row = out->row, .moves = of_checksum, .values = {call->callable, npki_arg(call, 0), npki_arg(call, 2)}};
    return true;
}

static bool remake_no_seeds(npk_writer *w, const npki_object *call, npki_spelled *out)
{
    bool remade = remake_seeds(w, call, out);
    if (remade)
        out->moves = of_no_checksum;
    return remade;
}

/* --- other things of NumPy --- */

/* numpy.core._ufunc_reconstruct(module, name) of what is_ufunc_of_numpy() does not know. */
static bool remake_ufunc(npk_writer *w, const npki_object *call, npki_spelled *out)
{
    static const char divide[] = "divide that rounds ints down";
    static const npki_global_name of_python2 = {"numpy", 5, divide, sizeof divide - 1};
    static const npki_lack until_python3 = {.project = NPKI_OF_PYTHON, .until = RELEASE(2, 7)};
    npki_global_name name;
    npki_lack why;
    if (!npki_is_tuple_of(call->args, 2) || !npki_text_of(npki_arg(call, 0), &name.module, &name.module_size) ||
        !npki_text_of(npki_arg(call, 1), &name.name, &name.name_size))
        return false;
    npki_global_name moved = name;
    const bool older = npki_is_divide_of_python2(name.name, name.name_size);
    const bool has =
        older ? w->python->python2
              : npki_target_has(&w->target, &moved, &why) && moved.module == name.module; /* which is where it looks */
    if (w->unloadable == NPK_UNLOADABLE_REFUSE && !has && older)
        npki_refuse(w, call->callable, of_python2, &until_python3);
    else if (w->unloadable == NPK_UNLOADABLE_REFUSE && !has)
        npki_refuse(w, call->callable, name, &why);
    if (!w->python->python2 ||
        (npki_arg(call, 0)->kind == NPK_KIND_PYTHON2_STR && npki_arg(call, 1)->kind == NPK_KIND_PYTHON2_STR))
        return false;
    *out = (npki_spelled){
        .row = out->row, .moves = of_native, .values = {npki_arg(call, 0), npki_arg(call, 1), call->callable}};
    return true;
}

static void refuse_scalar(npk_writer *w, const npki_object *call)
{
    const npk_value *dtype = npki_arg(call, 0), *value = npki_arg(call, 1);
    const npk_dtype *of = dtype != NULL && dtype->kind == NPK_KIND_OBJECT ? dtype->u.object->dtype : NULL;
    bool array = value != NULL && value->kind == NPK_KIND_OBJECT && value->u.object->array != NULL;
    if (w->unloadable != NPK_UNLOADABLE_REFUSE || of == NULL || value == NULL || !npk_dtype_is_struct(of) ||
        !npk_dtype_has_object(of) || (array && w->target.first[NPKI_OF_NUMPY] >= FIRST_OF_ARRAY))
        return;
    npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "a scalar of a struct that holds objects, as NumPy %s 1.20 pickles it",
                     array ? "since" : "before");
    w->refused = call->callable;
}

static bool remake_old_class(npk_writer *w, const npki_object *call, npki_spelled *out)
{
    if (!w->python->python2 || !npki_is_tuple_of(call->args, 0))
        return false;
    *out = (npki_spelled){.row = &npki_opcodes[NPKI_ROW_INST]};
    return true;
}

static bool refuse_range(npk_writer *w, const npki_object *call, npki_spelled *out)
{
    int64_t number;
    (void)out;
    for (size_t i = 0; w->python->python2 && w->unloadable == NPK_UNLOADABLE_REFUSE && i < npki_count_of(call->args);
         i++)
        if (!npk_value_as_int64(npki_arg(call, i), &number)) {
            npki_writer_fail(w, NPK_ERR_UNSUPPORTED,
                             "a range of ints of more than 64 bits, which Python 2 does not have");
            w->refused = call->callable;
        }
    return false;
}

/* --- copyreg._reconstructor --- */

/* Classes of Python in old releases, in which either way makes them, and of C in new ones, which take only the
 * newer. */
static const struct {
    const char *module, *name; /* NULL: all of the module */
} c_classes[] = {
    {"pandas.core.internals.managers", "BlockManager"}, {"pandas.core.internals.managers", "SingleBlockManager"},
    {"pandas.core.internals", "BlockManager"},          {"pandas.core.internals", "SingleBlockManager"},
    {"pandas.core.arrays.categorical", "Categorical"},  {"pandas.core.categorical", "Categorical"},
    {"pandas.core.arrays.datetimes", "DatetimeArray"},  {"pandas.core.arrays.timedeltas", "TimedeltaArray"},
    {"pandas.core.arrays.period", "PeriodArray"},       {"pandas.core.arrays.string_", "StringArray"},
    {"pandas.core.dtypes.dtypes", "PeriodDtype"},       {"pandas.core.arrays.numpy_", "PandasArray"},
};

static bool is_c_class(const npk_value *cls)
{
    const npki_global *global = cls->kind == NPK_KIND_GLOBAL ? cls->u.global : NULL;
    for (size_t i = 0; global != NULL && i < sizeof c_classes / sizeof *c_classes; i++)
        if (npki_is_spelled(global->module, global->module_size, c_classes[i].module) &&
            (c_classes[i].name == NULL || npki_is_spelled(global->name, global->name_size, c_classes[i].name)))
            return true;
    return false;
}

/* Offsets with a state as pandas 0.24 has it, which later ones take; older states have more, which those drop. */
static bool is_offset(const npki_object *call)
{
    const npk_value *cls = npki_arg(call, 0), *state = call->state;
    const npki_global *global = cls->kind == NPK_KIND_GLOBAL ? cls->u.global : NULL;
    return global != NULL && npki_is_spelled(global->module, global->module_size, "pandas.tseries.offsets") &&
           state != NULL && state->kind == NPK_KIND_DICT && npk_dict_get(state, "n") != NULL &&
           npk_dict_get(state, "kwds") == NULL;
}

/* One of Python's library, which object.__new__() refuses to make. */
static bool is_unsafe(npk_writer *w, const npk_value *cls)
{
    npki_lack why;
    return cls->kind == NPK_KIND_GLOBAL && !npki_class_has(w, cls, "<object>", 8, &why);
}

static bool is_version(const npk_value *class_)
{
    return npki_is_global(class_, "numpy.lib._version", "NumpyVersion") ||
           npki_is_global(class_, "numpy.lib", "NumpyVersion");
}

static bool remake_reconstructed(npk_writer *w, const npki_object *call, npki_spelled *out)
{
    bool opcode = w->protocol >= npki_opcodes[NPKI_ROW_NEWOBJ].protocol;
    if (w->python->python2 && npki_is_tuple_of(call->args, 3) && is_version(npki_arg(call, 0))) {
        *out =
            (npki_spelled){.row = &npki_opcodes[NPKI_ROW_INST], .moves = of_class_named, .values = {npki_arg(call, 0)}};
        return true;
    }
    if (!npki_is_tuple_of(call->args, 3) || !npki_is_builtin(npki_arg(call, 1), "object") ||
        npki_arg(call, 2)->kind != NPK_KIND_NONE ||
        (!is_c_class(npki_arg(call, 0)) && !is_offset(call) && !is_unsafe(w, npki_arg(call, 0))))
        return false;
    *out = (npki_spelled){.row = &npki_opcodes[opcode ? NPKI_ROW_NEWOBJ : NPKI_ROW_REDUCE],
                          .moves = opcode ? of_class : of_class_by_call,
                          .values = {npki_arg(call, 0)}};
    return true;
}

/* --- who makes them so --- */

static npki_made_by by_name(const npki_object *call)
{
    const npk_value *first = npki_arg(call, 0), *second = npki_arg(call, 1);
    const bool named = first != NULL && (first->kind == NPK_KIND_STR || first->kind == NPK_KIND_PYTHON2_STR);
    if (!named)
        return (npki_made_by){RELEASE(2, 0), NPKI_EVER};
    if (npki_is_global(call->callable, "numpy.random._pickle", "__bit_generator_ctor"))
        return (npki_made_by){RELEASE(1, 17), RELEASE(1, 26)};
    return second == NULL ? (npki_made_by){RELEASE(1, 17), RELEASE(1, 23)}
                          : (npki_made_by){RELEASE(1, 24), RELEASE(1, 26)};
}

static npki_made_by by_checksum(const npki_object *call)
{
    int64_t sum;
    const bool old =
        npk_value_as_int64(npki_arg(call, 1), &sum) && (sum == NPKI_OLD_CHECKSUM || sum == NPKI_OLD_CHECKSUM_OF_NONE);
    return old ? (npki_made_by){NPKI_EVER, RELEASE(1, 25)} : (npki_made_by){RELEASE(1, 26), NPKI_EVER};
}

static npki_made_by until_1_16(const npki_object *call)
{
    (void)call;
    return (npki_made_by){NPKI_EVER, RELEASE(1, 16)};
}

static npki_made_by until_1_19(const npki_object *call)
{
    (void)call;
    return (npki_made_by){NPKI_EVER, RELEASE(1, 19)};
}

/* --- the table --- */

#define RANDOM "numpy.random._pickle"
#define BIT_GENERATOR "numpy.random.bit_generator"

/* By the newest name; only modules have others. */
static const struct {
    const char *module, *name;
    bool (*remake)(npk_writer *w, const npki_object *call,
                   npki_spelled *out);                /* NULL: no release makes it in another way */
    enum npki_opcode_row opcode;                      /* that makes the call */
    npki_made_by (*made_by)(const npki_object *call); /* NULL: by any */
} remakes[] = {
    {"builtins", "range", refuse_range, NPKI_ROW_REDUCE, NULL},
    {"builtins", "xrange", refuse_range, NPKI_ROW_REDUCE, NULL},
    {"copyreg", "_reconstructor", remake_reconstructed, NPKI_ROW_REDUCE, NULL},
    {"numpy.core", "_ufunc_reconstruct", remake_ufunc, NPKI_ROW_REDUCE, until_1_19},
    {"numpy.lib._version", "NumpyVersion", remake_old_class, NPKI_ROW_NEWOBJ, NULL},
    {"numpy.lib", "NumpyVersion", remake_old_class, NPKI_ROW_NEWOBJ, NULL},
    {"numpy.random", "__RandomState_ctor", NULL, NPKI_ROW_REDUCE, until_1_16},
    {RANDOM, "__randomstate_ctor", remake_randomstate, NPKI_ROW_REDUCE, by_name},
    {RANDOM, "__generator_ctor", remake_random, NPKI_ROW_REDUCE, by_name},
    {RANDOM, "__bit_generator_ctor", remake_random, NPKI_ROW_REDUCE, by_name},
    {BIT_GENERATOR, "__pyx_unpickle_SeedSequence", remake_seeds, NPKI_ROW_REDUCE, by_checksum},
    {BIT_GENERATOR, "__pyx_unpickle_SeedlessSeedSequence", remake_no_seeds, NPKI_ROW_REDUCE, by_checksum},
};

#define REMAKES (sizeof remakes / sizeof *remakes)

/* The row of what is called; REMAKES: it has none. */
static size_t row_of(const npki_global *global)
{
    for (size_t i = 0; i < REMAKES; i++)
        if (npki_is_spelled(global->name, global->name_size, remakes[i].name)) {
            npki_global_name name = npki_newest_name(global);
            if (npki_is_spelled(name.module, name.module_size, remakes[i].module))
                return i;
        }
    return REMAKES;
}

static bool is_called_as(const npki_object *call, size_t row)
{
    return row < REMAKES && call->opcode == npki_opcodes[remakes[row].opcode].byte;
}

static bool remake(npk_writer *w, const npki_object *call, npki_spelled *out)
{
    bool more = call->listitems != NULL || call->dictitems != NULL || call->later != NULL; /* as no pickler makes one */
    if (!more && npki_remake_of_library(w, call, out))
        return true;
    if (more || call->callable->kind != NPK_KIND_GLOBAL)
        return false;
    if (call->meaning == NPKI_SCALAR)
        refuse_scalar(w, call);
    const size_t row = row_of(call->callable->u.global);
    return is_called_as(call, row) && remakes[row].remake != NULL && remakes[row].remake(w, call, out);
}

/* Whether others have the tuple or dict, too, and in it something that is one thing: taken out of there it would be
 * two. */
static bool shares_parts(const npk_value *holder)
{
    bool found = false;
    for (size_t i = 0; holder != NULL && (holder->flags & NPKI_IS_SHARED) != 0 && !found && i < npki_count_of(holder);
         i++)
        found = npki_item_of(holder, i)->kind >= NPK_KIND_TUPLE && npki_item_of(holder, i)->kind != NPK_KIND_GLOBAL;
    return found;
}

bool npki_remake(npk_writer *w, const npki_object *call, npki_spelled *out)
{
    if (npki_is_as_written(w) || !remake(w, call, out))
        return false;
    if (out->moves != NULL && (shares_parts(call->args) || (out->whole && shares_parts(call->state))))
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED,
                         "the target makes this of other arguments, and something else has these, too");
    w->came_to |= NPKI_CAME_TO_PYTHON | NPKI_CAME_TO_NUMPY; /* a release makes it as it is */
    return true;
}

bool npki_is_made_by_release(const npk_value *global)
{
    const size_t row = global->kind == NPK_KIND_GLOBAL ? row_of(global->u.global) : REMAKES;
    return row < REMAKES && remakes[row].made_by != NULL;
}

npki_made_by npki_numpys_of(const npki_object *call)
{
    const size_t row = call->callable->kind == NPK_KIND_GLOBAL ? row_of(call->callable->u.global) : REMAKES;
    const bool told = is_called_as(call, row) && remakes[row].made_by != NULL;
    return told ? remakes[row].made_by(call) : (npki_made_by){NPKI_EVER, NPKI_EVER};
}
