#include "dtype/printer.h"

#include "base/bytes.h"
#include "text/number.h"
#include "text/unicode.h"

npki_printer npki_printer_start(char *text, size_t size)
{
    return (npki_printer){text, size > 0 ? size - 1 : 0, 0, 0};
}

size_t npki_printer_finish(const npki_printer *out, size_t size)
{
    if (size > 0)
        out->text[out->written] = '\0';
    return out->needed;
}

void npki_say(npki_printer *out, const char *text, size_t size)
{
    if (out->written == out->needed && out->written < out->room) {
        size_t fits = out->room - out->written < size ? out->room - out->written : size;
        memcpy(out->text + out->written, text, fits);
        out->written += fits;
    }
    out->needed += size;
}

void npki_say_text(npki_printer *out, const char *text)
{
    npki_say(out, text, strlen(text));
}

void npki_say_number(npki_printer *out, int64_t number)
{
    char digits[21];
    npki_say(out, digits, npki_print_int64(number, digits));
}

void npki_say_shape(npki_printer *out, int ndim, const int64_t *shape, bool json)
{
    npki_say_text(out, json ? "[" : "(");
    for (int i = 0; i < ndim; i++) {
        if (i > 0)
            npki_say_text(out, ", ");
        npki_say_number(out, shape[i]);
    }
    npki_say_text(out, json ? "]" : ndim == 1 ? ",)" : ")");
}

void npki_say_repr(npki_printer *out, const char *utf8, size_t size)
{
    size_t needed = (size_t)npki_repr_str((const uint8_t *)utf8, size, NULL);
    if (out->written == out->needed && needed <= out->room - out->written) {
        npki_repr_str((const uint8_t *)utf8, size, (uint8_t *)out->text + out->written);
        out->written += needed;
    }
    out->needed += needed;
}

void npki_say_name(npki_printer *out, const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + size;
    bool utf8 = npki_utf8_check(at, size) == size;
    while (at < end) {
        const uint8_t *from = at;
        uint8_t repr[16]; /* of one character: '\U0010ffff' */
        if (utf8)
            npki_utf8_next(&at);
        else
            at++;
        size_t quotes = utf8 ? 1 : 2; /* and a b */
        size_t length =
            (size_t)(utf8 ? npki_repr_str(from, (size_t)(at - from), repr) : npki_repr_bytes(from, 1, repr));
        npki_say(out, (const char *)repr + quotes, length - quotes - 1);
    }
}
