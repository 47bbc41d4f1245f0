/* lib/writer/path.c, buffers.c, options.c, open.c: writers to a path, and what a program gives a writer */
#define _POSIX_C_SOURCE 200809L

#include "counted.h"
#include "folder.h"

#include <npickle.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(path, .init = enter_folder, .fini = leave_folder);

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    cr_assert(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void expect_file(const char *path, const char *expected, size_t size)
{
    char bytes[1000];
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s is missing", path);
    cr_assert_eq(fread(bytes, 1, sizeof bytes, file), size);
    cr_assert_arr_eq(bytes, expected, size);
    fclose(file);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Nothing else lies in the folder than so many files. */
static int count_files(void)
{
    FILE *list = popen("ls -A | wc -l", "r");
    int count = -1;
    cr_assert_eq(fscanf(list, "%d", &count), 1);
    pclose(list);
    return count;
}

Test(path, a_writer_puts_its_file_there_when_it_is_whole)
{
    npk_writer *writer;
    put("x", "old");
    cr_assert_eq(chmod("x", 0640), 0);
    cr_assert_eq(npk_writer_open("x", NULL, &writer, NULL), NPK_OK);
    npk_write_int(writer, 7);
    expect_file("x", "old", 3);
    cr_assert_eq(npk_writer_finish(writer, NULL), NPK_OK);
    expect_file("x", "\x80\x02K\x07.", 5);
    struct stat info;
    cr_assert(stat("x", &info) == 0 && (info.st_mode & 0777) == 0640);
    cr_assert_eq(count_files(), 1);
}

Test(path, a_writer_that_fails_or_is_abandoned_leaves_the_old_file)
{
    npk_writer *writer;
    npk_error error;
    put("x", "old");
    cr_assert_eq(npk_writer_open("x", NULL, &writer, NULL), NPK_OK);
    npk_write_begin_list(writer, NPK_UNKNOWN);
    cr_assert_eq(npk_writer_finish(writer, &error), NPK_ERR_USAGE);
    cr_assert_eq(npk_writer_open("x", NULL, &writer, NULL), NPK_OK);
    npk_write_int(writer, 7);
    npk_writer_abandon(writer);
    cr_assert_eq(npk_writer_open("x", &(npk_write_options){.protocol = 9}, &writer, NULL), NPK_ERR_USAGE);
    expect_file("x", "old", 3);
    cr_assert_eq(count_files(), 1);
}

Test(path, one_pickle_after_another)
{
    npk_writer *writer;
    npk_reader *reader;
    npk_doc *doc;
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(npk_writer_append("log", NULL, &writer, NULL), NPK_OK);
        npk_write_int(writer, i);
        cr_assert_eq(npk_writer_finish(writer, NULL), NPK_OK);
    }
    expect_file("log", "\x80\x02K\0.\x80\x02K\x01.\x80\x02K\x02.", 15);
    FILE *file = fopen("log", "rb");
    cr_assert_eq(npk_reader_file(file, NULL, &reader, NULL), NPK_OK);
    for (int64_t i = 0; i < 3; i++) {
        int64_t number;
        cr_assert(npk_reader_next(reader, &doc, NULL) == NPK_OK && doc != NULL);
        cr_assert(npk_value_to_int64(npk_doc_root(doc), &number) && number == i);
        npk_doc_free(doc);
    }
    cr_assert(npk_reader_next(reader, &doc, NULL) == NPK_OK && doc == NULL);
    npk_reader_close(reader);
    fclose(file);
}

/* A limit on the size of a file stands for a disk that fills up half-way. */
Test(path, what_can_not_be_appended_whole_is_taken_back)
{
    static const char zeros[300000];
    npk_writer *writer;
    npk_error error;
    put("log", "N.");
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){100000, RLIM_INFINITY}), 0);
    cr_assert_eq(npk_writer_append("log", NULL, &writer, NULL), NPK_OK);
    npk_write_begin_list(writer, NPK_UNKNOWN);
    for (int i = 0; i < 3; i++)
        npk_write_bytes(writer, zeros, 90000);
    npk_write_end(writer);
    cr_assert_eq(npk_writer_finish(writer, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, EFBIG);
    cr_assert_str_eq(error.message, "log: cannot write: File too large");
    expect_file("log", "N.", 2);
    cr_assert_eq(npk_writer_append("log", NULL, &writer, NULL), NPK_OK);
    npk_write_bytes(writer, zeros, 90000);
    npk_writer_abandon(writer);
    expect_file("log", "N.", 2);
    cr_assert_eq(npk_writer_open("new", NULL, &writer, NULL), NPK_OK);
    npk_write_bytes(writer, zeros, 300000);
    cr_assert_eq(npk_writer_finish(writer, &error), NPK_ERR_IO);
    cr_assert_str_eq(error.message, "new: cannot write: File too large");
    cr_assert_not(is_there("new"));
}

