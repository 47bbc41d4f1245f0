/* Graphs that go to another protocol, another Python or another NumPy: calls without their opcode, names, and what the
 * target can't load. */
#include "golden.h"

#include <npickle.h>

/* --- calls whose opcode the protocol does not have: tests/gen/newobj.py --- */

static golden_bytes written(const npk_doc *doc, int protocol, npk_status expected)
{
    golden_bytes out = {NULL, 0};
    npk_error error = {.message = ""};
    npk_write_options options = {.protocol_given = true, .protocol = protocol};
    npk_status status = npk_doc_save_memory(doc, &options, &out.bytes, &out.size, &error);
    cr_assert_eq(status, expected, "protocol %d: %s", protocol, error.message);
    return out;
}

Test(translate, new_objects_at_every_protocol)
{
    golden g;
    int protocol, cases = 0;
    golden_bytes pickle, of[GOLDEN_PROTOCOLS];
    golden_open(&g, "newobj.golden");
    for (; golden_case(&g); cases++) {
        while (golden_pickle(&g, &protocol, &pickle))
            of[protocol] = pickle;
        npk_doc *doc;
        cr_assert_eq(npk_doc_load_memory(of[5].bytes, of[5].size, NULL, &doc, NULL), NPK_OK);
        for (protocol = 0; protocol < GOLDEN_PROTOCOLS; protocol++) {
            golden_bytes out = written(doc, protocol, NPK_OK);
            cr_expect(out.size == of[protocol].size && memcmp(out.bytes, of[protocol].bytes, out.size) == 0,
                      "%s at protocol %d: other bytes", g.name, protocol);
            npk_bytes_free(NULL, out.bytes, out.size);
        }
        npk_doc_free(doc);
    }
    golden_close(&g);
    cr_assert_eq(cases, 6);
}

/* What has no spelling at a protocol is refused there: by CPython no such pickle is written either. */
static const struct {
    const char *pickle;
    size_t size;
    int lowest; /* protocol that can hold it */
} unspelled[] = {
#define PICKLE(text, lowest)                                                                                           \
    {                                                                                                                  \
        text, sizeof text - 1, lowest                                                                                  \
    }
    PICKLE("\x80\2\x82\xf0.", 2),                                        /* an extension */
    PICKLE("\x80\2X\3\0\0\0a\nbQ.", 1),                                  /* a persistent id that is no line */
    PICKLE("\x80\2K\1Q.", 1),                                            /* one that is no text */
    PICKLE("(cm\nC\nq\0o.", 0),                                          /* OBJ of a class is INST */
    PICKLE("\x80\2(c__builtin__\ngetattr\ncm\nA\nX\1\0\0\0B\x86Ro.", 1), /* OBJ of what has no names */
#undef PICKLE
};

Test(translate, calls_that_a_protocol_has_no_opcode_for)
{
    for (size_t i = 0; i < sizeof unspelled / sizeof *unspelled; i++) {
        npk_doc *doc;
        npk_error error;
        cr_assert_eq(npk_doc_load_memory(unspelled[i].pickle, unspelled[i].size, NULL, &doc, &error), NPK_OK, "%zu: %s",
                     i, error.message);
        for (int protocol = 0; protocol < GOLDEN_PROTOCOLS; protocol++) {
            golden_bytes out = written(doc, protocol, protocol < unspelled[i].lowest ? NPK_ERR_UNSUPPORTED : NPK_OK);
            if (out.bytes != NULL)
                npk_bytes_free(NULL, out.bytes, out.size);
        }
        npk_doc_free(doc);
    }
}
