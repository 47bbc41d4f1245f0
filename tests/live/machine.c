/* usage: machine write PROTOCOL FILE    writes items of the struct in every.h, without its long doubles
 *        machine read FILE              reads what NumPy made of the same items, by the names of the fields
 *
 * For one machine of tests/machines.sh. Says nothing where all is well. */
#include "every.h"

#include <stdio.h>
#include <stdlib.h>

enum { ITEMS = 6 };

EVERY_STRUCT(portable, struct every, EVERY_PORTABLE);

static struct every items[ITEMS], expected[ITEMS];

static int fail(const char *what, const npk_error *error)
{
    fprintf(stderr, "%s: %s\n", what, error->message);
    return 1;
}

static int write_items(int protocol, const char *path)
{
    npk_write_options options = {.protocol_given = true, .protocol = protocol};
    const npk_dtype *dtype = NULL;
    npk_error error;
    memset(items, 0xee, sizeof items); /* which must not be seen in the pickle */
    for (int i = 0; i < ITEMS; i++)
        fill_every(&items[i], i, 1);
    npk_status status = npk_struct_dtype(&portable, NULL, &dtype, &error);
    if (status == NPK_OK)
        status = npk_array_save(path, &NPK_ARRAY_OF(dtype, items, ITEMS), &options, &error);
    npk_dtype_free(dtype);
    return status == NPK_OK ? 0 : fail(path, &error);
}

/* Into all members where the array has all fields. */
static npk_status read_array(const npk_array *array, npk_error *error)
{
    const npk_fields_options options = {.casting = NPK_CAST_SAME_KIND};
    const npk_field *fields;
    size_t count = npk_dtype_fields(array->dtype, &fields);
    bool all = count >= every.count;
    return all ? npk_array_read_structs(array, &every, &options, items, ITEMS, error)
               : npk_array_read_structs(array, &portable, &options, items, ITEMS, error);
}

static int read_items(const char *path)
{
    npk_doc *doc = NULL;
    npk_array array;
    npk_error error;
    int64_t count = 0;
    npk_status status = npk_doc_load(path, NULL, &doc, &error);
    if (status == NPK_OK)
        status = npk_array_of(npk_doc_root(doc), &array, &error);
    if (status == NPK_OK) {
        count = npk_array_count(&array);
        for (int i = 0; i < ITEMS; i++)
            fill_every(&expected[i], i, 1);
        memcpy(items, expected, sizeof items);
        for (int64_t i = 0; i < count && i < ITEMS; i++)
            memset(items + i, 0xee, offsetof(struct every, left_out));
        status = read_array(&array, &error);
    }
    npk_doc_free(doc);
    if (status != NPK_OK)
        return fail(path, &error);
    for (int64_t i = 0; i < count; i++) {
        const char *other = differing_member(&every, &items[i], &expected[i]);
        if (other == NULL)
            continue;
        fprintf(stderr, "%s: item %d: %s\n", path, (int)i, other);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "write") == 0)
        return write_items(atoi(argv[2]), argv[3]);
    if (argc == 3 && strcmp(argv[1], "read") == 0)
        return read_items(argv[2]);
    fprintf(stderr, "usage: machine write PROTOCOL FILE | machine read FILE\n");
    return 2;
}
