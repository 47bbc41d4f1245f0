/* What is described here is the behaviour of numpy/_core/arrayprint.py, _extendLine_pretty. */
#include "print/line.h"

#include <string.h>

static bool fits(const npki_line_layout *layout, size_t width)
{
    return (int64_t)(layout->used + width) <= layout->room || layout->used <= layout->indent;
}

static const char *line_end(const char *line, const char *end)
{
    const char *next = memchr(line, '\n', (size_t)(end - line));
    return next == NULL ? end : next;
}

/* A word of several lines, which is the repr of an array in an array: they stand below each other, all as wide as the
 * widest. */
static void place_lines(npki_line_layout *layout, npki_sink *out, const char *text, const char *end)
{
    size_t widest = 0, width = 0;
    const char *line, *next;
    for (line = text; line <= end; line = next + 1) {
        next = line_end(line, end);
        width = npki_sink_characters(line, (size_t)(next - line));
        widest = width > widest ? width : widest;
    }
    if (!fits(layout, widest)) {
        npki_sink_break(out, out->size, layout->indent);
        layout->used = layout->indent;
    }
    for (line = text; line <= end; line = next + 1) {
        next = line_end(line, end);
        if (line != text)
            npki_sink_break(out, out->size, layout->used);
        npki_sink_bytes(out, line, (size_t)(next - line));
    }
    npki_sink_repeat(out, ' ', widest - width);
    layout->used += widest;
}

void npki_line_place(npki_line_layout *layout, npki_sink *out)
{
    if (out->status != NPK_OK)
        return;
    size_t size = out->size - layout->word, width;
    const char *word = out->bytes + layout->word;
    if (line_end(word, word + size) != word + size) {
        char *copy = npki_sink_allocate(out, size, NPKI_SINK_FREE);
        if (copy == NULL)
            return;
        memcpy(copy, word, size);
        npki_sink_cut(out, layout->word);
        place_lines(layout, out, copy, copy + size);
        npki_free(&out->allocator, copy, size);
        return;
    }
    width = npki_sink_characters(word, size);
    if (!fits(layout, width)) {
        npki_sink_break(out, layout->word, layout->indent);
        layout->used = layout->indent;
    }
    layout->used += width;
}

void npki_line_measure(npki_line_layout *layout, const npki_sink *out)
{
    if (out->status != NPK_OK)
        return;
    const char *word = out->bytes + layout->word, *end = out->bytes + out->size, *line = end;
    while (line > word && line[-1] != '\n')
        line--;
    layout->used = npki_sink_characters(line, (size_t)(end - line)) + (line == word ? layout->used : 0);
}
