/* Files that a transfer in text mode has changed: seen by their bytes, undone where that is certain. */
#include <npickle/textmode.h>

#include <npickle/cursor.h>
#include <npickle/torch.h>

#include "base/allocator.h"
#include "base/bytes.h"
#include "base/error.h"
#include "opcode/instruction.h"
#include "reader/options.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define MARK_SIZE (sizeof BYTE_ORDER_MARK - 1)

typedef struct line_ends {
    uint64_t cr, lf, crlf;
} line_ends;

static line_ends count_line_ends(const uint8_t *bytes, size_t size)
{
    line_ends found = {0, 0, 0};
    for (size_t i = 0; i < size; i++) {
        found.cr += bytes[i] == '\r';
        found.lf += bytes[i] == '\n';
        found.crlf += bytes[i] == '\n' && i > 0 && bytes[i - 1] == '\r';
    }
    return found;
}

#define EXPECTED 8 /* of 0x0d 0x0a by chance; that none is there has then a probability of e**-8 */

npk_text_mode npk_text_mode_of(const void *bytes, size_t size)
{
    if (bytes == NULL)
        return NPK_TEXT_MODE_NONE;
    line_ends found = count_line_ends(bytes, size);
    if (found.lf > 0 && found.crlf == found.lf)
        return NPK_TEXT_MODE_CRLF;
    bool several = found.lf > 0 && found.cr / EXPECTED >= (size - 1) / found.lf + 1; /* cr * lf / size */
    return several && found.crlf == 0 ? NPK_TEXT_MODE_LF : NPK_TEXT_MODE_NONE;
}

const char *npk_text_mode_text(npk_text_mode mode)
{
    static const char *const texts[] = {
#define TEXT(mode, value, text) [value] = (text),
        NPK_TEXT_MODE_ROWS(TEXT)
#undef TEXT
    };
    return (unsigned)mode < sizeof texts / sizeof *texts ? texts[mode] : texts[NPK_TEXT_MODE_NONE];
}

/* --- undoing it --- */

/* Whether nothing but objects was kept, as their calls or states are refused: line ends change no more than these. */
static bool keeps_objects_alone(const npk_doc *doc)
{
    const npk_value *fault = NULL;
    for (size_t i = 0; (fault = npk_doc_fault(doc, i)) != NULL; i++)
        if (npk_value_kind(fault) != NPK_KIND_OBJECT)
            return false;
    return true;
}

/* *sound: nothing was kept that says that bytes are missing, or too many. */
static npk_status read_pickles(const uint8_t *bytes, size_t size, const npk_read_options *options, bool *sound,
                               npk_error *error)
{
    npk_reader *reader;
    npk_doc *doc = NULL;
    npk_status status = npk_reader_memory(bytes, size, options, &reader, error);
    if (status != NPK_OK)
        return status;
    do {
        npk_doc_free(doc);
        status = npk_reader_next(reader, &doc, error);
        *sound = *sound && status == NPK_OK && keeps_objects_alone(doc);
    } while (status == NPK_OK && doc != NULL);
    npk_reader_close(reader);
    return status;
}

/* All of it, to the last byte. */
static npk_status read_all(const uint8_t *bytes, size_t size, const npk_read_options *options, bool *sound,
                           npk_error *error)
{
    *sound = true;
    npk_npy *npy = NULL;
    npk_torch *torch = NULL;
    npk_status status = npk_npy_is(bytes, size)     ? npk_npy_load_memory(bytes, size, options, &npy, error)
                        : npk_torch_is(bytes, size) ? npk_torch_load_memory(bytes, size, options, &torch, error)
                                                    : read_pickles(bytes, size, options, sound, error);
    npk_npy_free(npy);
    npk_torch_free(torch);
    return status;
}

static bool ends_in_cr(const uint8_t *line, size_t size)
{
    return size > 0 && line[size - 1] == '\r';
}

/* A line of a pickle, or the header of a .npy file, that ends in 0x0d 0x0a: a reader takes the 0x0d for a part of
 * it. */
static bool has_line_with_cr(const uint8_t *bytes, size_t size)
{
    npk_cursor at;
    npk_instruction in;
    if (npk_npy_is(bytes, size)) {
        const uint8_t *end = memchr(bytes, '\n', size);
        return end != NULL && ends_in_cr(bytes, (size_t)(end - bytes));
    }
    npk_status status = npk_cursor_start(&at, bytes, size, NULL);
    while (status == NPK_OK && (status = npk_cursor_next(&at, NULL)) == NPK_OK)
        if (npki_arguments[npk_cursor_row(&at)->argument].form >= NPKI_FORM_LINE && npk_cursor_instruction(&at, &in) &&
            (ends_in_cr(in.argument, in.size) || ends_in_cr(in.second, in.second_size)))
            return true;
    return false;
}

/* Without a mark in front, and without the 0x0d before each 0x0a. */
static void leave_out(const uint8_t *bytes, size_t size, uint8_t *out)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != '\r' || i + 1 == size || bytes[i + 1] != '\n')
            *out++ = bytes[i];
}

static npk_status undo(const uint8_t *bytes, size_t size, const npk_read_options *options, uint8_t **out,
                       size_t *out_size, npk_error *error)
{
    npk_allocator allocator = npki_allocator(options != NULL ? options->allocator : NULL);
    bool marked = size >= MARK_SIZE && memcmp(bytes, BYTE_ORDER_MARK, MARK_SIZE) == 0;
    line_ends found = count_line_ends(bytes, size);
    bool other = marked && found.crlf == 0; /* an editor put the mark there, and left the rest alone */
    if (!other && (found.lf == 0 || found.crlf != found.lf))
        return NPK_OK;
    size_t mark = marked ? MARK_SIZE : 0, room = size - mark - (size_t)found.crlf;
    uint8_t *mended = npki_allocate(&allocator, room);
    if (mended == NULL)
        return npki_no_memory(error);
    bool sound;
    leave_out(bytes + mark, size - mark, mended);
    if (read_all(mended, room, options, &sound, NULL) != NPK_OK || !sound) {
        npki_free(&allocator, mended, room);
        return NPK_OK;
    }
    *out = mended;
    *out_size = room;
    return NPK_OK;
}

npk_status npk_undo_crlf(const void *bytes, size_t size, const npk_read_options *options, uint8_t **out,
                         size_t *out_size, npk_error *error)
{
    if (out != NULL)
        *out = NULL;
    bytes = npki_given(bytes, size);
    if (bytes == NULL || out == NULL || out_size == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected bytes and a place for others, found NULL");
    *out_size = 0;
    npk_status status = npki_read_options_check(options, error);
    if (status != NPK_OK)
        return status;
    npk_error as_it_is;
    bool sound;
    npk_status plain = read_all(bytes, size, options, &sound, &as_it_is);
    if (plain == NPK_OK && sound && !has_line_with_cr(bytes, size))
        return NPK_OK;
    status = undo(bytes, size, options, out, out_size, error);
    if (status != NPK_OK || *out != NULL || plain == NPK_OK)
        return status;
    if (error != NULL)
        *error = as_it_is;
    return plain;
}
