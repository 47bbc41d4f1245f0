#include "globals/typecode.h"

#include <stddef.h>

static const npki_typecode typecodes[] = {
#define TYPECODE(letter_, kind, cpython, cpython32, jython, pythons_, longs_, instead_)                                \
    {.letter = (letter_),                                                                                              \
     .item = NPKI_ITEM_##kind,                                                                                         \
     .width = {(cpython), (cpython32), (jython)},                                                                      \
     .pythons = (pythons_),                                                                                            \
     .longs = (longs_),                                                                                                \
     .instead = (instead_)},
#define HAS_2 NPKI_HAS_2
#define HAS_3 NPKI_HAS_3
#define HAS_J NPKI_HAS_J
#include "globals/typecode.def"
#undef TYPECODE
};

static const npki_machine_format formats[] = {
#define MACHINE(kind, width_, order_, typecode_)                                                                       \
    {.item = NPKI_ITEM_##kind, .width = (width_), .order = (order_), .typecode = (typecode_)},
#include "globals/typecode.def"
#undef MACHINE
};

static const npki_producer producers[NPKI_ARRAY_PRODUCERS] = {
    [NPK_ARRAY_CPYTHON] = {"cpython", NPKI_WIDTHS_CPYTHON, '<'},
    [NPK_ARRAY_CPYTHON32] = {"cpython32", NPKI_WIDTHS_CPYTHON32, '<'},
    [NPK_ARRAY_JYTHON] = {"jython", NPKI_WIDTHS_JYTHON, '>'},
};

#define ROWS(table) (sizeof(table) / sizeof *(table))

const npki_typecode *npki_typecode_of(char letter)
{
    for (size_t i = 0; i < ROWS(typecodes); i++)
        if (typecodes[i].letter == letter)
            return &typecodes[i];
    return NULL;
}

const npki_machine_format *npki_machine_format_of(int64_t code)
{
    return code >= 0 && code < (int64_t)ROWS(formats) ? &formats[code] : NULL;
}

int npki_machine_code(npki_item item, int width, char order)
{
    for (size_t i = 0; i < ROWS(formats); i++)
        if (formats[i].item == item && formats[i].width == width && (width == 1 || formats[i].order == order))
            return (int)i;
    return -1;
}

const npki_producer *npki_producer_of(npk_array_producer producer)
{
    return producer != NPK_ARRAY_GUESS && (size_t)producer < NPKI_ARRAY_PRODUCERS ? &producers[producer] : NULL;
}

const char *npk_array_producer_name(npk_array_producer producer)
{
    const npki_producer *row = npki_producer_of(producer);
    return row != NULL ? row->name : producer == NPK_ARRAY_GUESS ? "guess" : NULL;
}

char npki_item_kind(npki_item item)
{
    static const char kinds[NPKI_ITEMS] = {'i', 'u', 'f', 'b', 'S', 'U'};
    return kinds[item];
}
