/* What a target's Python has by name, but makes in another way, or not with all that an object is made with. The names
 * are those of lib/globals/library.def: "Class.__new__" and so on. */
#include "writer/graph/graph.h"

#include "globals/library.h"

#include <string.h>

#define RELEASE(major, minor) ((major) << 8 | (minor))

#define CLASS_HAS(w, class_, what, why) npki_class_has(w, class_, what, sizeof(what) - 1, why)

/* --- states: a dict of attributes, or a pair of that and one of slots --- */

static bool is_dict_or_none(const npk_value *value)
{
    return value->kind == NPK_KIND_DICT || value->kind == NPK_KIND_NONE;
}

bool npki_is_pair_of_attributes(const npk_value *state)
{
    return npki_is_tuple_of(state, 2) && is_dict_or_none(npki_item_of(state, 0)) &&
           is_dict_or_none(npki_item_of(state, 1));
}

/* --- old-style classes of Python 2, which have no __new__ --- */

static const npki_move of_old_class[] = {NPKI_MOVE_VALUE0, NPKI_MOVE_DONE};
static const npki_move of_old_class_named[] = {NPKI_MOVE_DONE};

static bool remake_old_class(npk_writer *w, const npki_object *call, npki_spelled *out)
{
    bool by_object;
    npki_lack why;
    const npk_value *class_ = w->python->python2 ? npki_class_of(call, &by_object) : NULL;
    bool bare = class_ != NULL && call->args->kind == NPK_KIND_TUPLE &&
                (call->kwargs == NULL || npki_count_of(call->kwargs) == 0);
    size_t parts = !bare ? 0 : class_ == call->callable ? 0 : by_object ? 3 : 1;
    if (!bare || npki_count_of(call->args) != parts || CLASS_HAS(w, class_, "__new__", &why) ||
        (call->state != NULL && call->state->kind != NPK_KIND_DICT && !npki_is_pair_of_attributes(call->state)))
        return false;
    bool opcode = w->protocol >= npki_opcodes[NPKI_ROW_OBJ].protocol;
    *out = (npki_spelled){.row = &npki_opcodes[opcode ? NPKI_ROW_OBJ : NPKI_ROW_INST],
                          .moves = opcode ? of_old_class : of_old_class_named,
                          .values = {class_}};
    return true;
}

/* --- nodes of syntax trees, of which CPython warns since 3.13 where they are called without their parts --- */

static const npki_move of_node[] = {NPKI_MOVE_VALUE0, NPKI_MOVE_TUPLE, NPKI_MOVE_END, NPKI_MOVE_DONE};
static const npki_move of_node_by_call[] = {NPKI_MOVE_NEWOBJ, NPKI_MOVE_TUPLE, NPKI_MOVE_VALUE0, NPKI_MOVE_END,
                                            NPKI_MOVE_DONE};

static bool is_of_ast(const npk_value *callable)
{
    const npki_global *global = callable->kind == NPK_KIND_GLOBAL ? callable->u.global : NULL;
    return global != NULL && ((global->module_size == 3 && memcmp(global->module, "ast", 3) == 0) ||
                              (global->module_size == 4 && memcmp(global->module, "_ast", 4) == 0));
}

static bool remake_node(const npk_writer *w, const npki_object *call, npki_spelled *out)
{
    if (w->target.last[NPKI_OF_PYTHON] < RELEASE(3, 13) || !is_of_ast(call->callable) ||
        !npki_is_tuple_of(call->args, 0) || call->state == NULL || call->state->kind != NPK_KIND_DICT)
        return false;
    bool opcode = w->protocol >= npki_opcodes[NPKI_ROW_NEWOBJ].protocol;
    *out = (npki_spelled){.row = &npki_opcodes[opcode ? NPKI_ROW_NEWOBJ : NPKI_ROW_REDUCE],
                          .moves = opcode ? of_node : of_node_by_call,
                          .values = {call->callable}};
    return true;
}

bool npki_remake_of_library(npk_writer *w, const npki_object *call, npki_spelled *out)
{
    bool called = call->opcode == npki_opcodes[NPKI_ROW_REDUCE].byte && call->callable->kind == NPK_KIND_GLOBAL;
    return remake_old_class(w, call, out) || (called && remake_node(w, call, out));
}

