/* A document that shares the memo of earlier ones, written alone in its place behind them. */
#include "writer/graph/graph.h"

#include "reader/build.h"

void npki_stand_behind_earlier(npk_writer *w, const npk_doc *doc)
{
    for (size_t i = 0; i < doc->earlier_count; i++)
        npki_knows(w, npki_key(NPKI_IS_VALUE, (uint64_t)(uintptr_t)doc->earlier[i].value), doc->earlier[i].number);
    w->next_memo += (int64_t)doc->earlier_numbers;
    w->base = doc->info.offset;
}
