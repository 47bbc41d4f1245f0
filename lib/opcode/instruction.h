/* Bytes -> instruction: the narrow waist. Reader, disassembler and checks meet here. */
#ifndef NPKI_OPCODE_INSTRUCTION_H
#define NPKI_OPCODE_INSTRUCTION_H

#include "opcode/opcode.h"

/* Decodes what stands at `at`. NPK_ERR_TRUNCATED where `available` bytes are too few: then *needed says how many it
 * takes at least (more than `available`; SIZE_MAX where no memory could hold it). Fills out->offset and out->end
 * relative to `at`. Errors, without message: NPK_ERR_OPCODE, NPK_ERR_ARGUMENT (a negative length), NPK_ERR_TRUNCATED. */
npk_status npki_decode(const uint8_t *at, size_t available, npk_instruction *out, size_t *needed);

/* Tells the error of npki_decode at `offset`. `at` and `available` as there. */
npk_status npki_decode_fail(npk_status status, const uint8_t *at, size_t available, uint64_t offset, npk_error *error);

#endif
