/* Payloads outside the pickle: protocol 5, out of band. */
#include "reader/build.h"

#include <inttypes.h>

/* How many more of them the rest of the pickle refers to. *whole: it was seen up to its STOP. The source moves on. */
static uint64_t count_rest(npki_builder *b, bool *whole)
{
    npki_source *source = b->source;
    npk_instruction in;
    uint64_t count = 0;
    size_t needed;
    npk_status reading;
    *whole = false;
    while (!*whole) {
        npk_status status = npki_decode(source->at, (size_t)(source->end - source->at), &in, &needed);
        if (status == NPK_ERR_TRUNCATED && npki_read_more(source, needed, &reading, NULL))
            continue;
        if (status != NPK_OK)
            break;
        npki_source_pass(source, (size_t)in.end);
        count += in.opcode->action == NPKI_DO_BUFFER;
        *whole = in.opcode->action == NPKI_DO_STOP;
    }
    return count;
}

static npk_status no_buffer(npki_builder *b)
{
    bool whole = false;
    uint64_t count = b->doc->info.buffers + 1;
    if (!b->keeps_malformed) /* else the rest is read */
        count += count_rest(b, &whole);
    return npki_build_fail(b, NPK_ERR_STACK,
                           "expected %s%" PRIu64 " buffer%s from outside the pickle, found %" PRIu64
                           ": give them in order (npk_read_options.buffers, --buffer=FILE)",
                           whole ? "" : "at least ", count, count == 1 ? "" : "s", b->doc->info.buffers);
}

npk_status npki_do_buffer(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    if (b->next_buffer == b->buffer_count)
        return no_buffer(b);
    const npk_buffer *buffer = &b->buffers[b->next_buffer++];
    npk_value *value = npki_value_new(b->site.arena, NPK_KIND_BUFFER);
    b->doc->info.buffers++;
    if (value != NULL) {
        value->u.text.bytes = buffer->bytes != NULL ? buffer->bytes : (const void *)"";
        value->u.text.size = buffer->size;
        value->flags = (uint8_t)(NPKI_UNHASHABLE | (buffer->readonly ? NPKI_IS_READONLY : 0));
    }
    return npki_push(b, value);
}

npk_status npki_do_readonly(npki_builder *b, const npk_instruction *in)
{
    (void)in;
    npk_status status = npki_need(b, 1);
    if (status != NPK_OK)
        return status;
    npk_value *value = npki_peek(b, 0);
    if (value->kind != NPK_KIND_BUFFER)
        return npki_wrong_kind(b, value, "READONLY_BUFFER takes a buffer");
    if ((value->flags & NPKI_IS_READONLY) != 0)
        return NPK_OK;
    npki_view *view = npki_arena_take(b->site.arena, sizeof *view); /* the buffer itself stays writable */
    if (view == NULL)
        return npki_site_full(&b->site);
    *view = (npki_view){.value = *value, .of = value};
    view->value.flags = NPKI_UNHASHABLE | NPKI_IS_READONLY | NPKI_IS_VIEW;
    view->value.history = 0;
    b->height--;
    return npki_push(b, &view->value);
}
