#include "text/unicode.h"

/* Unicode 14, as CPython 3.11 has it. Made by tests/gen/printable.py. */
static const struct {
    uint32_t first, last;
} unprintable[] = {
#include "text/printable.inc"
};

bool npki_is_printable(uint32_t character)
{
    if (character >= 0x20 && character < 0x7f)
        return true;
    size_t low = 0, high = sizeof unprintable / sizeof *unprintable;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (character > unprintable[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low == sizeof unprintable / sizeof *unprintable || character < unprintable[low].first;
}
