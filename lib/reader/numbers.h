/* Pickles of one list or tuple of numbers, recognised in memory and read without values, opcode by opcode as a pickler
 * writes them at protocols 1 to 5. Whatever is otherwise is not recognised, which says nothing: it may be good or
 * malformed. What is recognised the reader takes too. */
#ifndef NPKI_READER_NUMBERS_H
#define NPKI_READER_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers of one kind, of eight bytes each. Reads those that begin at `at` until `room` are made, something else comes
 * or the next one does not end before `end`. Returns how many were made; *at is behind the last one. */
typedef size_t npki_numbers_take(const uint8_t **at, const uint8_t *end, void *out, size_t room);

npki_numbers_take npki_take_doubles; /* ints are rounded to the nearest, as npk_value_to_double does it */
npki_numbers_take npki_take_ints;

/* All of the list. `out` NULL: they are counted only. False: it is not recognised, has no room, or more opcodes than
 * `opcodes`; then *count is as it was, and what lies at `out` may have changed. */
bool npki_scan_numbers(npki_numbers_take *take, const void *bytes, size_t size, uint64_t opcodes, void *out,
                       size_t room, size_t *count);

#endif
