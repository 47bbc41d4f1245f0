/* lib/reader/straight.c, incoming.c; lib/container/stream.c, own.c */
#define _POSIX_C_SOURCE 200809L

#include "counted.h"
#include "folder.h"
#include "full.h"
#include "straight.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <unistd.h>

TestSuite(straight, .init = enter_folder, .fini = leave_folder);

#define FOR_EACH_PICKLE(type, writer)                                                                                  \
    for (unsigned type = 0; type < STRAIGHT_TYPES; type++)                                                             \
        for (unsigned writer = 0; writer < STRAIGHT_WRITERS; writer++)

static uint64_t state = 1;

static size_t any_below(size_t end)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(state >> 33) % end;
}

static uint8_t *make(unsigned type, unsigned writer, size_t size, size_t *pickle)
{
    uint8_t *bytes = NULL;
    cr_assert(straight_pickle(type, writer, size, &bytes, pickle), "type %u, writer %u", type, writer);
    return bytes;
}

Test(straight, any_steps)
{
    static const size_t steps[] = {1, 2, 3, 7, 4096, 1 << 20};
    char said[600];
    size_t size;
    FOR_EACH_PICKLE(type, writer)
    {
        uint8_t *bytes = make(type, writer, 20000, &size);
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
            cr_expect_not(straight_differs(bytes, size, steps[i], said), "type %u, writer %u, step %zu: %s", type,
                          writer, steps[i], said);
        npk_bytes_free(NULL, bytes, size);
    }
}

/* Little beside the elements: that is what shows that they go straight there. */
Test(straight, little_memory_beside)
{
    const size_t beside = 256 << 10;
    size_t size;
    FOR_EACH_PICKLE(type, writer)
    {
        uint8_t *bytes = make(type, writer, 3 << 20, &size);
        for (size_t step = 777; step < 1 << 20; step *= 400) {
            counted counter = {0};
            const npk_allocator allocator = {resize_counted, &counter};
            const npk_load_options options = {.read = {.allocator = &allocator}};
            drip d = {bytes, bytes + size, step};
            npk_array *own;
            cr_assert_eq(npk_array_load_callback(read_drip, &d, "", NULL, &options, &own, NULL), NPK_OK);
            cr_expect_lt(counter.peak, (size_t)npk_array_nbytes(own) + beside, "type %u, writer %u", type, writer);
            npk_array_free(own);
            cr_expect_eq(counter.held, 0);
            cr_expect_not(counter.wrong);
        }
        npk_bytes_free(NULL, bytes, size);
    }
}

/* By path and by descriptor, into memory of its own and into the caller's. */
Test(straight, files)
{
    size_t size;
    npk_error error;
    FOR_EACH_PICKLE(type, writer)
    {
        uint8_t *bytes = make(type, writer, 100000, &size);
        int fd = open("array.pkl", O_RDWR | O_CREAT | O_TRUNC, 0600);
        cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
        npk_array *expected, *own;
        cr_assert_eq(npk_array_load_memory(bytes, size, NULL, NULL, NULL, &expected, NULL), NPK_OK);
        size_t nbytes = (size_t)npk_array_nbytes(expected);
        uint8_t *room = malloc(nbytes);
        for (int way = 0; way < 6; way++) {
            npk_load_options options = {.read = {.input = way / 2 == 1 ? NPK_INPUT_READ : NPK_INPUT_AUTO}};
            if (way % 2 == 1) {
                options.into = room;
                options.into_size = nbytes;
                memset(room, 0x55, nbytes);
            }
            cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
            npk_status status = way < 4 ? npk_array_load("array.pkl", NULL, NULL, &options, &own, &error)
                                        : npk_array_load_fd(fd, NULL, NULL, &options, &own, &error);
            cr_assert_eq(status, NPK_OK, "%s", error.message);
            cr_expect(straight_same_array(expected, own));
            cr_expect_eq(own->data == room, way % 2 == 1);
            cr_expect_eq((uintptr_t)own->data % 64 == 0 || way % 2 == 1, true);
            npk_array_free(own);
            if (way % 2 == 1)
                cr_expect_eq(memcmp(room, expected->data, nbytes), 0);
            options.into = room;
            options.into_size = nbytes - 1;
            own = NULL;
            cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
            status = way < 4 ? npk_array_load("array.pkl", NULL, NULL, &options, &own, &error)
                             : npk_array_load_fd(fd, NULL, NULL, &options, &own, &error);
            cr_expect_eq(status, NPK_ERR_USAGE);
            cr_expect_null(own);
        }
        close(fd);
        free(room);
        npk_array_free(expected);
        npk_bytes_free(NULL, bytes, size);
    }
}

