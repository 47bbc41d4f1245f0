/* lib/base, all but files: status, limits, error, bytes, allocator, arena, buffer. */
#include "base/arena.h"
#include "base/dynbuf.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/map.h"
#include "counted.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>

/* --- status --------------------------------------------------------------------------------------------------------------- */

Test(status, rows_say_what_the_header_says)
{
    cr_assert_str_eq(npk_status_name(NPK_OK), "OK");
    cr_assert_str_eq(npk_status_name(NPK_ERR_TRUNCATED), "TRUNCATED");
    cr_assert_str_eq(npk_status_text(NPK_ERR_TRUNCATED), "the pickle ends too early");
    cr_assert_eq(npk_status_band(NPK_ERR_TRUNCATED), NPK_BAND_MALFORMED);
    cr_assert_eq(npk_status_band(NPK_ERR_LIMIT), NPK_BAND_LIMIT);
    cr_assert_eq(npk_status_band(NPK_ERR_IO), NPK_BAND_SYSTEM);
    cr_assert_str_eq(npk_status_name(NPK_ERR_UNSUPPORTED), "UNSUPPORTED");
    cr_assert_eq(npk_status_band(NPK_ERR_UNSUPPORTED), NPK_BAND_USAGE);
}

Test(status, a_number_that_is_none_is_a_wrong_call)
{
    cr_assert_str_eq(npk_status_name((npk_status)1000), "USAGE");
    cr_assert_str_eq(npk_status_text((npk_status)-1), "the call was wrong");
    cr_assert_eq(npk_status_band((npk_status)1000), NPK_BAND_USAGE);
}

Test(status, version_is_that_of_the_package)
{
    cr_assert_str_eq(npk_version(), "0.1.0");
}

/* --- limits --------------------------------------------------------------------------------------------------------------- */

Test(limits, defaults_are_those_of_the_header)
{
    npk_limits limits;
    npk_limits_default(&limits);
    cr_assert_eq(limits.depth, 1000);
    cr_assert_eq(limits.items, 1073741824);
    cr_assert_eq(limits.memory, 67108864);
    cr_assert_eq(limits.text, 65536);
    cr_assert_eq(limits.digits, 4300);
    cr_assert_eq(limits.ndim, 64);
    cr_assert_eq(limits.fields, 65535);
    cr_assert_eq(limits.dtype_depth, 64);
    cr_assert_eq(limits.output, 1048576);
    cr_assert_eq(limits.steps, 131072);
}

Test(limits, zero_means_the_default_and_the_rest_is_kept)
{
    npk_limits given = {.depth = 7, .memory = NPK_UNLIMITED};
    npk_limits limits = npki_limits(&given);
    cr_assert_eq(limits.depth, 7);
    cr_assert_eq(limits.memory, UINT64_MAX);
    cr_assert_eq(limits.digits, 4300);
    cr_assert_eq(npki_limits(NULL).depth, 1000);
}

/* --- error ---------------------------------------------------------------------------------------------------------------- */

Test(error, every_field_is_filled)
{
    npk_error error;
    memset(&error, 0x55, sizeof error);
    cr_assert_eq(npki_fail_at(&error, NPK_ERR_MEMO, 12, 'h', "expected %d, found %s", 3, "x"), NPK_ERR_MEMO);
    cr_assert_eq(error.status, NPK_ERR_MEMO);
    cr_assert_eq(error.offset, 12);
    cr_assert_eq(error.opcode, 'h');
    cr_assert_eq(error.system, 0);
    cr_assert_str_eq(error.message, "expected 3, found x");
}

Test(error, without_a_place_there_is_none_until_one_is_named)
{
    npk_error error;
    cr_assert_eq(npki_fail(&error, NPK_ERR_TYPE, "no"), NPK_ERR_TYPE);
    cr_assert_eq(error.offset, NPK_NO_OFFSET);
    cr_assert_eq(error.opcode, -1);
    cr_assert_eq(npki_place(&error, NPK_ERR_TYPE, 5, 'a'), NPK_ERR_TYPE);
    cr_assert_eq(error.offset, 5);
    cr_assert_eq(error.opcode, 'a');
    npki_place(&error, NPK_ERR_TYPE, 9, 'b'); /* the first place is the one that counts */
    cr_assert_eq(error.offset, 5);
    cr_assert_eq(npki_place(NULL, NPK_OK, 9, 'b'), NPK_OK);
}

