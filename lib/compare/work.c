/* What a comparison spends: work and memory. The first failure is kept. */
#include "compare/state.h"

void npki_compare_fail(npki_compare *c, npk_status status)
{
    if (c->status == NPK_OK)
        c->status = status;
}

bool npki_compare_charge_last(npki_compare *c, uint64_t work)
{
    if (c->left < work)
        npki_compare_fail(c, NPK_ERR_LIMIT);
    return false;
}

void *npki_compare_allocate(npki_compare *c, size_t size)
{
    void *memory = npki_allocate(&c->allocator, size);
    if (memory == NULL)
        npki_compare_fail(c, NPK_ERR_MEMORY);
    return memory;
}
