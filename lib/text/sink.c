#include "text/sink.h"

#include "base/budget.h"
#include "base/dynbuf.h"
#include "base/map.h"
#include "text/digits.h"
#include "text/number.h"

#include <string.h>

#define PASS_ON ((size_t)64 << 10)
#define LEAST_ROOM ((size_t)1024 - 16) /* most texts are short, and such a block is cheap */
#define KEPT ((size_t)256)             /* more than the blanks that may have to go from the end of a line */

void npki_sink_start(npki_sink *out, const npk_allocator *allocator, npk_write_function *write, void *context,
                     uint64_t limit)
{
    *out = (npki_sink){.write = write, .context = context, .limit = limit, .left = limit};
    out->allocator = npki_allocator(allocator);
}

void npki_sink_start_fixed(npki_sink *out, char *text, size_t size)
{
    *out = (npki_sink){.bytes = text, .room = text != NULL ? size : 0, .fixed = true, .left = UINT64_MAX};
}

void npki_sink_start_staged(npki_sink *out, char *room, size_t size, npk_write_function *write, void *context)
{
    npki_sink_start_fixed(out, room, size);
    out->write = write;
    out->context = context;
}

void npki_sink_fail(npki_sink *out, npk_status status)
{
    if (out->status == NPK_OK)
        out->status = status;
}

void npki_sink_charge(npki_sink *out, uint64_t bytes)
{
    if (bytes > out->left && out->allow != NULL && out->status == NPK_OK) {
        uint64_t more = out->allow(out->what, &out->allocator);
        if (more > UINT64_MAX - out->limit)
            more = UINT64_MAX - out->limit;
        out->limit += more;
        out->left += more;
        out->allow = NULL;
    }
    if (bytes > out->left)
        npki_sink_fail(out, NPK_ERR_LIMIT);
    else
        out->left -= bytes;
}

void npki_sink_expect(npki_sink *out, uint64_t bytes)
{
    uint64_t left = out->left, limit = out->limit;
    npki_sink_charge(out, bytes);
    out->left = left + (out->limit - limit);
}

/* Half as large again at least, so that n bytes cost no more than a few times n. */
static bool grow(npki_sink *out, size_t size)
{
    size_t needed;
    if (__builtin_add_overflow(out->size, size, &needed))
        return false;
    if (needed <= out->room && out->bytes != NULL)
        return true;
    size_t room = out->room < SIZE_MAX / 2 ? out->room + out->room / 2 : out->room;
    if (room < needed)
        room = needed;
    if (room < LEAST_ROOM)
        room = LEAST_ROOM;
    char *bytes = npki_resize(&out->allocator, out->bytes, out->room, room);
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
    out->added += size;
    return room;
}

void *npki_sink_allocate(npki_sink *out, size_t size, npki_sink_price price)
{
    npki_sink_charge(out, price == NPKI_SINK_PAID ? size : 0);
    if (out->status != NPK_OK)
        return NULL;
    void *memory = npki_allocate(&out->allocator, size);
    if (memory == NULL)
        npki_sink_fail(out, NPK_ERR_MEMORY);
    return memory;
}

static void hand_on(npki_sink *out, size_t size)
{
    if (size == 0 || out->status == NPK_ERR_IO)
        return;
    int failed = out->write(out->context, out->bytes, size);
    if (failed != 0) {
        out->status = NPK_ERR_IO; /* also after another failure: nothing more is handed on */
        out->system = failed;
    }
    out->size -= size;
    if (out->size > 0)
        memmove(out->bytes, out->bytes + size, out->size);
}

/* One byte is kept for the NUL. Where something did not fit there is no room any more. */
static void add_fixed(npki_sink *out, const void *bytes, size_t size)
{
    size_t fits = out->room > out->size ? out->room - out->size - 1 : 0;
    if (fits >= size) {
        fits = size;
    } else if (out->room > 0) {
        out->room = out->size + fits + 1;
    }
    if (fits > 0)
        memcpy(out->bytes + out->size, bytes, fits);
    out->size += fits;
    out->added += size;
}

/* The buffer is handed on whenever it is full. */
static void add_staged(npki_sink *out, const uint8_t *bytes, size_t size)
{
    while (size > 0 && out->status == NPK_OK) {
        size_t fits = out->room - out->size < size ? out->room - out->size : size;
        memcpy(out->bytes + out->size, bytes, fits);
        out->size += fits;
        out->added += fits;
        bytes += fits;
        size -= fits;
        if (out->size == out->room)
            hand_on(out, out->size);
    }
}

