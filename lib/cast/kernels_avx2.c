/* With AVX2 and F16C. */
#if defined(__x86_64__) && defined(__GNUC__)
#define LEVEL __attribute__((target("avx2,f16c,bmi,bmi2,popcnt")))
#define LEVEL_IS 3
#define LEVEL_TABLE npki_kernels_avx2
#include "cast/kernels.inc"
#else
typedef int npki_nothing;
#endif
