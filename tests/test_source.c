/* lib/base/input.c and lib/opcode/instructions.c: where bytes come from, and the instructions in them */
#define _POSIX_C_SOURCE 200809L

#include "counted.h"
#include "drip.h"

#include <npickle.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static char folder[] = "/tmp/npickle-source-XXXXXX";

static void enter_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
    unlink("x");
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(rmdir(folder), 0);
}

TestSuite(source, .init = enter_folder, .fini = leave_folder);

static void put_file(const void *bytes, size_t size)
{
    FILE *file = fopen("x", "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes, 1, size, file), size);
    cr_assert_eq(fclose(file), 0);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

Test(source, file_has_its_bytes_however_it_is_read)
{
    static const npk_input ways[] = {NPK_INPUT_AUTO, NPK_INPUT_READ, NPK_INPUT_MAP, (npk_input)99};
    put_file("abc", 3);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        counted counter = {.held = 0};
        const npk_allocator allocator = {resize_counted, &counter};
        npk_file *file;
        size_t size = 9;
        cr_assert_eq(npk_file_open("x", ways[i], &allocator, &file, NULL), NPK_OK);
        const void *bytes = npk_file_bytes(file, &size);
        cr_assert_eq(size, 3);
        cr_assert_arr_eq(bytes, "abc", 3);
        cr_assert_eq(npk_file_bytes(file, NULL), bytes);
        npk_file_close(file);
        cr_assert_eq(counter.held, 0);
        cr_assert_not(counter.wrong);
    }
}

Test(source, empty_file_has_an_address)
{
    npk_file *file;
    size_t size = 9;
    put_file("", 0);
    cr_assert_eq(npk_file_open("x", NPK_INPUT_MAP, NULL, &file, NULL), NPK_OK);
    cr_assert_not_null(npk_file_bytes(file, &size));
    cr_assert_eq(size, 0);
    npk_file_close(file);
}

Test(source, file_that_cannot_be_opened)
{
    npk_error error;
    npk_file *file = NULL;
    cr_assert_eq(npk_file_open("nothing", NPK_INPUT_AUTO, NULL, &file, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, ENOENT);
    cr_assert_eq(npk_file_open(".", NPK_INPUT_AUTO, NULL, &file, &error), NPK_ERR_IO);
    cr_assert_str_eq(error.message, ".: expected a regular file, found a directory");
    cr_assert_null(file);
    put_file("abc", 3);
    for (size_t fail = 1; fail <= 2; fail++) {
        counted counter = {.fail = fail};
        const npk_allocator allocator = {resize_counted, &counter};
        cr_assert_eq(npk_file_open("x", NPK_INPUT_READ, &allocator, &file, &error), NPK_ERR_MEMORY);
        cr_assert_eq(counter.held, 0);
    }
}

Test(source, null_is_refused)
{
    npk_file *file;
    size_t size = 9;
    bool more;
    npk_instruction instruction;
    npk_instructions *in;
    drip none = {.step = 1};
    cr_assert_eq(npk_file_open(NULL, NPK_INPUT_AUTO, NULL, &file, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_file_open("x", NPK_INPUT_AUTO, NULL, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_null(npk_file_bytes(NULL, &size));
    cr_assert_eq(size, 0);
    npk_file_close(NULL);
    cr_assert_eq(npk_instructions_memory(NULL, 1, NULL, &in, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_instructions_memory("", 0, NULL, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_instructions_callback(NULL, NULL, NULL, &in, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_instructions_callback(read_drip, &none, NULL, NULL, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_instructions_more(NULL, &more, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_instructions_next(NULL, &instruction, NULL), NPK_ERR_USAGE);
    cr_assert_eq(npk_instructions_offset(NULL), 0);
    npk_instructions_free(NULL);
}

Test(source, descriptor_is_read_to_its_end)
{
    int ends[2], system = 0;
    char bytes[8];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "abc", 3), 3);
    close(ends[1]);
    cr_assert_eq(npk_source_fd(&ends[0], bytes, 2, &system), 2);
    cr_assert_arr_eq(bytes, "ab", 2);
    cr_assert_eq(npk_source_fd(&ends[0], bytes, sizeof bytes, &system), 1);
    cr_assert_eq(npk_source_fd(&ends[0], bytes, sizeof bytes, &system), 0);
    cr_assert_eq(system, 0);
    close(ends[0]);
    errno = 7;
    cr_assert_eq(npk_source_fd(&ends[0], bytes, sizeof bytes, &system), -1);
    cr_assert_eq(system, EBADF);
    cr_assert_eq(errno, 7);
    cr_assert_eq(npk_source_fd(NULL, bytes, sizeof bytes, &system), -1);
    cr_assert_eq(system, EINVAL);
}

/* --- instructions ------------------------------------------------------------------------------------------------- */

/* pickle.dumps(['ab', 300], 2) and pickle.dumps(None, 0): what pickletools.genops gives for both. */
static const char two[] = "\x80\x02]q\x00(X\x02\0\0\0abq\x01M\x2c\x01"
                          "e.N.";
#define TWO_SIZE (sizeof two - 1)

static const struct {
    const char *name;
    uint64_t offset, end;
} expected[] = {
    {"PROTO", 0, 2},       {"EMPTY_LIST", 2, 3}, {"BINPUT", 3, 5},    {"MARK", 5, 6},
    {"BINUNICODE", 6, 13}, {"BINPUT", 13, 15},   {"BININT2", 15, 18}, {"APPENDS", 18, 19},
    {"STOP", 19, 20},      {"NONE", 20, 21},     {"STOP", 21, 22},
};
#define EXPECTED (sizeof expected / sizeof *expected)

static void expect_two(npk_instructions *in)
{
    npk_instruction instruction;
    bool more;
    for (size_t i = 0; i < EXPECTED; i++) {
        cr_assert_eq(npk_instructions_more(in, &more, NULL), NPK_OK);
        cr_assert(more);
        cr_assert_eq(npk_instructions_offset(in), expected[i].offset);
        cr_assert_eq(npk_instructions_next(in, &instruction, NULL), NPK_OK);
        cr_assert_str_eq(instruction.opcode->name, expected[i].name);
        cr_assert_eq(instruction.offset, expected[i].offset);
        cr_assert_eq(instruction.end, expected[i].end);
        if (i == 4)
            cr_assert_arr_eq(instruction.argument, "ab", 2);
    }
    cr_assert_eq(npk_instructions_more(in, &more, NULL), NPK_OK);
    cr_assert_not(more);
    npk_error error;
    cr_assert_eq(npk_instructions_next(in, &instruction, &error), NPK_ERR_TRUNCATED);
    cr_assert_eq(error.offset, TWO_SIZE);
    cr_assert_eq(npk_instructions_next(in, &instruction, NULL), NPK_ERR_TRUNCATED);
}

Test(source, instructions_of_memory_and_of_every_step)
{
    npk_instructions *in;
    cr_assert_eq(npk_instructions_memory(two, TWO_SIZE, NULL, &in, NULL), NPK_OK);
    expect_two(in);
    npk_instructions_free(in);
    for (size_t step = 1; step <= TWO_SIZE + 1; step++) {
        drip d = {(const uint8_t *)two, (const uint8_t *)two + TWO_SIZE, step};
        cr_assert_eq(npk_instructions_callback(read_drip, &d, NULL, &in, NULL), NPK_OK);
        expect_two(in);
        npk_instructions_free(in);
    }
}

/* A str of 3 MB between short ones, from a stream: memory is that of the longest instruction, not of all. */
Test(source, stream_is_held_as_far_as_the_next_instruction)
{
    enum { SHORT = 1 << 20, LONG = 3 << 20, SIZE = 2 * 2 * SHORT + 5 + LONG };
    uint8_t *bytes = calloc(1, SIZE), *at = bytes;
    cr_assert_not_null(bytes);
    for (int i = 0; i < SHORT; i++, at += 2)
        memcpy(at, "K\x07", 2);
    memcpy(at, "X\0\0\x30\0", 5);
    at += 5 + LONG;
    for (int i = 0; i < SHORT; i++, at += 2)
        memcpy(at, "K\x07", 2);
    counted counter = {.held = 0};
    const npk_allocator allocator = {resize_counted, &counter};
    drip d = {bytes, bytes + SIZE, 100000};
    npk_instruction instruction;
    npk_instructions *in;
    cr_assert_eq(npk_instructions_callback(read_drip, &d, &allocator, &in, NULL), NPK_OK);
    for (int i = 0; i < 2 * SHORT + 1; i++) {
        cr_assert_eq(npk_instructions_next(in, &instruction, NULL), NPK_OK);
        cr_assert_eq(instruction.size, i == SHORT ? LONG : 1);
        if (i == SHORT - 1)
            cr_assert_leq(counter.peak, 400000);
    }
    cr_assert_eq(instruction.end, SIZE);
    cr_assert_leq(counter.peak, 4 * LONG);
    npk_instructions_free(in);
    cr_assert_eq(counter.held, 0);
    cr_assert_not(counter.wrong);
    free(bytes);
}

static int64_t read_nothing(void *context, void *out, size_t size, int *system)
{
    (void)out;
    (void)size;
    *system = *(int *)context;
    return -1;
}

static int64_t read_too_much(void *context, void *out, size_t size, int *system)
{
    (void)context;
    (void)out;
    (void)system;
    return size < INT64_MAX ? (int64_t)size + 1 : INT64_MAX;
}

Test(source, instructions_that_fail)
{
    npk_error error;
    npk_instruction instruction;
    npk_instructions *in;
    int system = EIO;
    bool more;
    cr_assert_eq(npk_instructions_callback(read_nothing, &system, NULL, &in, NULL), NPK_OK);
    cr_assert_eq(npk_instructions_next(in, &instruction, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, EIO);
    cr_assert_eq(npk_instructions_more(in, &more, NULL), NPK_ERR_IO);
    npk_instructions_free(in);
    cr_assert_eq(npk_instructions_callback(read_too_much, NULL, NULL, &in, NULL), NPK_OK);
    cr_assert_eq(npk_instructions_next(in, &instruction, &error), NPK_ERR_USAGE);
    npk_instructions_free(in);
    drip d = {(const uint8_t *)"N\xff", (const uint8_t *)"N\xff" + 2, 1};
    cr_assert_eq(npk_instructions_callback(read_drip, &d, NULL, &in, NULL), NPK_OK);
    cr_assert_eq(npk_instructions_next(in, &instruction, &error), NPK_OK);
    cr_assert_eq(npk_instructions_next(in, &instruction, &error), NPK_ERR_OPCODE);
    cr_assert_eq(error.offset, 1);
    npk_instructions_free(in);
    for (size_t fail = 1; fail <= 2; fail++) {
        counted counter = {.fail = fail};
        const npk_allocator allocator = {resize_counted, &counter};
        drip one = {(const uint8_t *)"N.", (const uint8_t *)"N." + 2, 1};
        npk_status status = npk_instructions_callback(read_drip, &one, &allocator, &in, NULL);
        cr_assert_eq(status, fail == 1 ? NPK_ERR_MEMORY : NPK_OK);
        if (status == NPK_OK) {
            cr_assert_eq(npk_instructions_next(in, &instruction, &error), NPK_ERR_MEMORY);
            npk_instructions_free(in);
        }
        cr_assert_eq(counter.held, 0);
    }
}
