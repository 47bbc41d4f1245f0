/* Pyro3, of Python 2: Pyro/protocol.py PYROAdapter, DefaultConnValidator. */
#include "bytes.h"
#include "pyro.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define VERSION 5
#define HEADER 18
#define CHALLENGE PYRO_CHALLENGE
#define DAEMON "c0000000011000001000000010000001" /* the GUID that each daemon has */

enum { COMPRESSED = 1, CHECKSUM = 2, XML = 4 }; /* flags of a frame */
enum { VARARGS = 1, KEYWORDS = 2, ONEWAY = 4 }; /* flags of a call */

/* --- frames --- */

static size_t write_header(struct peer *peer, void *context, uint64_t size, uint8_t *header)
{
    (void)context;
    if (size > INT32_MAX) {
        peer_fail(peer, "a message of %" PRIu64 " bytes: Pyro3 has no size for more than 2 GiB", size);
        return 0;
    }
    memcpy(header, "PYRO", 4);
    put16(header + 4, VERSION);
    put16(header + 6, HEADER);
    put32(header + 8, (uint32_t)size);
    put16(header + 12, 0);
    put32(header + 14, 0);
    return HEADER;
}

static bool receive(struct peer *peer, size_t *size, bool *ended)
{
    uint8_t header[HEADER];
    *size = 0;
    if (!peer_read_or_end(peer, header, 6, ended))
        return false;
    if (memcmp(header, "DENIED", 6) == 0)
        return peer_fail(peer, "the daemon refuses the connection");
    if (!peer_read(peer, header + 6, HEADER - 6))
        return false;
    if (memcmp(header, "PYRO", 4) != 0 || get16(header + 4) != VERSION || get16(header + 6) != HEADER)
        return peer_fail(peer, "expected a message of Pyro3, found something else");
    if (get16(header + 12) & (COMPRESSED | CHECKSUM | XML))
        return peer_fail(peer, "set PYRO_COMPRESSION and PYRO_CHECKSUM to 0, and PYRO_XML_PICKLE to None");
    *size = get32(header + 8);
    if (*size > INT32_MAX)
        return peer_fail(peer, "a message of a negative size");
    return peer_read_message(peer, *size);
}

static bool send_bytes(struct peer *peer, const void *bytes, size_t size)
{
    uint8_t all[64];
    const size_t framed = write_header(peer, NULL, size, all);
    memcpy(all + framed, bytes, size);
    return peer_write(peer, all, framed + size);
}

static bool send_value(struct peer *peer, const npk_write_options *options, message_body *body, void *context)
{
    const struct message message = {.frame = write_header, .body = body, .body_context = context, .options = options};
    return message_send(peer, &message);
}

/* Python 2 reads protocols up to 2. */
static npk_write_options for_python2(npk_write_options options)
{
    if (options.protocol > 2)
        options = (npk_write_options){.protocol_given = true, .protocol = 2, .translate_names = true};
    return options;
}

/* --- who is there: HMAC-MD5 of what Pyro3 calls the identification, with the daemon's challenge as the key --- */

static bool token_of(struct peer *peer, const char *key, const uint8_t *challenge, uint8_t out[CHALLENGE])
{
    uint8_t munged[EVP_MAX_MD_SIZE];
    size_t size = 0, length = 0;
    const bool good = key == NULL || EVP_Q_digest(NULL, "MD5", NULL, key, strlen(key), munged, &size) == 1;
    return (good && EVP_Q_mac(NULL, "HMAC", NULL, "MD5", NULL, challenge, CHALLENGE, munged, size, out, CHALLENGE,
                              &length) != NULL) ||
           peer_fail(peer, "libcrypto has no HMAC with MD5, or not enough memory");
}

#define CONNECT "CONNECT"
#define GRANTED "GRANTED"
#define DENIED "DENIED3" /* for reasons of security */
#define WORD (sizeof CONNECT - 1)

/* --- a client --- */

static npk_status write_resolve(npk_writer *writer, void *context)
{
    const struct pyro_call *call = context;
    npk_write_begin_tuple(writer, 4);
    npk_write_str(writer, DAEMON);
    npk_write_str(writer, "ResolvePYROLOC");
    npk_write_int(writer, 0);
    npk_write_begin_tuple(writer, 1);
    npk_write_str(writer, call->object);
    npk_write_end(writer);
    return npk_write_end(writer);
}

