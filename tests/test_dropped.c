/* What is dropped, one after another, and in every order with what comes between: what stays an event, and where. */
#include <npickle.h>

#include <criterion/criterion.h>
#include <string.h>

/* What is done to a list; N is the number of the step, in a byte. A tuple (N,) is made and dropped so many times as it
 * is to be an event. */
static const struct {
    const char *bytes; /* 'N' stands for the number */
    const char *last;  /* comes at the end of the pickle */
    size_t events;     /* of the list */
    size_t items;
} steps[] = {
    {"KN\x85"
     "0",
     "", 1, 0},
    {"(KN\x85KN\x85"
     "1",
     "", 2, 0},
    {"KNa", "", 0, 1},
    {"KN\x85qN0", "", 1, 0},    /* it may come out of the memo, but does not */
    {"KN\x85qN0", "hNa", 0, 0}, /* it does: it was not dropped */
    {"KN\x85"
     "200",
     "", 1, 0}, /* a copy */
    {"(KN\x85"
     "221",
     "", 1, 0},
    {"(KN\x85qNhN1", "", 1, 0},
    {"KN\x85"
     "20a",
     "", 0, 1}, /* a copy of what stays */
};
#define STEPS (sizeof steps / sizeof *steps)
#define LENGTH 4

static size_t append(char *out, size_t size, const char *bytes, char number)
{
    for (; *bytes != '\0'; bytes++)
        out[size++] = *bytes == 'N' ? number : *bytes;
    return size;
}

typedef struct expected {
    char tuple;
    size_t after;
} expected;

static size_t expect(const size_t *which, expected *out)
{
    size_t count = 0, items = 0;
    for (size_t i = 0; i < LENGTH; i++) {
        for (size_t k = 0; k < steps[which[i]].events; k++)
            out[count++] = (expected){(char)(i + 1), items};
        items += steps[which[i]].items;
    }
    return count;
}

static void check(const npk_doc *doc, const expected *rows, size_t count, size_t number)
{
    const npk_value *list = npk_doc_root(doc);
    size_t found = 0;
    for (size_t i = 0; i < npk_value_events(list); i++) {
        npk_event event;
        int64_t tuple = 0;
        cr_assert(npk_value_event(list, i, &event));
        if (event.kind != NPK_EVENT_CALL)
            continue;
        cr_assert_lt(found, count, "%zu: more than %zu events", number, count);
        cr_expect(npk_value_as_int64(npk_value_item(event.value, 0), &tuple) && tuple == rows[found].tuple &&
                      event.first == rows[found].after,
                  "%zu: event %zu is of (%d,) after %zu, expected (%d,) after %zu", number, found, (int)tuple, event.first,
                  rows[found].tuple, rows[found].after);
        found++;
    }
    cr_expect_eq(found, count, "%zu: %zu events, expected %zu", number, found, count);
}

Test(dropped, in_every_order, .timeout = 60)
{
    size_t all = 1;
    for (size_t i = 0; i < LENGTH; i++)
        all *= STEPS;
    for (size_t number = 0; number < all; number++) {
        char bytes[LENGTH * 32] = "\x80\2]";
        size_t size = 3, which[LENGTH], rest = number;
        expected rows[2 * LENGTH];
        npk_doc *doc = NULL, *again = NULL;
        npk_error error = {.status = NPK_OK};
        for (size_t i = 0; i < LENGTH; i++, rest /= STEPS) {
            which[i] = rest % STEPS;
            size = append(bytes, size, steps[which[i]].bytes, (char)(i + 1));
        }
        for (size_t i = 0; i < LENGTH; i++)
            size = append(bytes, size, steps[which[i]].last, (char)(i + 1));
        bytes[size++] = '.';
        const size_t count = expect(which, rows);
        cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &doc, &error), NPK_OK, "%zu: %s", number, error.message);
        check(doc, rows, count, number);
        for (int protocol = 0; protocol <= NPK_PROTOCOL_MAX; protocol += 2) {
            npk_write_options options;
            uint8_t *written = NULL;
            size_t length = 0;
            cr_assert(npk_write_options_for(doc, &options));
            options.protocol = protocol;
            cr_assert_eq(npk_doc_save_memory(doc, &options, &written, &length, &error), NPK_OK, "%zu: %s", number,
                         error.message);
            cr_assert_eq(npk_doc_load_memory(written, length, NULL, &again, &error), NPK_OK, "%s", error.message);
            check(again, rows, count, number);
            npk_doc_free(again);
            npk_bytes_free(NULL, written, length);
        }
        npk_doc_free(doc);
    }
}
