#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(npk_error *error, npk_status status, uint64_t offset, int opcode, int system)
{
    error->status = status;
    error->offset = offset;
    error->opcode = opcode;
    error->system = system;
    error->message[0] = '\0';
    memset(error->reserved, 0, sizeof error->reserved);
}

/* --- "1 byte", "2 bytes" ---
 *
 * A format says "%zu bytes". Behind a count of 1 the noun that it has there loses its plural, and the verb behind that
 * becomes the one that goes with it. */

static const struct {
    const char *many, *one;
} irregular[] = {
    {"axes", "axis"},
    {"entries", "entry"},
    {"are", "is"},
    {"do", "does"},
    {"follow", "follows"},
    {"have", "has"},
    {"need", "needs"},
    /* behind a number that counts nothing: "protocol 1 does not have" */
    {"comes", "comes"},
    {"does", "does"},
    {"has", "has"},
    {"is", "is"},
    {"needs", "needs"},
};

static size_t word_at(const char *text)
{
    size_t size = 0;
    while (text[size] >= 'a' && text[size] <= 'z')
        size++;
    return size;
}

/* Puts the singular of a word in its place, if it has one; returns the bytes that it has then. */
static size_t put_one(char *word, size_t size, char *end)
{
    const char *one = NULL;
    for (size_t i = 0; i < sizeof irregular / sizeof *irregular; i++)
        if (strlen(irregular[i].many) == size && memcmp(irregular[i].many, word, size) == 0)
            one = irregular[i].one;
    size_t now = one != NULL ? strlen(one) : size > 2 && word[size - 1] == 's' ? size - 1 : size;
    if (now > size && strlen(word) + now - size >= (size_t)(end - word))
        return size;
    memmove(word + now, word + size, strlen(word + size) + 1);
    if (one != NULL)
        memcpy(word, one, now);
    return now;
}

/* "1 NOUN VERB", wherever the text has it: the plurals are those of the format. */
static void put_singular(char *text, char *end, const char *noun, size_t size)
{
    for (char *at = text; (at = strchr(at, '1')) != NULL; at++) {
        if (at[1] != ' ')
            continue;
        char *word = at + 2;
        bool number = at > text && ((at[-1] >= '0' && at[-1] <= '9') || strchr(".-x'\"", at[-1]) != NULL);
        if (number || word_at(word) != size || memcmp(word, noun, size) != 0)
            continue;
        word += put_one(word, size, end);
        size_t verb = word[0] == ' ' ? word_at(word + 1) : 0;
        if (verb > 1 && word[verb] != 's')
            put_one(word + 1, verb, end);
    }
}

void npki_print_message(char *out, size_t room, const char *format, va_list arguments)
{
    vsnprintf(out, room, format, arguments);
    for (const char *at = format; (at = strchr(at, '%')) != NULL;) {
        at += 1 + strspn(at + 1, "lhjzt");
        if (*at != 'd' && *at != 'u' && *at != 'i') {
            at += *at == '%';
            continue;
        }
        size_t size = at[1] == ' ' ? word_at(at + 2) : 0;
        if (size > 3 && (at[1 + size] == 's'))
            put_singular(out, out + room, at + 2, size);
    }
}

/* The character of UTF-8 that begins at `p`, and how many bytes it has; false for other bytes. */
static bool take_character(const unsigned char *p, unsigned long *out, size_t *size)
{
    const size_t more = *p >= 0xf0 && *p < 0xf5 ? 3 : *p >= 0xe0 && *p < 0xf0 ? 2 : *p >= 0xc2 && *p < 0xe0 ? 1 : 0;
    *out = *p & (0x3fu >> more);
    for (*size = 1; *size <= more; ++*size) {
        if ((p[*size] & 0xc0) != 0x80)
            return false;
        *out = *out << 6 | (p[*size] & 0x3fu);
    }
    return more > 0;
}

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte <= 0x7e;
}

/* How many characters come before one that is escaped: a pickle that is read with all its faults may have a message for
 * each of its bytes. */