Test(straight, cut_off)
{
    char said[600];
    size_t size;
    FOR_EACH_PICKLE(type, writer)
    {
        uint8_t *bytes = make(type, writer, 16000, &size);
        for (size_t i = 0; i < full_tests(60, 1000); i++) {
            size_t left = i < 30 ? size - 1 - i : any_below(size);
            cr_assert_not(straight_differs(bytes, left, 1 + any_below(9000), said),
                          "type %u, writer %u, %zu of %zu: %s", type, writer, left, size, said);
        }
        npk_bytes_free(NULL, bytes, size);
    }
}

Test(straight, changed_bytes)
{
    static const char likely[] = "\\\n\r\0u'\"x01.)(\x85\x86RbV\xc2\xc3\xc4\xff";
    char said[600];
    size_t size;
    FOR_EACH_PICKLE(type, writer)
    {
        uint8_t *bytes = make(type, writer, 13000, &size);
        for (size_t i = 0; i < full_tests(120, 6000); i++) {
            size_t where = i % 3, at = where == 0   ? any_below(300)
                                       : where == 1 ? size - 1 - any_below(60)
                                                    : any_below(size);
            uint8_t before = bytes[at];
            bytes[at] = any_below(2) == 0 ? (uint8_t)likely[any_below(sizeof likely)] : (uint8_t)any_below(256);
            cr_assert_not(straight_differs(bytes, size, 1 + any_below(9000), said),
                          "type %u, writer %u, byte %zu of %zu is %02x: %s", type, writer, at, size, bytes[at], said);
            bytes[at] = before;
        }
        npk_bytes_free(NULL, bytes, size);
    }
}

/* What follows the pickle, and what stands in the place of one. */
Test(straight, something_else)
{
    char said[600];
    size_t size;
    uint8_t *bytes = make(0, 2, 50000, &size), *more = malloc(2 * size);
    for (int what = 0; what < 4; what++) {
        static const char *const behind[] = {"\n\n \0", ".", "N.", ""};
        memcpy(more, bytes, size);
        memcpy(more + size, what == 3 ? (const char *)bytes : behind[what], what == 3 ? size : 4);
        cr_expect_not(
            straight_differs(more, what == 3 ? 2 * size : size + (what == 0 ? 4 : strlen(behind[what])), 500, said),
            "%d: %s", what, said);
    }
    memset(more, 'N', size);
    cr_expect_not(straight_differs(more, size, 500, said), "%s", said);
    memcpy(more, "\x93NUMPY\1", 7);
    cr_expect_not(straight_differs(more, size, 500, said), "%s", said);
    free(more);
    npk_bytes_free(NULL, bytes, size);
}

