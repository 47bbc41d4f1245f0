/* Bytes that a transfer in text mode has changed: FTP's ASCII mode, git's autocrlf, a file that was opened as text on
 * Windows.
 *
 *     static void mend(const void *bytes, size_t size)
 *     {
 *         uint8_t *mended = NULL;
 *         size_t mended_size = 0;
 *         npk_error error;
 *         if (npk_undo_crlf(bytes, size, NULL, &mended, &mended_size, &error) != NPK_OK)
 *             fprintf(stderr, "%s; %s\n", error.message, npk_text_mode_text(npk_text_mode_of(bytes, size)));
 *         else if (mended != NULL)
 *             printf("%zu bytes are too many\n", size - mended_size);
 *         npk_bytes_free(NULL, mended, mended_size);
 *     }
 *
 * Threads: the calls have nothing in common.
 */
#ifndef NPICKLE_TEXTMODE_H
#define NPICKLE_TEXTMODE_H

#include <npickle/npy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(mode, value, text) */
#define NPK_TEXT_MODE_ROWS(X)                                                                                          \
    X(NONE, 0, "nothing shows a transfer in text mode")                                                                \
    X(CRLF, 1, "probably changed by a transfer in text mode: 0x0a became 0x0d 0x0a")                                   \
    X(LF, 2, "probably changed by a transfer in text mode: 0x0d 0x0a became 0x0a, which can't be undone")

typedef enum npk_text_mode {
#define NPK_TEXT_MODE_ENUM(mode, value, text) NPK_TEXT_MODE_##mode = (value),
    NPK_TEXT_MODE_ROWS(NPK_TEXT_MODE_ENUM)
#undef NPK_TEXT_MODE_ENUM
} npk_text_mode;

/* What bytes look like that can't be read: CRLF where each 0x0a (and there is one) follows a 0x0d; LF where none does,
 * though by the numbers of both at least eight should. Counts them, and looks at nothing else. NONE for NULL. */
NPK_API npk_text_mode npk_text_mode_of(const void *bytes, size_t size);

/* The text of the table, a constant; never NULL. */
NPK_API const char *npk_text_mode_text(npk_text_mode mode);

/* The bytes of a file with pickles, or of a .npy file, as they were before 0x0a became 0x0d 0x0a, and before a byte
 * order mark of UTF-8 was put in front. Only where that is certain: each 0x0a follows a 0x0d, without those all can be
 * read to the last byte, lengths and frames too, and as they are they can't be read, or have lines that end in 0x0d. A
 * pickle that has no lines but texts, each with a 0x0d of its own at its end, is taken for a changed one.
 *
 * Returns NPK_OK and fills *out and *out_size; *out is NULL where there is nothing to undo, since the bytes can be read
 * as they are. `options`: how they are read; NULL for the defaults.
 * Ownership: *out is the caller's, until npk_bytes_free with the options' allocator.
 * Errors: where it can't be undone the error with which the bytes as they are can't be read: of npk_reader_next, of
 * npk_npy_load_memory; NPK_ERR_MEMORY; NPK_ERR_USAGE for NULL and for wrong options. *out is NULL then. */
NPK_CHECKED NPK_API npk_status npk_undo_crlf(const void *bytes, size_t size, const npk_read_options *options,
                                             uint8_t **out, size_t *out_size, npk_error *error);

#ifdef __cplusplus
}
#endif
#endif
