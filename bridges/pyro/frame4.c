#include "frame4.h"

#include "bytes.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define VERSION 48
#define HEADER 24
#define MAGIC 0x34e9
#define DIGEST 20

/* --- HMAC: SHA1 of the data, then of the other annotations in the order of their names --- */

struct digest {
    EVP_MAC *algorithm;
    EVP_MAC_CTX *state;
    bool good;
};

static void digest_begin(struct digest *digest, const char *key)
{
    char name[] = "SHA1";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", name, 0), OSSL_PARAM_construct_end()};
    digest->algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    digest->state = digest->algorithm == NULL ? NULL : EVP_MAC_CTX_new(digest->algorithm);
    digest->good =
        digest->state != NULL && EVP_MAC_init(digest->state, (const uint8_t *)key, strlen(key), parameters) == 1;
}

static int digest_look(void *context, const void *bytes, size_t size)
{
    struct digest *digest = context;
    digest->good = digest->good && EVP_MAC_update(digest->state, bytes, size) == 1;
    return 0;
}

#define NO_DIGEST "libcrypto has no HMAC with SHA1, or not enough memory"

static bool digest_end(struct digest *digest, uint8_t out[DIGEST])
{
    size_t length = 0;
    bool good = digest->good && EVP_MAC_final(digest->state, out, &length, DIGEST) == 1 && length == DIGEST;
    EVP_MAC_CTX_free(digest->state);
    EVP_MAC_free(digest->algorithm);
    return good;
}

/* --- reading --- */

static unsigned checksum(const struct frame4 *frame, uint64_t size, size_t annotations)
{
    return (frame->type + VERSION + (unsigned)size + (unsigned)annotations + frame->serializer + frame->flags +
            frame->sequence + MAGIC) &
           0xffff;
}

struct annotation {
    const uint8_t *name; /* four bytes */
    const uint8_t *bytes;
    size_t size;
};
#define ANNOTATIONS 32

/* Those of a frame, in the order of their names. False: peer->error. */
static bool split(struct peer *peer, size_t size, struct annotation list[ANNOTATIONS], size_t *count)
{
    const uint8_t *at = peer->room, *end = at + size;
    for (*count = 0; at < end; at += 6 + get16(at + 4)) {
        if (end - at < 6 || (size_t)(end - at) - 6 < get16(at + 4))
            return peer_fail(peer, "an annotation is longer than the room of all");
        if (*count == ANNOTATIONS)
            return peer_fail(peer, "more than %d annotations", ANNOTATIONS);
        size_t place = (*count)++;
        for (; place > 0 && memcmp(list[place - 1].name, at, 4) > 0; place--)
            list[place] = list[place - 1];
        list[place] = (struct annotation){at, at + 6, get16(at + 4)};
    }
    return true;
}

static bool check_digest(struct peer *peer, const char *key, const struct frame4 *frame)
{
    struct annotation list[ANNOTATIONS];
    const struct annotation *found = NULL;
    uint8_t expected[DIGEST];
    struct digest digest;
    size_t count;
    if (!split(peer, frame->from, list, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        found = memcmp(list[i].name, "HMAC", 4) == 0 ? &list[i] : found;
    if ((found != NULL) != (key != NULL))
        return peer_fail(peer, found == NULL ? "the peer has no HMAC key, and one is set here"
                                             : "the peer has an HMAC key, and none is set here");
    if (key == NULL)
        return true;
    digest_begin(&digest, key);
    digest_look(&digest, peer->room + frame->from, frame->size);
    for (size_t i = 0; i < count; i++)
        if (memcmp(list[i].name, "HMAC", 4) != 0)
            digest_look(&digest, list[i].bytes, list[i].size);
    if (!digest_end(&digest, expected))
        return peer_fail(peer, NO_DIGEST);
    return (found->size == DIGEST && CRYPTO_memcmp(expected, found->bytes, DIGEST) == 0) ||
           peer_fail(peer, "the HMAC is wrong: the peer has another key");
}

bool frame4_receive(struct peer *peer, const char *key, struct frame4 *frame, bool *ended)
{
    uint8_t header[HEADER];
    *frame = (struct frame4){0};
    if (!peer_read_or_end(peer, header, HEADER, ended))
        return false;
    if (memcmp(header, "PYRO", 4) != 0)
        return peer_fail(peer, "expected a message of Pyro4, found something else");
    if (get16(header + 4) != VERSION)
        return peer_fail(peer, "expected version %d of the protocol of Pyro4, found %u", VERSION, get16(header + 4));
    *frame = (struct frame4){get16(header + 6), get16(header + 8), get16(header + 10), get16(header + 16), 0, 0};
    const uint32_t size = get32(header + 12);
    const size_t annotations = get16(header + 18);
    if (checksum(frame, size, annotations) != get16(header + 22))
        return peer_fail(peer, "the checksum of a header is wrong");
    if (size > INT32_MAX)
        return peer_fail(peer, "a message of a negative size");
    frame->from = annotations;
    frame->size = size;
    return peer_read_message(peer, (uint64_t)annotations + size) && check_digest(peer, key, frame);
}

/* --- writing --- */

struct outgoing {
    const struct frame4 *frame;
    struct digest *digest; /* NULL: without a key */
};

static size_t write_header(struct peer *peer, void *context, uint64_t size, uint8_t *header)
{
    const struct outgoing *outgoing = context;
    const struct frame4 *frame = outgoing->frame;
    const size_t annotations = outgoing->digest == NULL ? 0 : 6 + DIGEST;
    if (size > INT32_MAX) {
        peer_fail(peer, "a message of %" PRIu64 " bytes: Pyro4 has no size for more than 2 GiB", size);
        return 0;
    }
    const unsigned fields[] = {VERSION,
                               frame->type,
                               frame->flags,
                               frame->sequence,
                               (unsigned)(size >> 16),
                               (unsigned)size,
                               frame->serializer,
                               (unsigned)annotations,
                               0,
                               checksum(frame, size, annotations)};
    memcpy(header, "PYRO", 4);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        put16(header + 4 + 2 * i, fields[i]);
    if (outgoing->digest == NULL)
        return HEADER;
    memcpy(header + HEADER, "HMAC", 4);
    put16(header + HEADER + 4, DIGEST);
    if (digest_end(outgoing->digest, header + HEADER + 6))
        return HEADER + annotations;
    peer_fail(peer, NO_DIGEST);
    return 0;
}

bool frame4_send(struct peer *peer, const char *key, const struct frame4 *frame, const npk_write_options *options,
                 message_body *body, void *context)
{
    struct digest digest;
    struct outgoing outgoing = {frame, key == NULL ? NULL : &digest};
    const struct message message = {.frame = write_header,
                                    .frame_context = &outgoing,
                                    .look = key == NULL ? NULL : digest_look,
                                    .look_context = &digest,
                                    .body = body,
                                    .body_context = context,
                                    .options = options};
    if (key != NULL)
        digest_begin(&digest, key);
    return message_send(peer, &message);
}

bool frame4_send_bytes(struct peer *peer, const char *key, const struct frame4 *frame, const void *bytes, size_t size)
{
    uint8_t header[MESSAGE_HEADER_MAX];
    struct digest digest;
    struct outgoing outgoing = {frame, key == NULL ? NULL : &digest};
    if (key != NULL) {
        digest_begin(&digest, key);
        digest_look(&digest, bytes, size);
    }
    const size_t framed = write_header(peer, &outgoing, size, header);
    return framed > 0 && peer_write(peer, header, framed) && peer_write(peer, bytes, size);
}