void npki_sink_add(npki_sink *out, const void *bytes, size_t size)
{
    if (out->fixed) {
        if (out->write != NULL)
            add_staged(out, bytes, size);
        else
            add_fixed(out, bytes, size);
        return;
    }
    char *room = npki_sink_room(out, size);
    if (room != NULL && size > 0)
        memcpy(room, bytes, size);
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

void npki_sink_cut(npki_sink *out, size_t size)
{
    if (size < out->size)
        out->size = size;
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

void npki_sink_pass(npki_sink *out)
{
    if (out->held == 0 && out->write != NULL && !out->fixed && out->size >= PASS_ON)
        hand_on(out, out->size - KEPT);
}

/* --- text that comes again ---------------------------------------------------------------------------------------- */

#define KEPT_LEAST 128u /* bytes that take longer to be printed than to be looked up */

struct npki_kept {
    npki_map places; /* address and how -> 1 + where in the texts its size stands, and behind that the text */
    npki_dynbuf texts;
};

static uint64_t key_of(const void *what, unsigned how)
{
    return (uint64_t)(uintptr_t)what | how;
}

bool npki_sink_again(npki_sink *out, const void *what, unsigned how)
{
    const uint64_t *place = out->kept != NULL ? npki_map_get(&out->kept->places, key_of(what, how)) : NULL;
    if (place == NULL || *place == 0)
        return false;
    const uint8_t *at = out->kept->texts.bytes + *place - 1;
    size_t size;
    memcpy(&size, at, sizeof size);
    npki_sink_bytes(out, at + sizeof size, size);
    return true;
}

static struct npki_kept *kept_of(npki_sink *out)
{
    if (out->kept != NULL)
        return out->kept;
    out->kept = npki_allocate(&out->allocator, sizeof *out->kept);
    if (out->kept != NULL) {
        npki_map_init(&out->kept->places, &out->allocator);
        npki_dynbuf_init(&out->kept->texts, &out->allocator, SIZE_MAX);
    }
    return out->kept;
}

/* Without memory it is not kept. */
void npki_sink_keep(npki_sink *out, const void *what, unsigned how, uint64_t since)
{
    const uint64_t added = out->added - since;
    if (out->fixed || out->status != NPK_OK || added < KEPT_LEAST || added > out->size)
        return;
    struct npki_kept *kept = kept_of(out);
    const size_t size = (size_t)added;
    bool is_new;
    uint64_t *place = kept != NULL ? npki_map_put(&kept->places, key_of(what, how), &is_new) : NULL;
    if (place == NULL || *place != 0)
        return;
    const size_t at = kept->texts.size;
    if (npki_dynbuf_add(&kept->texts, &size, sizeof size) &&
        npki_dynbuf_add(&kept->texts, out->bytes + out->size - size, size))
        *place = at + 1;
}

static void free_kept(npki_sink *out)
{
    if (out->kept == NULL)
        return;
    npki_map_free(&out->kept->places);
    npki_dynbuf_free(&out->kept->texts);
    npki_free(&out->allocator, out->kept, sizeof *out->kept);
    out->kept = NULL;
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

npk_status npki_sink_finish(npki_sink *out)
{
    if (out->fixed && out->write == NULL && out->room > 0)
        out->bytes[out->size] = '\0';
    free_kept(out);
    if (out->budget != NULL)
        npki_budget_add(out->budget, out->limit - out->left);
    out->budget = NULL;
    if (out->write != NULL) {
        hand_on(out, out->size);
        npki_sink_drop(out);
    }
    return out->status;
}

void npki_sink_drop(npki_sink *out)
{
    free_kept(out);
    if (!out->fixed)
        npki_free(&out->allocator, out->bytes, out->room);
    out->bytes = NULL;
    out->size = out->room = 0;
}

size_t npki_sink_characters(const char *text, size_t size)
{
    size_t characters = 0, i = 0;
    for (; size - i >= 8; i += 8) { /* less those that continue one: 10 in the highest bits */
        uint64_t eight = npki_load_eight(text + i), continued = eight >> 7 & ~eight >> 6 & UINT64_C(0x0101010101010101);
        characters += 8 - (continued * UINT64_C(0x0101010101010101) >> 56);
    }
    for (; i < size; i++)
        characters += ((unsigned char)text[i] & 0xc0) != 0x80;
    return characters;
}
