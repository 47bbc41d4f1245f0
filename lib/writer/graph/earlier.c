/* A document that shares the memo of earlier ones, written alone in its place behind them. */
#include "writer/graph/graph.h"

#include "reader/build.h"

/* The number that its pickler gave first. Pickler.clear_memo makes the numbers begin anew, but nobody tells an
 * Unpickler of it, whose memo has those of before still: only the first PUT shows it. */
static uint64_t number_of_first(const npk_doc *doc)
{
    const bool began_anew = doc->own_first == doc->info.first_put;
    return began_anew ? doc->own_first : doc->earlier_next;
}

void npki_stand_behind_earlier(npk_writer *w, const npk_doc *doc)
{
    for (size_t i = 0; i < doc->earlier_count; i++)
        npki_knows(w, npki_key(NPKI_IS_VALUE, (uint64_t)(uintptr_t)doc->earlier[i].value), doc->earlier[i].number);
    if (doc->earlier_next > 0) /* else a dialect says where it begins */
        w->next_memo = (int64_t)number_of_first(doc);
    w->base = doc->info.offset;
}
