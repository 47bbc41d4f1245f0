/* Lists, tuples, dicts and sets. */
#include "writer/python/python.h"

/* cPickle of Python 2 numbers lists and dicts that hold something in any case, as if to be safe from cycles. */
npk_status npk_write_begin_list(npk_writer *w, int64_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return npki_begin(w, NPK_KIND_LIST, count, npki_number_always_if(count != 0));
}

npk_status npk_write_begin_tuple(npk_writer *w, int64_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return npki_begin(w, NPK_KIND_TUPLE, count, NPKI_NUMBER_IF_HELD);
}

npk_status npk_write_begin_dict(npk_writer *w, int64_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return npki_begin(w, NPK_KIND_DICT, count, npki_number_always_if(count != 0));
}

/* Protocol 4 has opcodes for them, the others a call. */
static npk_status begin_set(npk_writer *w, npk_kind kind, enum npki_opcode_row opcode, int64_t count)
{
    if (w->protocol >= npki_opcodes[opcode].protocol)
        return npki_begin(w, kind, count, NPKI_NUMBER_IF_HELD);
    npki_begin_set_call(w, kind, count, 0, NPKI_NUMBER_IF_HELD);
    return w->error.status;
}

npk_status npk_write_begin_set(npk_writer *w, int64_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return begin_set(w, NPK_KIND_SET, NPKI_ROW_EMPTY_SET, count);
}

npk_status npk_write_begin_frozenset(npk_writer *w, int64_t count)
{
    if (w == NULL)
        return NPK_ERR_USAGE;
    return begin_set(w, NPK_KIND_FROZENSET, NPKI_ROW_FROZENSET, count);
}