Test(error, no_control_byte_gets_into_a_message)
{
    npk_error error;
    npki_fail(&error, NPK_ERR_TYPE, "a\033[2J\n\x7f\xc3\xa9z");
    cr_assert_str_eq(error.message, "a\\x1b[2J\\x0a\\x7f\\xe9z");
}

/* Whichever byte it is, and wherever it stands: words of eight are looked at as one. */
Test(error, each_byte_at_each_place)
{
    for (int byte = 1; byte < 256; byte++)
        for (size_t at = 0; at < 20; at++) {
            char text[21], expected[32];
            npk_error error;
            memset(text, '~', 20);
            text[20] = '\0';
            text[at] = (char)byte;
            const bool plain = byte >= 0x20 && byte < 0x7f;
            if (plain)
                memcpy(expected, text, sizeof text);
            else
                snprintf(expected, sizeof expected, "%.*s\\x%02x%s", (int)at, text, (unsigned)byte, text + at + 1);
            npki_fail(&error, NPK_ERR_CALL, "%s", text);
            cr_expect_str_eq(error.message, expected, "%d at %zu", byte, at);
            npki_fail_again(&error, NPK_ERR_MEMO, 7, 'h', expected);
            cr_expect(error.status == NPK_ERR_MEMO && error.offset == 7 && error.opcode == 'h');
            cr_expect_str_eq(error.message, expected);
        }
}

Test(error, a_long_message_is_cut)
{
    npk_error error;
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    npki_fail(&error, NPK_ERR_TYPE, "%s", text);
    cr_assert_eq(strlen(error.message), sizeof error.message - 1);
}

Test(error, nobody_need_want_it)
{
    cr_assert_eq(npki_fail(NULL, NPK_ERR_TYPE, "no"), NPK_ERR_TYPE);
    cr_assert_eq(npki_fail_at(NULL, NPK_ERR_CALL, 1, 2, "no"), NPK_ERR_CALL);
    cr_assert_eq(npki_fail_system(NULL, ENOENT, "open"), NPK_ERR_IO);
    cr_assert_eq(npki_no_memory(NULL), NPK_ERR_MEMORY);
}

Test(error, a_system_call_leaves_its_errno)
{
    npk_error error;
    cr_assert_eq(npki_fail_system(&error, ENOENT, "open"), NPK_ERR_IO);
    cr_assert_eq(error.system, ENOENT);
    cr_assert_str_eq(error.message, "cannot open: No such file or directory");
}

/* --- bytes ---------------------------------------------------------------------------------------------------------------- */

Test(bytes, loads_and_stores_both_ways)
{
    const uint8_t in[8] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xf8};
    uint8_t out[8] = {0};
    cr_assert_eq(npki_load_le(in, 2), 0x0201);
    cr_assert_eq(npki_load_be(in, 2), 0x0102);
    cr_assert_eq(npki_load_le(in, 8), 0xf807060504030201u);
    cr_assert_eq(npki_load_be(in, 8), 0x01020304050607f8u);
    npki_store_le(out, 0x030201, 3);
    cr_assert_arr_eq(out, ((uint8_t[]){1, 2, 3, 0}), 4);
    npki_store_be(out, 0x030201, 3);
    cr_assert_arr_eq(out, ((uint8_t[]){3, 2, 1, 0}), 4);
    cr_assert_eq(npki_sign_extend(0xff, 1), -1);
    cr_assert_eq(npki_sign_extend(0x7fff, 2), 32767);
    cr_assert_eq(npki_sign_extend(UINT64_C(0x8000000000000000), 8), INT64_MIN);
    cr_assert_eq(npki_bits_of(1.0), UINT64_C(0x3ff0000000000000));
    cr_assert_eq(npki_double_of(UINT64_C(0xc000000000000000)), -2.0);
}

Test(bytes, arithmetic_notices_overflow)
{
    size_t size;
    int64_t number;
    cr_assert(npki_mul_size(SIZE_MAX / 2, 2, &size));
    cr_assert_not(npki_mul_size(SIZE_MAX / 2 + 1, 2, &size));
    cr_assert(npki_add_size(SIZE_MAX - 1, 1, &size));
    cr_assert_not(npki_add_size(SIZE_MAX, 1, &size));
    cr_assert(npki_mul_int64(INT64_MIN, 1, &number));
    cr_assert_not(npki_mul_int64(INT64_MIN, -1, &number));
    cr_assert_not(npki_add_int64(INT64_MAX, 1, &number));
}

