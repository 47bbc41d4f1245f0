/* What the machine can do beyond what the compiler was told, and what of it is used. */
#ifndef NPKI_BASE_CPU_H
#define NPKI_BASE_CPU_H

/* What loops are compiled in beside those for every machine: for the levels of x86-64, or for NEON, which every aarch64
 * has. NPKI_PLAIN_MACHINE: as on a machine of another architecture, which then compiles what is compiled there:
 * tests/check-headers.sh. */
#if defined(__GNUC__) && !defined(NPKI_PLAIN_MACHINE)
#if defined(__x86_64__)
#define NPKI_X86 1
#elif defined(__aarch64__) && defined(__ARM_NEON) && defined(__AARCH64EL__)
#define NPKI_NEON 1
#endif
#endif

/* Each level has all below it. A kernel has a row for each level it is written for, and the highest that is allowed
 * counts. */
typedef enum npki_cpu {
    NPKI_CPU_PLAIN, /* loops that are read easily, and no shortcut anywhere: what all others are compared with */
    NPKI_CPU_BASE,  /* shortcuts, and what every machine of the architecture has: SSE2, NEON */
    NPKI_CPU_SSE41, /* with SSSE3 and POPCNT */
    NPKI_CPU_AVX2,  /* with BMI2, F16C */
    NPKI_CPU_AVX512, /* F, BW, DQ, VL, VBMI, VBMI2 */
    NPKI_CPUS
} npki_cpu;

/* The level in use: the machine's, unless it was limited. Found out once; for every thread. */
npki_cpu npki_cpu_level(void);

/* Tests and benchmarks: no level above this one, for the whole process. */
void npki_cpu_limit(npki_cpu highest);

#endif
