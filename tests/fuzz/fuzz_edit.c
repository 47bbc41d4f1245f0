/* Any bytes as a pickle that is changed, in ways that the bytes behind it tell (its own where there are none): whatever was not refused must
 * be written at every protocol, and load as the same. */
#include "edits.h"
#include "mutate.h"

#include <npickle.h>

static void write_again(const npk_doc *doc, int protocol)
{
    npk_writer *w = NULL;
    npk_error error = {.status = NPK_OK};
    uint8_t *bytes = NULL;
    size_t size = 0;
    npk_write_options options = {.protocol_given = true, .protocol = protocol};
    DEMAND(npk_writer_memory(&options, &w, &error) == NPK_OK);
    npk_write_value(w, npk_doc_root(doc));
    npk_status status = npk_writer_finish_memory(w, &bytes, &size, &error);
    if (status != NPK_OK) {
        if (status != NPK_ERR_LIMIT && status != NPK_ERR_UNSUPPORTED && status != NPK_ERR_TOO_LARGE)
            fprintf(stderr, "%s at protocol %d: %s\n", npk_status_name(status), protocol, error.message);
        DEMAND(status == NPK_ERR_LIMIT || status == NPK_ERR_UNSUPPORTED || status == NPK_ERR_TOO_LARGE);
        return;
    }
    fuzz_read_again(doc, &options, bytes, size, FUZZ_SAME_EDITED);
    npk_bytes_free(NULL, bytes, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    npk_reader *reader = NULL;
    npk_doc *doc = NULL;
    npk_error error;
    DEMAND(npk_reader_memory(data, size, NULL, &reader, &error) == NPK_OK);
    if (npk_reader_next(reader, &doc, &error) == NPK_OK && doc != NULL) {
        change_by(doc, data, size, npk_reader_offset(reader));
        for (int protocol = 0; protocol <= 5; protocol++)
            write_again(doc, protocol);
    }
    npk_doc_free(doc);
    npk_reader_close(reader);
    return 0;
}
