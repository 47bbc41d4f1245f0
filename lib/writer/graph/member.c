/* What a target's class has: its forms, as lib/globals/library.def has them, an attribute that getattr() looks for, a
 * number that an enum is made of. */
#include "writer/graph/graph.h"

#include "globals/library.h"
#include "text/number.h"

#include <string.h>

bool npki_name_has(const npk_writer *w, npki_global_name name, const char *what, size_t size, npki_lack *why)
{
    char dotted[NPKI_LONGEST_NESTED];
    npki_global_name moved = name, other;
    if (npki_target_has(&w->target, &moved, why))
        name = moved;
    if (name.name_size + 1 + size > sizeof dotted)
        return true;
    memcpy(dotted, name.name, name.name_size);
    dotted[name.name_size] = '.';
    memcpy(dotted + name.name_size + 1, what, size);
    name.name = dotted;
    name.name_size += 1 + size;
    static const char random[] = "numpy.random.mtrand"; /* of NumPy, only its RandomState is looked for */
    bool is_random = name.module_size == sizeof random - 1 && memcmp(name.module, random, sizeof random - 1) == 0;
    return is_random
               ? npki_target_has(&w->target, &name, why)
               : npki_library_has(&name, w->target.first[NPKI_OF_PYTHON], w->target.last[NPKI_OF_PYTHON], why, &other);
}

/* Many objects are of one class: that it has something is looked up once. */
bool npki_class_has(npk_writer *w, const npk_value *class_, const char *what, size_t size, npki_lack *why)
{
    const uint64_t address = (uint64_t)(uintptr_t)class_->u.global, hash = npki_hash_bytes(w->memo.seed, what, size);
    bool added;
    uint64_t *known = npki_map_put(&w->memo, npki_key(NPKI_IS_HAD, address ^ hash), &added);
    if (known != NULL && *known != 0)
        return true;
    const bool has = npki_name_has(w, npki_newer_name(class_), what, size, why);
    if (known != NULL)
        *known = has;
    return has;
}

const npk_value *npki_class_of(const npki_object *call, bool *by_object)
{
    const npk_opcode *row = npk_opcode_row(call->opcode);
    const npk_value *class_ = call->callable;
    *by_object = npki_is_global(call->callable, "copyreg", "_reconstructor");
    if (row->action == NPKI_DO_REDUCE) {
        if (call->args->kind != NPK_KIND_TUPLE || npki_count_of(call->args) == 0)
            return NULL;
        if (!*by_object && !npki_is_global(call->callable, "copyreg", "__newobj__") &&
            !npki_is_global(call->callable, "copyreg", "__newobj_ex__"))
            return NULL;
        class_ = npki_item_of(call->args, 0);
    } else if (row->action == NPKI_DO_INST || row->action == NPKI_DO_OBJ) {
        return NULL;
    }
    return class_->kind == NPK_KIND_GLOBAL ? class_ : NULL;
}

void npki_refuse_form(npk_writer *w, const npk_value *value, npki_global_name name, const npki_lack *why,
                      const char *what, const char *text, size_t size)
{
    npki_release release = why->target;
    const char *project = why->project == NPKI_OF_PYTHON ? "Python" : "NumPy";
    npki_lack all;
    npki_global_name thing = name;
    w->refused = value;
    if (!npki_target_has(&w->target, &thing, &all)) /* in no form at all */
        npki_refuse(w, value, name, &all);
    else if (why->since != NPKI_EVER)
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "%s %d.%d has no %.*s.%.*s %s%.*s, which came with %d.%d", project,
                         (int)(release >> 8), (int)(release & 0xff), (int)name.module_size, name.module,
                         (int)name.name_size, name.name, what, (int)size, text, (int)(why->since >> 8),
                         (int)(why->since & 0xff));
    else
        npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "%s after %d.%d has no %.*s.%.*s %s%.*s", project,
                         (int)(why->until >> 8), (int)(why->until & 0xff), (int)name.module_size, name.module,
                         (int)name.name_size, name.name, what, (int)size, text);
}

