#include "connection.h"

#include <string.h>
#include <sys/socket.h>

static void put_big_endian(uint8_t *out, uint64_t value, int size)
{
    for (int i = 0; i < size; i++)
        out[i] = (uint8_t)(value >> 8 * (size - 1 - i));
}

static uint64_t get_big_endian(const uint8_t *bytes, int size)
{
    uint64_t value = 0;
    for (int i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

static size_t frame(struct peer *peer, void *context, uint64_t size, uint8_t *header)
{
    (void)peer;
    (void)context;
    const bool is_long = size > INT32_MAX;
    put_big_endian(header, is_long ? UINT32_MAX : size, 4);
    if (is_long)
        put_big_endian(header + 4, size, 8);
    return is_long ? 12 : 4;
}

bool connection_receive(struct peer *peer, uint64_t *size, bool *ended)
{
    uint8_t header[8];
    if (!peer_read_or_end(peer, header, 4, ended))
        return false;
    *size = get_big_endian(header, 4);
    if (*size == UINT32_MAX) {
        if (!peer_read(peer, header, 8))
            return false;
        *size = get_big_endian(header, 8);
    } else if (*size > INT32_MAX) {
        return peer_fail(peer, "a message of a negative size");
    }
    return peer_read_message(peer, *size);
}

#define CHALLENGE CONNECTION_CHALLENGE

/* Who listens with a key asks for it as soon as somebody connects. False, and peer->error. */
static bool is_message(struct peer *peer, const uint8_t *bytes, size_t size)
{
    return size < sizeof CHALLENGE - 1 || memcmp(bytes, CHALLENGE, sizeof CHALLENGE - 1) != 0 ||
           peer_fail(peer, "the peer asks for a key, and takes no message without one");
}

npk_doc *connection_load(struct peer *peer, uint64_t size)
{
    return is_message(peer, peer->room, (size_t)size) ? message_load(peer, 0, (size_t)size, NULL, 0) : NULL;
}

bool connection_send(struct peer *peer, const npk_write_options *options, message_body *body, void *context)
{
    const struct message message = {.frame = frame, .body = body, .body_context = context, .options = options};
    uint8_t last[4 + sizeof CHALLENGE - 1];
    if (message_send(peer, &message))
        return true;
    /* Why a long message is not taken may stand in what has come. */
    if (recv(peer->fd, last, sizeof last, MSG_DONTWAIT) == (ssize_t)sizeof last)
        (void)is_message(peer, last + 4, sizeof last - 4);
    return false;
}

bool connection_send_bytes(struct peer *peer, const void *bytes, size_t size)
{
    uint8_t all[MESSAGE_HEADER_MAX + CONNECTION_BYTES];
    const size_t framed = frame(peer, NULL, size, all);
    if (size > CONNECTION_BYTES)
        return peer_fail(peer, "%zu bytes are more than %d", size, CONNECTION_BYTES);
    memcpy(all + framed, bytes, size);
    return peer_write(peer, all, framed + size);
}