static size_t plain_size(const char *text, size_t size)
{
    const uint64_t ones = UINT64_MAX / 0xff;
    size_t at = 0;
    for (uint64_t word; at + sizeof word <= size; at += sizeof word) {
        memcpy(&word, text + at, sizeof word);
        if (((word | (word - 0x20 * ones) | (word + ones)) & 0x80 * ones) != 0)
            break;
    }
    while (at < size && is_plain((unsigned char)text[at]))
        at++;
    return at;
}

/* What is not ASCII stands in the escapes of Python's ascii(), so that a path in a message can be given back. */
static void escape(char *text, size_t room)
{
    char out[sizeof((npk_error *)NULL)->message];
    size_t used = plain_size(text, strlen(text));
    if (text[used] == '\0')
        return;
    memcpy(out, text, used);
    for (const unsigned char *p = (const unsigned char *)text + used; *p != '\0';) {
        char one[12] = {(char)*p, '\0'};
        unsigned long character = *p;
        size_t size = 1;
        const bool plain = is_plain(*p);
        if (!plain && !take_character(p, &character, &size)) {
            character = *p;
            size = 1;
        }
        if (!plain)
            snprintf(one, sizeof one,
                     character > 0xffff ? "\\U%08lx"
                     : character > 0xff ? "\\u%04lx"
                                        : "\\x%02lx",
                     character);
        const size_t length = strlen(one);
        if (used + length >= room || used + length >= sizeof out)
            break;
        memcpy(out + used, one, length);
        used += length;
        p += size;
    }
    memcpy(text, out, used);
    text[used] = '\0';
}

npk_status npki_vfail_at(npk_error *error, npk_status status, uint64_t offset, int opcode, const char *format,
                         va_list arguments)
{
    if (error != NULL) {
        fill(error, status, offset, opcode, 0);
        npki_print_message(error->message, sizeof error->message, format, arguments);
        escape(error->message, sizeof error->message);
    }
    return status;
}

npk_status npki_fail_again(npk_error *error, npk_status status, uint64_t offset, int opcode, const char *message)
{
    if (error != NULL) {
        const size_t size = strlen(message), most = sizeof error->message - 1;
        fill(error, status, offset, opcode, 0);
        memcpy(error->message, message, size < most ? size : most);
        error->message[size < most ? size : most] = '\0';
    }
    return status;
}

npk_status npki_fail_at(npk_error *error, npk_status status, uint64_t offset, int opcode, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    npki_vfail_at(error, status, offset, opcode, format, arguments);
    va_end(arguments);
    return status;
}

npk_status npki_fail(npk_error *error, npk_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    npki_vfail_at(error, status, NPK_NO_OFFSET, NPKI_NO_OPCODE, format, arguments);
    va_end(arguments);
    return status;
}

npk_status npki_fail_system(npk_error *error, int system, const char *act)
{
    char room[NPKI_SYSTEM_ROOM];
    npki_fail(error, NPK_ERR_IO, "cannot %s: %s", act, npki_system_text(system, room));
    if (error != NULL)
        error->system = system;
    return NPK_ERR_IO;
}

/* Of a path that is longer than this the end is shown, which says more than its start. */
#define LONGEST_PATH 100

void npki_add_path(npk_error *error, const char *path)
{
    if (error == NULL)
        return;
    npk_error before = *error;
    size_t length = strlen(path);
    bool cut = length > LONGEST_PATH;
    npki_fail(error, before.status, "%s%s: %s", cut ? "..." : "", cut ? path + length - LONGEST_PATH : path,
              before.message);
    error->offset = before.offset;
    error->opcode = before.opcode;
    error->system = before.system;
}

npk_status npki_no_memory(npk_error *error)
{
    return npki_fail(error, NPK_ERR_MEMORY, "an allocation failed");
}

npk_status npki_place(npk_error *error, npk_status status, uint64_t offset, int opcode)
{
    if (error != NULL && status != NPK_OK && error->offset == NPK_NO_OFFSET) {
        error->offset = offset;
        error->opcode = opcode;
    }
    return status;
}
