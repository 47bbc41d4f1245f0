#include "cast/kernels.h"

#include "base/scratch.h"

#include <string.h>

const npki_kernels *npki_kernels_now(void)
{
    static const npki_kernels *const by_level[NPKI_CPUS] = {
        [NPKI_CPU_BASE] = &npki_kernels_base,
        [NPKI_CPU_SSE41] = &npki_kernels_base,
#ifdef NPKI_KERNELS_X86
        [NPKI_CPU_AVX2] = &npki_kernels_avx2,
        [NPKI_CPU_AVX512] = &npki_kernels_avx512,
#endif
    };
    return by_level[npki_cpu_level()];
}

static npki_kind kind_of(npk_type component)
{
    static const npki_kind kinds[NPKI_TYPES] = {
        [NPK_BOOL] = NPKI_KIND_BOOL,  [NPK_INT8] = NPKI_KIND_I1,    [NPK_UINT8] = NPKI_KIND_U1,
        [NPK_INT16] = NPKI_KIND_I2,   [NPK_UINT16] = NPKI_KIND_U2,  [NPK_INT32] = NPKI_KIND_I4,
        [NPK_UINT32] = NPKI_KIND_U4,  [NPK_INT64] = NPKI_KIND_I8,   [NPK_UINT64] = NPKI_KIND_U8,
        [NPK_FLOAT16] = NPKI_KIND_F2, [NPK_FLOAT32] = NPKI_KIND_F4, [NPK_FLOAT64] = NPKI_KIND_F8,
    };
    return kinds[component];
}

/* What is between two kinds that have no kernel. A half float is rounded out of a float, if not of a double; what is
 * too large for an int of 16 bits or less is cut out of one of 32, and that of 32 without a sign out of one of 64. */
static npki_kind way_of(npki_kind from, npki_kind to)
{
    static const npki_kind ways[NPKI_KINDS] = {
        [NPKI_KIND_I1] = NPKI_KIND_I4, [NPKI_KIND_U1] = NPKI_KIND_I4, [NPKI_KIND_I2] = NPKI_KIND_I4,
        [NPKI_KIND_U2] = NPKI_KIND_I4, [NPKI_KIND_U4] = NPKI_KIND_I8, [NPKI_KIND_F2] = NPKI_KIND_F4,
    };
    return from == NPKI_KIND_BOOL ? NPKI_KIND_U1 : from == NPKI_KIND_F2 ? NPKI_KIND_F4 : ways[to];
}

static void add_step(npki_conversion *conversion, npki_direct *run, size_t per_item)
{
    conversion->steps[conversion->step_count++] = (npki_cast_step){run, per_item};
}

/* False where there are no kernels for it. */
static bool add_kinds(npki_conversion *conversion, const npki_kernels *kernels, npki_kind from, npki_kind to,
                      size_t per_item)
{
    npki_kind at = from, next;
    do {
        next = kernels->convert[at][to] != NULL ? to : way_of(at, to);
        if (kernels->convert[at][next] == NULL || (next == at && next != to))
            return false;
        add_step(conversion, kernels->convert[at][next], per_item);
        at = next;
    } while (at != to);
    return true;
}

void npki_chain_init(npki_conversion *conversion, npk_type from_component, npk_type to_component)
{
    npki_kind from = kind_of(from_component), to = kind_of(to_component);
    const npki_kernels *kernels = npki_kernels_now();
    size_t from_components = conversion->from_components, to_components = conversion->to_components;
    bool drops = from_components > to_components, to_bool = to == NPKI_KIND_BOOL;
    conversion->step_count = 0;
    if (kernels == NULL || from == NPKI_KIND_NONE || to == NPKI_KIND_NONE)
        return;
    if (conversion->from_swap > 1)
        add_step(conversion, kernels->swap[conversion->from_swap], from_components);
    if (drops && !to_bool)
        add_step(conversion, kernels->drop[conversion->from_width], 1);
    if (!add_kinds(conversion, kernels, from, to, drops && !to_bool ? 1 : from_components)) {
        conversion->step_count = 0;
        return;
    }
    if (drops && to_bool)
        add_step(conversion, kernels->either, 1);
    if (from_components < to_components)
        add_step(conversion, kernels->add[conversion->to_width], 1);
    if (conversion->to_swap > 1)
        add_step(conversion, kernels->swap[conversion->to_swap], to_components);
}

void npki_chain_run(const npki_conversion *conversion, const uint8_t *from, size_t count, uint8_t *to)
{
    enum { ITEMS = 256, WIDEST = 16 };
    NPKI_SCRATCH uint8_t between[2][ITEMS * WIDEST];
    const npki_cast_step *steps = conversion->steps;
    size_t last = conversion->step_count - 1, now;
    if (last == 0) {
        steps[0].run(from, count * steps[0].per_item, to);
        return;
    }
    for (; count > 0; count -= now, from += now * conversion->from_size, to += now * conversion->to_size) {
        const uint8_t *at = from;
        now = count < ITEMS ? count : ITEMS;
        for (size_t i = 0; i <= last; i++) {
            uint8_t *next = i == last ? to : between[i % 2];
            steps[i].run(at, now * steps[i].per_item, next);
            at = next;
        }
    }
}
