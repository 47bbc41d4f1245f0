/* Malformed objects that are kept: calls and states that the rules of lib/known refuse, as those of unknown classes. */
#include "reader/build.h"

#include "base/error.h"

#include <string.h>

/* Everything else that goes wrong leaves the machine without a value to go on with, or is the caller's limit. */
static bool is_of_object(npk_status status)
{
    return npk_status_band(status) == NPK_BAND_MALFORMED || status == NPK_ERR_UNSUPPORTED;
}

npk_status npki_keep_malformed(npki_builder *b, npk_value *value, npk_status status)
{
    const npk_error *error = b->site.error;
    npki_object *object = ((npki_called *)(void *)value)->call;
    if (!b->keeps_malformed || !is_of_object(status) || npki_rules[object->meaning].inline_data)
        return status;
    size_t size = strlen(error->message) + 1;
    npki_fault *fault = npki_arena_take(b->site.arena, sizeof *fault);
    char *message = npki_arena_take(b->site.arena, size);
    if (fault == NULL || message == NULL || !npki_items_add(b->site.arena, &b->doc->faults, &value, 1))
        return npki_site_full(&b->site);
    memcpy(message, error->message, size);
    *fault = (npki_fault){.status = status, .opcode = error->opcode, .offset = error->offset, .message = message};
    value->kind = NPK_KIND_OBJECT;
    value->encoding = NPK_ENCODING_RAW;
    value->u.object = object;
    object->meaning = NPKI_UNKNOWN;
    object->dtype = NULL;
    object->array = NULL;
    object->fault = fault;
    return NPK_OK;
}

const npk_value *npk_doc_fault(const npk_doc *doc, size_t index)
{
    return doc != NULL && doc->faults != NULL && index < doc->faults->count ? doc->faults->at[index] : NULL;
}

bool npk_value_fault(const npk_value *value, npk_error *out)
{
    const npki_fault *fault = value != NULL && value->kind == NPK_KIND_OBJECT ? value->u.object->fault : NULL;
    if (fault != NULL)
        npki_fail_at(out, fault->status, fault->offset, fault->opcode, "%s", fault->message);
    return fault != NULL;
}
