/* With AVX2 and F16C. */
#include "base/cpu.h"

#ifdef NPKI_X86
#define LEVEL __attribute__((target("avx2,f16c,bmi,bmi2,popcnt")))
#define LEVEL_IS 3
#define LEVEL_TABLE npki_kernels_avx2
#include "cast/kernels.inc"
#else
typedef int npki_nothing;
#endif
