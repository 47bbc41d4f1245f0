#include "globals/name_table.h"

/* How `size` bytes compare with as many of the text at *text, which goes past those that are the same. */
static int order_of(const char **text, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++, ++*text)
        if (**text != bytes[i] || **text == '\0')
            return (uint8_t) * *text <= (uint8_t)bytes[i] ? -1 : 1;
    return 0;
}

/* How "module name" of a row compares with a name. */
static int order(const npki_name_table *table, size_t row, const npki_global_name *name)
{
    const char *text = table->texts + table->rows[row].at;
    int order = order_of(&text, name->module, name->module_size);
    if (order == 0)
        order = order_of(&text, " ", 1);
    if (order == 0)
        order = order_of(&text, name->name, name->name_size);
    return order != 0 ? order : *text != '\0';
}

bool npki_name_is_at(const npki_name_table *table, size_t row, const npki_global_name *name)
{
    return row < table->count && order(table, row, name) == 0;
}

size_t npki_name_find(const npki_name_table *table, const npki_global_name *name)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (order(table, middle, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return npki_name_is_at(table, low, name) ? low : table->count;
}