/* --- allocator ------------------------------------------------------------------------------------------------------------ */

Test(allocator, malloc_where_none_was_given)
{
    npk_allocator allocator = npki_allocator(NULL);
    char *bytes = npki_allocate(&allocator, 3);
    cr_assert_not_null(bytes);
    memcpy(bytes, "ab", 3);
    bytes = npki_resize(&allocator, bytes, 3, 100000);
    cr_assert_not_null(bytes);
    cr_assert_str_eq(bytes, "ab");
    npki_free(&allocator, bytes, 100000);
    npki_free(&allocator, NULL, 0);
}

Test(allocator, the_given_one_is_called_with_its_context)
{
    counted counter = {0};
    npk_allocator given = {resize_counted, &counter};
    npk_allocator allocator = npki_allocator(&given);
    void *bytes = npki_allocate(&allocator, 10);
    cr_assert_eq(counter.held, 10);
    npki_free(&allocator, bytes, 10);
    cr_assert_eq(counter.held, 0);
    cr_assert_not(counter.wrong);
}

/* --- arena ---------------------------------------------------------------------------------------------------------------- */

Test(arena, pieces_are_aligned_and_their_own)
{
    counted counter = {0};
    npk_allocator allocator = {resize_counted, &counter};
    npki_arena arena;
    npki_arena_init(&arena, &allocator, NPK_UNLIMITED);
    uint8_t *pieces[2000];
    for (size_t i = 0; i < 2000; i++) {
        pieces[i] = npki_arena_take(&arena, i % 37);
        cr_assert_not_null(pieces[i]);
        cr_assert_eq((uintptr_t)pieces[i] % 8, 0);
        memset(pieces[i], (int)(i % 251), i % 37);
    }
    for (size_t i = 0; i < 2000; i++)
        for (size_t j = 0; j < i % 37; j++)
            cr_assert_eq(pieces[i][j], i % 251);
    cr_assert_eq(counter.held, arena.taken);
    npki_arena_free(&arena);
    cr_assert_eq(counter.held, 0);
    cr_assert_not(counter.wrong);
}

Test(arena, a_large_piece_gets_a_block_of_its_size)
{
    npk_allocator allocator = npki_allocator(NULL);
    npki_arena arena;
    npki_arena_init(&arena, &allocator, NPK_UNLIMITED);
    uint8_t *piece = npki_arena_take(&arena, 5000000);
    cr_assert_not_null(piece);
    piece[0] = piece[4999999] = 1;
    cr_assert_lt(arena.taken, 5001000);
    npki_arena_free(&arena);
}

Test(arena, memory_grows_in_proportion)
{
    npk_allocator allocator = npki_allocator(NULL);
    npki_arena arena;
    npki_arena_init(&arena, &allocator, NPK_UNLIMITED);
    for (int i = 0; i < 100000; i++)
        cr_assert_not_null(npki_arena_take(&arena, 16));
    cr_assert_leq(arena.taken, 2 * 1600000 + 8192);
    npki_arena_free(&arena);
}

/* The first block holds 4096 bytes and a header, which `exact` finds out. */
Test(arena, exactly_the_limit_is_good_and_one_byte_less_is_not)
{
    npk_allocator allocator = npki_allocator(NULL);
    npki_arena arena;
    npki_arena_init(&arena, &allocator, NPK_UNLIMITED);
    cr_assert_not_null(npki_arena_take(&arena, 1));
    uint64_t exact = arena.taken;
    npki_arena_free(&arena);
    cr_assert_geq(exact, 4096);

    npki_arena_init(&arena, &allocator, exact);
    cr_assert_not_null(npki_arena_take(&arena, 1));
    npki_arena_free(&arena);

    npk_error error;
    npki_arena_init(&arena, &allocator, exact - 1);
    cr_assert_null(npki_arena_take(&arena, 1));
    cr_assert_eq(npki_arena_failed(&arena, &error), NPK_ERR_LIMIT);
    cr_assert_not_null(strstr(error.message, "limit of"));
    npki_arena_free(&arena);
}

