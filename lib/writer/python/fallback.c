/* Calls in place of opcodes that a protocol does not have. */
#include "writer/python/python.h"

void npki_begin_set_call(npk_writer *w, npk_kind kind, int64_t count, uint64_t key, npki_number_when number)
{
    const npk_opcode *call = &npki_opcodes[NPKI_ROW_REDUCE];
    npki_begin_as(w, &(npki_container){.kind = NPK_KIND_OBJECT,
                                       .count = 2,
                                       .number = number,
                                       .key = key,
                                       .call = call,
                                       .parts = call->pops,
                                       .unhashable = kind == NPK_KIND_SET});
    npki_write_meaning(w, kind == NPK_KIND_SET ? NPKI_SET : NPKI_FROZENSET);
    npki_number_when temporaries = npki_number_temporaries(w);
    npki_begin(w, NPK_KIND_TUPLE, 1, temporaries);
    npki_begin_as(w, &(npki_container){.kind = NPK_KIND_LIST,
                                       .count = count,
                                       .number = count != 0 ? NPKI_NUMBER_ALWAYS : temporaries,
                                       .also_ends = 2,
                                       .of_set = true});
}

/* The encoding is a str of the pickler's own. */
void npki_write_bytearray_call(npk_writer *w, const npki_pieces *pieces, uint64_t size)
{
    bool text = w->python->text_bytearray && w->protocol < npki_opcodes[NPKI_ROW_BINBYTES].protocol;
    npki_begin(w, NPK_KIND_OBJECT, 2, NPKI_NUMBER_IF_HELD);
    npki_can_be_no_key(w);
    npki_write_meaning(w, NPKI_BYTEARRAY);
    npki_begin(w, NPK_KIND_TUPLE, text ? 2 : size > 0, NPKI_NUMBER_IF_HELD);
    if (text) {
        npki_write_latin1(w, pieces, size);
        uint64_t key = w->python->one_latin_1 ? npki_key(NPKI_IS_LATIN_1, 0) : 0;
        npki_write_native_str(w, "latin-1", 7, key, NPKI_NUMBER_IF_HELD);
    } else if (size > 0) {
        npki_write_pieces(w, NPK_KIND_BYTES, pieces, size, NPKI_BYTES_ANY);
    }
    npki_end(w);
    npki_end(w);
}