/* --- what is refused --- */

/* The slots that a state sets; the first that the target has not got is refused. */
static bool refuses_slot(npk_writer *w, const npk_value *value, const npk_value *class_, const npk_value *slots)
{
    npki_lack why;
    for (size_t i = 0; slots->kind == NPK_KIND_DICT && i + 1 < npki_count_of(slots); i += 2) {
        const char *text;
        size_t size;
        if (!npki_text_of(npki_item_of(slots, i), &text, &size) || memchr(text, '.', size) != NULL ||
            npki_class_has(w, class_, text, size, &why))
            continue;
        npki_refuse_form(w, value, npki_newer_name(class_), &why, "with the attribute ", text, size < 40 ? size : 40);
        return true;
    }
    return false;
}

/* As Unpickler.load_build() takes a state: by __setstate__, else a dict of attributes, or a pair of that and one of
 * slots. */
static void check_state(npk_writer *w, const npk_value *value, const npk_value *class_, const npk_value *state)
{
    npki_lack why;
    bool pair = npki_is_pair_of_attributes(state);
    const npk_value *dict = pair ? npki_item_of(state, 0) : state;
    if (dict->kind == NPK_KIND_DICT && (!pair || npki_count_of(dict) > 0) && !CLASS_HAS(w, class_, "<dict>", &why))
        npki_refuse_form(w, value, npki_newer_name(class_), &why, "that takes a dict as its state", "", 0);
    else if (!is_dict_or_none(dict) && !CLASS_HAS(w, class_, "__setstate__", &why))
        npki_refuse_form(w, value, npki_newer_name(class_), &why, "that takes such a state", "", 0);
    else if (pair)
        refuses_slot(w, value, class_, npki_item_of(state, 1));
}

/* --- single classes and functions --- */

/* The highest bit of the month, or of the hour, is the fold: the same time again. */
static bool has_fold(const npki_object *call, size_t at, size_t whole)
{
    uint8_t bytes[10];
    const npk_value *state = npki_arg(call, 0);
    int64_t size = state == NULL ? -1 : npk_value_bytes_size(state);
    return size == (int64_t)whole && npk_value_bytes_copy(state, bytes, sizeof bytes) == size && bytes[at] >= 0x80;
}

static bool is_fold_of_datetime(const npki_object *call)
{
    return has_fold(call, 2, 10);
}

static bool is_fold_of_time(const npki_object *call)
{
    return has_fold(call, 0, 6);
}

static bool is_union(const npki_object *call)
{
    return npki_is_tuple_of(call->args, 2) &&
           (npki_arg(call, 0)->kind == NPK_KIND_GLOBAL || npki_arg(call, 1)->kind == NPK_KIND_GLOBAL);
}

/* reduce(or_, (int, str)) */
static bool is_reduced_union(const npki_object *call)
{
    const npk_value *function = npki_arg(call, 0), *classes = npki_arg(call, 1);
    return function != NULL && classes != NULL && classes->kind == NPK_KIND_TUPLE &&
           (npki_is_global(function, "operator", "or_") || npki_is_global(function, "_operator", "or_"));
}

static bool has_output_and_error(const npki_object *call)
{
    return npki_arg(call, 3) != NULL;
}

static bool has_more(const npki_object *call)
{
    return npki_arg(call, 1) != NULL;
}

static bool has_less(const npki_object *call)
{
    return npki_arg(call, 1) == NULL;
}

static bool has_five(const npki_object *call)
{
    return npki_is_tuple_of(call->args, 5);
}

/* Of its own, and not those of copyreg._reconstructor. */
static bool has_arguments(const npki_object *call)
{
    return npki_arg(call, 0) != NULL && !npki_is_global(call->callable, "copyreg", "_reconstructor");
}

/* An encoding, or a reason, which Python 2 wants to be its str. */
static bool is_text_at(const npki_object *call, size_t index)
{
    return npki_arg(call, index) != NULL && npki_arg(call, index)->kind == NPK_KIND_STR;
}

