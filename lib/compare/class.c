/* The classes of two arrays, or of two scalars. */
#include "compare/array.h"

#include "globals/rename.h"

#include <string.h>

typedef struct class_text {
    const char *text;
    size_t size;
} class_text;

static void say_classes(npki_compare *c, class_text left, class_text right)
{
    npki_sink *out = npki_compare_differ(c);
    if (out == NULL)
        return;
    npki_sink_text(out, "class: ");
    npki_compare_add(out, left.text, left.size, 100);
    npki_sink_text(out, " / ");
    npki_compare_add(out, right.text, right.size, 100);
    npki_compare_report(c);
}

/* A scalar is one of its dtype's class: of a void that may be numpy.record. */
static class_text class_of_scalar(const npk_dtype *dtype)
{
    return dtype->class_name == NULL ? (class_text){"void", 4}
                                     : (class_text){dtype->class_name, dtype->class_name_size};
}

void npki_compare_scalar_classes(npki_compare *c, const npk_dtype *a, const npk_dtype *b)
{
    const class_text left = class_of_scalar(a), right = class_of_scalar(b);
    const bool both = npk_dtype_type(a) == NPK_VOID && npk_dtype_type(b) == NPK_VOID;
    if (both && (left.size != right.size || memcmp(left.text, right.text, left.size) != 0))
        say_classes(c, left, right);
}

/* "module.name" as Python 3 and the newest NumPy have it. */
static npki_global_name newest_class(const char *class_name)
{
    const char *dot = strrchr(class_name, '.');
    size_t size = dot == NULL ? 0 : (size_t)(dot - class_name), from = dot == NULL ? 0 : size + 1;
    npki_global_name name = {class_name, size, class_name + from, strlen(class_name + from)};
    npki_rename_python(NPKI_TO_NEWER, &name);
    npki_rename_numpy(NPKI_TO_NEWER, &name);
    return name;
}

static bool is_same_class(const char *left, const char *right)
{
    if (left == NULL || right == NULL || strcmp(left, right) == 0)
        return true;
    npki_global_name a = newest_class(left), b = newest_class(right);
    return a.module_size == b.module_size && a.name_size == b.name_size &&
           memcmp(a.module, b.module, a.module_size) == 0 && memcmp(a.name, b.name, a.name_size) == 0;
}

bool npki_compare_classes(npki_compare *c, const char *left, const char *right)
{
    const bool same = is_same_class(left, right);
    if (!same)
        say_classes(c, (class_text){left, strlen(left)}, (class_text){right, strlen(right)});
    return same;
}
