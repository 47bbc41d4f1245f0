#include "writer/core/run.h"

#include "base/cpu.h"

bool npki_is_quick(const npk_writer *w)
{
    return npki_cpu_level() > NPKI_CPU_PLAIN && !w->python->python2 && !w->python->document && w->protocol >= 2 &&
           w->hooks->made == NULL && w->memo_policy == NPK_MEMO_PYTHON;
}

int64_t npki_run_of(const npk_writer *w, const npki_container *container)
{
    int64_t left = INT64_MAX, in_batch = container->items;
    if (!w->quick || container->pending || container->kind == NPK_KIND_OBJECT || w->numbered == NPKI_NUMBERED_HELD)
        return 0;
    if (npki_has_batches(w, container)) {
        int64_t batch = w->python->batch * npki_per_entry(container);
        in_batch = container->items % batch;
        left = container->marked && in_batch > 0 ? batch - in_batch : 0;
    } else if (!container->marked) { /* a short tuple */
        left = container->count == NPK_UNKNOWN ? 0 : left;
    }
    int64_t promised = container->count == NPK_UNKNOWN ? left : container->count - container->items;
    return promised < left ? promised : left;
}
