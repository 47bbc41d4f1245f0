/* Any bytes as a pickle that is printed, with options from the bytes behind it: text must be UTF-8 that no terminal
 * obeys, JSON must be JSON, and a text is the same whether it goes out whole or ends early. */
#include "mutate.h"

#include "text/unicode.h"

#define MOST (1u << 18)

typedef struct kept {
    char *text;
    size_t size, most;
} kept;

static int keep(void *context, const void *bytes, size_t size)
{
    kept *to = context;
    if (size > to->most - to->size)
        return 28;
    memcpy(to->text + to->size, bytes, size);
    to->size += size;
    return 0;
}

/* --- JSON --- */

static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++) {
        DEMAND((uint8_t)*at >= 0x20);
        if (*at != '\\')
            continue;
        DEMAND(end - at > 1 && memchr("\"\\/bfnrtu", at[1], 9) != NULL);
        at++;
        for (int i = 1; *at == 'u' && i <= 4; i++)
            DEMAND(end - at > i && memchr("0123456789abcdef", at[i], 16) != NULL);
    }
    DEMAND(at < end);
    return at + 1;
}

static const char *skip_digits(const char *at, const char *end)
{
    DEMAND(at < end && *at >= '0' && *at <= '9');
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

static const char *skip_number(const char *at, const char *end)
{
    at += *at == '-';
    DEMAND(at < end && (*at != '0' || end - at < 2 || at[1] < '0' || at[1] > '9'));
    at = skip_digits(at, end);
    if (at < end && *at == '.')
        at = skip_digits(at + 1, end);
    if (at < end && *at == 'e') {
        at++;
        at = skip_digits(at + (at < end && (*at == '+' || *at == '-')), end);
    }
    return at;
}

static const char *skip_atom(const char *at, const char *end)
{
    static const char *const words[] = {"null", "true", "false"};
    for (size_t i = 0; i < 3; i++)
        if ((size_t)(end - at) >= strlen(words[i]) && memcmp(at, words[i], strlen(words[i])) == 0)
            return at + strlen(words[i]);
    return *at == '"' ? skip_string(at, end) : skip_number(at, end);
}

static const char *skip_key(const char *at, const char *end)
{
    DEMAND(at < end && *at == '"');
    at = skip_string(at, end);
    DEMAND(end - at >= 2 && memcmp(at, ": ", 2) == 0);
    return at + 2;
}

/* One value, and nothing behind it. */
static void check_json(const char *text, size_t size)
{
    char *closing = malloc(size + 1);
    size_t depth = 0;
    const char *at = text, *end = text + size;
    DEMAND(closing != NULL && size > 0);
    do {
        DEMAND(at < end);
        bool opens = *at == '[' || *at == '{', object = *at == '{';
        at = opens ? at + 1 : skip_atom(at, end);
        if (opens)
            closing[depth++] = object ? '}' : ']';
        bool empty = opens && at < end && *at == closing[depth - 1];
        if (opens && !empty) {
            at = object ? skip_key(at, end) : at;
            continue;
        }
        while (depth > 0 && at < end && *at == closing[depth - 1]) {
            at++;
            depth--;
        }
        if (depth == 0)
            break;
        DEMAND(end - at >= 2 && memcmp(at, ", ", 2) == 0);
        at += 2;
        at = closing[depth - 1] == '}' ? skip_key(at, end) : at;
    } while (true);
    DEMAND(at == end);
    free(closing);
}

/* --- all forms --- */

typedef npk_status printer(const npk_value *, const npk_print_options *, npk_write_function *, void *, npk_error *);

/* An array of the document's, as if it were the caller's own. */
#define OF_ARRAY(name)                                                                                                 \
    static npk_status name##_of(const npk_value *value, const npk_print_options *options, npk_write_function *write,   \
                                void *context, npk_error *error)                                                       \
    {                                                                                                                  \
        npk_array array;                                                                                               \
        npk_status status = npk_array_of(value, &array, error);                                                        \
        return status == NPK_OK ? name(&array, options, write, context, error) : status;                               \
    }
