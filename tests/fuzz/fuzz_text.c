/* The parts that turn text into values and back: floats, ints, the encodings, texts, dtypes, literals. */
#include "fuzz.h"

#include "base/bytes.h"
#include "text/encoding.h"
#include "text/number.h"
#include "text/unicode.h"

#define MOST_DIGITS 2000

static void double_from_bits(dealer *d)
{
    double value = npki_double_of(deal(d, 8)), again;
    char text[NPKI_REPR_DOUBLE];
    size_t size = npki_repr_double(value, text);
    DEMAND(size <= sizeof text && npki_parse_double((const uint8_t *)text, size, &again));
    DEMAND(npki_bits_of(again) == npki_bits_of(value) || (value != value && again != again));
    size = npki_print_17g(value, text);
    DEMAND(size <= sizeof text && npki_parse_double((const uint8_t *)text, size, &again));
    DEMAND(npki_bits_of(again) == npki_bits_of(value) || (value != value && again != again));
}

static void double_from_text(dealer *d)
{
    size_t size;
    uint8_t *text = deal_block(d, MOST_DIGITS, &size);
    char repr[NPKI_REPR_DOUBLE], *end;
    double value, again;
    if (npki_parse_double(text, size, &value)) {
        size_t length = npki_repr_double(value, repr);
        DEMAND(npki_parse_double((const uint8_t *)repr, length, &again));
        DEMAND(npki_bits_of(again) == npki_bits_of(value) || (value != value && again != again));
        char *line = malloc(size + 1); /* the C library rounds correctly too */
        DEMAND(line != NULL);
        memcpy(line, text, size);
        line[size] = '\0';
        double libc = strtod(line, &end);
        DEMAND(*end == '\0' && (npki_bits_of(libc) == npki_bits_of(value) || (value != value && libc != libc)));
        free(line);
    }
    free(text);
}

static void long_from_text(dealer *d)
{
    size_t size;
    uint8_t *text = deal_block(d, MOST_DIGITS, &size);
    uint8_t *bytes = malloc(npki_long_room(size));
    DEMAND(bytes != NULL);
    size_t length = npki_parse_long(text, size, bytes);
    if (length > 0) {
        uint8_t *scratch = malloc(length + 8);
        char *decimal = malloc(npki_decimal_room(length));
        DEMAND(scratch != NULL && decimal != NULL);
        size_t digits = npki_print_long(bytes, length, scratch, decimal);
        uint8_t *again = malloc(npki_long_room(digits));
        DEMAND(digits <= npki_decimal_room(length) && again != NULL);
        DEMAND(npki_parse_long((const uint8_t *)decimal, digits, again) == length && memcmp(again, bytes, length) == 0);
        int64_t number;
        DEMAND(npki_parse_int64(text, size, &number) == (length <= 8));
        free(again);
        free(decimal);
        free(scratch);
    }
    free(bytes);
    free(text);
}

/* Runs an encoding over `in`, the sides cut into odd pieces; returns how many bytes came out. */
static size_t run(npk_encoding encoding, int quote, const uint8_t *in, size_t size, uint8_t *out, size_t room,
                  uint64_t cuts)
{
    npki_stream s = {in, in, out, out, false};
    const uint8_t *end = in + size;
    for (unsigned turn = 0; s.in < end || s.in_end < end; turn++) {
        size_t more = quote >= 0 ? 1 + (cuts >> turn % 60 & 7) : size; /* only plain bytes come in pieces */
        size_t space = NPKI_ENCODING_WIDEST + (cuts >> turn % 57 & 15);
        s.in_end = (size_t)(end - s.in) > more ? s.in + more : end;
        s.out_end = (size_t)(out + room - s.out) > space ? s.out + space : out + room;
        const uint8_t *before = s.in;
        const uint8_t *written = s.out;
        if (quote >= 0)
            npki_encoding_encode(encoding, (char)quote, &s);
        else
            npki_encoding_decode(encoding, &s);
        DEMAND(s.in <= s.in_end && s.out <= s.out_end);
        DEMAND(s.in > before || s.out > written);
    }
    return (size_t)(s.out - out);
}

static void encoding_round_trip(dealer *d)
{
    npk_encoding encoding = (npk_encoding)(deal(d, 1) % 4);
    uint64_t cuts = deal(d, 8);
    size_t size;
    uint8_t *plain = deal_block(d, 1 << 12, &size);
    char quote = npki_encoding_quote(plain, size);
    uint64_t needed = npki_encoding_encoded_size(encoding, quote, plain, size), decoded = size;
    DEMAND(needed <= NPKI_ENCODING_WIDEST * (uint64_t)size);
    uint8_t *encoded = malloc((size_t)needed + 1), *back = malloc(size + 1);
    DEMAND(encoded != NULL && back != NULL);
    DEMAND(run(encoding, quote, plain, size, encoded, (size_t)needed, cuts) == needed);
    DEMAND(npki_encoding_measure(encoding, encoded, (size_t)needed, &decoded) == needed &&
           (encoding == NPK_ENCODING_RAW || decoded == size));
    DEMAND(run(encoding, -1, encoded, (size_t)needed, back, size, cuts) == size && memcmp(back, plain, size) == 0);
    free(back);
    free(encoded);
    free(plain);
}

