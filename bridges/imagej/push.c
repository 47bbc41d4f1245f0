/* Shows an array in an ImageJ that is running: serves it as TIFF to this machine alone, tells ImageJ where, and prints
 * what ImageJ measures in each slice.
 *
 *     push FILE [COMMAND [ARGUMENT...]] [--array PATH] [--title TEXT] [--limit BYTES] [--timeout SECONDS]
 *
 * FILE is a pickle or .npy. COMMAND runs a macro, which is its last argument, in the ImageJ that is there: "imagej -p 1
 * -e" unless it is given. */
#include "options.h"
#include "serve.h"
#include "tiff.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_HEAD = 4096, MOST_TITLE = 80, TICK = 100 };

struct push {
    npk_view view;
    const npk_array *image;    /* the view's */
    uint64_t size;             /* of the TIFF file */
    char name[MOST_TITLE + 5]; /* of it: what ImageJ calls the image */
    char secret[20];           /* in front of every path, so that nobody else asks for it or answers */
    char macro[1024];
    peer_limits limits;
    struct measured *measured; /* in memory that all processes here have */
};

struct measured {
    unsigned slices;
    bool done;
};

/* --- one request ------------------------------------------------------------------------------------------------- */

/* Up to the empty line, with a NUL. */
static bool read_head(struct peer *peer, char head[MOST_HEAD])
{
    const double start = peer_now();
    for (size_t size = 0; size < MOST_HEAD - 1; size++) {
        if (peer->limits.seconds > 0 && peer_now() - start > peer->limits.seconds)
            return peer_fail(peer, "too slow: no whole request in %d seconds", peer->limits.seconds);
        if (!peer_read(peer, head + size, 1))
            return false;
        head[size + 1] = '\0';
        if (size >= 3 && memcmp(head + size - 3, "\r\n\r\n", 4) == 0)
            return true;
    }
    return peer_fail(peer, "expected a request, found %d bytes without its end", MOST_HEAD - 1);
}

static bool answer_head(struct peer *peer, const char *status, const char *type, uint64_t size)
{
    char head[256];
    const int length =
        snprintf(head, sizeof head,
                 "HTTP/1.0 %s\r\nContent-Type: %s\r\nContent-Length: %" PRIu64 "\r\nConnection: close\r\n\r\n", status,
                 type, size);
    return peer_write(peer, head, (size_t)length);
}

/* ImageJ goes away after the first bytes, and asks again: it is done when it says so. */
static bool answer_image(struct peer *peer, const struct push *push)
{
    npk_error error;
    if (!answer_head(peer, "200 OK", "image/tiff", push->size))
        return false;
    const npk_status status = tool_tiff_write(peer_sink, peer, push->image, NULL, &error);
    const bool gone = status == NPK_ERR_IO && error.system != ETIMEDOUT;
    return status == NPK_OK || gone || peer_write_failed(peer, &error);
}

/* The place for what yours should do with "slice=1&mean=1.5E2&min=..&max=..&std=.." of each slice; then "done"
 * comes. */
static bool answer_measured(struct peer *peer, const struct push *push, const char *words)
{
    unsigned slice;
    if (sscanf(words, "slice=%u&", &slice) == 1 &&
        slice == push->measured->slices + 1) { /* ImageJ asks for each thing twice */
        push->measured->slices = slice;
        puts(words);
        fflush(stdout);
    }
    const bool good = answer_head(peer, "200 OK", "text/plain", 2) && peer_write(peer, "ok", 2);
    if (strcmp(words, "done") == 0) /* the program may end at once */
        push->measured->done = true;
    return good;
}

