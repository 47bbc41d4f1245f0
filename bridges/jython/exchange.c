/* Starts a program, such as "jython answer.py", and sends it pickles through a pipe, each of which it answers with one.
 *
 *     exchange FILE.pkl ANSWERS.pkl COMMAND [ARGUMENT...] [--limit BYTES] [--timeout SECONDS]
 *
 * FILE.pkl has one pickle or several, one after another, and so has ANSWERS.pkl. Jython reads protocols 0 to 2. */
#include "message.h"
#include "options.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Four bytes, big-endian: DataInputStream.readInt(). */
static size_t frame(struct peer *peer, void *context, uint64_t size, uint8_t *header)
{
    (void)context;
    if (size > INT32_MAX) {
        peer_fail(peer, "a pickle of 2 GiB or more does not go into a Java array");
        return 0;
    }
    for (int i = 0; i < 4; i++)
        header[i] = (uint8_t)(size >> 8 * (3 - i));
    return 4;
}

static npk_doc *receive(struct peer *peer)
{
    uint8_t header[4];
    uint64_t size = 0;
    bool ended = false;
    if (!peer_read_or_end(peer, header, sizeof header, &ended)) {
        if (ended)
            peer_fail(peer, "the program ended without an answer");
        return NULL;
    }
    for (int i = 0; i < 4; i++)
        size = size << 8 | header[i];
    return peer_read_message(peer, size) ? message_load(peer, 0, (size_t)size, NULL, 0) : NULL;
}

/* One question, and its answer behind the others. */
static bool exchange(struct peer *peer, const npk_doc *question, npk_writer *answers, bool first)
{
    static const npk_write_options options = {
        .protocol_given = true, .protocol = 2, .dialect = NPK_DIALECT_PYTHON2, .translate_names = true};
    const struct message message = {.frame = frame,
                                    .body = message_array,
                                    .body_context = (void *)(uintptr_t)npk_doc_root(question),
                                    .options = &options};
    npk_doc *answer = message_send(peer, &message) ? receive(peer) : NULL;
    npk_status status = NPK_OK;
    if (answer == NULL)
        return false;
    if (!first)
        status = npk_writer_next(answers);
    if (status == NPK_OK)
        npk_write_value(answers, npk_doc_root(answer)); /* its error is sticky: npk_writer_finish has it */
    npk_doc_free(answer);
    return true;
}

/* All pickles of the file; the answers appear together. */
static bool exchange_all(struct peer *peer, npk_reader *questions, const char *path)
{
    npk_writer *answers = NULL;
    npk_doc *question = NULL;
    npk_error error;
    npk_status status = npk_writer_open(path, NULL, &answers, &error);
    bool good = true, first = true;
    while (good && status == NPK_OK && (status = npk_reader_next(questions, &question, &error)) == NPK_OK &&
           question != NULL) {
        good = exchange(peer, question, answers, first);
        first = false;
        npk_doc_free(question);
    }
    if (good && status == NPK_OK && first)
        good = peer_fail(peer, "there is no pickle in the file");
    if (good && status == NPK_OK)
        status = npk_writer_finish(answers, &error);
    else
        npk_writer_abandon(answers);
    return good && (status == NPK_OK || peer_fail(peer, "%s", error.message));
}

/* The program, whose standard input and output are the socket. -1: it was not started. */
static pid_t start(char **command, struct peer *peer, const peer_limits *limits)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDIN_FILENO);
        dup2(ends[1], STDOUT_FILENO);
        signal(SIGPIPE, SIG_DFL); /* bridge_options */
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    close(ends[1]);
    peer_begin(peer, ends[0], limits);
    return child;
}

/* Whether it has ended by then; 0 seconds: any time. */
static bool ends_within(pid_t child, int seconds)
{
    const struct timespec pause = {.tv_nsec = 5000000};
    const double end = peer_now() + seconds;
    pid_t found;
    while ((found = waitpid(child, NULL, seconds > 0 ? WNOHANG : 0)) == 0 && peer_now() < end)
        nanosleep(&pause, NULL);
    return found != 0;
}

/* How long a program that was told to end may take. */
#define LEAVE_SECONDS 2

/* The program has seen the end of its input: it ends by itself within the time limit, or is made to, and at once where
 * something went wrong. False: peer->error. */
static bool end(pid_t child, struct peer *peer, bool good, const char *answers)
{
    if (good && ends_within(child, peer->limits.seconds))
        return true;
    kill(child, SIGTERM);
    if (!ends_within(child, LEAVE_SECONDS)) {
        kill(child, SIGKILL);
        (void)ends_within(child, 0);
    }
    return good &&
           peer_fail(peer, "the program had not ended %d seconds after its last answer, and was killed; %s is complete",
                     peer->limits.seconds, answers);
}

static const char usage[] =
    "usage: exchange FILE.pkl ANSWERS.pkl COMMAND [ARGUMENT...] [--limit BYTES] [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    peer_limits limits;
    struct peer peer = {.fd = -1};
    npk_reader *questions = NULL;
    npk_error error;
    int left = bridge_options(argc, argv, &limits, NULL, usage);
    if (left < 4)
        return bridge_usage(usage);
    argv[left] = NULL;
    if (npk_reader_open(argv[1], NULL, &questions, &error) != NPK_OK) {
        fprintf(stderr, "exchange: %s\n", peer_file_error(argv[1], &error));
        return 1;
    }
    pid_t child = start(argv + 3, &peer, &limits);
    bool good = child > 0 ? exchange_all(&peer, questions, argv[2]) : peer_fail(&peer, "%s: not started", argv[3]);
    npk_reader_close(questions);
    peer_close(&peer); /* the program sees the end */
    if (child > 0)
        good = end(child, &peer, good, argv[2]);
    if (!good)
        fprintf(stderr, "exchange: %s\n", peer.error);
    return good ? 0 : 1;
}