Test(path, a_place_that_is_not_there_is_named)
{
    npk_writer *writer = NULL;
    npk_error error;
    cr_assert_eq(npk_writer_append("nothing/x", NULL, &writer, &error), NPK_ERR_IO);
    cr_assert_str_eq(error.message, "nothing/x: cannot open: No such file or directory");
    cr_assert_eq(npk_writer_open("nothing/x", NULL, &writer, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, ENOENT);
    cr_assert_eq(npk_writer_append(".", NULL, &writer, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, EISDIR);
}

Test(path, null_is_an_error)
{
    npk_writer *writer;
    npk_reader *reader;
    npk_write_options options;
    npk_doc *doc;
    cr_assert_eq(npk_writer_open(NULL, NULL, &writer, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_writer_open("x", NULL, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_writer_append(NULL, NULL, &writer, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_writer_append("x", NULL, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_reader_file(NULL, NULL, &reader, NULL), NPK_ERR_USAGE);
    cr_assert_not(npk_write_options_for(NULL, &options));
    cr_assert_eq(npk_doc_load_memory("N.", 2, NULL, &doc, NULL), NPK_OK);
    cr_assert_not(npk_write_options_for(doc, NULL));
    npk_doc_free(doc);
    cr_assert_not(npk_buffers_collect(NULL, &(npk_buffer){.size = 0}));
    cr_assert_not(npk_buffers_collect(&(npk_buffers){.count = 0}, NULL));
    cr_assert_not(npk_buffers_collect(&(npk_buffers){.reserved = {1}}, &(npk_buffer){.size = 0}));
    npk_buffers_free(NULL);
    cr_assert_eq(count_files(), 0);
}

Test(path, without_memory_nothing_is_left)
{
    for (int append = 0; append < 2; append++) {
        npk_status status = NPK_ERR_MEMORY;
        for (size_t fail = 1; status != NPK_OK; fail++) {
            counted counter = {.fail = fail};
            npk_allocator allocator = {resize_counted, &counter};
            const npk_write_options options = {.allocator = &allocator};
            npk_writer *writer = NULL;
            status = append ? npk_writer_append("x", &options, &writer, NULL)
                            : npk_writer_open("x", &options, &writer, NULL);
            if (status == NPK_OK) {
                npk_write_int(writer, 7);
                status = npk_writer_finish(writer, NULL);
            }
            cr_assert(status == NPK_OK || status == NPK_ERR_MEMORY);
            cr_assert_eq(counter.held, 0);
            cr_assert_not(counter.wrong);
            struct stat info;
            if (status != NPK_OK)
                cr_assert(stat("x", &info) != 0 || info.st_size == 0);
        }
        expect_file("x", "\x80\x02K\x07.", 5);
        cr_assert_eq(unlink("x"), 0);
        cr_assert_eq(count_files(), 0);
    }
}

Test(path, a_file_is_flushed_and_a_full_disk_says_so)
{
    FILE *file = fopen("/dev/full", "wb");
    npk_writer *writer;
    npk_error error;
    if (file == NULL)
        cr_skip_test("there is no /dev/full");
    cr_assert_eq(npk_writer_file(file, NULL, &writer, NULL), NPK_OK);
    npk_write_int(writer, 7); /* five bytes, which would stay in the buffer */
    cr_assert_eq(npk_writer_finish(writer, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, ENOSPC);
    cr_assert_str_eq(error.message, "cannot write: No space left on device");
    fclose(file);
}

Test(path, a_size_that_was_counted_is_enough)
{
    static const char zeros[100000];
    uint64_t count = 0;
    uint8_t *bytes;
    size_t size;
    counted counter = {0};
    npk_allocator allocator = {resize_counted, &counter};
    npk_writer *writer;
    cr_assert_eq(npk_writer_callback(npk_sink_count, &count, &(npk_write_options){.protocol = 4}, &writer, NULL),
                 NPK_OK);
    npk_write_bytes(writer, zeros, sizeof zeros);
    cr_assert_eq(npk_writer_finish(writer, NULL), NPK_OK);
    const npk_write_options options = {.allocator = &allocator, .protocol = 4, .size_hint = (size_t)count};
    cr_assert_eq(npk_writer_memory(&options, &writer, NULL), NPK_OK);
    npk_write_bytes(writer, zeros, sizeof zeros);
    cr_assert_eq(npk_writer_finish_memory(writer, &bytes, &size, NULL), NPK_OK);
    cr_assert_eq(size, count);
    cr_assert_lt(counter.peak, size + 8192, "%zu for %zu", counter.peak,
                 size); /* it never grew: growing takes twice as much */
    npk_bytes_free(&allocator, bytes, size);
    const npk_write_options most = {.allocator = &allocator, .size_hint = SIZE_MAX};
    cr_assert_eq(npk_writer_memory(&most, &writer, NULL), NPK_ERR_MEMORY);
    cr_assert_eq(counter.held, 0);
}

Test(path, buffers_go_from_a_writer_to_a_reader)
{
    static const float data[2][3] = {{1, 2, 3}, {4, 5, 6}};
    for (int keep = NPK_BUFFERS_BORROW; keep <= NPK_BUFFERS_COPY; keep++) {
        counted counter = {0};
        npk_allocator allocator = {resize_counted, &counter};
        npk_buffers buffers = {.allocator = &allocator, .keep = (npk_buffers_keep)keep};
        const npk_write_options options = {.protocol = 5, .buffer = npk_buffers_collect, .buffer_context = &buffers};
        npk_writer *writer;
        uint8_t *bytes;
        size_t size;
        cr_assert_eq(npk_writer_memory(&options, &writer, NULL), NPK_OK);
        npk_write_begin_list(writer, 20);
        for (int i = 0; i < 20; i++)
            npk_write_array(writer, &NPK_ARRAY(data[i % 2], 3));
        npk_write_end(writer);
        cr_assert_eq(npk_writer_finish_memory(writer, &bytes, &size, NULL), NPK_OK);
        cr_assert_eq(buffers.count, 20);
        cr_assert_eq(buffers.items[1].bytes == data[1], keep == NPK_BUFFERS_BORROW);
        const npk_load_options back = {.read = {.buffers = buffers.items, .buffer_count = buffers.count}};
        npk_array *own;
        cr_assert_eq(npk_array_load_memory(bytes, size, "[1]", NULL, &back, &own, NULL), NPK_OK);
        cr_assert_arr_eq(own->data, data[1], sizeof data[1]);
        npk_array_free(own);
        npk_bytes_free(NULL, bytes, size);
        npk_buffers_free(&buffers);
        cr_assert(buffers.items == NULL && buffers.count == 0);
        cr_assert_eq(counter.held, 0);
        cr_assert_not(counter.wrong);
    }
}

/* Without memory for the list the payload stays in the pickle, which is good all the same. */
Test(path, a_buffer_without_memory_goes_into_the_pickle)
{
    static const float data[3] = {1, 2, 3};
    for (size_t fail = 1; fail <= 2; fail++) {
        counted counter = {.fail = fail};
        npk_allocator allocator = {resize_counted, &counter};
        npk_buffers buffers = {.allocator = &allocator, .keep = NPK_BUFFERS_COPY};
        const npk_write_options options = {.protocol = 5, .buffer = npk_buffers_collect, .buffer_context = &buffers};
        uint8_t *bytes;
        size_t size;
        npk_array array = NPK_ARRAY(data, 3), *own;
        cr_assert_eq(npk_array_save_memory(&array, &options, &bytes, &size, NULL), NPK_OK);
        cr_assert_eq(buffers.count, 0);
        cr_assert_eq(npk_array_load_memory(bytes, size, NULL, NULL, NULL, &own, NULL), NPK_OK);
        cr_assert_arr_eq(own->data, data, sizeof data);
        npk_array_free(own);
        npk_bytes_free(NULL, bytes, size);
        npk_buffers_free(&buffers);
        cr_assert_eq(counter.held, 0);
    }
}

Test(path, an_answer_has_the_protocol_and_the_dialect_of_the_question)
{
    static const struct {
        int protocol;
        npk_dialect dialect, expected;
    } rows[] = {
        {0, NPK_DIALECT_DEFAULT, NPK_DIALECT_DEFAULT}, {2, NPK_DIALECT_DEFAULT, NPK_DIALECT_DEFAULT},
        {4, NPK_DIALECT_DEFAULT, NPK_DIALECT_DEFAULT}, {5, NPK_DIALECT_NUMPY2, NPK_DIALECT_NUMPY2},
        {2, NPK_DIALECT_NUMPY2, NPK_DIALECT_NUMPY2},   {0, NPK_DIALECT_PYTHON2, NPK_DIALECT_PYTHON2},
        {1, NPK_DIALECT_PYTHON2, NPK_DIALECT_PYTHON2}, {2, NPK_DIALECT_PYTHON2, NPK_DIALECT_PYTHON2},
    };
    static const float data[3] = {1, 2, 3};
    npk_array array = NPK_ARRAY(data, 3);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const npk_write_options options = {
            .protocol_given = true, .protocol = rows[i].protocol, .dialect = rows[i].dialect};
        npk_write_options answer;
        npk_doc *doc;
        uint8_t *bytes, *again;
        size_t size, again_size;
        cr_assert_eq(npk_array_save_memory(&array, &options, &bytes, &size, NULL), NPK_OK);
        cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &doc, NULL), NPK_OK);
        cr_assert(npk_write_options_for(doc, &answer));
        cr_assert_eq(answer.protocol, rows[i].protocol, "row %zu", i);
        cr_assert_eq(answer.dialect, rows[i].expected, "row %zu", i);
        cr_assert_eq(npk_array_save_memory(&array, &answer, &again, &again_size, NULL), NPK_OK);
        cr_assert_eq(size, again_size);
        cr_assert_arr_eq(bytes, again, size); /* the same array in the same way */
        npk_bytes_free(NULL, again, again_size);
        npk_bytes_free(NULL, bytes, size);
        npk_doc_free(doc);
    }
}

Test(path, a_pipe_that_has_nothing_yet_is_an_errno)
{
    int ends[2];
    npk_reader *reader;
    npk_doc *doc;
    npk_error error;
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    cr_assert_eq(npk_reader_fd(ends[0], NULL, &reader, NULL), NPK_OK);
    cr_assert_eq(npk_reader_next(reader, &doc, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, EAGAIN);
    cr_assert_str_eq(error.message, "cannot read: Resource temporarily unavailable");
    npk_reader_close(reader);
    FILE *file = fdopen(ends[1], "w"); /* open for writing only */
    cr_assert_eq(npk_reader_file(file, NULL, &reader, NULL), NPK_OK);
    cr_assert_eq(npk_reader_next(reader, &doc, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, EBADF);
    npk_reader_close(reader);
    fclose(file);
    close(ends[0]);
}
