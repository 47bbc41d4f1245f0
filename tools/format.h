/* The formats of files that hold arrays: one row each says how it is known, read and written. */
#ifndef NPICKLE_FORMAT_H
#define NPICKLE_FORMAT_H

#include "json.h"
#include "tool.h"

/* One thing that a file holds. */
typedef struct tool_item {
    const npk_doc *doc;     /* a pickle, which may lie inside another format; NULL where there is none */
    npk_doc *own;           /* the same, if it may be changed; else NULL */
    const npk_array *array; /* an array that the format holds as such, also where its objects are in `doc`; else NULL */
    uint64_t base; /* where the bytes that `doc` counts its offsets from, or those of the array, begin in the file */
    uint64_t end;  /* of a record with a header, which begins at `base` */
} tool_item;

#define TOOL_RECORD_HEADER 16
#define TOOL_MARKS 3

/* How the files of a format begin. */
typedef struct tool_mark {
    const char *bytes;
    size_t size;
} tool_mark;

typedef struct tool_format {
    const char *name;       /* "pickle": in info --json */
    const char *title;      /* ".npy file": in messages */
    const char *endings[4]; /* of names, in any case, and of --to; messages show the first of those that are written */
    bool any_value;         /* holds what Python has, not arrays alone */
    bool rewritten;         /* a change inside leaves the rest as it was */
    const char *not_rewritten; /* why not */

    /* --- reading --- */

    /* By its first bytes; NULL: any file that is not one of the others. */
    bool (*is)(const void *bytes, size_t size);
    tool_mark marks[TOOL_MARKS]; /* with one of which all of its files begin */
    /* The bytes are borrowed until `close`. A format that is written and not read says so here. */
    npk_status (*open)(const void *bytes, size_t size, const npk_read_options *options, void **state, npk_error *error);
    /* Without all bytes at hand; NULL: it takes all of them. */
    npk_status (*open_stream)(npk_read_function *read, void *context, const npk_read_options *options, void **state,
                              npk_error *error);
    /* *found false after the last. item->own is the caller's, until npk_doc_free; all else is borrowed from the
     * state. */
    npk_status (*next)(void *state, tool_item *item, bool *found, npk_error *error);
    void (*take_back)(void *state, npk_doc *own); /* in the place of npk_doc_free, before the next one; NULL: can't */
    void (*close)(void *state); /* NULL is good */
    uint64_t (*padding)(const void *state); /* bytes passed over so far; NULL: there can be none */
    /* What info tells of the file as a whole, as text and as members of JSON; NULL: nothing. */
    void (*describe)(const void *state, FILE *out);
    void (*describe_json)(const void *state, tool_json *json);

    /* --- writing --- */

    /* Writes into the header of a record, which stands before it, how many bytes it has; NULL: there are no records. */
    void (*put_size)(uint8_t header[TOOL_RECORD_HEADER], uint64_t size);
    /* A file with one array; NULL: it is not written. *left gets what it has lost (output.h). */
    npk_status (*write)(npk_write_function *write, void *context, const npk_array *array,
                        const npk_write_options *options, struct tool_left_out *left, npk_error *error);
} tool_format;

#define TOOL_FIRST_BYTES 15 /* the longest mark, which is enough for `is` */

/* The format of a file that begins with these bytes. */
const tool_format *tool_format_of_bytes(const void *bytes, size_t size);

/* What the first bytes of a file say of marks. */
typedef enum tool_marked {
    TOOL_NOT_MARKED,
    TOOL_MARK_BEGINS, /* more bytes may tell a format */
    TOOL_MARKED       /* they have told one */
} tool_marked;

tool_marked tool_format_marked(const void *bytes, size_t size);

/* The option --to: the format by one of its endings, without the dot. */
/* clang-format off */
#define TOOL_OPTION_TO(letter, otherwise)                                                                              \
    {"to", (letter), "FORMAT", "npy, tif or pkl; by default the ending of OUT decides" otherwise}
/* clang-format on */

/* What --to (NULL: not given) or else the ending of `path` says; *out is NULL where neither does. Returns TOOL_GO_ON
 * or, for a --to that is not a format, an exit status. */
int tool_parse_format(const char *command, const char *to, const char *path, const tool_format **out);

#define TOOL_ENDINGS_ROOM 64

/* The first ending of each format, with `dot` before and `last` before the last: "npy, tif or pkl". */
void tool_format_endings(char room[TOOL_ENDINGS_ROOM], const char *dot, const char *last);

#endif
