/* Filling an npk_error. */
#ifndef NPKI_BASE_ERROR_H
#define NPKI_BASE_ERROR_H

#include <npickle/status.h>

#include <stdarg.h>

#define NPKI_NO_OPCODE (-1)

/* Fills *error (if there is one) and returns `status`. Unprintable characters of the message become '?'. */
npk_status npki_fail_at(npk_error *error, npk_status status, uint64_t offset, int opcode, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The same for a function that has a format and arguments itself. None of these may lie in *error. */
npk_status npki_vfail_at(npk_error *error, npk_status status, uint64_t offset, int opcode, const char *format,
                         va_list arguments) __attribute__((format(printf, 5, 0)));

/* The same with the message that an error had before; it does not lie in *error. */
npk_status npki_fail_again(npk_error *error, npk_status status, uint64_t offset, int opcode, const char *message);

/* The same without offset and opcode. */
npk_status npki_fail(npk_error *error, npk_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* vsnprintf() for messages: behind a count of 1 the noun that the format has in the plural, "%zu bytes", becomes a
 * singular. */
void npki_print_message(char *out, size_t room, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/* A system call failed with `system`, an errno: "cannot read: Input/output error", where `act` is "read". */
npk_status npki_fail_system(npk_error *error, int system, const char *act);

/* "path: " before the message. Does nothing without an error. */
void npki_add_path(npk_error *error, const char *path);

/* What an errno means, in English whatever the locale, and from any thread: "No space left on device". Of one that is
 * not in the table "errno 123", written to `room`. */
#define NPKI_SYSTEM_ROOM 24
const char *npki_system_text(int system, char room[NPKI_SYSTEM_ROOM]);

npk_status npki_no_memory(npk_error *error);

/* Where the failed call had no place to name, names this one. Returns error->status's value as given. */
npk_status npki_place(npk_error *error, npk_status status, uint64_t offset, int opcode);

#endif
