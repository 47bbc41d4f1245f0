#include "key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <string.h>

/* --- who is there: deliver_challenge(), answer_challenge() ---
 *
 * Until 3.11 the digest is MD5 and has no name; from 3.12 on the challenge names one, and so does the answer, but for
 * MD5. */

#define CHALLENGE CONNECTION_CHALLENGE
#define WELCOME "#WELCOME#"
#define FAILURE "#FAILURE#"
#define LONGEST 200 /* of these messages: longer ones mean something else */

static const struct {
    const char *python, *openssl;
} digests[] = {
    {"md5", "MD5"}, {"sha256", "SHA2-256"}, {"sha384", "SHA2-384"}, {"sha3_256", "SHA3-256"}, {"sha3_384", "SHA3-384"}};
enum { DIGESTS = sizeof digests / sizeof *digests };
enum { OLD_CHALLENGE = 20, OLD_ANSWER = 16 }; /* bytes, which name no digest, whatever they look like */

/* "{sha256}" at the front: which one, and how long that is. Without: MD5. False for one that is not known. */
static bool digest_of(const uint8_t *bytes, size_t size, int *digest, size_t *prefix)
{
    const bool named = size > 0 && bytes[0] == '{' && size != OLD_CHALLENGE && size != OLD_ANSWER;
    const uint8_t *end = named ? memchr(bytes, '}', size) : NULL;
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

#define NO_DIGEST "libcrypto has no HMAC with it, or not enough memory"

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
        return peer_starve(peer, "no random bytes, or not enough memory");
    if (!connection_send_bytes(peer, challenge, sizeof challenge) || !receive_word(peer, &size))
        return false;
    const bool is_known = digest_of(peer->room, (size_t)size, &digest, &named);
    const size_t length = is_known ? hmac(digest, key, asked, asked_size, expected) : 0;
    if (length > 0 && size == named + length && CRYPTO_memcmp(expected, peer->room + named, length) == 0)
        return connection_send_bytes(peer, WELCOME, sizeof WELCOME - 1);
    (void)connection_send_bytes(peer, FAILURE, sizeof FAILURE - 1);
    if (is_known && length == 0)
        return peer_starve(peer, "%s: " NO_DIGEST, digests[digest].python);
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
    if (length == 0 || !connection_send_bytes(peer, text, named + length) || !receive_word(peer, &size))
        return peer->error[0] != '\0' ? false : peer_starve(peer, "%s: " NO_DIGEST, digests[digest].python);
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