static void encoding_of_anything(dealer *d)
{
    npk_encoding encoding = (npk_encoding)(deal(d, 1) % 4);
    uint64_t cuts = deal(d, 8), decoded = 0;
    size_t size;
    uint8_t *encoded = deal_block(d, 1 << 12, &size);
    if (npki_encoding_measure(encoding, encoded, size, &decoded) == size && encoding != NPK_ENCODING_RAW) {
        uint8_t *plain = malloc((size_t)decoded + 1), *at_once = malloc((size_t)decoded + 1);
        DEMAND(plain != NULL && at_once != NULL && decoded <= size);
        DEMAND(run(encoding, -1, encoded, size, plain, (size_t)decoded, cuts) == decoded);
        npki_stream s = {encoded, encoded + size, at_once, at_once + decoded, false};
        npki_encoding_decode(encoding, &s);
        DEMAND(s.out == s.out_end && memcmp(plain, at_once, (size_t)decoded) == 0);
        free(at_once);
        free(plain);
    }
    free(encoded);
}

static void texts(dealer *d)
{
    size_t size;
    uint8_t *text = deal_block(d, 1 << 12, &size);
    uint64_t needed = 0, other;
    if (npki_utf8_check(text, size) == size) {
        for (npki_escapes escapes = NPKI_ESCAPES_NEW; escapes <= NPKI_ESCAPES_UPPER; escapes++) {
            needed = npki_unicode_escape(text, size, escapes, NULL);
            uint8_t *escaped = malloc((size_t)needed + 1), *back = malloc(size + 1);
            DEMAND(escaped != NULL && back != NULL);
            DEMAND(npki_unicode_escape(text, size, escapes, escaped) == needed);
            DEMAND(npki_unicode_unescape(escaped, (size_t)needed, NULL, &other) == needed && other == size);
            npki_unicode_unescape(escaped, (size_t)needed, back, &other);
            DEMAND(memcmp(back, text, size) == 0);
            free(back);
            free(escaped);
        }
    }
    if (npki_unicode_unescape(text, size, NULL, &needed) == size) {
        uint8_t *out = malloc((size_t)needed + 1);
        DEMAND(out != NULL);
        npki_unicode_unescape(text, size, out, &other);
        DEMAND(other == needed && npki_utf8_check(out, (size_t)needed) == needed);
        free(out);
    }
    for (npk_text_form form = NPK_TEXT_STR; form <= NPK_TEXT_CSV; form++) {
        uint64_t counted = 0;
        DEMAND(npk_print_text(text, size, form, npk_sink_count, &counted, NULL) == NPK_OK);
        npk_fixed_buffer quoted = {malloc((size_t)counted + 1), (size_t)counted, 0};
        DEMAND(quoted.bytes != NULL && npk_print_text(text, size, form, npk_sink_fixed, &quoted, NULL) == NPK_OK);
        DEMAND(quoted.used == counted && npki_utf8_check(quoted.bytes, quoted.used) == quoted.used);
        free(quoted.bytes);
    }
    free(text);
}

typedef npk_status parse_function(const char *text, const npk_allocator *allocator, const npk_dtype **out, npk_error *error);
typedef size_t print_function(const npk_dtype *dtype, char *text, size_t size);

static size_t print_descr(const npk_dtype *dtype, char *text, size_t size)
{
    return npk_dtype_descr(dtype, false, text, size);
}

/* What is printed is a notation of the same dtype, where it says all: no struct and no number of ml_dtypes that is only its bytes, nothing that stands beside the
 * literal, no name or title that is empty and would be made up. */
static void prints_again(const npk_dtype *dtype, print_function *print, size_t before, size_t after, parse_function *parse)
{
    size_t length = print(dtype, NULL, 0);
    char *text = malloc(length + 1);
    const npk_dtype *again;
    DEMAND(text != NULL && print(dtype, text, length + 1) == length && strlen(text) == length);
    const char *code = text + before + 1 + (text[before + 1] == '|' || text[before + 1] == '<');
    if (strstr(text, ", align=True)") == NULL && strstr(text, "''") == NULL && npk_dtype_type(dtype) != NPK_VSTRING &&
        !(*code == 'V' && (npk_dtype_type(dtype) != NPK_VOID || npk_dtype_is_struct(dtype) ||
                           npk_dtype_subarray(dtype, NULL, NULL) != NULL))) {
        text[length - after] = '\0';
        DEMAND(parse(text + before, NULL, &again, NULL) == NPK_OK && npk_dtype_equal(dtype, again));
        DEMAND(npk_dtype_hash(dtype) == npk_dtype_hash(again));
        npk_dtype_free(again);
    }
    free(text);
}

static void dtypes(dealer *d)
{
    size_t size;
    uint8_t *bytes = deal_block(d, 1 << 12, &size);
    char *text = malloc(size + 1), str[64];
    const npk_dtype *dtype, *copy;
    npk_error error;
    DEMAND(text != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (npk_dtype_parse(text, NULL, &dtype, &error) == NPK_OK) {
        DEMAND(npk_dtype_str(dtype, str, sizeof str) < sizeof str);
        DEMAND(npk_dtype_copy(dtype, NULL, &copy, &error) == NPK_OK && npk_dtype_equal(dtype, copy));
        prints_again(copy, npk_dtype_repr, 6, 1, npk_dtype_parse);
        npk_dtype_free(copy);
        npk_dtype_free(dtype);
    }
    if (npk_dtype_parse_descr(text, NULL, &dtype, &error) == NPK_OK) {
        prints_again(dtype, print_descr, 0, 0, npk_dtype_parse_descr);
        npk_dtype_free(dtype);
    }
    free(text);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const parts[])(dealer *) = {double_from_bits, double_from_text, long_from_text, encoding_round_trip,
                                              encoding_of_anything, texts,            dtypes};
    dealer d = {data, data + size};
    parts[deal(&d, 1) % (sizeof parts / sizeof *parts)](&d);
    return 0;
}
