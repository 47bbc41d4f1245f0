/* The 68 opcodes, and a pickle as a list of instructions.
 *
 *     npk_file *file = NULL;
 *     npk_instructions *in = NULL;
 *     npk_instruction one;
 *     bool more = false;
 *     size_t size = 0;
 *     npk_status status = npk_file_open("model.pkl", NPK_INPUT_AUTO, NULL, &file, &error);
 *     if (status == NPK_OK)
 *         status = npk_instructions_memory(npk_file_bytes(file, &size), size, NULL, &in, &error);
 *     while (status == NPK_OK && (status = npk_instructions_more(in, &more, &error)) == NPK_OK && more &&
 *            (status = npk_instructions_next(in, &one, &error)) == NPK_OK)
 *         printf("%8llu %s\n", (unsigned long long)one.offset, one.opcode->name);
 *     npk_instructions_free(in);
 *     npk_file_close(file);
 *
 * Threads: the rows are constants. An npk_instructions belongs to one thread at a time; the bytes are only read.
 */
#ifndef NPICKLE_OPCODE_H
#define NPICKLE_OPCODE_H

#include <npickle/source.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One row of lib/opcode/opcode.def. The library's own: it may grow at its end. */
typedef struct npk_opcode {
    const char *name;    /* "BININT1"; NULL: no opcode has this byte */
    const char *summary; /* one line */
    uint8_t byte;
    uint8_t protocol; /* the first with it */
    uint8_t until;    /* the last at which a writer chooses it; 255: there is none */
    uint8_t action;   /* lib/opcode/opcode.h: enum npki_action */
    uint8_t argument; /* lib/opcode/opcode.h: enum npki_argument */
    uint8_t kind;     /* npk_kind of what it makes, where it makes something */
    uint8_t detail;   /* what its action needs to know beside: see the legend of the table */
    int8_t pops;      /* values taken from the stack, those above the mark apart */
    int8_t pushes;    /* values left on the stack, one of them a mark for MARK */
    bool to_mark;     /* takes the topmost mark and all above it too */
} npk_opcode;

/* The row of a byte, a constant; NULL if it is not an opcode. */
NPK_API const npk_opcode *npk_opcode_row(uint8_t byte);

/* One instruction of a pickle: opcode, where it stands, and its argument as it lies there (without length and
 * newline). */
typedef struct npk_instruction {
    const npk_opcode *opcode;
    uint64_t offset;
    const uint8_t *argument; /* NULL without one; for the two lines of GLOBAL and INST the first */
    size_t size;
    const uint8_t *second; /* the second line */
    size_t second_size;
    union {
        uint64_t u; /* unsigned arguments: a memo number, a protocol, BININT1, BININT2, a frame's length */
        int64_t i;  /* BININT */
        double f;   /* BINFLOAT */
    } number;
    uint64_t end; /* the offset after it */
    uint64_t reserved[4];
} npk_instruction;

/* Reads the instruction at `offset` of `bytes`, from which *out borrows. Checks that it is whole, and no more than
 * that: texts may be malformed. Returns NPK_OK and fills *out. Errors: NPK_ERR_OPCODE, NPK_ERR_TRUNCATED,
 * NPK_ERR_ARGUMENT; NPK_ERR_USAGE for NULL. */
NPK_CHECKED NPK_API npk_status npk_instruction_at(const void *bytes, size_t size, uint64_t offset, npk_instruction *out,
                                                  npk_error *error);

/* The instructions of an input, one after another, and on into the pickle that follows. From a function that reads, no
 * more is held than the next instruction and what was read along with it. */
typedef struct npk_instructions npk_instructions;

/* Each returns NPK_OK and fills *out, or an error. `allocator`: NULL for malloc. Ownership: *out is the caller's, until
 * npk_instructions_free; `bytes`, or the function and its context, are borrowed for as long. Errors: NPK_ERR_MEMORY;
 * NPK_ERR_USAGE for NULL. */
NPK_CHECKED NPK_API npk_status npk_instructions_memory(const void *bytes, size_t size, const npk_allocator *allocator,
                                                       npk_instructions **out, npk_error *error);
NPK_CHECKED NPK_API npk_status npk_instructions_callback(npk_read_function *read, void *context,
                                                         const npk_allocator *allocator, npk_instructions **out,
                                                         npk_error *error);

/* Passes over padding (blanks, ends of lines, NULs) and fills *more: whether another byte follows. To be called between
 * two pickles. Errors: NPK_ERR_IO, NPK_ERR_MEMORY; NPK_ERR_USAGE for NULL. */
NPK_CHECKED NPK_API npk_status npk_instructions_more(npk_instructions *instructions, bool *more, npk_error *error);

/* The next instruction, as npk_instruction_at. Offsets count from the start of the input; the argument is borrowed
 * until the next call. Errors: those of npk_instruction_at, NPK_ERR_TRUNCATED at the end of the input too; NPK_ERR_IO,
 * NPK_ERR_MEMORY; NPK_ERR_USAGE for NULL. */
NPK_CHECKED NPK_API npk_status npk_instructions_next(npk_instructions *instructions, npk_instruction *out,
                                                     npk_error *error);

/* Where the next instruction begins, in bytes from the start of the input; 0 for NULL. */
NPK_API uint64_t npk_instructions_offset(const npk_instructions *instructions);

/* Frees it; bytes, function and context stay the caller's. NULL: does nothing. */
NPK_API void npk_instructions_free(npk_instructions *instructions);

#ifdef __cplusplus
}
#endif
#endif