/* --- getattr(owner, "name"): a method, or a class inside another, below protocol 4 --- */

#define NAME(module, name)                                                                                             \
    {                                                                                                                  \
        (module), sizeof(module) - 1, (name), sizeof(name) - 1                                                         \
    }

static const npki_global_name builtin_classes[] = {
    [NPK_KIND_BOOL] = NAME("builtins", "bool"),
    [NPK_KIND_INT] = NAME("builtins", "int"),
    [NPK_KIND_FLOAT] = NAME("builtins", "float"),
    [NPK_KIND_COMPLEX] = NAME("builtins", "complex"),
    [NPK_KIND_STR] = NAME("builtins", "str"),
    [NPK_KIND_BYTES] = NAME("builtins", "bytes"),
    [NPK_KIND_LIST] = NAME("builtins", "list"),
    [NPK_KIND_BYTEARRAY] = NAME("builtins", "bytearray"),
    [NPK_KIND_TUPLE] = NAME("builtins", "tuple"),
    [NPK_KIND_DICT] = NAME("builtins", "dict"),
    [NPK_KIND_FROZENSET] = NAME("builtins", "frozenset"),
    [NPK_KIND_SET] = NAME("builtins", "set"),
};

/* The class that has the attribute, without a module where nothing is known of it. */
static npki_global_name class_of_owner(const npk_value *owner)
{
    bool by_object;
    if (owner->kind == NPK_KIND_GLOBAL)
        return npki_newer_name(owner);
    if (owner->kind == NPK_KIND_OBJECT) {
        const npk_value *class_ = npki_class_of(owner->u.object, &by_object);
        if (class_ == NULL && owner->u.object->callable->kind == NPK_KIND_GLOBAL)
            class_ = owner->u.object->callable;
        if (class_ != NULL && npki_is_global(class_, "numpy.random._pickle", "__randomstate_ctor"))
            return (npki_global_name)NAME("numpy.random.mtrand", "RandomState");
        return class_ != NULL ? npki_newer_name(class_) : (npki_global_name){.module = NULL};
    }
    bool known = (size_t)owner->kind < sizeof builtin_classes / sizeof *builtin_classes;
    return known ? builtin_classes[owner->kind] : (npki_global_name){.module = NULL};
}

static bool refuses_attribute(npk_writer *w, const npk_value *value, const npki_object *call)
{
    npki_lack why;
    const char *text;
    size_t size;
    if (!npki_is_global(call->callable, "builtins", "getattr") || !npki_is_tuple_of(call->args, 2) ||
        !npki_text_of(npki_item_of(call->args, 1), &text, &size) || memchr(text, '.', size) != NULL)
        return false;
    npki_global_name class_ = class_of_owner(npki_item_of(call->args, 0));
    if (class_.module == NULL || npki_name_has(w, class_, text, size, &why))
        return false;
    npki_refuse_form(w, value, class_, &why, "with the attribute ", text, size < 40 ? size : 40);
    return true;
}

/* --- enums, which are called with a number --- */

static bool refuses_number(npk_writer *w, const npk_value *value, const npki_object *call)
{
    npki_lack why;
    int64_t number;
    char text[1 + 21 + 1] = "<";
    bool one = call->callable->kind == NPK_KIND_GLOBAL && npki_is_tuple_of(call->args, 1) &&
               npk_value_as_int64(npki_item_of(call->args, 0), &number) && number >= 0;
    if (!one)
        return false;
    size_t size = 1 + npki_print_int64(number, text + 1);
    text[size++] = '>';
    if (npki_name_has(w, npki_newer_name(call->callable), text, size, &why))
        return false;
    npki_refuse_form(w, value, npki_newer_name(call->callable), &why, "of the number ", text + 1, size - 2);
    return true;
}

bool npki_refuses_member(npk_writer *w, const npk_value *value, const npki_object *call)
{
    return refuses_attribute(w, value, call) || refuses_number(w, value, call);
}