/* context: the push. */
static bool answer(struct peer *peer, void *context)
{
    const struct push *push = context;
    char head[MOST_HEAD], path[1024];
    if (!read_head(peer, head))
        return false;
    if (sscanf(head, "GET /%1023[A-Za-z0-9_.=&?/+-] HTTP/", path) != 1) {
        (void)!answer_head(peer, "400 Bad Request", "text/plain", 0);
        return peer_fail(peer, "expected GET and a path, found another request");
    }
    const size_t length = strlen(push->secret);
    const char *rest = strncmp(path, push->secret, length) == 0 && path[length] == '/' ? path + length + 1 : "";
    if (strcmp(rest, push->name) == 0)
        return answer_image(peer, push);
    if (strncmp(rest, "measured?", 9) == 0)
        return answer_measured(peer, push, rest + 9);
    (void)!answer_head(peer, "404 Not Found", "text/plain", 0);
    return peer_fail(peer, "expected the path of the image, found another one");
}

/* --- ImageJ ------------------------------------------------------------------------------------------------------ */

/* Letters and digits, so that it goes into a macro, a URL and a shell. */
static void take_name(struct push *push, const char *title, const char *file)
{
    const char *slash = strrchr(file, '/'), *text = title != NULL ? title : slash != NULL ? slash + 1 : file;
    const char *dot = title == NULL ? strrchr(text, '.') : NULL;
    const size_t size = dot != NULL ? (size_t)(dot - text) : strlen(text);
    snprintf(push->name, sizeof push->name, "%.*s.tif", size < MOST_TITLE ? (int)size : MOST_TITLE, text);
    for (char *at = push->name; at[4] != '\0'; at++)
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", *at) == NULL)
            *at = '_';
}

/* What ImageJ runs. No quotation mark ' is in it, since Debian's imagej puts it between two. */
static void write_macro(struct push *push, const char *where)
{
    snprintf(push->macro, sizeof push->macro,
             "u = \"http://%s/%s/\"; open(u + \"%s\");"
             " for (i = 1; i <= nSlices; i++) { if (nSlices > 1) setSlice(i);"
             " getStatistics(area, mean, min, max, std);"
             " r = File.openUrlAsString(u + \"measured?slice=\" + i + \"&mean=\" + d2s(mean, -9)"
             " + \"&min=\" + d2s(min, -9) + \"&max=\" + d2s(max, -9) + \"&std=\" + d2s(std, -9)); }"
             " r = File.openUrlAsString(u + \"measured?done\");",
             where, push->secret, push->name);
}

/* -1: it was not started. */
static pid_t start(char **command, char *macro)
{
    static char usual[][8] = {"imagej", "-p", "1", "-e"};
    char *words[64];
    size_t count = 0;
    while (count < 62 && (command[0] != NULL ? command[count] != NULL : count < 4)) {
        words[count] = command[0] != NULL ? command[count] : usual[count];
        count++;
    }
    words[count] = macro;
    words[count + 1] = NULL;
    const pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        dup2(STDERR_FILENO, STDOUT_FILENO); /* standard output is for the measurements */
        signal(SIGPIPE, SIG_DFL);           /* bridge_options */
        execvp(words[0], words);
        perror(words[0]);
        _exit(127);
    }
    return child;
}

/* Answers whoever asks until ImageJ is done. */
static bool answer_all(struct push *push, struct peer *peer, int listener, pid_t child)
{
    struct serve serve = {
        .program = "push", .listener = listener, .limits = push->limits, .function = answer, .context = push};
    time_t last = time(NULL);
    int status = 0;
    for (bool found = false; found || !push->measured->done;) {
        if (!serve_next(&serve, TICK, &found, peer->error, sizeof peer->error))
            return false;
        if (found || serve.count > 0)
            last = time(NULL);
        if (child > 0 && waitpid(child, &status, WNOHANG) == child) {
            child = -1;
            if (status != 0)
                return peer_fail(peer, "the command that starts ImageJ has failed");
        }
        if (!push->measured->done && push->limits.seconds > 0 && time(NULL) - last > push->limits.seconds)
            return peer_fail(peer,
                             "nothing from ImageJ for %d seconds: does it run, with its single instance listener?",
                             push->limits.seconds);
    }
    return true;
}

