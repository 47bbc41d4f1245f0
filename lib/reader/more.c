/* More input for an instruction that is not whole yet. */
#include "reader/build.h"

#include <string.h>

/* As npki_source_more, for an instruction of lines: it is whole when a line has ended, at the earliest. Looks at
 * each byte once. */
static bool read_line(npki_source *source, npk_status *status, npk_error *error)
{
    size_t seen;
    do {
        seen = (size_t)(source->end - source->at);
        if (!npki_source_more(source, seen + 1, status, error))
            return false;
    } while (memchr(source->at + seen, '\n', (size_t)(source->end - source->at) - seen) == NULL);
    return true;
}

bool npki_read_more(npki_source *source, size_t needed, npk_status *status, npk_error *error)
{
    const npk_opcode *opcode = source->at < source->end ? npk_opcode_row(source->at[0]) : NULL;
    if (opcode != NULL && npki_arguments[opcode->argument].form >= NPKI_FORM_LINE)
        return read_line(source, status, error);
    return npki_source_more(source, needed, status, error);
}
