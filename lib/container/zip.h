/* The members of a zip archive as they lie in it. PKWARE: APPNOTE.TXT 4.3. */
#ifndef NPKI_CONTAINER_ZIP_H
#define NPKI_CONTAINER_ZIP_H

#include <npickle/status.h>

/* An archive in memory, borrowed, and how far one has come in its directory. */
typedef struct npki_zip {
    const uint8_t *bytes;
    size_t size;
    size_t at, end; /* of the directory: what was not looked at yet */
    uint64_t left;  /* entries */
} npki_zip;

/* An entry of the directory. */
typedef struct npki_zip_member {
    const char *name; /* in the archive; without a NUL at its end */
    size_t name_size;
    unsigned method; /* 0: stored */
    bool encrypted;
    uint64_t packed, size; /* bytes */
    uint64_t header;       /* where its own header stands */
} npki_zip_member;

/* Whether the first bytes are those of an archive with a member. */
bool npki_zip_is(const void *bytes, size_t size);

/* Finds the directory, at the end. Errors: NPK_ERR_TRUNCATED where there is none, or it does not fit into the bytes. */
npk_status npki_zip_open(const void *bytes, size_t size, npki_zip *out, npk_error *error);

/* The next entry; *found false after the last. Errors: NPK_ERR_TRUNCATED; NPK_ERR_NOT_A_PICKLE for what is no entry. */
npk_status npki_zip_next(npki_zip *zip, npki_zip_member *out, bool *found, npk_error *error);

/* Where its bytes begin, member->size of them. Errors: NPK_ERR_UNSUPPORTED where it is compressed or encrypted,
 * NPK_ERR_TRUNCATED where they lie outside of the archive, NPK_ERR_NOT_A_PICKLE for what is no member. */
npk_status npki_zip_place(const npki_zip *zip, const npki_zip_member *member, size_t *out, npk_error *error);

/* Whether its name is `before`, which has so many bytes, and then `after`. */
bool npki_zip_named(const npki_zip_member *member, const char *before, size_t before_size, const char *after);

#endif
