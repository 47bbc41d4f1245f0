#include "format.h"

#include "common.h"
#include "option.h"
#include "output.h"
#include "tiff.h"
#include "zexp.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- pickles ------------------------------------------------------------------------------------------------------ */

static npk_status open_pickles(const void *bytes, size_t size, const npk_read_options *options, void **state,
                               npk_error *error)
{
    npk_reader *reader = NULL;
    npk_status status = npk_reader_memory(bytes, size, options, &reader, error);
    *state = reader;
    return status;
}

static npk_status open_pickle_stream(npk_read_function *read, void *context, const npk_read_options *options,
                                     void **state, npk_error *error)
{
    npk_reader *reader = NULL;
    npk_status status = npk_reader_callback(read, context, options, &reader, error);
    *state = reader;
    return status;
}

static npk_status next_pickle(void *state, tool_item *item, bool *found, npk_error *error)
{
    npk_doc *doc = NULL;
    npk_status status = npk_reader_next(state, &doc, error);
    *item = (tool_item){.doc = doc, .own = doc};
    *found = status == NPK_OK && doc != NULL;
    return status;
}

static void take_back_pickle(void *state, npk_doc *own)
{
    npk_reader_reuse(state, own);
}

static void close_pickles(void *state)
{
    npk_reader_close(state);
}

static uint64_t padding_of_pickles(const void *state)
{
    return npk_reader_padding(state);
}

static npk_status write_pickle(npk_write_function *write, void *context, const npk_array *array,
                               const npk_write_options *options, tool_left_out *left, npk_error *error)
{
    npk_writer *writer;
    npk_status status = npk_writer_callback(write, context, options, &writer, error);
    if (status != NPK_OK)
        return status;
    if (npk_dtype_type(array->dtype) == NPK_VSTRING && array->source != NULL) /* not in every NumPy: the writer looks */
        npk_write_value(writer, array->source);
    else
        npk_write_array(writer, array); /* its error is sticky */
    tool_take_left_out(left, npk_writer_left_out(writer));
    return npk_writer_finish(writer, error);
}

/* --- .npy --------------------------------------------------------------------------------------------------------- */

typedef struct npy_state {
    npk_npy *npy;
    bool given;
} npy_state;

static npk_status open_npy(const void *bytes, size_t size, const npk_read_options *options, void **state,
                           npk_error *error)
{
    npy_state *own = calloc(1, sizeof *own);
    *state = own;
    return own == NULL ? tool_fail_memory(error) : npk_npy_load_memory(bytes, size, options, &own->npy, error);
}

static npk_status next_npy(void *state, tool_item *item, bool *found, npk_error *error)
{
    npy_state *own = state;
    (void)error;
    *found = !own->given;
    own->given = true;
    *item = (tool_item){
        .doc = npk_npy_doc(own->npy), .array = npk_npy_array(own->npy), .base = npk_npy_header_size(own->npy)};
    return NPK_OK;
}

static void close_npy(void *state)
{
    npy_state *own = state;
    if (own != NULL)
        npk_npy_free(own->npy);
    free(own);
}

static void describe_npy(const void *state, FILE *out)
{
    const npy_state *own = state;
    fprintf(out, ".npy version %d, header of %" PRIu64 " bytes", npk_npy_version(own->npy),
            npk_npy_header_size(own->npy));
}

static void describe_npy_json(const void *state, tool_json *json)
{
    const npy_state *own = state;
    tool_json_key(json, "version");
    tool_json_int(json, npk_npy_version(own->npy));
}

static npk_status write_npy(npk_write_function *write, void *context, const npk_array *array,
                            const npk_write_options *options, tool_left_out *left, npk_error *error)
{
    npk_error lost;
    npk_status status = npk_npy_write_noting(write, context, array, options, &lost, error);
    if (status == NPK_OK)
        tool_take_left_out(left, lost.message);
    return status;
}

