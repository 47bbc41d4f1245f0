/* Loops that make the numbers of one type into those of another, or swap their bytes: what there is of them for each
 * level of the machine. They give what numbers.c gives, and have no more rows than are needed for two of them in a row
 * to do the rest. */
#ifndef NPKI_CAST_KERNELS_H
#define NPKI_CAST_KERNELS_H

#include "base/cpu.h"
#include "cast/numbers.h"

/* Types of components that have loops. */
typedef enum npki_kind {
    NPKI_KIND_NONE,
    NPKI_KIND_BOOL,
    NPKI_KIND_I1,
    NPKI_KIND_U1,
    NPKI_KIND_I2,
    NPKI_KIND_U2,
    NPKI_KIND_I4,
    NPKI_KIND_U4,
    NPKI_KIND_I8,
    NPKI_KIND_U8,
    NPKI_KIND_F2,
    NPKI_KIND_F4,
    NPKI_KIND_F8,
    NPKI_KINDS
} npki_kind;

enum { NPKI_WIDTHS = 9 };

/* `from` and `to` do not overlap, and may lie anywhere. */
typedef struct npki_kernels {
    npki_direct *convert[NPKI_KINDS][NPKI_KINDS]; /* NULL: by way of another one, or not at all */
    npki_direct *swap[NPKI_WIDTHS];               /* by the width of a component, as are the next two */
    npki_direct *drop[NPKI_WIDTHS];               /* complexes -> their real halves; counts what comes out */
    npki_direct *add[NPKI_WIDTHS];                /* real numbers -> complexes; counts what goes in */
    npki_direct *either; /* two bools -> one that is true if either is; counts what comes out */
} npki_kernels;

/* Those of the level in use; NULL where there are none. */
const npki_kernels *npki_kernels_now(void);

extern const npki_kernels npki_kernels_base;
#ifdef NPKI_X86
#define NPKI_KERNELS_X86 1
extern const npki_kernels npki_kernels_avx2, npki_kernels_avx512;
#endif

/* Makes the steps of a conversion between two numbers out of the kernels there are: conversion->step_count is 0 where
 * some are missing. All else of the conversion is known. */
void npki_chain_init(npki_conversion *conversion, npk_type from_component, npk_type to_component);

/* The elements by these steps; `from` and `to` do not overlap. */
void npki_chain_run(const npki_conversion *conversion, const uint8_t *from, size_t count, uint8_t *to);

/* Whether two pieces of memory have a byte in common. */
static inline bool npki_overlap(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    uintptr_t at = (uintptr_t)a, other = (uintptr_t)b;
    return at < other ? other - at < a_size : at - other < b_size;
}

#endif
