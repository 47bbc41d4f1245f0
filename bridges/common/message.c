#include "message.h"

#include <inttypes.h>
#include <string.h>

npk_status message_value(npk_writer *writer, void *context)
{
    return npk_write_value(writer, context);
}

npk_status message_array(npk_writer *writer, void *context)
{
    const npk_value *value = context;
    npk_array array;
    npk_error error;
    const bool plain = npk_array_of(value, &array, &error) == NPK_OK &&
                       strcmp(npk_array_class(value), "numpy.ndarray") == 0 && npk_value_calls(value) == NULL &&
                       !npk_dtype_has_object(array.dtype);
    return plain ? npk_write_array(writer, &array) : npk_write_value(writer, value);
}

npk_status message_value_error(npk_writer *writer, void *context)
{
    npk_write_begin_call(writer);
    npk_write_global(writer, "builtins", "ValueError");
    npk_write_begin_tuple(writer, 1);
    npk_write_str(writer, context);
    npk_write_end(writer);
    return npk_write_end(writer);
}

npk_status message_write(message_body *body, void *context, const npk_write_options *options, npk_write_function *sink,
                         void *sink_context, npk_error *error)
{
    npk_writer *writer = NULL;
    npk_status status = npk_writer_callback(sink, sink_context, options, &writer, error);
    if (status != NPK_OK)
        return status;
    (void)body(writer, context); /* what is wrong npk_writer_finish says */
    return npk_writer_finish(writer, error);
}

npk_write_options message_options_for(const npk_doc *question)
{
    npk_write_options options = {0};
    npk_write_options_for(question, &options);
    return options;
}

void message_outside(npk_write_options *options, npk_buffer_function *take, void *context)
{
    options->protocol_given = true;
    options->protocol = 5;
    options->translate_names = true;
    if (npk_dialect_is_python2(options->dialect))
        options->dialect = NPK_DIALECT_DEFAULT;
    options->buffer = take;
    options->buffer_context = context;
}

npk_doc *message_load(struct peer *peer, size_t from, size_t size, const npk_buffer *buffers, size_t count)
{
    const npk_read_options options = {.buffers = buffers, .buffer_count = count};
    npk_doc *doc = NULL;
    npk_doc_info info;
    npk_error error;
    const npk_status status = npk_doc_load_memory(peer->room + from, size, &options, &doc, &error);
    if (status == NPK_ERR_MEMORY)
        peer_starve(peer, "%s", error.message);
    else if (status != NPK_OK)
        peer_fail(peer, "%s", error.message);
    else if (npk_doc_info_of(doc, &info) && info.buffers == count)
        return doc;
    else
        peer_fail(peer, "expected %" PRIu64 " buffers beside the pickle, found %zu", info.buffers, count);
    npk_doc_free(doc);
    return NULL;
}

/* --- sending --- */

#define HELD 65536

struct sending {
    struct peer *peer;
    const struct message *message;
    uint64_t size;                                               /* of the body, or of what is held of it */
    uint8_t bytes[MESSAGE_HEADER_MAX + HELD + MESSAGE_TAIL_MAX]; /* with room for the frame on both sides */
};

/* What goes by a writer first: counted, looked at, and held as long as there is room. */
static int count_and_hold(void *context, const void *bytes, size_t size)
{
    struct sending *pass = context;
    if (pass->size + size <= HELD)
        memcpy(pass->bytes + MESSAGE_HEADER_MAX + pass->size, bytes, size);
    pass->size += size;
    return pass->message->look == NULL ? 0 : pass->message->look(pass->message->look_context, bytes, size);
}

static bool write_body(struct peer *peer, const struct message *message, npk_write_function *sink, void *context)
{
    npk_error error;
    return message_write(message->body, message->body_context, message->options, sink, context, &error) == NPK_OK ||
           peer_write_failed(peer, &error);
}

/* And then, where that was not all: small pieces wait, and go out together with the next large one, from where that
 * lies. */
static int gather(void *context, const void *bytes, size_t size)
{
    struct sending *pass = context;
    const size_t held = (size_t)pass->size;
    if (size <= HELD - held) {
        memcpy(pass->bytes + held, bytes, size);
        pass->size += size;
        return 0;
    }
    pass->size = 0;
    return peer_sink_both(pass->peer, pass->bytes, held, bytes, size);
}

bool message_send(struct peer *peer, const struct message *message)
{
    struct sending pass; /* its bytes are not worth clearing */
    uint8_t header[MESSAGE_HEADER_MAX], *start = pass.bytes + MESSAGE_HEADER_MAX;
    const size_t tail = message->tail == NULL ? 0 : strlen(message->tail);
    pass.peer = peer;
    pass.message = message;
    pass.size = 0;
    if (!write_body(peer, message, count_and_hold, &pass))
        return false;
    const size_t framed = message->frame(peer, message->frame_context, pass.size, header);
    if (framed == 0)
        return false;
    if (pass.size <= HELD) {
        start -= framed;
        memcpy(start, header, framed);
        pass.size += framed;
    } else {
        start = pass.bytes;
        memcpy(start, header, framed);
        pass.size = framed;
        if (!write_body(peer, message, gather, &pass))
            return false;
    }
    if (tail > 0)
        memcpy(start + pass.size, message->tail, tail);
    return peer_write(peer, start, (size_t)pass.size + tail);
}