static npk_status write_tiff(npk_write_function *write, void *context, const npk_array *array,
                             const npk_write_options *options, tool_left_out *left, npk_error *error)
{
    (void)left;
    return tool_tiff_write(write, context, array, options, error);
}

/* --- files of PyTorch --------------------------------------------------------------------------------------------- */

typedef struct torch_state {
    npk_torch *torch;
    int next;
} torch_state;

static npk_status open_torch(const void *bytes, size_t size, const npk_read_options *options, void **state,
                             npk_error *error)
{
    torch_state *own = calloc(1, sizeof *own);
    *state = own;
    return own == NULL ? tool_fail_memory(error) : npk_torch_load_memory(bytes, size, options, &own->torch, error);
}

static npk_status next_torch(void *state, tool_item *item, bool *found, npk_error *error)
{
    torch_state *own = state;
    (void)error;
    *item = (tool_item){.base = npk_torch_base(own->torch)};
    while (item->doc == NULL && own->next <= NPK_TORCH_KEYS) /* an archive has but one */
        item->doc = npk_torch_doc(own->torch, (npk_torch_part)own->next++);
    *found = item->doc != NULL;
    return NPK_OK;
}

static void close_torch(void *state)
{
    torch_state *own = state;
    if (own != NULL)
        npk_torch_free(own->torch);
    free(own);
}

static void describe_torch(const void *state, FILE *out)
{
    const torch_state *own = state;
    npk_torch_storage storage;
    size_t count = 0;
    bool archive = npk_torch_form_of(own->torch) == NPK_TORCH_ARCHIVE;
    fputs(archive ? "PyTorch, a zip archive, one pickle and storages:"
                  : "PyTorch before its zip archives, five pickles, then storages:",
          out);
    for (; npk_torch_storage_of(own->torch, count, &storage); count++) {
        char dtype[TOOL_DIALECT];
        npk_dtype_str(storage.elements.dtype, dtype, sizeof dtype);
        fprintf(out, "\n  '");
        tool_print_text(out, storage.key, storage.key_size);
        fprintf(out, "' at byte %" PRIu64 ": %" PRId64 " x %s, %" PRId64 " byte%s", storage.offset,
                npk_array_count(&storage.elements), dtype, npk_array_nbytes(&storage.elements),
                TOOL_S(npk_array_nbytes(&storage.elements)));
    }
    fputs(count == 0 ? " none" : "", out);
}

