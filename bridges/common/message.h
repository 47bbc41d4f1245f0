/* Pickles as messages: a frame around them says how long they are. */
#ifndef BRIDGES_MESSAGE_H
#define BRIDGES_MESSAGE_H

#include "peer.h"

/* Writes what is to be sent: one value. It is called twice where that is long, and must write the same again. */
typedef npk_status message_body(npk_writer *writer, void *context);

/* A message_body; context: the npk_value that is sent. */
npk_status message_value(npk_writer *writer, void *context);

/* The same, but that a plain array is written as one of ours is: its elements can go outside of the pickle, or are a
 * str for Python 2, however they were spelled before. */
npk_status message_array(npk_writer *writer, void *context);

/* A message_body; context: a text. ValueError(text), for who waits for an answer to what can't be read. */
npk_status message_value_error(npk_writer *writer, void *context);

/* All of a pickle, which the body writes, to a sink. */
npk_status message_write(message_body *body, void *context, const npk_write_options *options, npk_write_function *sink,
                         void *sink_context, npk_error *error);

/* The frame in front of a body of so many bytes: how many of `header` it takes, which has MESSAGE_HEADER_MAX; 0: it
 * can't be said (peer_fail). */
#define MESSAGE_HEADER_MAX 1024
#define MESSAGE_TAIL_MAX 8
typedef size_t message_frame(struct peer *peer, void *context, uint64_t size, uint8_t *header);

/* A message in both halves. */
struct message {
    message_frame *frame;
    void *frame_context;
    npk_write_function *look; /* is given all of the body before the frame is asked for, or NULL: a digest */
    void *look_context;
    message_body *body;
    void *body_context;
    const npk_write_options *options; /* of the pickle, or NULL */
    const char *tail; /* what ends the frame behind the body: at most MESSAGE_TAIL_MAX characters, or NULL */
};

/* The body is counted first, and then written to the socket: nothing of it is held but the first 64 KiB, so that a
 * short message is one write. False: peer->error. */
bool message_send(struct peer *peer, const struct message *message);

/* Loads the `size` bytes of peer->room that begin at `from`, of which `buffers` are all the payloads outside. The
 * document borrows them until the next message. Limits: those of the peer, beside the library's own;
 * NPK_PYTHON2_STR_ASCII. NULL: peer->error. */
npk_doc *message_load(struct peer *peer, size_t from, size_t size, const npk_buffer *buffers, size_t count);

/* The options of an answer: protocol and dialect of the question. What comes of another pickle than that sets
 * translate_names as well, which looks up each name; those of the question are right already. */
npk_write_options message_options_for(const npk_doc *question);

/* The same, but that `take` is offered the payloads: protocol 5, which no dialect of Python 2 has, and the names of its
 * Python. */
void message_outside(npk_write_options *options, npk_buffer_function *take, void *context);

#endif