/* A header that says more than comes costs no memory. */
Test(straight, claims)
{
    size_t size;
    uint8_t *bytes = make(0, 2, 1 << 20, &size);
    uint8_t *at = NULL; /* BINUNICODE, and before it the shape */
    for (size_t i = 0; i < 400 && at == NULL; i++)
        if (bytes[i] == 'X' && bytes[i + 3] > 0x10)
            at = bytes + i;
    cr_assert_not_null(at);
    memset(at + 1, 0xff, 4);
    for (size_t i = 0; i < 400; i++)
        if (memcmp(bytes + i, "K\3J", 3) == 0)
            memcpy(bytes + i + 3, "\xff\xff\xff\x4f", 4);
    counted counter = {0};
    const npk_allocator allocator = {resize_counted, &counter};
    const npk_load_options options = {.read = {.allocator = &allocator}};
    drip d = {bytes, bytes + size, 4000};
    npk_array *own = NULL;
    cr_assert_eq(npk_array_load_callback(read_drip, &d, NULL, NULL, &options, &own, NULL), NPK_ERR_TRUNCATED);
    cr_expect_lt(counter.peak, (size_t)8 << 20);
    cr_expect_eq(counter.held, 0);
    npk_bytes_free(NULL, bytes, size);
}

static int64_t fail_at(void *context, void *out, size_t size, int *system)
{
    drip *d = context;
    int64_t got = read_drip(d, out, size, system);
    if (got == 0)
        *system = 5;
    return got == 0 ? -1 : got;
}

Test(straight, reading_fails)
{
    size_t size;
    npk_error errors[2];
    uint8_t *bytes = make(1, 2, 50000, &size);
    for (size_t left = 0; left < size; left += left < 10000 ? 1999 : 20000) {
        for (int i = 0; i < 2; i++) {
            drip d = {bytes, bytes + left, 1000};
            npk_array *own = NULL;
            errors[i] = (npk_error){.offset = NPK_NO_OFFSET};
            npki_cpu_limit(i == 0 ? NPKI_CPU_PLAIN : NPKI_CPUS - 1);
            cr_expect_eq(npk_array_load_callback(fail_at, &d, NULL, NULL, NULL, &own, &errors[i]), NPK_ERR_IO);
        }
        cr_expect_eq(errors[0].offset, errors[1].offset);
        cr_expect_eq(errors[0].system, errors[1].system);
        cr_expect_str_eq(errors[0].message, errors[1].message);
    }
    npk_bytes_free(NULL, bytes, size);
}

/* The n-th allocation fails. */
Test(straight, without_memory)
{
    size_t size;
    uint8_t *bytes = make(1, 2, 3 << 20, &size);
    npk_status status = NPK_ERR_MEMORY;
    for (size_t n = 1; status != NPK_OK && n < 1000; n++) {
        counted counter = {.fail = n, .onwards = true};
        const npk_allocator allocator = {resize_counted, &counter};
        const npk_load_options options = {.read = {.allocator = &allocator}};
        drip d = {bytes, bytes + size, 100000};
        npk_array *own = NULL;
        status = npk_array_load_callback(read_drip, &d, NULL, NULL, &options, &own, NULL);
        cr_expect(status == NPK_OK || (status == NPK_ERR_MEMORY && own == NULL), "%zu: %s", n, npk_status_name(status));
        npk_array_free(own);
        cr_expect_eq(counter.held, 0, "%zu", n);
        cr_expect_not(counter.wrong);
    }
    cr_expect_eq(status, NPK_OK);
    npk_bytes_free(NULL, bytes, size);
}

/* A cast that the elements need is done as ever. */
Test(straight, casts)
{
    size_t size;
    uint8_t *bytes = make(2, 2, 100000, &size);
    const npk_dtype *types[] = {npk_dtype_native(NPK_FLOAT64), npk_dtype_native(NPK_INT32), NULL};
    for (size_t i = 0; i < 3; i++) {
        drip d = {bytes, bytes + size, 3000};
        npk_array *own, *expected;
        cr_assert_eq(npk_array_load_callback(read_drip, &d, NULL, types[i], NULL, &own, NULL), NPK_OK);
        cr_assert_eq(npk_array_load_memory(bytes, size, NULL, types[i], NULL, &expected, NULL), NPK_OK);
        cr_expect(straight_same_array(own, expected));
        npk_array_free(own);
        npk_array_free(expected);
    }
    npk_bytes_free(NULL, bytes, size);
}
