/* Zip archives: the directory at their end, and members that are stored as they are. */
#include "container/zip.h"

#include "base/bytes.h"
#include "base/error.h"

#include <inttypes.h>
#include <string.h>

#define SIGNATURE 4
#define MEMBER "PK\3\4"
#define ENTRY "PK\1\2"
#define END "PK\5\6"
#define END_64 "PK\6\6"
#define LOCATOR_64 "PK\6\7"

/* Bytes of each without what varies. */
enum { MEMBER_SIZE = 30, ENTRY_SIZE = 46, END_SIZE = 22, END_64_SIZE = 56, LOCATOR_64_SIZE = 20 };

#define LONGEST_COMMENT ((size_t)0xffff)
#define IN_EXTRA UINT64_C(0xffffffff) /* a number that stands in the extra field */
#define EXTRA_64 1
#define ENCRYPTED 1u

static uint64_t number(const npki_zip *zip, size_t at, size_t size)
{
    return npki_load_le(zip->bytes + at, size);
}

static bool is_at(const npki_zip *zip, size_t at, size_t size, const char *signature)
{
    return at <= zip->size && size <= zip->size - at && memcmp(zip->bytes + at, signature, SIGNATURE) == 0;
}

bool npki_zip_is(const void *bytes, size_t size)
{
    return bytes != NULL && size >= SIGNATURE && memcmp(bytes, MEMBER, SIGNATURE) == 0;
}

/* --- the directory ------------------------------------------------------------------------------------------------ */

/* The end of the directory has a comment behind it, which reaches to the end of the file. */
static bool find_end(const npki_zip *zip, size_t *out)
{
    if (zip->size < END_SIZE)
        return false;
    for (size_t comment = 0; comment <= LONGEST_COMMENT && comment <= zip->size - END_SIZE; comment++) {
        *out = zip->size - END_SIZE - comment;
        if (is_at(zip, *out, END_SIZE, END) && number(zip, *out + 20, 2) == comment)
            return true;
    }
    return false;
}

npk_status npki_zip_open(const void *bytes, size_t size, npki_zip *out, npk_error *error)
{
    npki_zip zip = {.bytes = bytes, .size = size};
    size_t end = 0;
    if (!find_end(&zip, &end))
        return npki_fail_at(error, NPK_ERR_TRUNCATED, size, NPKI_NO_OPCODE,
                            "expected the directory at the end of a zip archive, found the end of the file");
    uint64_t entries = number(&zip, end + 10, 2), length = number(&zip, end + 12, 4), at = number(&zip, end + 16, 4);
    if (end >= LOCATOR_64_SIZE && is_at(&zip, end - LOCATOR_64_SIZE, LOCATOR_64_SIZE, LOCATOR_64)) {
        uint64_t end64 = number(&zip, end - LOCATOR_64_SIZE + 8, 8);
        if (end64 > size || !is_at(&zip, (size_t)end64, END_64_SIZE, END_64))
            return npki_fail_at(error, NPK_ERR_TRUNCATED, end - LOCATOR_64_SIZE, NPKI_NO_OPCODE,
                                "expected the directory of a zip archive at byte %" PRIu64 ", found none", end64);
        entries = number(&zip, (size_t)end64 + 32, 8);
        length = number(&zip, (size_t)end64 + 40, 8);
        at = number(&zip, (size_t)end64 + 48, 8);
    }
    if (at > end || length > end - at || entries > length / ENTRY_SIZE)
        return npki_fail_at(error, NPK_ERR_TRUNCATED, end, NPKI_NO_OPCODE,
                            "a directory of a zip archive with %" PRIu64 " entries in %" PRIu64 " bytes from %" PRIu64
                            " on",
                            entries, length, at);
    zip.at = (size_t)at;
    zip.end = (size_t)(at + length);
    zip.left = entries;
    *out = zip;
    return NPK_OK;
}