static void describe_torch_json(const void *state, tool_json *json)
{
    const torch_state *own = state;
    npk_torch_storage storage;
    npk_error error;
    tool_json_key(json, "storages");
    tool_json_begin(json, '[');
    for (size_t i = 0; npk_torch_storage_of(own->torch, i, &storage); i++) {
        tool_json_begin(json, '{');
        tool_json_key(json, "key");
        tool_json_text(json, storage.key, storage.key_size);
        tool_json_key(json, "dtype");
        if (tool_json_descr(json, storage.elements.dtype, &error) != NPK_OK)
            tool_json_null(json);
        tool_json_key(json, "count");
        tool_json_int(json, npk_array_count(&storage.elements));
        tool_json_key(json, "offset");
        tool_json_uint(json, storage.offset);
        tool_json_key(json, "nbytes");
        tool_json_int(json, npk_array_nbytes(&storage.elements));
        tool_json_end(json, '}');
    }
    tool_json_end(json, ']');
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

#define MARK(text)                                                                                                     \
    {                                                                                                                  \
        text, sizeof(text) - 1                                                                                         \
    }

/* The magic number of a file of PyTorch before 1.6, behind PROTO. */
#define TORCH_NUMBER "\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19."

/* The last row is that of a file which no other row knows. */
static const tool_format formats[] = {
    {
        .name = "npy",
        .title = ".npy file",
        .endings = {"npy"},
        .is = npk_npy_is,
        .marks = {MARK("\x93NUMPY")},
        .open = open_npy,
        .next = next_npy,
        .close = close_npy,
        .describe = describe_npy,
        .describe_json = describe_npy_json,
        .rewritten = true,
        .write = write_npy,
    },
    {
        .name = "tiff",
        .title = "TIFF file",
        .endings = {"tif", "tiff"},
        .is = tool_tiff_is,
        .marks = {MARK("II*\0"), MARK("MM\0*")},
        .open = tool_tiff_open,
        .close = tool_tiff_close,
        .write = write_tiff,
    },
    {
        .name = "torch",
        .title = "file of PyTorch",
        .not_rewritten = "npickle reads these, and writes none",
        .is = npk_torch_is,
        .marks = {MARK("PK\3\4"), MARK("\x80\2" TORCH_NUMBER), MARK("\x80\3" TORCH_NUMBER)},
        .open = open_torch,
        .next = next_torch,
        .close = close_torch,
        .describe = describe_torch,
        .describe_json = describe_torch_json,
    },
    {
        .name = "zexp",
        .title = ".zexp file",
        .endings = {"zexp"},
        .rewritten = true,
        .put_size = tool_zexp_put_size,
        .is = tool_zexp_is,
        .marks = {MARK("ZEXP")},
        .open = tool_zexp_open,
        .next = tool_zexp_next,
        .close = tool_zexp_close,
        .describe = tool_zexp_describe,
        .describe_json = tool_zexp_describe_json,
    },
    {
        .name = "pickle",
        .title = "pickle",
        .endings = {"pkl", "pickle", "p"},
        .any_value = true,
        .open = open_pickles,
        .open_stream = open_pickle_stream,
        .next = next_pickle,
        .take_back = take_back_pickle,
        .close = close_pickles,
        .padding = padding_of_pickles,
        .rewritten = true,
        .write = write_pickle,
    },
};

#define FORMATS (sizeof formats / sizeof *formats)
#define ENDINGS (sizeof formats->endings / sizeof *formats->endings)

const tool_format *tool_format_of_bytes(const void *bytes, size_t size)
{
    const tool_format *format = formats;
    while (format->is != NULL && !format->is(bytes, size))
        format++;
    return format;
}

tool_marked tool_format_marked(const void *bytes, size_t size)
{
    for (const tool_format *format = formats; format->is != NULL; format++)
        for (size_t i = 0; i < TOOL_MARKS && format->marks[i].bytes != NULL; i++) {
            const tool_mark *mark = &format->marks[i];
            if (memcmp(bytes, mark->bytes, size < mark->size ? size : mark->size) == 0)
                return size < mark->size ? TOOL_MARK_BEGINS : TOOL_MARKED;
        }
    return TOOL_NOT_MARKED;
}

static const tool_format *named(const char *ending)
{
    for (size_t i = 0; i < FORMATS; i++)
        for (size_t k = 0; k < ENDINGS && formats[i].endings[k] != NULL; k++)
            if (strcasecmp(formats[i].endings[k], ending) == 0)
                return &formats[i];
    return NULL;
}

void tool_format_endings(char room[TOOL_ENDINGS_ROOM], const char *dot, const char *last)
{
    size_t used = 0;
    for (size_t i = 0; i < FORMATS && used < TOOL_ENDINGS_ROOM; i++) {
        if (formats[i].write == NULL)
            continue;
        const char *before = i == 0 ? "" : i + 1 == FORMATS ? last : ", ";
        used += (size_t)snprintf(room + used, TOOL_ENDINGS_ROOM - used, "%s%s%s", before, dot, formats[i].endings[0]);
    }
}

int tool_parse_format(const char *command, const char *to, const char *path, const tool_format **out)
{
    char endings[TOOL_ENDINGS_ROOM];
    const char *dot = strrchr(path, '.');
    *out = to != NULL ? named(to) : dot == NULL ? NULL : named(dot + 1);
    if (to == NULL || *out != NULL)
        return TOOL_GO_ON;
    tool_format_endings(endings, "", " or ");
    return tool_usage(command, "--to: expected %s, found '%s'", endings, to);
}
