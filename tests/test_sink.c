/* lib/base/sink.c, and the writers on top of it */
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
#include <sys/stat.h>
#include <unistd.h>

static void expect_file(const char *name, const void *expected, size_t expected_size)
{
    char bytes[1000];
    FILE *file = fopen(name, "rb");
    cr_assert_not_null(file, "%s is missing", name);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    cr_assert_eq(size, expected_size);
    cr_assert_arr_eq(bytes, expected, size);
}

TestSuite(sink, .init = enter_folder, .fini = leave_folder);

/* pickle.dumps(7, 2) */
static const char seven[] = "\x80\x02K\x07.";
#define SEVEN_SIZE (sizeof seven - 1)

static npk_status write_seven(npk_write_function *write, void *context, npk_error *error)
{
    npk_writer *writer;
    npk_status status = npk_writer_callback(write, context, NULL, &writer, error);
    cr_assert_eq(status, NPK_OK);
    npk_write_int(writer, 7);
    return npk_writer_finish(writer, error);
}

Test(sink, count_counts_and_fixed_holds_as_many)
{
    uint64_t count = 0;
    char room[SEVEN_SIZE];
    npk_fixed_buffer buffer = {.bytes = room, .size = sizeof room};
    cr_assert_eq(write_seven(npk_sink_count, &count, NULL), NPK_OK);
    cr_assert_eq(count, SEVEN_SIZE);
    cr_assert_eq(write_seven(npk_sink_fixed, &buffer, NULL), NPK_OK);
    cr_assert_eq(buffer.used, SEVEN_SIZE);
    cr_assert_arr_eq(room, seven, SEVEN_SIZE);
}

