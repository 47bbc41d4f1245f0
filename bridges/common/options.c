#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool take_number(const char *name, const char *text, uint64_t *out)
{
    char *end = NULL;
    unsigned long long number = text == NULL || text[0] == '-' ? 0 : strtoull(text, &end, 10);
    *out = number;
    if (end != NULL && end != text && *end == '\0')
        return true;
    fprintf(stderr, "%s: expected a number, found %s\n", name, text == NULL ? "the end" : text);
    return false;
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
    } else if (strcmp(at[0], "--limit") == 0) {
        return take_number(at[0], at[1], &limits->message);
    } else if (strcmp(at[0], "--timeout") == 0) {
        if (!take_number(at[0], at[1], &number))
            return false;
        limits->seconds = number > 86400 ? 86400 : (int)number;
    } else {
        fprintf(stderr, "%s: there is no such option\n", at[0]);
        return false;
    }
    return true;
}

int bridge_options(int argc, char **argv, peer_limits *limits, const bridge_option *more)
{
    int left = 1, used;
    *limits = (peer_limits){.message = (uint64_t)1 << 30, .seconds = 30};
    for (int i = 1; i < argc; i += used) {
        if (!take(argv + i, limits, more, &used))
            return -1;
        if (used == 0)
            argv[left++] = argv[i];
        used = used == 0 ? 1 : used;
    }
    return left;
}
