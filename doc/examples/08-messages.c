/* Many small messages: one writer makes all of them, one reader takes them in memory that it keeps; and what can be had of one without
 * a document: its opcodes, and its numbers as a C array. */
#include <npickle.h>
#include <stdio.h>

enum { MESSAGES = 3, NUMBERS = 4 };

static uint8_t sent[4096];
static size_t ends[MESSAGES];

/* Each of them a pickle of its own: a list of floats. */
static npk_status write_all(npk_error *error)
{
    npk_fixed_buffer buffer = {.bytes = sent, .size = sizeof sent};
    npk_writer *w = NULL;
    npk_status status = npk_writer_callback(npk_sink_fixed, &buffer, NULL, &w, error);
    if (status != NPK_OK)
        return status;
    for (int i = 0; i < MESSAGES; i++) {
        const double numbers[NUMBERS] = {i, i + 0.25, i + 0.5, i + 0.75};
        npk_write_doubles(w, numbers, NUMBERS);
        if (i + 1 < MESSAGES) {
            npk_writer_next(w); /* when it returns, the buffer has all of this one */
            ends[i] = buffer.used;
        }
    }
    status = npk_writer_finish(w, error);
    ends[MESSAGES - 1] = buffer.used;
    return status;
}

static npk_status read_all(npk_error *error)
{
    npk_reader *reader = NULL;
    npk_status status = npk_reader_memory(sent, ends[0], NULL, &reader, error);
    for (int i = 0; status == NPK_OK; i++) {
        npk_doc *doc = NULL;
        status = npk_reader_next(reader, &doc, error);
        if (status == NPK_OK)
            printf("message %d: a %s of %d\n", i, npk_kind_name(npk_value_kind(npk_doc_root(doc))), (int)npk_value_size(npk_doc_root(doc)));
        npk_reader_reuse(reader, doc); /* its memory is the next one's */
        if (status != NPK_OK || i + 1 == MESSAGES)
            break;
        status = npk_reader_again(reader, sent + ends[i], ends[i + 1] - ends[i], error);
    }
    npk_reader_close(reader);
    return status;
}

/* The first message, without a document. */
static npk_status look(npk_error *error)
{
    int floats = 0;
    npk_cursor at;
    npk_status status = npk_cursor_start(&at, sent, ends[0], error);
    while (status == NPK_OK && (status = npk_cursor_next(&at, error)) == NPK_OK && at.opcode[0] != '.')
        floats += npk_cursor_row(&at)->kind == NPK_KIND_FLOAT;
    if (status == NPK_OK)
        printf("%d opcodes make floats\n", floats);
    double numbers[NUMBERS];
    size_t count;
    if (status == NPK_OK)
        status = npk_doubles_load_memory(sent, ends[0], NULL, NULL, numbers, NUMBERS, &count, error);
    if (status == NPK_OK)
        printf("the last of %d is %g\n", (int)count, numbers[count - 1]);
    return status;
}

int main(void)
{
    npk_error error;
    if (write_all(&error) == NPK_OK && read_all(&error) == NPK_OK && look(&error) == NPK_OK)
        return 0;
    fprintf(stderr, "%s\n", error.message);
    return 1;
}