Test(sink, what_does_not_fit_is_not_taken)
{
    char room[SEVEN_SIZE] = "";
    npk_fixed_buffer buffer = {.bytes = room, .size = SEVEN_SIZE - 1};
    npk_error error;
    cr_assert_eq(write_seven(npk_sink_fixed, &buffer, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, ENOBUFS);
    cr_assert_eq(buffer.used, 0);
    cr_assert_eq(npk_sink_fixed(&buffer, "ab", 2), 0);
    cr_assert_eq(npk_sink_fixed(&buffer, "cde", 3), ENOBUFS);
    cr_assert_eq(npk_sink_fixed(&buffer, "", SIZE_MAX), ENOBUFS);
    cr_assert_eq(buffer.used, 2);
    cr_assert_eq(npk_sink_fixed(&buffer, "cd", 2), 0);
    cr_assert_str_eq(room, "abcd");
}

Test(sink, a_count_does_not_wrap_around)
{
    uint64_t count = UINT64_MAX - 2;
    cr_assert_eq(npk_sink_count(&count, NULL, 3), EOVERFLOW);
    cr_assert_eq(npk_sink_count(&count, NULL, 2), 0);
    cr_assert_eq(count, UINT64_MAX);
}

Test(sink, file_and_descriptor)
{
    errno = 77;
    FILE *file = fopen("f", "wb");
    cr_assert_eq(write_seven(npk_sink_file, file, NULL), NPK_OK);
    cr_assert_eq(fclose(file), 0);
    expect_file("f", seven, SEVEN_SIZE);
    int fd = open("d", O_WRONLY | O_CREAT, 0600);
    cr_assert_eq(write_seven(npk_sink_fd, &fd, NULL), NPK_OK);
    close(fd);
    expect_file("d", seven, SEVEN_SIZE);
    cr_assert_eq(errno, 77);
}

Test(sink, a_file_that_is_open_for_reading_says_why)
{
    FILE *file = fopen("/dev/null", "rb");
    npk_error error;
    cr_assert_eq(write_seven(npk_sink_file, file, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, EBADF);
    fclose(file);
}

Test(sink, an_output_appears_at_its_commit)
{
    counted counter = {0};
    npk_allocator allocator = {resize_counted, &counter};
    npk_output *output;
    char path[] = "x"; /* copied: it may change */
    cr_assert_eq(npk_output_open(path, &(npk_output_options){.allocator = &allocator}, &output, NULL), NPK_OK);
    path[0] = 'y';
    cr_assert_eq(write_seven(npk_sink_output, output, NULL), NPK_OK);
    cr_assert_neq(access("x", F_OK), 0);
    cr_assert_eq(npk_output_commit(output, NULL), NPK_OK);
    expect_file("x", seven, SEVEN_SIZE);
    cr_assert_eq(npk_output_open("x", NULL, &output, NULL), NPK_OK);
    cr_assert_eq(npk_sink_output(output, "new", 3), 0);
    npk_output_abandon(output);
    expect_file("x", seven, SEVEN_SIZE);
    cr_assert_eq(counter.held, 0);
    cr_assert_not(counter.wrong);
}

Test(sink, null_is_an_errno_or_a_status)
{
    npk_write_function *const sinks[] = {npk_sink_file, npk_sink_fd, npk_sink_count, npk_sink_fixed, npk_sink_output};
    for (size_t i = 0; i < sizeof sinks / sizeof *sinks; i++)
        cr_assert_eq(sinks[i](NULL, "x", 1), EINVAL, "sink %zu", i);
    npk_output *output;
    npk_fixed_buffer buffer = {.size = 1};
    cr_assert_eq(npk_sink_fixed(&buffer, "x", 1), EINVAL);
    cr_assert_eq(npk_output_open(NULL, NULL, &output, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_output_open("x", NULL, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_output_commit(NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_output_open("x", &(npk_output_options){.reserved = {0, 1}}, &output, NULL), NPK_ERR_USAGE);
    npk_output_abandon(NULL);
}

Test(sink, without_memory_there_is_no_output)
{
    for (size_t fail = 1; fail <= 2; fail++) {
        counted counter = {.fail = fail};
        npk_allocator allocator = {resize_counted, &counter};
        npk_output *output = NULL;
        npk_status status = npk_output_open("x", &(npk_output_options){.allocator = &allocator}, &output, NULL);
        cr_assert_eq(status, NPK_ERR_MEMORY);
        cr_assert_null(output);
        cr_assert_eq(counter.held, 0);
    }
}

static npk_array numbers(const int32_t *data, int64_t *count)
{
    return (npk_array){.dtype = npk_dtype_native(NPK_INT32), .data = data, .ndim = 1, .shape = count};
}

Test(sink, a_full_disk_says_so_and_where)
{
    static const int32_t data[40000];
    int64_t count = 40000;
    npk_array array = numbers(data, &count);
    npk_error error;
    if (access("/dev/full", W_OK) != 0)
        cr_skip_test("there is no /dev/full");
    cr_assert_eq(npk_array_save("/dev/full", &array, NULL, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, ENOSPC);
    cr_assert_str_eq(error.message, "/dev/full: cannot write: No space left on device");
    cr_assert_eq(npk_npy_save("/dev/full", &array, NULL, &error), NPK_ERR_IO);
    cr_assert_str_eq(error.message, "/dev/full: cannot write: No space left on device");
    FILE *file = fopen("/dev/full", "wb");
    npk_writer *writer;
    cr_assert_eq(npk_writer_file(file, NULL, &writer, NULL), NPK_OK);
    npk_write_array(writer, &array);
    cr_assert_eq(npk_writer_finish(writer, &error), NPK_ERR_IO);
    cr_assert_str_eq(error.message, "cannot write: No space left on device");
    fclose(file);
}

Test(sink, a_pipe_that_nobody_reads_is_an_errno)
{
    int ends[2];
    npk_error error;
    signal(SIGPIPE, SIG_IGN);
    cr_assert_eq(pipe(ends), 0);
    close(ends[0]);
    cr_assert_eq(write_seven(npk_sink_fd, &ends[1], &error), NPK_ERR_IO);
    cr_assert_eq(error.system, EPIPE);
    cr_assert_str_eq(error.message, "cannot write: Broken pipe");
}

Test(sink, a_full_pipe_that_does_not_wait_is_an_errno)
{
    static const char zeros[1 << 20];
    int ends[2];
    npk_error error;
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    cr_assert_eq(npk_sink_fd(&ends[1], zeros, sizeof zeros), EAGAIN);
    cr_assert_eq(write_seven(npk_sink_fd, &ends[1], &error), NPK_ERR_IO);
    cr_assert_eq(error.system, EAGAIN);
    cr_assert_str_eq(error.message, "cannot write: Resource temporarily unavailable");
}

/* The elements of an array at protocol 2, as the text whose length is known at the end: into memory that just holds it, that holds one byte less, and
 * that holds anything. */
Test(sink, text_is_made_where_it_goes)
{
    enum { SIZE = 200000 };
    static uint8_t elements[SIZE], room[2 * SIZE + 1000];
    static const struct {
        size_t high_from, high_step; /* which are no ASCII */
    } rows[] = {{SIZE, 1}, {0, 1}, {0, 3}, {0, 257}, {SIZE - 1, 1}, {SIZE - 40, 2}, {70000, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t *expected;
        size_t size;
        npk_writer *writer;
        npk_error error;
        for (size_t j = 0; j < SIZE; j++)
            elements[j] = (uint8_t)(j % 0x7f) | (j >= rows[i].high_from && j % rows[i].high_step == 0 ? 0x80 : 0);
        const npk_array array = NPK_ARRAY(elements, SIZE);
        cr_assert_eq(npk_writer_memory(NULL, &writer, &error), NPK_OK);
        npk_write_array(writer, &array);
        cr_assert_eq(npk_writer_finish_memory(writer, &expected, &size, &error), NPK_OK);
        const size_t rooms[] = {size - 1, size, size + 1, size + 31, size + 64, sizeof room, 100000, 40};
        for (size_t j = 0; j < sizeof rooms / sizeof *rooms; j++) {
            npk_fixed_buffer buffer = {room, rooms[j], 0};
            memset(room, 0xee, sizeof room);
            cr_assert_eq(npk_writer_callback(npk_sink_fixed, &buffer, NULL, &writer, &error), NPK_OK);
            npk_write_array(writer, &array);
            npk_status status = npk_writer_finish(writer, &error);
            cr_expect_eq(status, rooms[j] < size ? NPK_ERR_IO : NPK_OK, "row %zu, room %zu of %zu", i, rooms[j], size);
            cr_expect(status == NPK_OK || error.system == ENOBUFS);
            cr_expect(status != NPK_OK || (buffer.used == size && memcmp(room, expected, size) == 0),
                      "row %zu, room %zu", i, rooms[j]);
            cr_expect_leq(buffer.used, rooms[j]);
            for (size_t k = rooms[j]; k < sizeof room; k++)
                cr_assert_eq(room[k], 0xee, "row %zu, room %zu: byte %zu is written", i, rooms[j], k);
        }
        npk_bytes_free(NULL, expected, size);
    }
}
