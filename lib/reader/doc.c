/* Documents: what is said of a whole one, those that share values, and their end. */
#include "reader/build.h"

#include <string.h>

const npk_value *npk_doc_root(const npk_doc *doc)
{
    return doc != NULL ? doc->root : NULL;
}

bool npk_doc_info_of(const npk_doc *doc, npk_doc_info *out)
{
    if (doc == NULL || out == NULL)
        return false;
    *out = doc->info;
    return true;
}

const npk_value *npk_doc_global(const npk_doc *doc, size_t index)
{
    return doc != NULL && doc->globals != NULL && index < doc->globals->count ? doc->globals->at[index] : NULL;
}

void npki_doc_drop_input(npk_doc *doc)
{
    for (size_t i = 0; i < doc->chunk_count; i++)
        npki_chunk_release(doc->chunks[i]);
    npki_free(&doc->allocator, doc->chunks, doc->chunk_count * sizeof *doc->chunks);
}

static void free_alone(npk_doc *doc)
{
    npk_allocator allocator = doc->allocator;
    npki_doc_drop_input(doc);
    npki_arena_free(&doc->arena);
    npki_free(&allocator, doc, sizeof *doc);
}

npki_kin *npki_kin_new(const npk_allocator *allocator)
{
    npki_kin *kin = npki_allocate(allocator, sizeof *kin);
    if (kin == NULL)
        return NULL;
    memset(kin, 0, sizeof *kin);
    atomic_init(&kin->users, 1);
    kin->allocator = *allocator;
    return kin;
}

void npki_kin_leave(npki_kin *kin)
{
    if (atomic_fetch_sub(&kin->users, 1) != 1)
        return;
    npk_allocator allocator = kin->allocator;
    for (npk_doc *doc = kin->docs, *next; doc != NULL; doc = next) {
        next = doc->kin_next;
        free_alone(doc);
    }
    npki_free(&allocator, kin, sizeof *kin);
}

void npk_doc_free(npk_doc *doc)
{
    npki_kin *kin = doc != NULL ? doc->kin : NULL;
    if (doc != NULL && (kin == NULL || doc->is_apart))
        free_alone(doc);
    if (kin != NULL)
        npki_kin_leave(kin);
}
