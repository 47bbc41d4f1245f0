/* Sockets for messages: all of one or an error in words, in a limited time and of a limited size. TCP and Unix. */
#ifndef BRIDGES_PEER_H
#define BRIDGES_PEER_H

#include <npickle.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a peer may ask for. */
typedef struct peer_limits {
    uint64_t message; /* bytes of one message */
    /* without a byte in either direction, or for PEER_SLOWEST bytes of a message, or its rest; 0: any time */
    int seconds;
} peer_limits;
#define PEER_SLOWEST ((size_t)1 << 16)

struct peer {
    int fd; /* -1: not connected */
    peer_limits limits;
    uint8_t *room; /* of the last message, kept for the next one */
    size_t size;   /* of the room */
    /* how many of its next bytes are not waited for awake, since the last ones came too late for that; and how many
     * these were at first */
    unsigned sleeps, slept;
    uint64_t sent; /* bytes, of all messages */
    bool starved;  /* the error is that there was no memory, or no descriptor: it may go better in a moment */
    char error[256];
};

/* What is said of a peer. Words of its own may be among the arguments: what a terminal would obey is escaped. */
void peer_say(char *room, size_t size, const char *format, va_list arguments);

/* A socket that is connected already, -1: none. It is the peer's now. */
void peer_begin(struct peer *peer, int fd, const peer_limits *limits);

/* "HOST:PORT", also "[HOST]:PORT", or the path of a Unix socket, which has a slash in it. False, with peer->error,
 * where nobody answers, or not in limits->seconds. */
bool peer_connect(struct peer *peer, const char *address, const peer_limits *limits);

/* A socket that listens there (port 0: any that is free), and where that is, as peer_connect takes it. -1: *error says
 * why. */
int peer_listen(const char *address, char *where, size_t size, const char **error);

/* The next one that connects. False, with peer->error: there can be no more of them. False without an error: no
 * descriptor or no memory is free for it. `program` has said so on standard error, once a minute at most (*said: when,
 * 0 at first), and waited a moment: then it is to be tried again. */
bool peer_accept(int listener, struct peer *peer, const peer_limits *limits, const char *program, double *said);

/* False and peer->error: the peer went away in the middle of it, or took too long. What is no whole message ends the
 * connection. */
bool peer_read(struct peer *peer, void *bytes, size_t size);
bool peer_write(struct peer *peer, const void *bytes, size_t size);

/* As peer_read, but that the peer may be gone before the first byte: *ended. */
bool peer_read_or_end(struct peer *peer, void *bytes, size_t size, bool *ended);

/* Seconds, of a clock that nobody sets. */
double peer_now(void);

/* What there is, up to `room` bytes; it waits for the first of them. *size is 0: the peer is gone. */
bool peer_read_some(struct peer *peer, void *bytes, size_t room, size_t *size);

/* Waits for the next byte, for as long as it takes: between messages. */
bool peer_wait(struct peer *peer);

/* `size` bytes, into peer->room: refused above limits.message, and never more memory than twice what has come. */
bool peer_read_message(struct peer *peer, uint64_t size);

/* An npk_write_function; context: a peer *, whose error says what went wrong. */
int peer_sink(void *context, const void *bytes, size_t size);

/* The same of two pieces, in one call where they go: 0, or an errno and peer->error. */
int peer_sink_both(struct peer *peer, const void *first, size_t first_size, const void *second, size_t second_size);

/* What a writer says whose sink that was: peer->error has it from there, or gets it here. False. */
bool peer_write_failed(struct peer *peer, const npk_error *error);

/* What a library takes with malloc for a message is kept for its next one, up to 128 MiB, rather than asked of the
 * system anew, a page fault for each page. For the whole process: to be called before it has threads. */
void peer_keep_memory(void);

/* Small pieces that are written wait for those behind them, as one message; until let go. */
void peer_hold(struct peer *peer);
void peer_let_go(struct peer *peer);

/* peer->error, and false. */
bool peer_fail(struct peer *peer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same where it was for want of memory: peer->starved. */
bool peer_starve(struct peer *peer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Closes, and frees the room. */
void peer_close(struct peer *peer);

/* "FILE: what is wrong with it", in the error: of a file that can't be opened, read or written its message has the name
 * already. */
const char *peer_file_error(const char *path, npk_error *error);

#endif
