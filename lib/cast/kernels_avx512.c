/* With AVX-512. */
#include "base/cpu.h"

#ifdef NPKI_X86
#define LEVEL                                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx2,f16c,bmi,bmi2,popcnt")))
#define LEVEL_IS 4
#define LEVEL_TABLE npki_kernels_avx512
#include "cast/kernels.inc"
#else
typedef int npki_nothing;
#endif
