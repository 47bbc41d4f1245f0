/* Graphs of random programs, and lists of texts of every kind, are printed with the shortcuts and without them: the same text, the same status,
 * whatever the limit. */
#include "base/cpu.h"
#include "full.h"
#include "kept.h"
#include "program.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <npickle.h>

typedef struct printed {
    kept to;
    npk_status status;
} printed;

static printed print(npki_cpu level, const npk_doc *doc, const npk_print_options *options)
{
    printed out = {.to = {.most = SIZE_MAX}};
    npki_cpu_limit(level);
    out.status = npk_print_value(npk_doc_root(doc), options, keep, &out.to, NULL);
    npki_cpu_limit(NPKI_CPUS - 1);
    return out;
}

static void compare(const npk_doc *doc, const npk_print_options *options, uint64_t seed)
{
    printed plain = print(NPKI_CPU_PLAIN, doc, options), quick = print(NPKI_CPUS - 1, doc, options);
    cr_assert_eq(plain.status, quick.status, "%" PRIu64 ": %s / %s", seed, npk_status_name(plain.status),
                 npk_status_name(quick.status));
    cr_assert_eq(plain.to.size, quick.to.size, "%" PRIu64, seed);
    cr_assert(plain.to.size == 0 || memcmp(plain.to.text, quick.to.text, plain.to.size) == 0, "%" PRIu64 ": %s / %s", seed,
              plain.to.text, quick.to.text);
    free(plain.to.text);
    free(quick.to.text);
}

Test(print_run, programs)
{
    static program p;
    for (uint64_t seed = 0; seed < full_tests(1500, 60000); seed++) {
        start_random(seed);
        make_program(&p, 5 + next_random() % 300);
        npk_doc *doc = NULL;
        if (npk_doc_load_memory(p.bytes, p.size, NULL, &doc, NULL) != NPK_OK)
            continue;
        npk_print_options options = {.shared = seed % 2 == 0 ? NPK_SHARED_REFER : NPK_SHARED_REPEAT};
        compare(doc, &options, seed);
        options.most = 1 + next_random() % 1000;
        compare(doc, &options, seed);
        options.depth = 1 + next_random() % 4;
        compare(doc, &options, seed);
        npk_doc_free(doc);
    }
}

/* [text, ...], and {text: text, ...}: of every size up to 80, with one byte of every kind somewhere; more than a buffer holds. */
Test(print_run, texts)
{
    static char bytes[2 * 128 * 80 * 90];
    for (int dict = 0; dict < 2; dict++) {
        size_t used = 0;
        bytes[used++] = '\x80';
        bytes[used++] = '\4';
        bytes[used++] = dict == 1 ? '}' : ']';
        bytes[used++] = '(';
        start_random(1);
        for (size_t byte = 0; byte < 128; byte++)
            for (size_t size = 0; size < 80; size++) {
                bytes[used++] = '\x8c';
                bytes[used++] = (char)size;
                memset(bytes + used, '\'' - 1 - (int)(size % 5), size);
                if (size > 0)
                    bytes[used + next_random() % size] = (char)byte;
                used += size;
            }
        bytes[used++] = dict == 1 ? 'u' : 'e';
        bytes[used++] = '.';
        npk_doc *doc = NULL;
        npk_error error;
        cr_assert_eq(npk_doc_load_memory(bytes, used, NULL, &doc, &error), NPK_OK, "%s", error.message);
        compare(doc, NULL, (uint64_t)dict);
        for (uint64_t most = 1; most < 3000; most += 7)
            compare(doc, &(npk_print_options){.most = most}, most);
        npk_doc_free(doc);
    }
}
