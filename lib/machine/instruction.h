/* Bytes -> instruction: the narrow waist. Reader, disassembler and checks meet here. */
#ifndef NPKI_MACHINE_INSTRUCTION_H
#define NPKI_MACHINE_INSTRUCTION_H

#include "tables/opcode.h"

/* Decodes what stands at `at`. NPK_TRUNCATED where `available` bytes are too few: then *needed says how many it
 * takes at least (more than `available`; SIZE_MAX where no memory could hold it). Fills out->offset and out->end
 * relative to `at`. Errors, without message: NPK_OPCODE, NPK_ARGUMENT (a negative length), NPK_TRUNCATED. */
npk_status npki_decode(const uint8_t *at, size_t available, npk_instruction *out, size_t *needed);

/* Tells the error of npki_decode at `offset`. `at` and `available` as there. */
npk_status npki_tell_decode(npk_status status, const uint8_t *at, size_t available, uint64_t offset, npk_error *error);

#endif