static bool has_text_first_or_fifth(const npki_object *call)
{
    return is_text_at(call, 0) || is_text_at(call, 4);
}

static bool has_text_fourth(const npki_object *call)
{
    return is_text_at(call, 3);
}

/* bytes([65]): Python 2's is str, which gives '[65]'. */
static bool has_no_bytes(const npki_object *call)
{
    const npk_value *first = npki_arg(call, 0);
    return first != NULL && !npki_is_bytes(first) && first->kind != NPK_KIND_BYTEARRAY;
}

static bool has_scope(const npki_object *call)
{
    const char *text;
    size_t size;
    return npki_arg(call, 0) != NULL && npki_text_of(npki_arg(call, 0), &text, &size) &&
           memchr(text, '%', size) != NULL;
}

static bool has_state(const npki_object *call)
{
    return call->state != NULL;
}

/* (file, line, column, text, last line, last column) */
static bool has_six_details(const npki_object *call)
{
    return npki_arg(call, 1) != NULL && npki_is_tuple_of(npki_arg(call, 1), 6);
}

static bool has_pair(const npki_object *call)
{
    return call->state != NULL && npki_is_pair_of_attributes(call->state);
}

static bool has_samesite(const npki_object *call)
{
    return call->dictitems != NULL && npk_dict_get(call->dictitems, "samesite") != NULL;
}

static bool has_dict(const npki_object *call)
{
    return call->state != NULL && call->state->kind == NPK_KIND_DICT;
}

static bool has_no_resolution(const npki_object *call)
{
    return has_dict(call) && npk_dict_get(call->state, "resolution") == NULL;
}

static bool has_filename(const npki_object *call)
{
    return has_dict(call) && npk_dict_get(call->state, "filename") != NULL;
}

static bool is_fullmatch(const npki_object *call)
{
    const npki_object *owner =
        npki_arg(call, 0) != NULL && npki_arg(call, 0)->kind == NPK_KIND_OBJECT ? npki_arg(call, 0)->u.object : NULL;
    return owner != NULL && npki_is_global(owner->callable, "re", "_compile") &&
           npki_text_is(npki_arg(call, 1), "fullmatch");
}

static bool is_no_type(const npk_value *value)
{
    return value->kind != NPK_KIND_GLOBAL && value->kind != NPK_KIND_OBJECT && value->kind != NPK_KIND_NONE &&
           value->kind != NPK_KIND_STR;
}

static const npk_value *part_of_callable(const npki_object *call, size_t index)
{
    const npk_value *of = npki_arg(call, 0), *parts = npki_arg(call, 1);
    bool is = of != NULL && npki_is_global(of, "typing", "Callable") && npki_is_tuple_of(parts, 2);
    return is ? npki_item_of(parts, index) : NULL;
}

/* Callable[[1], str] */
static bool takes_no_type(const npki_object *call)
{
    const npk_value *arguments = part_of_callable(call, 0);
    for (size_t i = 0; arguments != NULL && arguments->kind == NPK_KIND_LIST && i < npki_count_of(arguments); i++)
        if (is_no_type(npki_item_of(arguments, i)))
            return true;
    return false;
}

/* Callable[[], 1] */
static bool returns_no_type(const npki_object *call)
{
    return part_of_callable(call, 1) != NULL && is_no_type(part_of_callable(call, 1));
}

static bool is_w(const npki_object *call)
{
    return npki_text_is(npki_arg(call, npki_arg(call, 0) != NULL && npki_arg(call, 0)->kind == NPK_KIND_GLOBAL), "w");
}

#define PYTHON NPKI_OF_PYTHON
#define NUMPY NPKI_OF_NUMPY
#define OF_NO_TYPE "of a Callable of what is not a type"
#define OF_DISPATCHER "that comes back without a socket"

