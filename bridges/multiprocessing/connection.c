#include "connection.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <string.h>

/* --- frames: four bytes, big-endian; -1 and eight from 2 GiB on. Connection._send_bytes(), _recv_bytes() --- */

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

bool connection_send(struct peer *peer, const npk_write_options *options, message_body *body, void *context)
{
    const struct message message = {.frame = frame, .body = body, .body_context = context, .options = options};
    return message_send(peer, &message);
}

static bool send_bytes(struct peer *peer, const void *bytes, size_t size)
{
    uint8_t all[256];
    const size_t framed = frame(peer, NULL, size, all);
    memcpy(all + framed, bytes, size);
    return peer_write(peer, all, framed + size);
}

/* --- who is there: deliver_challenge(), answer_challenge(). Until 3.11 the digest is MD5 and has no name; from 3.12 on the challenge names one, and
 * so does the answer, but for MD5 --- */

#define CHALLENGE "#CHALLENGE#"
#define WELCOME "#WELCOME#"
#define FAILURE "#FAILURE#"
#define LONGEST 200 /* of these messages: longer ones mean something else */

static const struct {
    const char *python, *openssl;
} digests[] = {
    {"md5", "MD5"}, {"sha256", "SHA2-256"}, {"sha384", "SHA2-384"}, {"sha3_256", "SHA3-256"}, {"sha3_384", "SHA3-384"}};
enum { DIGESTS = sizeof digests / sizeof *digests };

/* "{sha256}" at the front: which one, and how long that is. Without: MD5. False for one that is not known. */
static bool digest_of(const uint8_t *bytes, size_t size, int *digest, size_t *prefix)
{
    const uint8_t *end = size > 0 && bytes[0] == '{' ? memchr(bytes, '}', size) : NULL;
    *digest = 0;
    *prefix = 0;
    if (end == NULL)
        return true;
    *prefix = (size_t)(end - bytes) + 1;
    for (*digest = 0; *digest < DIGESTS; ++*digest)
        if (strlen(digests[*digest].python) == *prefix - 2 &&
            memcmp(bytes + 1, digests[*digest].python, *prefix - 2) == 0)
            return true;
    return false;
}

static size_t hmac(int digest, const char *key, const uint8_t *bytes, size_t size, uint8_t out[EVP_MAX_MD_SIZE])
{
    size_t length = 0;
    bool good = EVP_Q_mac(NULL, "HMAC", NULL, digests[digest].openssl, NULL, key, strlen(key), bytes, size, out,
                          EVP_MAX_MD_SIZE, &length) != NULL;
    return good ? length : 0;
}

/* A short message of the other side's. */
static bool receive_word(struct peer *peer, uint64_t *size)
{
    const uint64_t limit = peer->limits.message;
    bool ended = false;
    peer->limits.message = LONGEST;
    bool good = connection_receive(peer, size, &ended);
    peer->limits.message = limit;
    if (ended)
        return peer_fail(peer, "the peer went away before it said who it is");
    return good;
}

static bool ask(struct peer *peer, const char *key)
{
    static const char prefix[] = CHALLENGE "{sha256}";
    uint8_t challenge[sizeof prefix - 1 + 40], expected[EVP_MAX_MD_SIZE];
    const uint8_t *asked = challenge + sizeof CHALLENGE - 1;
    const size_t asked_size = sizeof challenge - (sizeof CHALLENGE - 1);
    uint64_t size;
    size_t named;
    int digest;
    memcpy(challenge, prefix, sizeof prefix - 1);
    if (RAND_bytes(challenge + sizeof prefix - 1, 40) != 1)
        return peer_fail(peer, "no random bytes");
    if (!send_bytes(peer, challenge, sizeof challenge) || !receive_word(peer, &size))
        return false;
    bool good = digest_of(peer->room, (size_t)size, &digest, &named);
    const size_t length = good ? hmac(digest, key, asked, asked_size, expected) : 0;
    good = good && length > 0 && size == named + length && CRYPTO_memcmp(expected, peer->room + named, length) == 0;
    if (good)
        return send_bytes(peer, WELCOME, sizeof WELCOME - 1);
    (void)send_bytes(peer, FAILURE, sizeof FAILURE - 1);
    return peer_fail(peer, "the peer has another key");
}

static bool answer(struct peer *peer, const char *key)
{
    uint8_t text[LONGEST];
    uint64_t size;
    size_t named;
    int digest;
    if (!receive_word(peer, &size))
        return false;
    const uint8_t *asked = peer->room + sizeof CHALLENGE - 1;
    if (size <= sizeof CHALLENGE - 1 || memcmp(peer->room, CHALLENGE, sizeof CHALLENGE - 1) != 0)
        return peer_fail(peer, "expected a challenge, found another message");
    size -= sizeof CHALLENGE - 1;
    if (!digest_of(asked, (size_t)size, &digest, &named))
        return peer_fail(peer, "a challenge with a digest that is not known");
    memcpy(text, asked, named);
    const size_t length = hmac(digest, key, asked, (size_t)size, text + named);
    if (length == 0 || !send_bytes(peer, text, named + length) || !receive_word(peer, &size))
        return peer->error[0] != '\0' ? false : peer_fail(peer, "the digest %s is not here", digests[digest].python);
    return (size == sizeof WELCOME - 1 && memcmp(peer->room, WELCOME, sizeof WELCOME - 1) == 0) ||
           peer_fail(peer, "the peer does not take the key");
}

bool connection_accepted(struct peer *peer, const char *key)
{
    return key == NULL || (ask(peer, key) && answer(peer, key));
}

bool connection_connected(struct peer *peer, const char *key)
{
    return key == NULL || (answer(peer, key) && ask(peer, key));
}
