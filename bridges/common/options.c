#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_MOST INT64_MAX
#define TIMEOUT_MOST 86400 /* a day */

bool bridge_number(const char *name, const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
    char *end = NULL;
    errno = 0;
    *out = text == NULL || text[0] < '0' || text[0] > '9' ? 0 : strtoull(text, &end, 10);
    if (end != NULL && *end == '\0' && errno == 0 && *out >= least && *out <= most)
        return true;
    fprintf(stderr, "%s: expected a number from %" PRIu64 " to %" PRIu64 ", found %s\n", name, least, most,
            text == NULL ? "the end" : text);
    return false;
}

static void help(const char *usage, bool limited)
{
    fputs(usage, stdout);
    if (limited)
        printf("\n  --limit BYTES      of one message: 1 to %" PRIu64 "; 1 GiB unless it is given\n"
               "  --timeout SECONDS  without a byte: 1 to %d, or 0: no end; 30 unless it is given\n",
               (uint64_t)LIMIT_MOST, TIMEOUT_MOST);
    exit(0);
}

static const bridge_option *find(const bridge_option *more, const char *name)
{
    while (more != NULL && more->name != NULL && strcmp(more->name, name) != 0)
        more++;
    return more == NULL || more->name == NULL ? NULL : more;
}

/* One option; *used gets how many of the arguments it takes, 0 where it is none. */
static bool take(char **at, peer_limits *limits, const bridge_option *more, int *used)
{
    const bridge_option *option = find(more, at[0]);
    uint64_t number = 0;
    *used = strncmp(at[0], "--", 2) == 0 ? 2 : 0;
    if (*used == 0)
        return true;
    if (option != NULL && option->flag != NULL) {
        *option->flag = true;
        *used = 1;
    } else if (option != NULL && at[1] != NULL) {
        *option->text = at[1];
    } else if (option != NULL) {
        fprintf(stderr, "%s: expected a value, found the end\n", at[0]);
        return false;
    } else if (limits != NULL && strcmp(at[0], "--limit") == 0) {
        return bridge_number(at[0], at[1], 1, LIMIT_MOST, &limits->message);
    } else if (limits != NULL && strcmp(at[0], "--timeout") == 0) {
        if (!bridge_number(at[0], at[1], 0, TIMEOUT_MOST, &number))
            return false;
        limits->seconds = (int)number;
    } else {
        fprintf(stderr, "%s: there is no such option\n", at[0]);
        return false;
    }
    return true;
}

int bridge_options(int argc, char **argv, peer_limits *limits, const bridge_option *more, const char *usage)
{
    int left = 1, used;
    signal(SIGPIPE, SIG_IGN); /* who reads standard error may go: no reason to end with a task at hand */
    if (limits != NULL)
        *limits = (peer_limits){.message = (uint64_t)1 << 30, .seconds = 30};
    for (int i = 1; i < argc; i += used) {
        if (strcmp(argv[i], "--help") == 0)
            help(usage, limits != NULL);
        if (!take(argv + i, limits, more, &used))
            return -1;
        if (used == 0)
            argv[left++] = argv[i];
        used = used == 0 ? 1 : used;
    }
    return left;
}

int bridge_usage(const char *usage)
{
    fputs(usage, stderr);
    return 2;
}
