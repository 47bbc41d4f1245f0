#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

void peer_say(char *room, size_t size, const char *format, va_list arguments)
{
    char text[512], safe[4 * sizeof text]; /* a byte becomes \xNN at most */
    npk_fixed_buffer said = {safe, sizeof safe, 0};
    vsnprintf(text, sizeof text, format, arguments);
    if (npk_print_text(text, strlen(text), NPK_TEXT_TERMINAL, npk_sink_fixed, &said, NULL) != NPK_OK)
        said.used = 0;
    snprintf(room, size, "%.*s", (int)said.used, safe);
}

bool peer_fail(struct peer *peer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    peer_say(peer->error, sizeof peer->error, format, arguments);
    va_end(arguments);
    peer->starved = false;
    return false;
}

bool peer_starve(struct peer *peer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    peer_say(peer->error, sizeof peer->error, format, arguments);
    va_end(arguments);
    peer->starved = true;
    return false;
}

static bool system_error(struct peer *peer, const char *what)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return peer_fail(peer, "%s: nothing for %d seconds", what, peer->limits.seconds);
    return peer_fail(peer, "%s: %s", what, strerror(errno));
}

/* A write looks so often in its time whether something is taken. */
#define WRITE_PARTS 16

void peer_begin(struct peer *peer, int fd, const peer_limits *limits)
{
    const struct timeval time = {.tv_sec = limits->seconds};
    const struct timeval write_time = {.tv_sec = limits->seconds / WRITE_PARTS,
                                       .tv_usec = limits->seconds % WRITE_PARTS * (1000000 / WRITE_PARTS)};
    const int on = 1;
    *peer = (struct peer){.fd = fd, .limits = *limits};
    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &write_time, sizeof write_time);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on); /* or one whose machine is gone is waited for for ever */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* a Unix socket has none */
}

/* --- addresses --- */

typedef int open_function(const struct sockaddr *address, socklen_t size, int family, int seconds);

/* So often a Unix socket whose listener has no room is tried again: milliseconds. */
enum { FULL_PAUSE = 100 };

/* A listener may have no room for one more, and a network say nothing at all. 0: for any time; below: not at all. */
static bool connect_within(int fd, const struct sockaddr *address, socklen_t size, int seconds)
{
    const double start = peer_now();
    int error = connect(fd, address, size) == 0 ? 0 : errno;
    while (error == EINPROGRESS || error == EAGAIN) {
        const bool is_begun = error == EINPROGRESS;
        struct pollfd ready = {.fd = fd, .events = POLLOUT};
        socklen_t length = sizeof error;
        if (seconds != 0 && peer_now() - start >= seconds)
            error = ETIMEDOUT;
        else if (poll(&ready, is_begun, FULL_PAUSE) <= 0 && is_begun)
            continue;
        else if (is_begun)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
        else
            error = connect(fd, address, size) == 0 ? 0 : errno;
    }
    errno = error;
    return error == 0;
}

static int open_to_connect(const struct sockaddr *address, socklen_t size, int family, int seconds)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && (!connect_within(fd, address, size, seconds) ||
                    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) != 0)) {
        const int error = errno;
        close(fd);
        errno = error;
        fd = -1;
    }
    return fd;
}

/* The file of a Unix socket stays when its server ends, and nobody else can listen there: away with it where nobody
 * answers any more. */
static bool remove_left(const struct sockaddr *address, socklen_t size)
{
    const char *path = ((const struct sockaddr_un *)(const void *)address)->sun_path;
    struct stat status;
    const int fd = open_to_connect(address, size, AF_UNIX, -1);
    const bool gone = fd < 0 && errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return gone && lstat(path, &status) == 0 && S_ISSOCK(status.st_mode) && unlink(path) == 0;
}

static bool bind_to(int fd, const struct sockaddr *address, socklen_t size, int family)
{
    if (bind(fd, address, size) == 0)
        return true;
    const int error = errno;
    if (family == AF_UNIX && error == EADDRINUSE && remove_left(address, size))
        return bind(fd, address, size) == 0;
    errno = error;
    return false;
}

