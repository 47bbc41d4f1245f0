/* Objects: calls, what is added to what they make, persistent ids. */
#include "writer/python/python.h"

#include <string.h>

static npk_status begin_object(npk_writer *w, enum npki_opcode_row row)
{
    const npk_opcode *call = &npki_opcodes[row];
    if (w->protocol < call->protocol)
        return npki_writer_fail(w, NPK_ERR_UNSUPPORTED, "protocol %d has no %s; protocol %d has", w->protocol,
                                call->name, call->protocol);
    return npki_begin_as(w, &(npki_container){.kind = NPK_KIND_OBJECT,
                                              .count = NPK_UNKNOWN,
                                              .number = NPKI_NUMBER_ALWAYS,
                                              .call = call,
                                              .parts = call->pops});
}

npk_status npk_write_begin_call(npk_writer *w)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return begin_object(w, NPKI_ROW_REDUCE);
}

npk_status npk_write_begin_new(npk_writer *w)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return begin_object(w, NPKI_ROW_NEWOBJ);
}

npk_status npk_write_begin_new_ex(npk_writer *w)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return begin_object(w, NPKI_ROW_NEWOBJ_EX);
}

/* Added to the object at hand, whose call is complete and which has no state yet. */
static npk_status begin_added(npk_writer *w, npk_kind kind, int64_t count)
{
    const npki_container *object = w->depth > 0 ? &w->containers[w->depth - 1] : NULL;
    if (w->error.status == NPK_OK &&
        (object == NULL || object->kind != NPK_KIND_OBJECT || object->items != object->parts))
        npki_writer_fail(w, NPK_ERR_USAGE, "expected an object whose arguments are written, and not yet its state");
    return npki_begin_as(w, &(npki_container){.kind = kind, .count = count, .added = true});
}

npk_status npk_write_begin_appended(npk_writer *w, int64_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return begin_added(w, NPK_KIND_LIST, count);
}

npk_status npk_write_begin_assigned(npk_writer *w, int64_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return begin_added(w, NPK_KIND_DICT, count);
}

npk_status npk_write_persid(npk_writer *w, const char *id)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    if (id == NULL)
        return npki_writer_fail(w, NPK_ERR_USAGE, "expected a persistent id, found NULL");
    const npk_opcode *call = &npki_opcodes[NPKI_ROW_BINPERSID];
    if (w->protocol >= call->protocol) {
        npki_begin_as(w, &(npki_container){.kind = NPK_KIND_OBJECT, .count = 1, .call = call, .parts = call->pops});
        npk_write_str(w, id);
        return npki_end(w);
    }
    if (!npki_before(w))
        return w->error.status;
    if (!npki_is_line_of_ascii(id, strlen(id)))
        return npki_writer_fail(w, NPK_ERR_USAGE, "at protocol 0 a persistent id is a line of ASCII");
    npki_op_line(w, NPKI_ROW_PERSID, id, strlen(id));
    w->last = NPK_UNKNOWN;
    npki_after(w);
    return w->error.status;
}