static const struct {
    npki_project of; /* whose releases these are */
    const char *module, *name;
    npki_release since, until;
    bool (*is)(const npki_object *call); /* NULL: each object of the class */
    const char *what;
} forms[] = {
    {PYTHON, "platform", "uname_result", RELEASE(3, 9), NPKI_EVER, has_five, "of five parts"},
    {PYTHON, "datetime", "datetime", RELEASE(3, 6), NPKI_EVER, is_fold_of_datetime, "with a fold"},
    {PYTHON, "datetime", "time", RELEASE(3, 6), NPKI_EVER, is_fold_of_time, "with a fold"},
    {PYTHON, "operator", "or_", RELEASE(3, 10), NPKI_EVER, is_union, "of classes"},
    {PYTHON, "operator", "getitem", RELEASE(3, 11), NPKI_EVER, returns_no_type, OF_NO_TYPE},
    {PYTHON, "operator", "getitem", RELEASE(3, 9), NPKI_EVER, takes_no_type, OF_NO_TYPE},
    {PYTHON, "_operator", "getitem", RELEASE(3, 11), NPKI_EVER, returns_no_type, OF_NO_TYPE},
    {PYTHON, "_operator", "getitem", RELEASE(3, 9), NPKI_EVER, takes_no_type, OF_NO_TYPE},
    {PYTHON, "_operator", "or_", RELEASE(3, 10), NPKI_EVER, is_union, "of classes"},
    {PYTHON, "functools", "reduce", RELEASE(3, 10), NPKI_EVER, is_reduced_union, "of classes, by operator.or_"},
    {PYTHON, "_functools", "reduce", RELEASE(3, 10), NPKI_EVER, is_reduced_union, "of classes, by operator.or_"},
    {PYTHON, "ipaddress", "IPv6Address", RELEASE(3, 9), NPKI_EVER, has_scope, "with a scope"},
    {PYTHON, "builtins", "getattr", RELEASE(3, 4), NPKI_EVER, is_fullmatch, "of a pattern's fullmatch"},
    {PYTHON, "builtins", "bytes", RELEASE(3, 0), NPKI_EVER, has_no_bytes, "of other values than bytes"},
    {PYTHON, "builtins", "iter", RELEASE(3, 0), NPKI_EVER, has_state, "that takes a state"},
    {PYTHON, "configparser", "DuplicateSectionError", RELEASE(3, 2), NPKI_EVER, has_more, "with a source"},
    {PYTHON, "builtins", "BlockingIOError", RELEASE(3, 0), NPKI_EVER, has_less, "with one argument"},
    {PYTHON, "subprocess", "CalledProcessError", RELEASE(3, 5), NPKI_EVER, has_output_and_error, "with a stderr"},
    {PYTHON, "configparser", "ParsingError", NPKI_EVER, RELEASE(2, 7), has_filename, "with a 'filename'"},
    {PYTHON, "configparser", "MissingSectionHeaderError", NPKI_EVER, RELEASE(2, 7), has_filename, "with a 'filename'"},
    {PYTHON, "asyncore", "dispatcher", RELEASE(3, 0), NPKI_EVER, NULL, OF_DISPATCHER},
    {PYTHON, "asyncore", "dispatcher_with_send", RELEASE(3, 0), NPKI_EVER, NULL, OF_DISPATCHER},
    {PYTHON, "asyncore", "file_dispatcher", RELEASE(3, 0), NPKI_EVER, NULL, OF_DISPATCHER},
    {PYTHON, "asynchat", "async_chat", RELEASE(3, 0), NPKI_EVER, NULL, OF_DISPATCHER},
    {PYTHON, "decimal", "Context", RELEASE(3, 3), NPKI_EVER, has_arguments, "with arguments in this order"},
    {PYTHON, "builtins", "UnicodeDecodeError", RELEASE(3, 0), NPKI_EVER, has_text_first_or_fifth, "of such texts"},
    {PYTHON, "builtins", "UnicodeEncodeError", RELEASE(3, 0), NPKI_EVER, has_text_first_or_fifth, "of such texts"},
    {PYTHON, "builtins", "SyntaxError", RELEASE(3, 10), NPKI_EVER, has_six_details, "with the end of the error"},
    {PYTHON, "builtins", "IndentationError", RELEASE(3, 10), NPKI_EVER, has_six_details, "with the end of the error"},
    {PYTHON, "builtins", "TabError", RELEASE(3, 10), NPKI_EVER, has_six_details, "with the end of the error"},
    {PYTHON, "statistics", "NormalDist", NPKI_EVER, RELEASE(3, 9), has_pair, "that takes a dict of slots as its state"},
    {PYTHON, "builtins", "UnicodeTranslateError", RELEASE(3, 0), NPKI_EVER, has_text_fourth, "of such texts"},
    {PYTHON, "http.cookies", "Morsel", RELEASE(3, 8), NPKI_EVER, has_samesite, "with a 'samesite'"},
    {PYTHON, "enum", "IntFlag", NPKI_EVER, RELEASE(3, 10), has_arguments, "of a number"},
    {PYTHON, "array", "array", RELEASE(3, 13), NPKI_EVER, is_w, "of 'w'"},
    {PYTHON, "array", "_array_reconstructor", RELEASE(3, 13), NPKI_EVER, is_w, "of 'w'"},
    {NUMPY, "numpy", "finfo", RELEASE(2, 4), NPKI_EVER, has_no_resolution, "that works out its resolution"},
    {PYTHON, "io", "StringIO", NPKI_EVER, RELEASE(2, 7), has_dict, "with a dict as its state"}, /* StringIO.StringIO */
    {NUMPY, "numpy", "ndindex", RELEASE(2, 4), NPKI_EVER, has_dict, "that goes on as a product"},
    {NUMPY, "numpy", "errstate", NPKI_EVER, RELEASE(1, 26), has_dict, "with a dict as its state"},
    {NUMPY, "numpy", "errstate", RELEASE(2, 0), NPKI_EVER, has_pair, "that takes a dict of slots as its state"},
};

