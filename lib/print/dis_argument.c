/* pickletools' readers of arguments, one for each way an argument can lie in a pickle. CPython: Lib/pickletools.py. */
#include "print/dis_argument.h"

#include "base/bytes.h"
#include "base/error.h"
#include "opcode/opcode.h"
#include "text/number.h"
#include "text/unicode.h"

#include <string.h>

typedef npk_status argument_reader(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error);

static npk_status wrong(npk_error *error, const npk_instruction *instruction, npk_status status, const char *message)
{
    return npki_fail_at(error, status, instruction->offset, instruction->opcode->byte, "%s", message);
}

/* NULL without memory; never for a size of 0. */
static uint8_t *room_for(npki_dis_argument *argument, size_t size)
{
    return size == SIZE_MAX ? NULL : npki_dynbuf_room(&argument->scratch, size + 1);
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static npk_status read_none(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    (void)instruction;
    (void)error;
    argument->state = NPKI_DIS_NOTHING;
    return NPK_OK;
}

static void set_word(npki_dis_argument *argument, const char *word)
{
    argument->state = NPKI_DIS_WORD;
    argument->word_size = strlen(word);
    memcpy(argument->word, word, argument->word_size);
}

static npk_status read_uint(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    (void)error;
    argument->state = NPKI_DIS_WORD;
    argument->word_size = npki_print_uint64(instruction->number.u, argument->word);
    argument->key = (int64_t)instruction->number.u; /* of BINPUT and its like: 32 bits at most */
    return NPK_OK;
}

static npk_status read_int(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    (void)error;
    argument->state = NPKI_DIS_WORD;
    argument->word_size = npki_print_int64(instruction->number.i, argument->word);
    return NPK_OK;
}

static npk_status read_real(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    (void)error;
    argument->state = NPKI_DIS_WORD;
    argument->word_size = npki_repr_double(instruction->number.f, argument->word);
    return NPK_OK;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static void strip(const uint8_t **text, size_t *size)
{
    while (*size > 0 && is_blank(**text)) {
        ++*text;
        --*size;
    }
    while (*size > 0 && is_blank((*text)[*size - 1]))
        --*size;
}

/* int(text) of Python: blanks around it, '_' between digits, leading zeros. The word becomes what repr() of it is. */
static npk_status read_decimal(npki_dis_argument *argument, const uint8_t *text, size_t size,
                               const npk_instruction *instruction, npk_error *error)
{
    size_t digits = 0, used = 0;
    strip(&text, &size);
    bool negative = size > 0 && *text == '-';
    size_t at = negative || (size > 0 && *text == '+') ? 1 : 0;
    bool after_digit = false;
    for (; at < size; at++) {
        bool digit = is_digit(text[at]);
        if (!digit && (text[at] != '_' || !after_digit))
            return wrong(error, instruction, NPK_ERR_ARGUMENT, "expected a decimal number, found another character");
        after_digit = digit;
        digits += digit;
        if (digits > NPKI_DIS_DIGITS)
            return wrong(error, instruction, NPK_ERR_LIMIT, "expected at most 4300 digits");
        if (digit && (used > 0 || text[at] != '0'))
            argument->word[1 + used++] = (char)text[at];
    }
    if (!after_digit)
        return wrong(error, instruction, NPK_ERR_ARGUMENT, "expected a decimal number, found none");
    argument->state = NPKI_DIS_WORD;
    if (used == 0)
        argument->word[1 + used++] = '0';
    else if (negative)
        argument->word[0] = '-';
    bool sign = negative && argument->word[1] != '0';
    if (!sign)
        memmove(argument->word, argument->word + 1, used);
    argument->word_size = used + sign;
    return NPK_OK;
}

static npk_status read_decimalnl_short(npki_dis_argument *argument, const npk_instruction *instruction,
                                       npk_error *error)
{
    const uint8_t *text = instruction->argument;
    bool is_bool = instruction->size == 2 && text[0] == '0' && (text[1] == '0' || text[1] == '1');
    if (is_bool) {
        set_word(argument, text[1] == '0' ? "False" : "True");
        argument->key = text[1] - '0';
        return NPK_OK;
    }
    npk_status status = read_decimal(argument, text, instruction->size, instruction, error);
    if (status != NPK_OK || instruction->opcode->action == NPKI_DO_NUMBER)
        return status;
    argument->no_key = !npki_parse_int64((const uint8_t *)argument->word, argument->word_size, &argument->key);
    return NPK_OK;
}

static npk_status read_decimalnl_long(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    size_t size = instruction->size;
    if (size > 0 && instruction->argument[size - 1] == 'L')
        size--;
    return read_decimal(argument, instruction->argument, size, instruction, error);
}

/* float(text) of Python: blanks around it, '_' between digits. */
static npk_status read_floatnl(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    const uint8_t *text = instruction->argument;
    size_t size = instruction->size;
    double value;
    strip(&text, &size);
    if (size > 0 && memchr(text, '_', size) != NULL) {
        uint8_t *room = room_for(argument, size);
        if (room == NULL)
            return npki_no_memory(error);
        size_t used = 0;
        for (size_t i = 0; i < size; i++) {
            if (text[i] != '_')
                room[used++] = text[i];
            else if (i == 0 || i + 1 == size || !is_digit(text[i - 1]) || !is_digit(text[i + 1]))
                return wrong(error, instruction, NPK_ERR_ARGUMENT, "expected a float, found a '_' outside of digits");
        }
        text = room;
        size = used;
    }
    if (!npki_parse_double(text, size, &value))
        return wrong(error, instruction, NPK_ERR_ARGUMENT, "expected a float");
    argument->state = NPKI_DIS_WORD;
    argument->word_size = npki_repr_double(value, argument->word);
    return NPK_OK;
}

static npk_status read_long(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    const uint8_t *bytes = instruction->argument;
    size_t size = instruction->size;
    while (size > 1 && bytes[size - 1] == (bytes[size - 2] & 0x80 ? 0xff : 0))
        size--;
    argument->state = NPKI_DIS_TOO_LONG;
    if (size == 0) {
        set_word(argument, "0");
    } else if (size <= NPKI_DIS_LONG_BYTES) {
        uint8_t *scratch = room_for(argument, NPKI_DIS_LONG_BYTES + 8);
        if (scratch == NULL)
            return npki_no_memory(error);
        size_t printed = npki_print_long(bytes, size, scratch, argument->word);
        if (printed - (argument->word[0] == '-') <= NPKI_DIS_DIGITS)
            argument->state = NPKI_DIS_WORD;
        argument->word_size = printed;
    }
    return NPK_OK;
}

/* --- texts -------------------------------------------------------------------------------------------------------- */

static npk_status set_quoted(npki_dis_argument *argument, npk_text_form kind, const uint8_t *bytes, size_t size)
{
    argument->state = NPKI_DIS_QUOTED;
    argument->kind = kind;
    argument->bytes = bytes;
    argument->size = size;
    return NPK_OK;
}

static npk_status read_bytes(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    (void)error;
    return set_quoted(argument, NPK_TEXT_BYTES, instruction->argument, instruction->size);
}

static npk_status read_bytearray(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    (void)error;
    return set_quoted(argument, NPK_TEXT_BYTEARRAY, instruction->argument, instruction->size);
}

static npk_status read_string(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    (void)error;
    npk_text_form kind = argument->latin1 ? NPK_TEXT_ASCII : NPK_TEXT_LATIN1;
    return set_quoted(argument, kind, instruction->argument, instruction->size);
}

static npk_status read_utf8(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    if (npki_utf8_check(instruction->argument, instruction->size) != instruction->size)
        return wrong(error, instruction, NPK_ERR_ARGUMENT, "expected UTF-8, found other bytes");
    return set_quoted(argument, NPK_TEXT_STR, instruction->argument, instruction->size);
}

static npk_status read_unicodestringnl(npki_dis_argument *argument, const npk_instruction *instruction,
                                       npk_error *error)
{
    uint64_t needed;
    if (npki_unicode_unescape(instruction->argument, instruction->size, NULL, &needed) != instruction->size)
        return wrong(error, instruction, NPK_ERR_ARGUMENT, "expected raw-unicode-escape, found a malformed escape");
    uint8_t *room = room_for(argument, (size_t)needed);
    if (room == NULL)
        return npki_no_memory(error);
    npki_unicode_unescape(instruction->argument, instruction->size, room, &needed);
    return set_quoted(argument, NPK_TEXT_STR, room, (size_t)needed);
}

static int hex_value(uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t lower = byte >= 'A' && byte <= 'F' ? (uint8_t)(byte + 32) : byte;
    const char *found = lower == 0 ? NULL : strchr(digits, lower);
    return found == NULL ? -1 : (int)(found - digits);
}

/* codecs.escape_decode(): undoes what stands after one backslash at `at`, and returns where it ends, or NULL. */
static const uint8_t *unescape_one(const uint8_t *at, const uint8_t *end, uint8_t *out, size_t *used)
{
    static const char letters[] = "\\'\"abfnrtv", values[] = "\\'\"\a\b\f\n\r\t\v";
    if (at == end)
        return NULL;
    const char *letter = *at == 0 ? NULL : strchr(letters, *at);
    if (letter != NULL) {
        out[(*used)++] = (uint8_t)values[letter - letters];
        return at + 1;
    }
    if (*at == 'x') {
        if (end - at < 3 || hex_value(at[1]) < 0 || hex_value(at[2]) < 0)
            return NULL;
        out[(*used)++] = (uint8_t)(hex_value(at[1]) << 4 | hex_value(at[2]));
        return at + 3;
    }
    if (*at < '0' || *at > '7') {
        out[(*used)++] = '\\';
        return at;
    }
    unsigned value = 0;
    for (int i = 0; i < 3 && at < end && *at >= '0' && *at <= '7'; i++)
        value = value << 3 | (unsigned)(*at++ - '0');
    out[(*used)++] = (uint8_t)value;
    return at;
}

/* codecs.escape_decode(text), and .decode('ascii') unless `latin1`, after what `out` holds already. */
static npk_status unescape(const npk_instruction *instruction, const uint8_t *text, size_t size, bool latin1,
                           uint8_t *out, size_t *used, npk_error *error)
{
    const uint8_t *at = text, *end = text + size;
    size_t first = *used;
    while (at != NULL && at < end) {
        if (*at != '\\')
            out[(*used)++] = *at++;
        else
            at = unescape_one(at + 1, end, out, used);
    }
    if (at == NULL)
        return wrong(error, instruction, NPK_ERR_ARGUMENT, "expected an escape after the backslash");
    for (size_t i = first; i < *used && !latin1; i++)
        if (out[i] >= 0x80)
            return wrong(error, instruction, NPK_ERR_ARGUMENT,
                         "pickletools stops here: text beyond ASCII; of a STRING, --latin1 shows it");
    return NPK_OK;
}

static npk_status read_stringnl(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    const uint8_t *text = instruction->argument;
    size_t size = instruction->size, used = 0;
    if (size == 0 || (text[0] != '"' && text[0] != '\''))
        return wrong(error, instruction, NPK_ERR_ARGUMENT, "expected a text between quotes, found no quote");
    if (text[size - 1] != text[0])
        return wrong(error, instruction, NPK_ERR_ARGUMENT, "expected the quote at both ends of the text");
    uint8_t *room = room_for(argument, size);
    if (room == NULL)
        return npki_no_memory(error);
    size_t inside = size < 2 ? 0 : size - 2; /* one lone quote passes in pickletools too */
    npk_status status = unescape(instruction, text + 1, inside, argument->latin1, room, &used, error);
    if (status != NPK_OK)
        return status;
    return set_quoted(argument, argument->latin1 ? NPK_TEXT_ASCII : NPK_TEXT_STR, room, used);
}

static npk_status read_line(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    size_t used = 0;
    uint8_t *room = room_for(argument, instruction->size);
    if (room == NULL)
        return npki_no_memory(error);
    npk_status status = unescape(instruction, instruction->argument, instruction->size, false, room, &used, error);
    return status == NPK_OK ? set_quoted(argument, NPK_TEXT_STR, room, used) : status;
}

static npk_status read_lines(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    size_t size, used = 0;
    uint8_t *room = NULL;
    if (npki_add_size(instruction->size, instruction->second_size, &size) && npki_add_size(size, 1, &size))
        room = room_for(argument, size);
    if (room == NULL)
        return npki_no_memory(error);
    npk_status status = unescape(instruction, instruction->argument, instruction->size, false, room, &used, error);
    if (status != NPK_OK)
        return status;
    room[used++] = ' ';
    status = unescape(instruction, instruction->second, instruction->second_size, false, room, &used, error);
    return status == NPK_OK ? set_quoted(argument, NPK_TEXT_STR, room, used) : status;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static argument_reader *const readers[NPKI_ARGUMENTS] = {
    [NPKI_ARG_NONE] = read_none,
    [NPKI_ARG_UINT1] = read_uint,
    [NPKI_ARG_UINT2] = read_uint,
    [NPKI_ARG_UINT4] = read_uint,
    [NPKI_ARG_UINT8] = read_uint,
    [NPKI_ARG_INT4] = read_int,
    [NPKI_ARG_FLOAT8] = read_real,
    [NPKI_ARG_DECIMALNL_SHORT] = read_decimalnl_short,
    [NPKI_ARG_DECIMALNL_LONG] = read_decimalnl_long,
    [NPKI_ARG_FLOATNL] = read_floatnl,
    [NPKI_ARG_LONG1] = read_long,
    [NPKI_ARG_LONG4] = read_long,
    [NPKI_ARG_STRINGNL] = read_stringnl,
    [NPKI_ARG_STRINGNL_NOESCAPE] = read_line,
    [NPKI_ARG_STRINGNL_NOESCAPE_PAIR] = read_lines,
    [NPKI_ARG_UNICODESTRINGNL] = read_unicodestringnl,
    [NPKI_ARG_STRING1] = read_string,
    [NPKI_ARG_STRING4] = read_string,
    [NPKI_ARG_UNICODESTRING1] = read_utf8,
    [NPKI_ARG_UNICODESTRING4] = read_utf8,
    [NPKI_ARG_UNICODESTRING8] = read_utf8,
    [NPKI_ARG_BYTES1] = read_bytes,
    [NPKI_ARG_BYTES4] = read_bytes,
    [NPKI_ARG_BYTES8] = read_bytes,
    [NPKI_ARG_BYTEARRAY8] = read_bytearray,
};

npk_status npki_dis_read(npki_dis_argument *argument, const npk_instruction *instruction, npk_error *error)
{
    argument->scratch.size = 0;
    argument->no_key = false;
    return readers[instruction->opcode->argument](argument, instruction, error);
}

void npki_dis_print(const npki_dis_argument *argument, npki_sink *out)
{
    if (argument->state == NPKI_DIS_QUOTED)
        npki_quote(out, argument->kind, argument->bytes, argument->size);
    else
        npki_sink_bytes(out, argument->word, argument->word_size);
}
