#include "text/sink.h"

#include "text/number.h"
#include "text/unicode.h"

#include <stdlib.h>
#include <string.h>

#define PASS_ON ((size_t)64 << 10)
#define KEPT ((size_t)256) /* more than the blanks that may have to go from the end of a line */

void npki_sink_start(npki_sink *out, FILE *file, uint64_t limit)
{
    *out = (npki_sink){.file = file, .left = limit, .status = NPK_OK};
}

void npki_sink_fail(npki_sink *out, npk_status status)
{
    if (out->status == NPK_OK)
        out->status = status;
}

void npki_sink_charge(npki_sink *out, uint64_t bytes)
{
    if (bytes > out->left)
        npki_sink_fail(out, NPK_ERR_LIMIT);
    else
        out->left -= bytes;
}

/* Half as large again at least, so that n bytes cost no more than a few times n. */
static bool grow(npki_sink *out, size_t size)
{
    size_t needed;
    if (__builtin_add_overflow(out->size, size, &needed))
        return false;
    if (needed <= out->room)
        return true;
    size_t room = out->room < SIZE_MAX / 2 ? out->room + out->room / 2 : out->room;
    if (room < needed)
        room = needed;
    if (room < 4096)
        room = 4096;
    char *bytes = realloc(out->bytes, room);
    if (bytes == NULL)
        return false;
    out->bytes = bytes;
    out->room = room;
    return true;
}

char *npki_sink_room(npki_sink *out, uint64_t size)
{
    npki_sink_charge(out, size);
    if (out->status != NPK_OK)
        return NULL;
    if (size > SIZE_MAX || !grow(out, (size_t)size)) {
        npki_sink_fail(out, NPK_ERR_MEMORY);
        return NULL;
    }
    char *room = out->bytes + out->size;
    out->size += (size_t)size;
    return room;
}

void npki_sink_bytes(npki_sink *out, const void *bytes, size_t size)
{
    char *room = npki_sink_room(out, size);
    if (room != NULL && size > 0)
        memcpy(room, bytes, size);
}

void npki_sink_text(npki_sink *out, const char *text)
{
    npki_sink_bytes(out, text, strlen(text));
}

void npki_sink_char(npki_sink *out, char c)
{
    npki_sink_bytes(out, &c, 1);
}

void npki_sink_repeat(npki_sink *out, char c, size_t times)
{
    char *room = npki_sink_room(out, times);
    if (room != NULL && times > 0)
        memset(room, c, times);
}

void npki_sink_int(npki_sink *out, int64_t value)
{
    char text[21];
    npki_sink_bytes(out, text, npki_print_int64(value, text));
}

void npki_sink_uint(npki_sink *out, uint64_t value)
{
    char text[21];
    npki_sink_bytes(out, text, npki_print_uint64(value, text));
}

void npki_sink_repr_str(npki_sink *out, const void *utf8, size_t size)
{
    char *room = npki_sink_room(out, npki_repr_str(utf8, size, NULL));
    if (room != NULL)
        (void)npki_repr_str(utf8, size, (uint8_t *)room);
}

void npki_sink_repr_bytes(npki_sink *out, const void *bytes, size_t size)
{
    char *room = npki_sink_room(out, npki_repr_bytes(bytes, size, NULL));
    if (room != NULL)
        (void)npki_repr_bytes(bytes, size, (uint8_t *)room);
}

void npki_sink_safe(npki_sink *out, const void *text, size_t size)
{
    if (npki_utf8_check(text, size) != size) {
        npki_sink_repr_bytes(out, text, size);
        return;
    }
    size_t start = out->size;
    npki_sink_repr_str(out, text, size);
    if (out->status != NPK_OK)
        return;
    /* the quotes go */
    memmove(out->bytes + start, out->bytes + start + 1, out->size - start - 2);
    out->size -= 2;
}

void npki_sink_cut(npki_sink *out, size_t size)
{
    if (size < out->size)
        out->size = size;
}

void npki_sink_cut_blanks(npki_sink *out)
{
    while (out->size > 0 && out->bytes[out->size - 1] == ' ')
        out->size--;
}

void npki_sink_break(npki_sink *out, size_t at, size_t indent)
{
    size_t end = at, moved = out->size - at;
    if (npki_sink_room(out, (uint64_t)indent + 1) == NULL)
        return;
    while (end > 0 && out->bytes[end - 1] == ' ')
        end--;
    memmove(out->bytes + end + 1 + indent, out->bytes + at, moved);
    out->bytes[end] = '\n';
    memset(out->bytes + end + 1, ' ', indent);
    out->size = end + 1 + indent + moved;
}

static void hand_on(npki_sink *out, size_t size)
{
    if (out->status != NPK_ERR_IO && size > 0 && fwrite(out->bytes, 1, size, out->file) != size)
        npki_sink_fail(out, NPK_ERR_IO);
    out->size -= size;
    if (size > 0)
        memmove(out->bytes, out->bytes + size, out->size);
}

void npki_sink_pass(npki_sink *out)
{
    if (out->held == 0 && out->size >= PASS_ON)
        hand_on(out, out->size - KEPT);
}

npk_status npki_sink_finish(npki_sink *out)
{
    hand_on(out, out->size);
    free(out->bytes);
    out->bytes = NULL;
    out->room = 0;
    return out->status;
}

size_t npki_sink_characters(const char *text, size_t size)
{
    size_t characters = 0;
    for (size_t i = 0; i < size; i++)
        characters += ((unsigned char)text[i] & 0xc0) != 0x80;
    return characters;
}