#define FORMS (sizeof forms / sizeof *forms)

/* The rows of a class or function that are about the target: bits. Many objects are of one class. */
static uint64_t rows_of(npk_writer *w, const npk_value *what)
{
    bool added = false;
    uint64_t *known = what->kind != NPK_KIND_GLOBAL
                          ? NULL
                          : npki_map_put(&w->memo, npki_key(NPKI_IS_TOLD, (uint64_t)(uintptr_t)what->u.global), &added);
    for (size_t i = 0; added && i < FORMS; i++) {
        npki_release first = w->target.first[forms[i].of], last = w->target.last[forms[i].of];
        bool differs = first < forms[i].since || (forms[i].until != NPKI_EVER && last > forms[i].until);
        *known |= (uint64_t)(differs && npki_is_global(what, forms[i].module, forms[i].name)) << i;
    }
    return known == NULL ? 0 : *known;
}

_Static_assert(FORMS <= 64, "the rows are bits");

static bool refuses_single(npk_writer *w, const npk_value *value, const npki_object *call)
{
    bool by_object;
    const npk_value *class_ = npki_class_of(call, &by_object);
    const npk_value *what = class_ != NULL ? class_ : call->callable;
    uint64_t left = rows_of(w, what);
    for (size_t i = 0; left != 0; i++, left >>= 1) {
        npki_release first = w->target.first[forms[i].of], last = w->target.last[forms[i].of];
        const bool early = first < forms[i].since;
        if ((left & 1) == 0 || (forms[i].is != NULL && !forms[i].is(call)))
            continue;
        npki_lack why = {.project = forms[i].of,
                         .target = early ? first : last,
                         .since = early ? forms[i].since : NPKI_EVER,
                         .until = forms[i].until};
        npki_refuse_form(w, value, npki_newer_name(what), &why, forms[i].what, "", 0);
        return true;
    }
    return false;
}

/* copyreg._reconstructor(class, base, state), where the target's class is not derived from that base. */
static bool refuses_base(npk_writer *w, const npk_value *value, const npki_object *call)
{
    char what[24] = "<is_";
    npki_lack why;
    const npk_value *base = npki_arg(call, 1), *class_ = npki_arg(call, 0);
    if (!npki_is_global(call->callable, "copyreg", "_reconstructor") || base == NULL || base->kind != NPK_KIND_GLOBAL ||
        class_->kind != NPK_KIND_GLOBAL || base->u.global->name_size > sizeof what - 6)
        return false;
    size_t size = strlen(what) + base->u.global->name_size;
    memcpy(what + strlen(what), base->u.global->name, base->u.global->name_size);
    what[size++] = '>';
    if (npki_class_has(w, class_, what, size, &why))
        return false;
    npki_refuse_form(w, value, npki_newer_name(class_), &why, "derived from ", what + 4, size - 5);
    return true;
}

