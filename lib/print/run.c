#include "print/run.h"

#include "text/number.h"
#include "text/quote.h"
#include "value/value.h"

/* Bytes that an item may need, and what stands before it. */
#define LONGEST_TEXT ((size_t)64)
#define LONGEST_ITEM ((size_t)128)
_Static_assert(2 + LONGEST_TEXT + NPKI_SHORT_QUOTE <= LONGEST_ITEM && 2 + NPKI_REPR_DOUBLE <= LONGEST_ITEM,
               "an item fits");

/* Returns how many bytes it has; 0: it is none of these, or is not printed at once. */
static size_t put(char *to, const npk_value *value)
{
    if ((value->history & NPKI_WAS_CALLED) != 0)
        return 0;
    switch ((npk_kind)value->kind) {
    case NPK_KIND_NONE:
        memcpy(to, "None", 4);
        return 4;
    case NPK_KIND_BOOL:
        memcpy(to, value->u.boolean ? "True" : "False", 5);
        return value->u.boolean ? 4 : 5;
    case NPK_KIND_INT:
        return (value->flags & NPKI_IS_LONG) == 0 ? npki_print_int64(value->u.integer, to) : 0;
    case NPK_KIND_FLOAT:
        return (value->flags & NPKI_IS_SHARED) == 0 ? npki_repr_double(value->u.real, to) : 0;
    case NPK_KIND_STR:
        return value->encoding == NPK_ENCODING_RAW && value->u.text.size <= LONGEST_TEXT
                   ? npki_quote_short(to, '\'', value->u.text.bytes, (size_t)value->u.text.size)
                   : 0;
    default:
        return 0;
    }
}

void npki_print_run(npki_sink *out, npki_print_frame *top, int parts)
{
    const size_t count = npki_count_of(top->value);
    if (top->own_end > 0 || out->fixed || out->bytes == NULL)
        return;
    while (top->next < count && out->room - out->size >= LONGEST_ITEM && out->left >= LONGEST_ITEM) {
        const bool first = top->next == 0;
        char *to = out->bytes + out->size;
        memcpy(to, parts == 2 && top->next % 2 == 1 ? ": " : ", ", 2);
        size_t size = put(first ? to : to + 2, npki_item_of(top->value, top->next));
        if (size == 0)
            return;
        size += first ? 0 : 2;
        out->size += size;
        out->added += size;
        out->left -= size;
        top->next++;
    }
    npki_sink_pass(out);
}