/* Numbers of more than 32 bits stand in the extra field, those that are too large for their places, in this order. */
static bool take_large(const npki_zip *zip, size_t at, size_t size, npki_zip_member *member)
{
    uint64_t *const numbers[] = {&member->size, &member->packed, &member->header};
    size_t missing = 0;
    for (size_t i = 0; i < 3; i++)
        missing += *numbers[i] == IN_EXTRA;
    while (missing > 0 && size >= 4) {
        uint64_t id = number(zip, at, 2), length = number(zip, at + 2, 2);
        at += 4;
        size -= 4;
        if (length > size)
            return false;
        if (id == EXTRA_64) {
            if (length / 8 < missing)
                return false;
            for (size_t i = 0; i < 3; i++)
                if (*numbers[i] == IN_EXTRA) {
                    *numbers[i] = number(zip, at, 8);
                    at += 8;
                }
            return true;
        }
        at += (size_t)length;
        size -= (size_t)length;
    }
    return missing == 0;
}

npk_status npki_zip_next(npki_zip *zip, npki_zip_member *out, bool *found, npk_error *error)
{
    size_t at = zip->at;
    *found = zip->left > 0;
    if (!*found)
        return NPK_OK;
    if (ENTRY_SIZE > zip->end - at || !is_at(zip, at, ENTRY_SIZE, ENTRY))
        return npki_fail_at(error, NPK_ERR_NOT_A_PICKLE, at, NPKI_NO_OPCODE,
                            "expected an entry of the directory of a zip archive");
    size_t name = (size_t)number(zip, at + 28, 2), extra = (size_t)number(zip, at + 30, 2),
           comment = (size_t)number(zip, at + 32, 2);
    if (name + extra + comment > zip->end - at - ENTRY_SIZE)
        return npki_fail_at(error, NPK_ERR_TRUNCATED, at, NPKI_NO_OPCODE,
                            "an entry that reaches beyond the directory of its zip archive");
    *out = (npki_zip_member){.name = (const char *)zip->bytes + at + ENTRY_SIZE,
                             .name_size = name,
                             .encrypted = (number(zip, at + 8, 2) & ENCRYPTED) != 0,
                             .method = (unsigned)number(zip, at + 10, 2),
                             .packed = number(zip, at + 20, 4),
                             .size = number(zip, at + 24, 4),
                             .header = number(zip, at + 42, 4)};
    if (!take_large(zip, at + ENTRY_SIZE + name, extra, out))
        return npki_fail_at(error, NPK_ERR_TRUNCATED, at, NPKI_NO_OPCODE,
                            "an entry of the directory of a zip archive without its sizes");
    zip->at = at + ENTRY_SIZE + name + extra + comment;
    zip->left--;
    return NPK_OK;
}

/* --- members ------------------------------------------------------------------------------------------------------ */

npk_status npki_zip_place(const npki_zip *zip, const npki_zip_member *member, size_t *out, npk_error *error)
{
    int shown = member->name_size < 60 ? (int)member->name_size : 60;
    if (member->method != 0 || member->encrypted)
        return npki_fail_at(error, NPK_ERR_UNSUPPORTED, member->header, NPKI_NO_OPCODE,
                            "'%.*s' is %s in its zip archive; only what is stored as it is can be read", shown,
                            member->name, member->encrypted ? "encrypted" : "compressed");
    if (member->header > zip->size || !is_at(zip, (size_t)member->header, MEMBER_SIZE, MEMBER))
        return npki_fail_at(error, NPK_ERR_NOT_A_PICKLE, member->header, NPKI_NO_OPCODE,
                            "expected the member '%.*s' of a zip archive", shown, member->name);
    size_t at = (size_t)member->header;
    uint64_t before = MEMBER_SIZE + number(zip, at + 26, 2) + number(zip, at + 28, 2);
    if (before > zip->size - at || member->size > zip->size - at - before || member->packed != member->size)
        return npki_fail_at(error, NPK_ERR_TRUNCATED, at, NPKI_NO_OPCODE,
                            "expected %" PRIu64 " bytes of '%.*s', which reach beyond the zip archive", member->size,
                            shown, member->name);
    *out = at + (size_t)before;
    return NPK_OK;
}

bool npki_zip_named(const npki_zip_member *member, const char *before, size_t before_size, const char *after)
{
    size_t after_size = strlen(after);
    return member->name_size == before_size + after_size && memcmp(member->name, before, before_size) == 0 &&
           memcmp(member->name + before_size, after, after_size) == 0;
}