OF_ARRAY(npk_print_array)
OF_ARRAY(npk_print_array_json)
OF_ARRAY(npk_print_array_csv)

static printer *const printers[] = {npk_print_value,    npk_print_json,          npk_print_csv,
                                    npk_print_array_of, npk_print_array_json_of, npk_print_array_csv_of};

static void check_text(size_t form, const char *text, size_t size)
{
    bool csv = form % 3 == 2;
    for (size_t i = 0; i < size; i++)
        DEMAND(((uint8_t)text[i] >= 0x20 && text[i] != 0x7f) || (text[i] == '\n' && form % 3 != 1) ||
               (csv && (text[i] == '\t' || text[i] == '\r')));
    DEMAND(npki_utf8_check((const uint8_t *)text, size) == size);
}

static void print_all(const npk_value *value, const npk_print_options *options, uint64_t cut)
{
    kept whole = {malloc(MOST), 0, MOST}, part = {malloc(MOST), 0, 0};
    DEMAND(whole.text != NULL && part.text != NULL);
    for (size_t form = 0; form < sizeof printers / sizeof *printers; form++) {
        npk_error error = {.status = NPK_OK};
        whole.size = part.size = 0;
        npk_status status = printers[form](value, options, keep, &whole, &error);
        DEMAND(status == NPK_OK || (error.status == status && error.message[0] != '\0'));
        if (status != NPK_OK)
            continue;
        check_text(form, whole.text, whole.size);
        if (form % 3 == 1 && options->json_nan != NPK_JSON_NAN_PYTHON)
            check_json(whole.text, whole.size);
        if (whole.size == 0)
            continue;
        part.most = (size_t)(cut % whole.size);
        DEMAND(printers[form](value, options, keep, &part, &error) == NPK_ERR_IO && error.system == 28);
        DEMAND(memcmp(part.text, whole.text, part.size) == 0);
        npk_print_options less = *options;
        less.most = whole.size / 2 + 1;
        status = printers[form](value, &less, npk_sink_count, &(uint64_t){0}, NULL);
        DEMAND(status == NPK_OK || status == NPK_ERR_LIMIT);
    }
    free(whole.text);
    free(part.text);
}

static uint64_t deal_number(dealer *d)
{
    uint64_t number = deal(d, 1);
    return number == 255 ? NPK_UNLIMITED : number == 254 ? NPK_PRINT_ZERO : number % 64;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    npk_reader *reader;
    npk_doc *doc = NULL;
    npk_walk *walk;
    npk_error error;
    if (npk_reader_memory(data, size, NULL, &reader, &error) != NPK_OK)
        return 0;
    if (npk_reader_next(reader, &doc, &error) == NPK_OK && doc != NULL) {
        dealer rest = {data + npk_reader_offset(reader), data + size};
        npk_print_options options = {.most = MOST};
        options.width = deal_number(&rest);
        options.precision = deal_number(&rest);
        options.threshold = deal_number(&rest);
        options.edge_items = deal_number(&rest);
        options.depth = deal_number(&rest);
        options.json_nan = (npk_json_nan)(deal(&rest, 1) % 3);
        uint64_t cut = deal(&rest, 2);
        print_all(npk_doc_root(doc), &options, cut);
        /* and the first arrays alone, because the root often is not one */
        const npk_value *value;
        DEMAND(npk_walk_start(npk_doc_root(doc), NULL, &walk, &error) == NPK_OK);
        for (int arrays = 0; arrays < 4 && npk_walk_next(walk, &value, &error) == NPK_OK && value != NULL;)
            if (npk_value_is_array(value) || npk_value_is_masked(value) || npk_value_is_scalar(value)) {
                print_all(value, &options, cut);
                arrays++;
            }
        npk_walk_free(walk);
    }
    npk_doc_free(doc);
    npk_reader_close(reader);
    return 0;
}
