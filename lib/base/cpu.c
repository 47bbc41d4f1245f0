#include "base/cpu.h"

#include <stdatomic.h>

#ifdef NPKI_X86

#include <cpuid.h>
#include <stdbool.h>

/* Not every compiler knows it by name. */
static bool has_f16c(void)
{
    unsigned eax, ebx, ecx, edx;
    return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
}

static npki_cpu find(void)
{
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("ssse3") || !__builtin_cpu_supports("sse4.1") || !__builtin_cpu_supports("popcnt"))
        return NPKI_CPU_BASE;
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2") || !has_f16c())
        return NPKI_CPU_SSE41;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl") ||
        !__builtin_cpu_supports("avx512vbmi") || !__builtin_cpu_supports("avx512vbmi2"))
        return NPKI_CPU_AVX2;
    return NPKI_CPU_AVX512;
}

#else

static npki_cpu find(void)
{
    return NPKI_CPU_BASE;
}

#endif

/* The level and 1; 0: not yet known. Threads that find it out at once find the same. */
static atomic_int level;

npki_cpu npki_cpu_level(void)
{
    int known = atomic_load_explicit(&level, memory_order_relaxed);
    if (known == 0) {
        known = (int)find() + 1;
        atomic_store_explicit(&level, known, memory_order_relaxed);
    }
    return (npki_cpu)(known - 1);
}

void npki_cpu_limit(npki_cpu highest)
{
    npki_cpu found = find();
    atomic_store_explicit(&level, (int)(highest < found ? highest : found) + 1, memory_order_relaxed);
}
