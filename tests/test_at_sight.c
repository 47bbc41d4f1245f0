/* Graphs of random programs, and of the same with some bytes changed, are compared with the shortcuts and without them: the same is told of
 * them, and the same work is enough. */
#include "base/cpu.h"
#include "full.h"
#include "program.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <npickle.h>

typedef struct telling {
    char text[4096]; /* "path|message\n" each, as far as there is room */
    npk_status status;
    uint64_t differences;
} telling;

static void take(void *context, const npk_difference *difference)
{
    telling *t = context;
    size_t used = strlen(t->text);
    snprintf(t->text + used, sizeof t->text - used, "%s|%s\n", difference->path, difference->message);
}

static telling tell(npki_cpu level, const npk_doc *a, const npk_doc *b, uint64_t work)
{
    static telling t;
    memset(&t, 0, sizeof t);
    const npk_compare_options options = {.work = work, .report = take, .context = &t};
    npki_cpu_limit(level);
    t.status = npk_compare(npk_doc_root(a), npk_doc_root(b), &options, &t.differences, NULL);
    npki_cpu_limit(NPKI_CPUS - 1);
    return t;
}

static void compare(const npk_doc *a, const npk_doc *b, uint64_t seed)
{
    for (uint64_t work = 0; work < 200; work += 1 + work / 4) { /* 0: the usual one */
        const telling plain = tell(NPKI_CPU_PLAIN, a, b, work), quick = tell(NPKI_CPUS - 1, a, b, work);
        cr_assert_eq(plain.status, quick.status, "seed %" PRIu64 ", work %" PRIu64 ": %s / %s", seed, work,
                     npk_status_name(plain.status), npk_status_name(quick.status));
        cr_assert_eq(plain.differences, quick.differences, "seed %" PRIu64 ", work %" PRIu64, seed, work);
        cr_assert_str_eq(plain.text, quick.text, "seed %" PRIu64 ", work %" PRIu64, seed, work);
    }
}

static npk_doc *load(const program *p)
{
    npk_doc *doc = NULL;
    return npk_doc_load_memory(p->bytes, p->size, NULL, &doc, NULL) == NPK_OK ? doc : NULL;
}

Test(at_sight, what_is_told_and_what_it_costs)
{
    static program p, q;
    size_t compared = 0;
    for (uint64_t seed = 0; seed < full_tests(1000, 40000); seed++) {
        start_random(seed);
        make_program(&p, 5 + next_random() % 200);
        q = p;
        for (uint64_t changes = next_random() % 3; changes > 0; changes--)
            q.bytes[next_random() % q.size] ^= (uint8_t)(1 << next_random() % 8);
        npk_doc *a = load(&p), *b = load(&q);
        if (a != NULL && b != NULL) {
            compare(a, b, seed);
            compared++;
        }
        npk_doc_free(a);
        npk_doc_free(b);
    }
    cr_assert_gt(compared, full_tests(1000, 40000) / 4);
}

/* [x, {x: x}] of each pair of numbers and texts: what looks the same, and is not */
Test(at_sight, pairs)
{
    static const char *const values[] = {
        "I0\n",   "I1\n",       "I00\n",  "I01\n",   "L1L\n",  "F1.0\n",
        "F0.0\n", "F-0.0\n",    "Fnan\n", "F-nan\n", "Finf\n", "F-inf\n",
        "Va\n",   "V\\u0061\n", "S'a'\n", "Vb\n",    "V\n",    "L99999999999999999999L\n",
        "N",      "\x88",       "\x89",   "K\1",
    };
    enum { COUNT = sizeof values / sizeof *values };
    npk_doc *docs[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        char text[200];
        const int size =
            snprintf(text, sizeof text, "\x80\2](%s}(%s%s%sNue.", values[i], values[i], values[i], values[i]);
        cr_assert_eq(npk_doc_load_memory(text, (size_t)size, NULL, &docs[i], NULL), NPK_OK, "%s", values[i]);
    }
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < COUNT; k++)
            compare(docs[i], docs[k], 1000 * i + k);
    for (size_t i = 0; i < COUNT; i++)
        npk_doc_free(docs[i]);
}