static int open_to_listen(const struct sockaddr *address, socklen_t size, int family, int seconds)
{
    (void)seconds;
    const int on = 1;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd >= 0 && (!bind_to(fd, address, size, family) || listen(fd, SOMAXCONN) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static int open_path(const char *path, open_function *open, int seconds, const char **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        *error = "the path of the socket is too long";
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = open((const struct sockaddr *)&address, sizeof address, AF_UNIX, seconds);
    *error = fd < 0 ? strerror(errno) : NULL;
    return fd;
}

static int open_host(const char *address, open_function *open, int seconds, const char **error)
{
    char host[256];
    const char *colon = strrchr(address, ':');
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int fd = -1;
    if (colon == NULL || (size_t)(colon - address) >= sizeof host) {
        *error = "expected HOST:PORT, or a path";
        return -1;
    }
    if (strspn(colon + 1, "0123456789") == strlen(colon + 1) && strtoul(colon + 1, NULL, 10) > UINT16_MAX) {
        *error = "expected a port of at most 65535"; /* getaddrinfo takes its last 16 bits */
        return -1;
    }
    const bool in_brackets = address[0] == '[' && colon > address + 1 && colon[-1] == ']'; /* of IPv6, with colons */
    const size_t host_size = (size_t)(colon - address) - (in_brackets ? 2 : 0);
    memcpy(host, address + in_brackets, host_size);
    host[host_size] = '\0';
    int status = getaddrinfo(host[0] == '\0' ? NULL : host, colon + 1, &hints, &found);
    for (struct addrinfo *at = found; status == 0 && fd < 0 && at != NULL; at = at->ai_next)
        fd = open(at->ai_addr, at->ai_addrlen, at->ai_family, seconds);
    *error = status != 0 ? gai_strerror(status) : fd < 0 ? strerror(errno) : NULL;
    const int failed = status == EAI_MEMORY ? ENOMEM : errno;
    if (found != NULL)
        freeaddrinfo(found);
    errno = failed;
    return fd;
}

/* -1: *error, and errno where the system says so. */
static int open_address(const char *address, open_function *open, int seconds, const char **error)
{
    errno = 0;
    return strchr(address, '/') != NULL ? open_path(address, open, seconds, error)
                                        : open_host(address, open, seconds, error);
}

static bool is_for_want(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

bool peer_connect(struct peer *peer, const char *address, const peer_limits *limits)
{
    const char *error;
    const int fd = open_address(address, open_to_connect, limits->seconds, &error);
    const bool starved = fd < 0 && is_for_want(errno);
    peer_begin(peer, fd, limits);
    if (starved)
        return peer_starve(peer, "%s: %s", address, error);
    return fd >= 0 || peer_fail(peer, "%s: %s", address, error);
}

/* 0: it has none. */
static unsigned port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_storage room;
    } bound;
    socklen_t length = sizeof bound;
    if (getsockname(fd, &bound.any, &length) != 0)
        return 0;
    return bound.any.sa_family == AF_INET    ? ntohs(bound.v4.sin_port)
           : bound.any.sa_family == AF_INET6 ? ntohs(bound.v6.sin6_port)
                                             : 0;
}

int peer_listen(const char *address, char *where, size_t size, const char **error)
{
    int fd = open_address(address, open_to_listen, 0, error);
    const char *colon = strrchr(address, ':');
    const unsigned port = fd < 0 ? 0 : port_of(fd);
    if (fd < 0)
        return -1;
    if (port != 0 && colon != NULL)
        snprintf(where, size, "%.*s:%u", (int)(colon - address), address, port);
    else
        snprintf(where, size, "%s", address);
    return fd;
}

/* Until FULL_PAUSE is over somebody who is connected may have gone. And so often it is said: seconds. */
enum { FULL_SAID = 60 };

static bool wait_for_room(const char *program, double *said, int error)
{
    const double now = peer_now();
    if (*said == 0 || now - *said >= FULL_SAID) {
        fprintf(stderr, "%s: accept: %s: who connects now must wait\n", program, strerror(error));
        *said = now;
    }
    poll(NULL, 0, FULL_PAUSE);
    return false;
}

bool peer_accept(int listener, struct peer *peer, const peer_limits *limits, const char *program, double *said)
{
    int fd;
    do
        fd = accept(listener, NULL, NULL);
    while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    const int error = errno;
    peer_begin(peer, fd, limits);
    if (fd < 0 && is_for_want(error))
        return wait_for_room(program, said, error);
    return fd >= 0 || peer_fail(peer, "accept: %s", strerror(error));
}

/* --- bytes --- */

double peer_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* An answer may come sooner than a process that sleeps is woken: for so many seconds it is waited for awake, while
 * whoever else has something to do goes first. What is longer is copied meanwhile. */
#define AWAKE 50e-6
#define AWAKE_FOR ((size_t)64 << 10)
#define SLEEPS_MOST 127

/* Who lets others go first on a busy machine is behind them all, and one that sleeps is woken in front of them: a peer
 * that takes its time is waited for asleep, and now and then awake to see whether it still does. */
static ssize_t receive_awake(struct peer *peer, void *bytes, size_t room)
{
    ssize_t count = recv(peer->fd, bytes, room, MSG_DONTWAIT);
    if (count >= 0 || errno != EAGAIN)
        return count;
    if (peer->sleeps > 0) {
        peer->sleeps--;
        return count;
    }
    const double start = peer_now();
    double now = start;
    while (count < 0 && errno == EAGAIN && now - start < AWAKE) {
        sched_yield();
        now = peer_now();
        count = recv(peer->fd, bytes, room, MSG_DONTWAIT);
    }
    const bool soon = count >= 0 && now - start < 2 * AWAKE;
    peer->slept = soon ? 0 : peer->slept < SLEEPS_MOST ? 2 * peer->slept + 1 : SLEEPS_MOST;
    peer->sleeps = peer->slept;
    return count;
}

static bool receive(struct peer *peer, void *bytes, size_t room, int flags, size_t *size)
{
    ssize_t count = room <= AWAKE_FOR ? receive_awake(peer, bytes, room) : -1;
    const bool waits = count < 0 && (room > AWAKE_FOR || errno == EAGAIN || errno == EINTR);
    while (waits && (count = recv(peer->fd, bytes, room, flags)) < 0 && errno == EINTR)
        continue;
    *size = count < 0 ? 0 : (size_t)count;
    return count >= 0 || system_error(peer, "read");
}

bool peer_read_some(struct peer *peer, void *bytes, size_t room, size_t *size)
{
    return receive(peer, bytes, room, 0, size);
}

bool peer_wait(struct peer *peer)
{
    struct pollfd ready = {.fd = peer->fd, .events = POLLIN};
    int found;
    while ((found = poll(&ready, 1, -1)) < 0 && errno == EINTR)
        continue;
    return found > 0 || peer_fail(peer, "poll: %s", strerror(errno));
}

/* All that is still to come in one call, where it comes in time: a byte now and then would keep the others waiting for
 * good. */
static bool read_more(struct peer *peer, uint8_t *bytes, size_t size, size_t *done)
{
    const double start = peer_now();
    const size_t expected = size - *done < PEER_SLOWEST ? size - *done : PEER_SLOWEST;
    size_t count;
    if (!receive(peer, bytes + *done, size - *done, MSG_WAITALL, &count))
        return false;
    *done += count;
    if (count > 0 && count < expected && peer->limits.seconds > 0 && peer_now() - start >= 0.99 * peer->limits.seconds)
        return peer_fail(peer, "too slow: %zu bytes in %d seconds", count, peer->limits.seconds);
    return count > 0 ||
           peer_fail(peer, "the peer went away in the middle of a message: expected %zu bytes, found %zu", size, *done);
}

bool peer_read(struct peer *peer, void *bytes, size_t size)
{
    bool good = true;
    for (size_t done = 0; good && done < size;)
        good = read_more(peer, bytes, size, &done);
    return good;
}

bool peer_read_or_end(struct peer *peer, void *bytes, size_t size, bool *ended)
{
    size_t done = 0;
    bool good = peer_read_some(peer, bytes, size, &done);
    *ended = good && done == 0;
    good = good && done > 0;
    while (good && done < size)
        good = read_more(peer, bytes, size, &done);
    return good;
}

static bool has_room(struct peer *peer, size_t size)
{
    uint8_t *room = size <= peer->size ? peer->room : realloc(peer->room, size);
    if (room == NULL)
        return peer_starve(peer, "a message of %zu bytes: not enough memory", size);
    peer->room = room;
    peer->size = size > peer->size ? size : peer->size;
    return true;
}

#define FIRST_ROOM ((size_t)1 << 20)

bool peer_read_message(struct peer *peer, uint64_t size)
{
    if (size > peer->limits.message || size > SIZE_MAX / 2)
        return peer_fail(peer, "a message of %" PRIu64 " bytes is longer than the limit of %" PRIu64, size,
                         peer->limits.message);
    bool good = has_room(peer, size < FIRST_ROOM ? (size_t)size + 1 : FIRST_ROOM);
    for (size_t done = 0; good && done < size;) {
        size_t end = 2 * done > FIRST_ROOM ? 2 * done : FIRST_ROOM;
        end = end < peer->size ? peer->size : end;
        end = end < size ? end : (size_t)size;
        good = has_room(peer, end);
        while (good && done < end)
            good = read_more(peer, peer->room, end, &done);
    }
    return good;
}

/* What is still to go, and what of it the peer has taken since when. */
struct going {
    struct iovec pieces[2];
    size_t left, taken;
    double since;
};

static void go_on(struct going *going, size_t count)
{
    for (int i = 0; i < 2; i++) {
        struct iovec *piece = &going->pieces[i];
        const size_t done = count < piece->iov_len ? count : piece->iov_len;
        piece->iov_base = (uint8_t *)piece->iov_base + done;
        piece->iov_len -= done;
        going->left -= done;
        count -= done;
    }
}

/* As it is with reading: PEER_SLOWEST in the time, or the rest. */
static bool keeps_up(struct peer *peer, struct going *going, size_t count)
{
    const int seconds = peer->limits.seconds;
    going->taken += count;
    if (going->taken >= PEER_SLOWEST) {
        going->taken = 0;
        going->since = peer_now();
    }
    if (going->left == 0 || seconds == 0 || peer_now() - going->since < seconds)
        return true;
    return going->taken == 0 ? peer_fail(peer, "write: nothing taken for %d seconds", seconds)
                             : peer_fail(peer, "write: too slow: %zu bytes taken in %d seconds", going->taken, seconds);
}

/* sendmsg() comes back when all is taken, or after a part of the time: SO_SNDTIMEO. */
int peer_sink_both(struct peer *peer, const void *first, size_t first_size, const void *second, size_t second_size)
{
    struct going going = {.pieces = {{(void *)(uintptr_t)first, first_size}, {(void *)(uintptr_t)second, second_size}},
                          .left = first_size + second_size,
                          .since = peer_now()};
    struct msghdr message = {.msg_iov = going.pieces, .msg_iovlen = 2};
    while (going.left > 0) {
        const ssize_t count = sendmsg(peer->fd, &message, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
            const int error = errno;
            (void)system_error(peer, "write");
            return error;
        }
        if (count > 0) {
            go_on(&going, (size_t)count);
            peer->sent += (uint64_t)count;
        }
        if (!keeps_up(peer, &going, count > 0 ? (size_t)count : 0))
            return ETIMEDOUT;
    }
    return 0;
}

int peer_sink(void *context, const void *bytes, size_t size)
{
    return peer_sink_both(context, bytes, size, NULL, 0);
}

bool peer_write(struct peer *peer, const void *bytes, size_t size)
{
    return peer_sink(peer, bytes, size) == 0;
}

bool peer_write_failed(struct peer *peer, const npk_error *error)
{
    if (error->status == NPK_ERR_MEMORY)
        return peer_starve(peer, "%s", error->message);
    return error->status == NPK_ERR_IO && peer->error[0] != '\0' ? false : peer_fail(peer, "%s", error->message);
}

void peer_keep_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1); /* those of other threads end at 64 MiB */
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, 128 << 20);
#endif
}

static void set_cork(const struct peer *peer, int value)
{
#ifdef TCP_CORK
    setsockopt(peer->fd, IPPROTO_TCP, TCP_CORK, &value, sizeof value); /* a Unix socket has none */
#endif
}

void peer_hold(struct peer *peer)
{
    set_cork(peer, 1);
}

void peer_let_go(struct peer *peer)
{
    set_cork(peer, 0);
}

void peer_close(struct peer *peer)
{
    if (peer->fd >= 0)
        close(peer->fd);
    free(peer->room);
    peer->fd = -1;
    peer->room = NULL;
    peer->size = 0;
}

const char *peer_file_error(const char *path, npk_error *error)
{
    char message[sizeof error->message];
    if (error->status == NPK_ERR_IO)
        return error->message;
    memcpy(message, error->message, sizeof message);
    const int name = snprintf(error->message, sizeof error->message, "%s: ", path);
    if (name >= 0 && (size_t)name < sizeof error->message)
        memccpy(error->message + name, message, '\0', sizeof error->message - (size_t)name);
    error->message[sizeof error->message - 1] = '\0';
    return error->message;
}
