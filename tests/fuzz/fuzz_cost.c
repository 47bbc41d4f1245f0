/* Any bytes as a pickle: what comes of it, as text, JSON, CSV, instructions and pickles of all protocols, what it takes to check it and
 * to compare it with itself, and the memory for all that, is in proportion to how long it is. */
#include "mutate.h"

#include <time.h>

#define SECONDS 2.0              /* of processor time for one step; with the sanitizers */
#define LEAST ((uint64_t)1 << 20) /* bytes that may come of anything, and */
#define PER_BYTE 200u            /* that of each byte read: values are worth more than the shortest way to make them */
#define MEMORY ((uint64_t)1 << 22)
#define MEMORY_PER_BYTE 2000u

typedef struct account {
    uint64_t held, peak;
} account;

static void *resize(void *context, void *old, size_t old_size, size_t new_size)
{
    account *a = context;
    if (new_size == 0) {
        free(old);
        a->held -= old_size;
        return NULL;
    }
    void *block = realloc(old, new_size);
    if (block != NULL)
        a->held += new_size - old_size;
    a->peak = a->held > a->peak ? a->held : a->peak;
    return block;
}

/* The step that runs, for whoever looks into a finding. */
typedef struct meter {
    account memory;
    npk_allocator allocator;
    size_t size;
    clock_t began;
    const char *step;
} meter;

static void begin(meter *m, const char *step)
{
    m->step = step;
    m->began = clock();
    m->memory.peak = m->memory.held;
}

static void end(meter *m, uint64_t output)
{
    double seconds = (double)(clock() - m->began) / CLOCKS_PER_SEC;
    bool good = seconds <= SECONDS && output <= LEAST + PER_BYTE * (uint64_t)m->size &&
                m->memory.peak <= MEMORY + MEMORY_PER_BYTE * (uint64_t)m->size;
    if (!good)
        fprintf(stderr, "%s of %zu bytes: %.2f s, %llu bytes, %llu of memory\n", m->step, m->size, seconds, (unsigned long long)output,
                (unsigned long long)m->memory.peak);
    DEMAND(good);
}

typedef npk_status printer(const npk_value *, const npk_print_options *, npk_write_function *, void *, npk_error *);

static void print(meter *m, const npk_doc *doc)
{
    static printer *const printers[] = {npk_print_value, npk_print_json, npk_print_csv};
    static const char *const names[] = {"text", "JSON", "CSV"};
    const npk_print_options options = {.allocator = &m->allocator, .threshold = NPK_UNLIMITED};
    for (size_t i = 0; i < 3; i++) {
        uint64_t size = 0;
        begin(m, names[i]);
        (void)printers[i](npk_doc_root(doc), &options, npk_sink_count, &size, NULL);
        end(m, size);
    }
}

static void write(meter *m, const npk_doc *doc, npk_memo_policy memo)
{
    for (int protocol = 0; protocol <= 5; protocol++) {
        npk_write_options options = {
            .allocator = &m->allocator, .protocol_given = true, .protocol = protocol, .memo = memo, .translate_names = memo == 0};
        npk_writer *w = NULL;
        uint64_t size = 0;
        begin(m, memo == NPK_MEMO_NONE ? "a pickle without a memo" : "a pickle");
        DEMAND(npk_writer_callback(npk_sink_count, &size, &options, &w, NULL) == NPK_OK);
        npk_write_value(w, npk_doc_root(doc));
        (void)!npk_writer_finish(w, NULL);
        end(m, size);
    }
}

static void walk(meter *m, const npk_doc *doc)
{
    npk_walk *walk = NULL;
    npk_array array;
    const npk_value *value = NULL, *found;
    uint64_t seen = 0;
    begin(m, "walk");
    DEMAND(npk_walk_start(npk_doc_root(doc), &m->allocator, &walk, NULL) == NPK_OK);
    while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL)
        seen += 1 + strlen(npk_walk_path(walk)) / 64;
    npk_walk_free(walk);
    DEMAND(npk_walk_start(npk_doc_root(doc), &m->allocator, &walk, NULL) == NPK_OK);
    while (npk_walk_next_array(walk, &value, &array, NULL) == NPK_OK && value != NULL)
        seen += npk_dtype_repr(array.dtype, NULL, 0) / 64 + (npk_value_find(npk_doc_root(doc), "[0].a", &found, NULL) == NPK_OK);
    npk_walk_free(walk);
    end(m, seen);
}

static void compare(meter *m, const uint8_t *data, const npk_doc *doc)
{
    const npk_read_options reading = {.allocator = &m->allocator};
    const npk_compare_options options = {.allocator = &m->allocator};
    npk_check_options checking = {.allocator = &m->allocator};
    npk_check_result result;
    npk_identity who;
    uint64_t differences;
    npk_doc *again = NULL;
    begin(m, "compare");
    DEMAND(npk_doc_load_memory(data, m->size, &reading, &again, NULL) == NPK_OK);
    (void)!npk_compare(npk_doc_root(doc), npk_doc_root(again), &options, &differences, NULL);
    npk_doc_free(again);
    end(m, 0);
    npk_doc_info info;
    DEMAND(npk_doc_info_of(doc, &info));
    for (checking.flags = 0; checking.flags <= NPK_CHECK_STRICT; checking.flags += NPK_CHECK_STRICT) {
        begin(m, checking.flags != 0 ? "check, strict" : "check");
        (void)!npk_check_doc(doc, data, (size_t)info.size, &checking, &result, NULL);
        npk_check_result_free(&result);
        end(m, 0);
    }
    begin(m, "identify");
    (void)!npk_identify(doc, NULL, &who, NULL);
    end(m, 0);
}

static void disassemble(meter *m, const uint8_t *data)
{
    const npk_instruction_options options = {.allocator = &m->allocator, .annotate = true};
    npk_instructions *in = NULL;
    uint64_t size = 0;
    begin(m, "instructions");
    DEMAND(npk_instructions_memory(data, m->size, &m->allocator, &in, NULL) == NPK_OK);
    (void)!npk_print_instructions(in, &options, npk_sink_count, &size, NULL);
    npk_instructions_free(in);
    DEMAND(size <= ((uint64_t)8 << 20) + 1024 * m->size + 256); /* marks in marks, as pickletools indents them; and the line at hand */
    end(m, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    meter m = {.size = size, .allocator = {.resize = resize}};
    m.allocator.context = &m.memory;
    const npk_read_options options = {.allocator = &m.allocator};
    npk_doc *doc = NULL;
    disassemble(&m, data);
    begin(&m, "load");
    npk_status status = npk_doc_load_memory(data, size, &options, &doc, NULL);
    end(&m, 0);
    if (status == NPK_OK) {
        walk(&m, doc);
        print(&m, doc);
        write(&m, doc, NPK_MEMO_PYTHON);
        write(&m, doc, NPK_MEMO_NONE);
        compare(&m, data, doc);
    }
    npk_doc_free(doc);
    DEMAND(m.memory.held == 0);
    return 0;
}