/* ImageJ shows a message for what else TIFF has, and waits; i1 it takes for u1. */
static bool is_shown(struct peer *peer, const npk_dtype *dtype)
{
    static const npk_type types[] = {NPK_UINT8, NPK_UINT16, NPK_UINT32, NPK_INT16, NPK_INT32, NPK_FLOAT32};
    char found[128];
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i] == npk_dtype_type(dtype))
            return true;
    npk_dtype_repr(dtype, found, sizeof found);
    return peer_fail(peer, "expected elements that ImageJ has (u1, u2, u4, i2, i4, f4), found %s", found);
}

/* ImageJ has stacks of colors of u1 alone: those of u2 become channels, (frames,) slices, rows, columns, 3 to frames,
 * slices, 3, rows, columns. */
static bool take_image(struct push *push, struct peer *peer, const npk_array *image)
{
    static const int axes[] = {0, 1, 4, 2, 3};
    npk_error error;
    npk_status status = npk_view_of(image, &push->view, &error);
    if (status == NPK_OK && npk_dtype_type(image->dtype) == NPK_UINT16 && (image->ndim == 4 || image->ndim == 5) &&
        image->shape[image->ndim - 1] == 3) {
        if (image->ndim == 4)
            status = npk_view_newaxis(&push->view.array, 0, &push->view, &error);
        if (status == NPK_OK)
            status = npk_view_transpose(&push->view.array, axes, &push->view, &error);
    }
    push->image = &push->view.array;
    return status == NPK_OK ? is_shown(peer, image->dtype) : peer_fail(peer, "%s", error.message);
}

static bool run(struct push *push, struct peer *peer, char **command)
{
    char where[64];
    const char *reason;
    uint64_t secret;
    npk_error error;
    if (tool_tiff_write(npk_sink_count, &push->size, push->image, NULL, &error) != NPK_OK)
        return peer_fail(peer, "%s", error.message);
    if (push->size > push->limits.message)
        return peer_fail(peer, "an image of %" PRIu64 " bytes is longer than the limit of %" PRIu64, push->size,
                         push->limits.message);
    if (getrandom(&secret, sizeof secret, 0) != sizeof secret)
        return peer_fail(peer, "no random numbers");
    snprintf(push->secret, sizeof push->secret, "%016" PRIx64, secret);
    push->measured = mmap(NULL, sizeof *push->measured, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (push->measured == MAP_FAILED)
        return peer_fail(peer, "not enough memory");
    const int listener = peer_listen("127.0.0.1:0", where, sizeof where, &reason);
    if (listener < 0)
        return peer_fail(peer, "127.0.0.1: %s", reason);
    write_macro(push, where);
    const pid_t child = start(command, push->macro);
    const bool good = child > 0 ? answer_all(push, peer, listener, child) : peer_fail(peer, "ImageJ: not started");
    if (child > 0 && !good)
        kill(-child, SIGTERM); /* it may wait for an ImageJ that shows a message */
    close(listener);
    return good;
}

static const char usage[] = "usage: push FILE [COMMAND [ARGUMENT...]] [--array PATH] [--title TEXT] [--limit BYTES]\n"
                            "            [--timeout SECONDS]\n";

int main(int argc, char **argv)
{
    struct push push = {.size = 0};
    struct peer peer = {.fd = -1};
    const char *title = NULL, *path = NULL;
    const bridge_option more[] = {{"--title", &title, NULL}, {"--array", &path, NULL}, {NULL, NULL, NULL}};
    npk_array *image = NULL;
    npk_error error;
    const int left = bridge_options(argc, argv, &push.limits, more, usage);
    if (left < 2)
        return bridge_usage(usage);
    argv[left] = NULL;
    if (npk_array_load(argv[1], path, NULL, NULL, &image, &error) != NPK_OK) {
        fprintf(stderr, "push: %s\n", peer_file_error(argv[1], &error));
        return 1;
    }
    take_name(&push, title, argv[1]);
    const bool good = take_image(&push, &peer, image) && run(&push, &peer, argv + 2);
    if (!good)
        fprintf(stderr, "push: %s\n", peer.error);
    npk_array_free(image);
    return good ? 0 : 1;
}