/* What a named tuple is made of: the fields of its class, however it is called. */
static size_t count_of_fields(const npki_object *call, const npk_value *class_)
{
    if (call->args->kind != NPK_KIND_TUPLE || (call->kwargs != NULL && npki_count_of(call->kwargs) > 0))
        return 0;
    if (class_ == call->callable)
        return npki_count_of(call->args);
    if (npki_is_global(call->callable, "copyreg", "__newobj__"))
        return npki_count_of(call->args) - 1;
    const npk_value *items = npki_arg(call, 2);
    return items != NULL && items->kind == NPK_KIND_TUPLE ? npki_count_of(items) : 0;
}

/* A named tuple of so many fields, where the target's has more or fewer. */
static bool refuses_fields(npk_writer *w, const npk_value *value, const npki_object *call, const npk_value *class_)
{
    char what[] = "<of_00 fields";
    npki_lack why;
    size_t count = count_of_fields(call, class_), at = count < 10 ? 5 : 4;
    if (count == 0 || count > 99)
        return false;
    what[4] = (char)('0' + count / 10);
    what[5] = (char)('0' + count % 10);
    char form[] = {'<', 'o', 'f', '_', what[at], at == 4 ? what[5] : '>', '>'};
    if (npki_class_has(w, class_, form, at == 4 ? 7 : 6, &why))
        return false;
    npki_refuse_form(w, value, npki_newer_name(class_), &why, "of ", what + at, sizeof what - 1 - at);
    return true;
}

/* Whether it is class.__new__(class), without anything else. */
static bool is_made_of_nothing(const npki_object *call, const npk_value *class_, bool remade_by_class)
{
    bool bare = call->args->kind == NPK_KIND_TUPLE && (call->kwargs == NULL || npki_count_of(call->kwargs) == 0);
    bool by_function = npki_is_global(call->callable, "copyreg", "__newobj__");
    return remade_by_class ||
           (bare && (class_ == call->callable || by_function) && npki_count_of(call->args) == (by_function ? 1u : 0u));
}

void npki_check_form(npk_writer *w, const npk_value *value, const npki_object *call, const npki_spelled *spelled)
{
    bool by_object;
    npki_lack why;
    if (!w->translate_names || w->unloadable != NPK_UNLOADABLE_REFUSE || w->error.status != NPK_OK ||
        refuses_single(w, value, call) || refuses_base(w, value, call) || npki_refuses_member(w, value, call))
        return;
    if (is_of_ast(call->callable) && w->target.first[NPKI_OF_PYTHON] < RELEASE(3, 13) && has_arguments(call)) {
        why = (npki_lack){.target = w->target.first[NPKI_OF_PYTHON], .since = RELEASE(3, 13)};
        npki_refuse_form(w, value, npki_newer_name(call->callable), &why, "of such arguments", "", 0);
        return;
    }
    const npk_value *class_ = npki_class_of(call, &by_object);
    bool remade = spelled->moves == of_old_class || spelled->moves == of_old_class_named;
    if (class_ != NULL && !remade && !CLASS_HAS(w, class_, "__new__", &why)) {
        npki_refuse_form(w, value, npki_newer_name(class_), &why, "with a __new__", "", 0);
        return;
    }
    if (class_ != NULL && !remade && is_made_of_nothing(call, class_, by_object && spelled->moves != NULL) &&
        !CLASS_HAS(w, class_, "<bare>", &why)) {
        npki_refuse_form(w, value, npki_newer_name(class_), &why, "made without arguments", "", 0);
        return;
    }
    if (class_ != NULL && refuses_fields(w, value, call, class_))
        return;
    if (class_ == NULL && call->callable->kind == NPK_KIND_GLOBAL)
        class_ = call->callable; /* a class, or a function, of which nothing is known */
    if (class_ != NULL && call->state != NULL && !spelled->whole)
        check_state(w, value, class_, call->state);
}