static npk_status write_invoke(npk_writer *writer, void *context)
{
    const struct pyro_call *call = context;
    const npk_write_options options = for_python2(call->options);
    npk_write_begin_tuple(writer, 4);
    npk_write_str(writer, call->guid[0] == '\0' ? call->object : call->guid);
    npk_write_str(writer, call->method);
    npk_write_int(writer, call->oneway ? ONEWAY : 0);
    npk_write_begin_tuple(writer, 1);
    pyro_write_argument(writer, call, &options);
    npk_write_end(writer);
    return npk_write_end(writer);
}

static npk_doc *receive_answer(struct peer *peer)
{
    size_t size;
    bool ended = false;
    if (receive(peer, &size, &ended))
        return message_load(peer, 0, size, NULL, 0);
    if (ended)
        peer_fail(peer, "the daemon went away without an answer");
    return NULL;
}

/* What an answer raises; NULL for one that does not. */
static const npk_value *exception_of(const npk_doc *doc)
{
    npk_object object = {0};
    const npk_value *root = npk_doc_root(doc);
    if (!npk_value_as_object(root, &object) ||
        !npk_value_is_global(object.callable, "Pyro.errors", "PyroExceptionCapsule"))
        return NULL;
    return object.state != NULL ? npk_dict_get(object.state, "excObj") : npk_value_item(object.args, 0);
}

/* OBJECT is a name that the daemon knows (PYROLOC://...), or a GUID itself (PYRO://...). */
static bool resolve(struct peer *peer, struct pyro_call *call)
{
    const npk_write_options options = for_python2(call->options);
    npk_doc *doc = NULL;
    size_t size = 0;
    if (send_value(peer, &options, write_resolve, call))
        doc = receive_answer(peer);
    const char *guid = npk_value_text(npk_doc_root(doc), &size);
    if (guid != NULL && size < sizeof call->guid)
        memcpy(call->guid, guid, size);
    npk_doc_free(doc);
    return doc != NULL;
}

static bool greet(struct peer *peer, struct pyro_call *call)
{
    uint8_t answer[WORD + CHALLENGE], word[WORD];
    size_t size;
    bool ended = false;
    if (!receive(peer, &size, &ended))
        return ended ? peer_fail(peer, "the daemon went away at once") : false;
    if (size != CHALLENGE)
        return peer_fail(peer, "expected a challenge of %d bytes, found %zu", CHALLENGE, size);
    memcpy(answer, CONNECT, WORD);
    if (!token_of(peer, call->key, peer->room, answer + WORD) || !send_bytes(peer, answer, sizeof answer) ||
        !peer_read(peer, word, WORD))
        return false;
    if (memcmp(word, GRANTED, WORD) != 0)
        return peer_fail(peer, "the daemon does not take the identification");
    return resolve(peer, call);
}

static bool call(struct peer *peer, struct pyro_call *call, npk_doc **doc)
{
    const npk_write_options options = for_python2(call->options);
    *doc = NULL;
    if (!send_value(peer, &options, write_invoke, call))
        return false;
    if (call->oneway)
        return true;
    *doc = receive_answer(peer);
    const npk_value *exception = exception_of(*doc);
    if (exception == NULL)
        return *doc != NULL;
    pyro_raised(peer, exception);
    npk_doc_free(*doc);
    *doc = NULL;
    return false;
}

/* --- a daemon --- */

static bool let_in(struct pyro_visitor *visitor)
{
    return (RAND_bytes(visitor->challenge, CHALLENGE) == 1 ||
            peer_fail(&visitor->peer, "no random bytes, or not enough memory")) &&
           send_bytes(&visitor->peer, visitor->challenge, CHALLENGE);
}