Test(arena, a_failed_allocation_is_no_limit)
{
    counted counter = {.fail = 1};
    npk_allocator allocator = {resize_counted, &counter};
    npki_arena arena;
    npki_arena_init(&arena, &allocator, NPK_UNLIMITED);
    cr_assert_null(npki_arena_take(&arena, 1));
    cr_assert_eq(npki_arena_failed(&arena, NULL), NPK_ERR_MEMORY);
    cr_assert_not_null(npki_arena_take(&arena, 1)); /* and the next one is served */
    npki_arena_free(&arena);
    cr_assert_eq(counter.held, 0);
}

Test(arena, a_size_near_the_largest_does_not_wrap)
{
    npk_allocator allocator = npki_allocator(NULL);
    npki_arena arena;
    npki_arena_init(&arena, &allocator, NPK_UNLIMITED);
    cr_assert_null(npki_arena_take(&arena, SIZE_MAX));
    cr_assert_null(npki_arena_take(&arena, SIZE_MAX - 20));
    npki_arena_free(&arena);
}

/* --- buffer --------------------------------------------------------------------------------------------------------------- */

Test(buffer, trim)
{
    counted counter = {0};
    npk_allocator allocator = {resize_counted, &counter};
    npki_dynbuf buffer;
    npki_dynbuf_init(&buffer, &allocator, SIZE_MAX);
    npki_dynbuf_trim(&buffer);
    cr_assert_not_null(npki_dynbuf_room(&buffer, 100000));
    cr_assert(npki_dynbuf_add(&buffer, "abc", 3));
    npki_dynbuf_trim(&buffer);
    cr_expect_eq(buffer.room, 3);
    cr_expect_eq(memcmp(buffer.bytes, "abc", 3), 0);
    cr_assert_not_null(npki_dynbuf_room(&buffer, 10));
    const size_t little = buffer.room;
    npki_dynbuf_trim(&buffer);
    cr_expect_eq(buffer.room, little, "little room is kept");
    cr_assert_not_null(npki_dynbuf_room(&buffer, 100000));
    buffer.size = 0;
    npki_dynbuf_trim(&buffer);
    cr_expect_null(buffer.bytes);
    cr_expect_eq(counter.held, 0);
}

Test(buffer, holds_what_was_added)
{
    counted counter = {0};
    npk_allocator allocator = {resize_counted, &counter};
    npki_dynbuf buffer;
    npki_dynbuf_init(&buffer, &allocator, SIZE_MAX);
    for (int i = 0; i < 1000; i++) {
        uint8_t byte = (uint8_t)(i % 256);
        cr_assert(npki_dynbuf_add(&buffer, &byte, 1));
    }
    cr_assert(npki_dynbuf_add(&buffer, NULL, 0));
    cr_assert_eq(buffer.size, 1000);
    cr_assert_leq(counter.calls, 4); /* 256, 512, 1024 */
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(buffer.bytes[i], i % 256);
    npki_dynbuf_free(&buffer);
    cr_assert_eq(counter.held, 0);
    cr_assert_not(counter.wrong);
}

Test(buffer, exactly_the_maximum_is_good_and_one_byte_more_is_not)
{
    npk_allocator allocator = npki_allocator(NULL);
    npki_dynbuf buffer;
    npki_dynbuf_init(&buffer, &allocator, 5);
    cr_assert(npki_dynbuf_add(&buffer, "abc", 3));
    cr_assert(npki_dynbuf_add(&buffer, "de", 2));
    cr_assert_not(npki_dynbuf_add(&buffer, "f", 1));
    cr_assert_null(npki_dynbuf_room(&buffer, SIZE_MAX));
    cr_assert_eq(buffer.size, 5);
    cr_assert_arr_eq(buffer.bytes, "abcde", 5);
    npki_dynbuf_free(&buffer);
}

Test(buffer, a_failed_allocation_leaves_it_whole)
{
    counted counter = {.fail = 2};
    npk_allocator allocator = {resize_counted, &counter};
    npki_dynbuf buffer;
    npki_dynbuf_init(&buffer, &allocator, SIZE_MAX);
    cr_assert(npki_dynbuf_add(&buffer, "abc", 3));
    cr_assert_null(npki_dynbuf_room(&buffer, 1000));
    cr_assert_arr_eq(buffer.bytes, "abc", 3);
    npki_dynbuf_free(&buffer);
    cr_assert_eq(counter.held, 0);
}

