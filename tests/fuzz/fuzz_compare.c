/* Two pickles, one after the other: compared both ways, which must find as many differences, and each with itself, which
 * must find none; the first is checked and identified. Without a second it is the first with one byte changed. */
#define FUZZ_HEAD 4
#include "mutate.h"

#define WORK ((uint64_t)1 << 20)

static void take_difference(void *context, const npk_difference *difference)
{
    uint64_t *reported = context;
    DEMAND(difference->path != NULL && difference->message != NULL && strlen(difference->message) < 4096);
    DEMAND(difference->a != NULL || difference->b != NULL);
    ++*reported;
}

/* False: it was too much work. */
static bool compare(const npk_doc *a, const npk_doc *b, npk_python2_str python2_str, uint64_t *differences)
{
    uint64_t reported = 0;
    npk_compare_options options = {.python2_str = python2_str,
                                   .work = WORK,
                                   .most = NPK_UNLIMITED,
                                   .report = take_difference,
                                   .context = &reported};
    npk_status status = npk_compare(npk_doc_root(a), npk_doc_root(b), &options, differences, NULL);
    DEMAND(status == NPK_OK || status == NPK_ERR_LIMIT);
    DEMAND(reported == *differences);
    return status == NPK_OK;
}

static void compare_both_ways(const npk_doc *a, const npk_doc *b, npk_python2_str python2_str)
{
    uint64_t there, back;
    bool good = compare(a, b, python2_str, &there);
    if (compare(b, a, python2_str, &back) && good)
        DEMAND(there == back);
}

/* The same bytes, loaded twice. */
static void compare_with_itself(const npk_doc *a, const uint8_t *bytes, size_t size)
{
    npk_doc *again = NULL;
    uint64_t differences;
    DEMAND(npk_doc_load_memory(bytes, size, NULL, &again, NULL) == NPK_OK);
    if (compare(a, again, NPK_PYTHON2_STR_KEEP, &differences))
        DEMAND(differences == 0);
    npk_doc_free(again);
}

static void check(const npk_doc *doc, const uint8_t *bytes, size_t size, uint64_t how)
{
    npk_check_options options = {.flags = (uint32_t)(how & 7), .protocol = (int)(how >> 3 & 7), .dialect = fuzz_dialect(how >> 6)};
    npk_check_result result;
    npk_identity who;
    npk_status status = npk_check_doc(doc, bytes, size, &options, &result, NULL);
    DEMAND(status == NPK_OK || status == NPK_ERR_LIMIT || (status == NPK_ERR_USAGE && options.flags != 0));
    DEMAND((status == NPK_OK) == (result.verdict != NPK_VERDICT_NONE));
    DEMAND(result.verdict != NPK_VERDICT_UNREADABLE);
    DEMAND(npk_identify(doc, NULL, &who, NULL) == NPK_OK);
    if (status == NPK_OK) /* the check rules out more */
        for (size_t i = 0; i < result.writer.python_count; i++)
            DEMAND(npk_identity_includes(&who, result.writer.pythons[i].first));
    npk_check_result_free(&result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dealer d = {data, data + size};
    npk_doc *a = NULL, *b = NULL;
    npk_reader *reader = NULL;
    npk_doc_info info;
    uint64_t how = deal(&d, 2), where = deal(&d, 2);
    size_t left = (size_t)(d.end - d.at), second_size;
    npk_python2_str python2_str = (npk_python2_str)(how >> 14 & 3) % NPK_PYTHON2_STR_REFUSE;
    DEMAND(npk_reader_memory(d.at, left, NULL, &reader, NULL) == NPK_OK);
    if (npk_reader_next(reader, &a, NULL) == NPK_OK && a != NULL && npk_doc_info_of(a, &info)) {
        compare_with_itself(a, d.at, (size_t)info.size);
        check(a, d.at, (size_t)info.size, how);
        const uint8_t *first = d.at;
        d.at += info.size;
        uint8_t *second = deal_block(&d, SIZE_MAX, &second_size);
        if (npk_doc_load_memory(second, second_size, NULL, &b, NULL) != NPK_OK) {
            free(second);
            second_size = (size_t)info.size;
            second = malloc(second_size);
            DEMAND(second != NULL);
            memcpy(second, first, second_size);
            second[where % second_size] ^= (uint8_t)(where >> 8 | 1);
            if (npk_doc_load_memory(second, second_size, NULL, &b, NULL) != NPK_OK)
                b = NULL;
        }
        if (b != NULL)
            compare_both_ways(a, b, python2_str);
        npk_doc_free(b);
        free(second);
    }
    npk_doc_free(a);
    npk_reader_close(reader);
    return 0;
}