static bool welcome(struct pyro_visitor *visitor, size_t size)
{
    struct peer *peer = &visitor->peer;
    uint8_t expected[CHALLENGE];
    if (size != WORD + CHALLENGE || memcmp(peer->room, CONNECT, WORD) != 0)
        return peer_fail(peer, "expected a message CONNECT, found another one");
    if (visitor->key != NULL) {
        if (!token_of(peer, visitor->key, visitor->challenge, expected))
            return false;
        if (CRYPTO_memcmp(expected, peer->room + WORD, CHALLENGE) != 0) {
            (void)peer_write(peer, DENIED, WORD);
            return peer_fail(peer, "the identification is wrong: the peer has another key");
        }
    }
    visitor->greeted = true;
    return peer_write(peer, GRANTED, WORD);
}

/* A message_body; context: the struct pyro_answer *. */
static npk_status write_answer(npk_writer *writer, void *context)
{
    struct pyro_answer *answer = context;
    if (answer->exception.name == NULL)
        return pyro_write_answer(writer, answer);
    npk_write_begin_call(writer);
    npk_write_global(writer, "Pyro.errors", "PyroExceptionCapsule");
    npk_write_begin_tuple(writer, 2);
    pyro_write_exception(writer, &answer->exception);
    pyro_write_traceback(writer, &answer->exception);
    npk_write_end(writer);
    return npk_write_end(writer);
}

static npk_status write_name(npk_writer *writer, void *context)
{
    return npk_write_str(writer, context);
}

/* The object's name is its GUID, too. */
static void resolve_name(const npk_value *args, struct pyro_answer *answer)
{
    answer->body = write_name;
    answer->context = (void *)(uintptr_t)answer->registry->object;
    if (!npk_value_is_text(npk_value_item(args, 0), answer->registry->object))
        pyro_raise_of(answer, "Pyro.errors", "NamingError", "no object found by this name");
}

static const struct pyro_method daemon_methods[] = {{"ResolvePYROLOC", 1, resolve_name, false}, {NULL, 0, NULL, false}};

/* (object, method, flags, args). Proxies give their arguments as ((args), {kwargs}), and say so in the flags. */
static bool answer(struct pyro_visitor *visitor, const struct pyro_registry *registry, const npk_doc *doc)
{
    const npk_value *root = npk_doc_root(doc), *object = npk_value_item(root, 0), *args = npk_value_item(root, 3);
    const npk_value *kwargs = NULL;
    const npk_write_options options = for_python2(message_options_for(doc));
    struct pyro_answer answer = {.registry = registry};
    int64_t flags = 0;
    if (npk_value_kind(root) != NPK_KIND_TUPLE || npk_value_size(root) != 4 ||
        !npk_value_as_int64(npk_value_item(root, 2), &flags))
        return peer_fail(&visitor->peer, "expected (object, method, flags, args), found %s",
                         npk_kind_name(npk_value_kind(root)));
    const int64_t form = flags & (VARARGS | KEYWORDS);
    const bool is_known = form == 0 || (form == (VARARGS | KEYWORDS) && npk_value_size(args) == 2);
    if (form != 0) {
        kwargs = npk_value_item(args, 1);
        args = npk_value_item(args, 0);
    }
    const struct pyro_method *methods = npk_value_is_text(object, DAEMON)             ? daemon_methods
                                        : npk_value_is_text(object, registry->object) ? registry->methods
                                                                                      : NULL;
    if (methods == NULL)
        pyro_raise_of(&answer, "Pyro.errors", "ProtocolError", "unknown object ID");
    else if (!is_known)
        pyro_raise_of(&answer, "Pyro.errors", "ProtocolError", "expected the arguments as ((args), {kwargs})");
    else
        pyro_dispatch(methods, npk_value_item(root, 1), args, kwargs, &answer);
    return flags & ONEWAY ? true : send_value(&visitor->peer, &options, write_answer, &answer);
}

static bool serve(struct pyro_visitor *visitor, const struct pyro_registry *registry)
{
    size_t size;
    if (!receive(&visitor->peer, &size, &visitor->ended))
        return false;
    if (!visitor->greeted)
        return welcome(visitor, size);
    npk_doc *doc = message_load(&visitor->peer, 0, size, NULL, 0);
    const bool good = doc != NULL && answer(visitor, registry, doc);
    npk_doc_free(doc);
    return good;
}

static void print_uri(const char *object, const char *where)
{
    printf("PYROLOC://%s/%s\n", where, object);
}

const struct pyro_protocol pyro3 = {print_uri, greet, call, let_in, serve};