/* What is cleared is gone, whatever room there was for it. */
Test(base, map_clear)
{
    counted counter = {0};
    npk_allocator allocator = {resize_counted, &counter};
    static const uint64_t counts[] = {0, 1, 10, 1000};
    npki_map map;
    bool added;
    npki_map_init(&map, &allocator);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        for (uint64_t key = 0; key < counts[i]; key++)
            cr_assert_not_null(npki_map_put(&map, key, &added));
        npki_map_clear(&map);
        cr_expect_eq(map.count, 0);
        for (uint64_t key = 0; key < counts[i]; key++)
            cr_expect_null(npki_map_get(&map, key));
    }
    cr_expect_eq(counter.held, 0, "what many keys took is freed");
    cr_assert_not_null(npki_map_put(&map, 7, &added));
    cr_expect(added);
    npki_map_free(&map);
    cr_expect_eq(counter.held, 0);
}

/* Any key, 0 too, keeps its value while the map grows. */
Test(base, map)
{
    enum { COUNT = 1000 };
    npki_map map;
    bool added;
    const npk_allocator allocator = npki_allocator(NULL);
    npki_map_init(&map, &allocator);
    cr_expect_null(npki_map_get(&map, 0));
    cr_expect_null(npki_map_get(&map, 1));
    for (uint64_t key = 0; key < COUNT; key++) {
        uint64_t *value = npki_map_put(&map, key * key, &added);
        cr_assert_not_null(value);
        cr_expect(added);
        cr_expect_eq(*value, 0);
        *value = key + 7;
        cr_expect_null(npki_map_get(&map, key * key + 2 * key + 2)); /* between two squares, or beyond */
    }
    cr_expect_eq(map.count, COUNT);
    for (uint64_t key = 0; key < COUNT; key++) {
        uint64_t *value = npki_map_put(&map, key * key, &added);
        cr_assert_not_null(value);
        cr_expect_not(added);
        cr_expect_eq(*value, key + 7);
        cr_expect_eq(npki_map_get(&map, key * key), value);
    }
    npki_map_free(&map);
    cr_expect_null(npki_map_get(&map, 0));
    cr_expect_eq(map.count, 0);
}

/* What a format has in the plural, where the number is 1 and where it only ends so; no other word, and nothing that came in as text. */
static void expect_message(const char *expected, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void expect_message(const char *expected, const char *format, ...)
{
    char message[64];
    va_list arguments;
    va_start(arguments, format);
    npki_print_message(message, sizeof message, format, arguments);
    va_end(arguments);
    cr_expect_str_eq(message, expected);
}

Test(error, one_is_singular)
{
    expect_message("a room of 1 byte", "a room of %zu bytes", (size_t)1);
    expect_message("a room of 2 bytes", "a room of %zu bytes", (size_t)2);
    expect_message("a room of 11 bytes", "a room of %zu bytes", (size_t)11);
    expect_message("a room of -1 bytes", "a room of %d bytes", -1);
    expect_message("1 container is still open", "%zu containers are still open", (size_t)1);
    expect_message("0 containers are still open", "%zu containers are still open", (size_t)0);
    expect_message("1 byte follows STOP", "%" PRIu64 " bytes follow STOP", UINT64_C(1));
    expect_message("1 element does not fit", "%" PRId64 " elements do not fit", INT64_C(1));
    expect_message("1 element of 3 fields, 2 of 1", "%d elements of %d fields, %d of %d", 1, 3, 2, 1);
    expect_message("3 elements of 1 field", "%d elements of %d fields", 3, 1);
    expect_message("1 axis in order, 1 entry", "%d axes in order, %d entries", 1, 1);
    expect_message("protocol 1 has it", "protocol %d has it", 1);
    expect_message("protocol 1 does not have it", "protocol %d does not have it", 1);
    expect_message("item 1 comes twice, and needs 1 byte", "item %d comes twice, and needs %d bytes", 1, 1);
    expect_message("'1 bytes' of 1 byte", "'%s' of %d bytes", "1 bytes", 1);
    expect_message("100% of 1 byte", "100%% of %d bytes", 1);
    expect_message("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 1 field",
                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa %d fields do it", 1);
}
