/* Bytes -> instruction: the narrow waist. Reader, disassembler and checks meet here. */
#ifndef NPKI_OPCODE_INSTRUCTION_H
#define NPKI_OPCODE_INSTRUCTION_H

#include "base/bytes.h"
#include "opcode/opcode.h"

/* The first newline of these bytes; NULL without one. Most lines are short: what the next two words of the machine hold
 * is seen before anything is called. */
static inline const uint8_t *npki_newline(const uint8_t *at, size_t size)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highest = ones << 7;
    size_t passed = 0;
    for (; passed < 16 && size - passed >= 8; passed += 8) {
        uint64_t bytes, zeros;
        memcpy(&bytes, at + passed, sizeof bytes);
        bytes = npki_little_endian(bytes) ^ '\n' * ones;
        zeros = (bytes - ones) & ~bytes & highest;
        if (zeros != 0)
            return at + passed + (unsigned)__builtin_ctzll(zeros) / 8;
    }
    return size == passed ? NULL : memchr(at + passed, '\n', size - passed);
}

/* Decodes what stands at `at`. NPK_ERR_TRUNCATED where `available` bytes are too few: then *needed says how many it
 * takes at least (more than `available`; SIZE_MAX where no memory could hold it). Fills out->offset and out->end
 * relative to `at`. Errors, without message: NPK_ERR_OPCODE, NPK_ERR_ARGUMENT (a negative length),
 * NPK_ERR_TRUNCATED. */
npk_status npki_decode(const uint8_t *at, size_t available, npk_instruction *out, size_t *needed);

/* Tells the error of npki_decode at `offset`. `at` and `available` as there. */
npk_status npki_decode_fail(npk_status status, const uint8_t *at, size_t available, uint64_t offset, npk_error *error);

#endif
