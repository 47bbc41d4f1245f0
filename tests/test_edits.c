/* Any edits, one after another, of any document: each is refused, or what they make of it together is refused by the writer, or it is written, and reads
 * as what was edited. The documents are goldens, and random programs. lib/edit. */
#include "frozen.h"
#include "full.h"
#include "fuzz/fuzz.h"

#include <npickle.h>

#define VALUES 60
#define STEPS 4

static uint64_t random_state;

static size_t chance(size_t of)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(random_state >> 33) % of;
}

/* --- random programs --- */

/* What lies on the stack: list, dict, set, object, tuple, name, or an atom. */
typedef struct program {
    char text[2000];
    size_t size;
    char stack[40], memo[40];
    size_t height, numbers;
} program;

static void emit(program *p, const char *text, size_t size)
{
    memcpy(p->text + p->size, text, size);
    p->size += size;
}

#define EMIT(p, text) emit(p, text, sizeof(text) - 1)

static void push(program *p, char kind)
{
    p->stack[p->height++] = kind;
}

static char at(const program *p, size_t below)
{
    return below < p->height ? p->stack[p->height - 1 - below] : '\0';
}

/* What is called, and what comes of it. */
static const struct {
    const char *name;
    char kind;
} names[] = {
    {"cm\nf\n", 'o'},
    {"cm\nC\n", 'o'},
    {"cm\nD\n", 'o'},
    {"cbuiltins\ntuple\n", 'o'},
    {"cbuiltins\nlist\n", 'o'},
    {"cbuiltins\ndict\n", 'o'},
    {"cbuiltins\nset\n", 's'},
    {"cbuiltins\nfrozenset\n", 'f'},
    {"ccollections\nOrderedDict\n", 'o'},
    {"ccollections\nCounter\n", 'o'},
    {"ccollections\ndeque\n", 'o'},
};

static void put_atom(program *p)
{
    static const char *const atoms[] = {"N", "K\1", "K\2", "X\1@@@a", "X\1@@@b", "\x88", "I300\n", "C\1a"};
    const char *atom = atoms[chance(sizeof atoms / sizeof *atoms)];
    for (; *atom != '\0'; atom++)
        emit(p, *atom == '@' ? "" : atom, 1);
    push(p, 'a');
}

static void put_memo(program *p)
{
    const char put[2] = {'q', (char)p->numbers};
    if (p->height == 0 || p->numbers == sizeof p->memo)
        return;
    p->memo[p->numbers++] = at(p, 0);
    emit(p, put, 2);
}

static void put_get(program *p)
{
    const char get[2] = {'h', (char)(p->numbers == 0 ? 0 : chance(p->numbers))};
    if (p->numbers == 0)
        return;
    emit(p, get, 2);
    push(p, p->memo[(size_t)get[1]]);
}

static void put_begin(program *p)
{
    static const char begins[][2] = {{']', 'l'}, {'}', 'd'}, {')', 't'}, {'\x8f', 's'}};
    const char *begin = begins[chance(4)];
    emit(p, begin, 1);
    push(p, begin[1]);
    if (chance(2) == 0)
        put_memo(p);
}

static void put_name(program *p)
{
    size_t name = chance(sizeof names / sizeof *names);
    emit(p, names[name].name, strlen(names[name].name));
    push(p, (char)(1 + name)); /* below any letter */
}

static void put_tuple(program *p)
{
    static const char opcodes[] = {')', '\x85', '\x86', '\x87'};
    size_t count = 1 + chance(3);
    for (size_t i = 0; i < count; i++)
        if (at(p, i) < 'a')
            return;
    emit(p, &opcodes[count], 1);
    p->height -= count;
    push(p, 't');
    if (chance(3) == 0)
        put_memo(p);
}

/* Something is done with what is on top, if it can be. */
static void put_action(program *p)
{
    const char top = at(p, 0), second = at(p, 1), third = at(p, 2);
    if (top == 't' && second != '\0' && second < 'a') {
        const size_t name = (size_t)second - 1;
        emit(p, name < 3 && chance(3) == 0 ? "\x81" : "R", 1);
        p->height -= 2;
        push(p, names[name].kind);
        put_memo(p);
    } else if (top >= 'a' && second == 'o' && chance(2) == 0) {
        EMIT(p, "b");
        p->height--;
    } else if (top >= 'a' && (second == 'l' || second == 'o')) {
        EMIT(p, "a");
        p->height--;
    } else if (top >= 'a' && (third == 'd' || third == 'o') && (second == 'a' || second == 'o' || second == 't')) {
        EMIT(p, "s");
        p->height -= 2;
    } else if (top == 's') {
        EMIT(p, "(K\3\x90");
    } else if (top >= 'a' && second >= 'a' && chance(20) == 0) {
        EMIT(p, "0");
        p->height--;
    }
}

/* The same seed gives the same program. Some of them are refused. */
static void make_program(program *p, uint64_t seed)
{
    size_t steps;
    random_state = seed;
    chance(1);
    *p = (program){.size = 0};
    steps = 10 + chance(60);
    EMIT(p, "\x80\4");
    for (size_t i = 0; i < steps && p->height + 2 < sizeof p->stack; i++) {
        static void (*const parts[])(program *) = {put_atom, put_get,   put_begin, put_begin,
                                                   put_name, put_tuple, put_tuple, put_memo};
        if (chance(2) == 0)
            put_action(p);
        else
            parts[chance(sizeof parts / sizeof *parts)](p);
    }
    put_atom(p);
    for (; p->height > 1; p->height--)
        EMIT(p, "\x86");
    EMIT(p, ".");
}

/* --- edits --- */

/* What a walk meets, and the lists of arrays' items, which it does not. */
static size_t gather(const npk_doc *doc, const npk_value *out[VALUES])
{
    npk_walk *walk = NULL;
    const npk_value *value;
    npk_array array;
    size_t count = 0;
    cr_assert_eq(npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL), NPK_OK);
    while (count + 1 < VALUES && npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL) {
        out[count++] = value;
        if (npk_array_of(value, &array, NULL) == NPK_OK && array.objects != NULL)
            out[count++] = array.objects;
    }
    npk_walk_free(walk);
    return count;
}

typedef struct edit {
    npk_doc *doc;
    const npk_value *a, *b;
    size_t number;
} edit;

static npk_status list_set(const edit *e)
{
    return npk_edit_list_set(e->doc, e->a, e->number % (npk_value_size(e->a) + 1), e->b, NULL);
}

static npk_status list_insert(const edit *e)
{
    return npk_edit_list_insert(e->doc, e->a, e->number % (npk_value_size(e->a) + 1), e->b, NULL);
}

static npk_status list_append(const edit *e)
{
    return npk_edit_list_append(e->doc, e->a, e->b, NULL);
}

static npk_status list_remove(const edit *e)
{
    return npk_edit_list_remove(e->doc, e->a, e->number % (npk_value_size(e->a) + 1), NULL);
}

static npk_status dict_set(const edit *e)
{
    return npk_edit_dict_set(e->doc, e->a, "key", e->b, NULL);
}

static npk_status dict_key(const edit *e)
{
    return npk_edit_dict_set_value(e->doc, e->a, e->b, e->b, NULL);
}

static npk_status dict_remove(const edit *e)
{
    return npk_edit_dict_remove_value(e->doc, e->a, e->b, NULL);
}

static npk_status replace(const edit *e)
{
    return npk_edit_replace(e->doc, e->a, e->b, NULL);
}

static npk_status state(const edit *e)
{
    return npk_edit_object_state(e->doc, e->a, e->b, NULL);
}

static npk_status attribute(const edit *e)
{
    return npk_edit_attribute(e->doc, e->a, "name", e->b, NULL);
}

static npk_status root(const edit *e)
{
    return npk_edit_root(e->doc, e->b, NULL);
}

static npk_status array(const edit *e)
{
    static const double elements[4] = {1, 2, 3, 4};
    return npk_edit_array(e->doc, e->a, &NPK_ARRAY(elements, (int64_t)(e->number % 5)), NULL);
}

/* Something new that holds a value: [b], (b,), f(b), tuple(b) or list(b). */
static const npk_value *round_it(const edit *e, size_t how)
{
    static const char *const calls[][2] = {
        {"m", "f"}, {"builtins", "tuple"}, {"builtins", "list"}, {"collections", "OrderedDict"}};
    npk_writer *w = NULL;
    const npk_value *made = NULL;
    cr_assert_eq(npk_edit_begin(e->doc, NULL, &w, NULL), NPK_OK);
    if (how >= 2) {
        npk_write_begin_call(w);
        npk_write_global(w, calls[how - 2][0], calls[how - 2][1]);
    }
    (how == 0 ? npk_write_begin_list : npk_write_begin_tuple)(w, 1);
    npk_write_value(w, e->b);
    npk_write_end(w);
    if (how >= 2)
        npk_write_end(w);
    return npk_edit_finish(w, &made, NULL) == NPK_OK ? made : NULL;
}

static npk_status set_round(const edit *e)
{
    const npk_value *made = round_it(e, e->number % 6);
    return made == NULL                              ? NPK_ERR_UNSUPPORTED
           : npk_value_kind(e->a) == NPK_KIND_LIST   ? npk_edit_list_insert(e->doc, e->a, 0, made, NULL)
           : npk_value_kind(e->a) == NPK_KIND_DICT   ? npk_edit_dict_set(e->doc, e->a, "round", made, NULL)
           : npk_value_kind(e->a) == NPK_KIND_OBJECT ? npk_edit_attribute(e->doc, e->a, "round", made, NULL)
                                                     : npk_edit_replace(e->doc, e->a, made, NULL);
}

static npk_status replace_round(const edit *e)
{
    const npk_value *made = round_it(e, e->number % 6);
    return made == NULL ? NPK_ERR_UNSUPPORTED : npk_edit_replace(e->doc, e->a, made, NULL);
}

/* The arguments of a call become (b,), what it calls another name. */
static npk_status arguments(const edit *e)
{
    npk_object object;
    const npk_value *made = npk_value_as_object(e->a, &object) ? round_it(e, 1) : NULL;
    return made == NULL ? NPK_ERR_UNSUPPORTED : npk_edit_replace(e->doc, object.args, made, NULL);
}

static npk_status callable(const edit *e)
{
    npk_object object;
    return npk_value_as_object(e->a, &object) ? npk_edit_replace(e->doc, object.callable, e->b, NULL)
                                              : NPK_ERR_UNSUPPORTED;
}

static const struct {
    const char *name;
    npk_status (*change)(const edit *e);
} edits[] = {
    {"list_set", list_set},
    {"list_insert", list_insert},
    {"list_append", list_append},
    {"list_remove", list_remove},
    {"dict_set", dict_set},
    {"dict_key", dict_key},
    {"dict_remove", dict_remove},
    {"replace", replace},
    {"state", state},
    {"attribute", attribute},
    {"root", root},
    {"array", array},
    {"set_round", set_round},
    {"replace_round", replace_round},
    {"arguments", arguments},
    {"callable", callable},
};
enum { EDITS = sizeof edits / sizeof *edits };

/* --- what comes out --- */

static long written, refused;

static void write_and_read(const char *name, const npk_doc *doc, int protocol)
{
    npk_write_options options = {.protocol_given = true, .protocol = protocol};
    npk_doc *again = NULL;
    npk_error error = {.status = NPK_OK};
    uint8_t *bytes = NULL;
    size_t size = 0;
    npk_status status = npk_doc_save_memory(doc, &options, &bytes, &size, &error);
    if (status == NPK_ERR_UNSUPPORTED || status == NPK_ERR_LIMIT) {
        refused++;
        return;
    }
    cr_assert_eq(status, NPK_OK, "%s, protocol %d: %s", name, protocol, error.message);
    npk_read_options reading = {.allocator = NULL};
    bool known = fuzz_producer(npk_doc_root(doc), &reading.array_producer);
    status = npk_doc_load_memory(bytes, size, &reading, &again, &error);
    cr_expect_eq(status, NPK_OK, "%s, protocol %d: %s", name, protocol, error.message);
    npk_doc_info info = {.protocol = 0};
    bool names = npk_doc_info_of(doc, &info) &&
                 (info.protocol >= 3 || protocol < 3); /* from 3 on those of Python 2 are names as any other */
    if (status == NPK_OK && known && names && fuzz_keeps_spellings(npk_doc_root(doc), &options))
        frozen_expect_same(name, protocol, doc, again);
    written++;
    npk_doc_free(again);
    npk_bytes_free(NULL, bytes, size);
}

/* Up to four edits that happen. */
static void edit_some(const char *name, const uint8_t *bytes, size_t size, uint64_t seed)
{
    npk_doc *doc = NULL;
    const npk_value *values[VALUES];
    char what[400];
    int length = snprintf(what, sizeof what, "%s (%llu):", name, (unsigned long long)seed);
    if (npk_doc_load_memory(bytes, size, NULL, &doc, NULL) != NPK_OK)
        return;
    random_state = seed;
    size_t steps = 1 + chance(STEPS), made = 0;
    for (size_t tries = 0; made < steps && tries < 40; tries++) {
        size_t count = gather(doc, values), number = chance(EDITS), a = chance(count), b = chance(count);
        const edit e = {doc, values[a], values[b], chance(1000)};
        if (edits[number].change(&e) != NPK_OK)
            continue;
        length += snprintf(what + length, sizeof what - (size_t)length, " %s(%zu, %zu, %zu)", edits[number].name, a, b,
                           e.number);
        made++;
    }
    for (int protocol = 0; made > 0 && protocol <= 5; protocol++)
        write_and_read(what, doc, protocol);
    npk_doc_free(doc);
}

Test(edits, of_what_is_frozen)
{
    golden g;
    frozen_row row = {.name = NULL};
    golden_open(&g, "frozen.golden");
    while (frozen_next(&g, &row))
        for (size_t i = 0; strcmp(row.expected, "OK") == 0 && !frozen_is_joblib(row.name) && i < full_tests(3, 300); i++)
            edit_some(row.name, row.bytes.bytes, row.bytes.size, i);
    golden_close(&g);
    cr_expect(written > 1000, "%ld written, %ld refused", written, refused);
}

Test(edits, of_goldens)
{
    static const char *const files[] = {"effects.golden",       "objects.golden",        "memo.golden",
                                        "mixed-numpy2.golden",  "targets.golden",        "family-python2.golden",
                                        "family-numpy2.golden", "pyarray-python3.golden"};
    golden g;
    golden_bytes pickle;
    int protocol;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        golden_open(&g, files[i]);
        for (uint64_t number = 0; golden_case(&g); number++)
            while (golden_pickle(&g, &protocol, &pickle))
                for (size_t k = 0; pickle.size < 3000 && k < full_tests(1, 30); k++)
                    edit_some(g.name, pickle.bytes, pickle.size, 1000 * number + 100 * (uint64_t)protocol + k);
        golden_close(&g);
    }
    cr_expect(written > 1000, "%ld written, %ld refused", written, refused);
}

Test(edits, of_random_programs)
{
    program p;
    char name[40];
    const char *from = getenv("EDITS_FROM"); /* others than those of each run */
    const uint64_t first = from != NULL ? strtoull(from, NULL, 10) : 0;
    for (uint64_t i = first; i < first + full_tests(1000, 30000); i++) {
        make_program(&p, i);
        snprintf(name, sizeof name, "program %llu", (unsigned long long)i);
        edit_some(name, (const uint8_t *)p.text, p.size, i);
    }
    cr_expect(written > 1000 && refused < written / 20, "%ld written, %ld refused", written, refused);
}

/* --- by name --- */

static npk_doc *load(const char *bytes, size_t size)
{
    npk_doc *doc = NULL;
    npk_error error;
    cr_assert(npk_doc_load_memory(bytes, size, NULL, &doc, &error) == NPK_OK, "%s", error.message);
    return doc;
}

#define LOAD(text) load(text, sizeof(text) - 1)

/* C([P]), where P leads back to the object: as pickle.py has it of a class whose __reduce__ makes a new list each time. Both calls get what is put
 * in the list, or P's place, so that they stay one object. */
Test(edits, of_an_object_made_twice)
{
    enum { APPEND, INSERT, SET, REPLACE, REPLACE_ARGUMENTS, REMOVE, EDITS_HERE };
    for (int how = 0; how < EDITS_HERE; how++) {
        npk_doc *doc = LOAD("\x80\2cm\nC\nq\1]q\2(K\1cm\nP\n)\x81q\4}q\5X\4\0\0\0backq\6h\1]q\7("
                            "K\1h\4e\x85q\x8Rq\x9sbe\x85q\x0aR0h\x9.");
        npk_object object;
        cr_assert(npk_value_as_object(npk_doc_root(doc), &object));
        const npk_value *list = npk_value_item(object.args, 0), *one = npk_value_item(list, 0),
                        *p = npk_value_item(list, 1);
        const npk_value *name = NULL;
        npk_writer *w = NULL;
        cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
        npk_write_begin_tuple(w, 1);
        how == REPLACE_ARGUMENTS ? npk_write_value(w, list) : npk_write_str(w, "new");
        npk_write_end(w);
        cr_assert_eq(npk_edit_finish(w, &name, NULL), NPK_OK);
        npk_status status = how == APPEND              ? npk_edit_list_append(doc, list, name, NULL)
                            : how == INSERT            ? npk_edit_list_insert(doc, list, 1, name, NULL)
                            : how == SET               ? npk_edit_list_set(doc, list, 0, name, NULL)
                            : how == REPLACE           ? npk_edit_replace(doc, p, name, NULL)
                            : how == REPLACE_ARGUMENTS ? npk_edit_replace(doc, object.args, name, NULL)
                                                       : npk_edit_list_remove(doc, list, 0, NULL);
        cr_expect_eq(status, NPK_OK, "%d", how);
        for (int protocol = 0; protocol <= 5; protocol++) {
            char said[40];
            snprintf(said, sizeof said, "edit %d", how);
            write_and_read(said, doc, protocol);
        }
        cr_expect(one != NULL && npk_value_calls(npk_doc_root(doc)) == NULL);
        npk_doc_free(doc);
    }
    cr_expect_geq(written, 6 * (EDITS_HERE - 1), "%ld written", written);
}

/* B = f([A]) of a list that holds A = f() of that list, and C = f([B]), which is dropped for B, and is the same call as long as B is like A: B alone can't
 * get another state, nor another value in the place of its state; A can, and so can B then. */
Test(edits, of_a_part_of_an_object_made_twice)
{
    npk_doc *doc = LOAD("\x80\2cm\nf\n]cm\nf\n]q\3cm\nf\nh\3\x85R]ba\x85Rq\4]ba\x85R0h\4\x85.");
    const npk_value *b = npk_value_item(npk_doc_root(doc), 0);
    npk_object object;
    cr_assert(npk_value_as_object(b, &object));
    cr_expect_eq(npk_edit_object_state(doc, b, object.args, NULL), NPK_ERR_UNSUPPORTED);
    cr_expect_eq(npk_edit_replace(doc, object.state, object.args, NULL), NPK_ERR_UNSUPPORTED);
    for (int protocol = 0; protocol <= 5; protocol++)
        write_and_read("made twice", doc, protocol);
    cr_expect(written == 6, "%ld written, %ld refused", written, refused);
    cr_assert(npk_value_as_object(npk_value_item(npk_value_item(object.args, 0), 0), &object));
    cr_expect_eq(npk_edit_replace(doc, object.state, object.args, NULL), NPK_OK);
    for (int protocol = 0; protocol <= 5; protocol++)
        write_and_read("made twice, both changed", doc, protocol);
    cr_expect(written == 12, "%ld written, %ld refused", written, refused);
    npk_doc_free(doc);
}

/* Objects that hold themselves through their arguments, each in a list with what leads to it: pickle.py makes them twice.
 * Once the way is gone by which they came first, they come inside their arguments and are made once, as pickle.py has it. */
Test(edits, of_the_first_way_to_an_object_made_twice)
{
    static const struct {
        const char *pickle;
        size_t size;
    } rows[] = {
#define ROW(text) {text, sizeof(text) - 1}
        ROW("\x80\x02](cm\nT\nq\x00]]q\x01h\x00]h\x01""a\x85Rq\x02""aa\x85R0h\x02h\x01""e."),
        ROW("\x80\x02](cm\nF\nq\x00]cm\nH\n)\x81q\x01}X\x01\x00\x00\x00xh\x00]h\x01""a\x85Rq\x02sba\x85R0h\x02h\x01""e."),
        ROW("\x80\x02](cm\nT\nq\x00]cm\nH\n)\x81q\x01}X\x01\x00\x00\x00xh\x00]h\x01""a\x85Rq\x02}q\x03X\x01\x00\x00\x00yh\x02sbsba\x85R0h\x02h\x03""bh\x01""e."),
        ROW("\x80\x02](c__builtin__\nfrozenset\nq\x00]cm\nH\n)\x81q\x01}X\x01\x00\x00\x00xh\x00]h\x01""a\x85Rq\x02sba\x85R0h\x02h\x01""e."),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load(rows[i].pickle, rows[i].size);
        cr_assert_eq(npk_edit_list_remove(doc, npk_doc_root(doc), 0, NULL), NPK_OK);
        for (int protocol = 0; protocol <= 5; protocol++)
            write_and_read("the first way", doc, protocol);
        npk_doc_free(doc);
        cr_expect(written == 6 * (long)(i + 1) && refused == 0, "%zu: %ld written, %ld refused", i, written, refused);
    }
}

/* A shared object goes from the place where it came first: it is made at the other one, after what its pickle made later. */
Test(edits, first_of_two_places)
{
    static const char pickle[] = "\x80\2(]q\0(cm\nA\n)\x81q\1cm\nB\n)\x81q\2h\1e}q\3X\1\0\0\0ah\1st.";
    enum { REMOVE, SET, ROOT, REPLACE, EDITS_HERE };
    for (int how = 0; how < EDITS_HERE; how++) {
        npk_doc *doc = load(pickle, sizeof pickle - 1);
        const npk_value *root = npk_doc_root(doc), *list = npk_value_item(root, 0), *dict = npk_value_item(root, 1);
        npk_status status = how == REMOVE ? npk_edit_list_remove(doc, list, 0, NULL)
                            : how == SET  ? npk_edit_list_set(doc, list, 0, npk_value_item(list, 1), NULL)
                            : how == ROOT ? npk_edit_root(doc, dict, NULL)
                                          : npk_edit_replace(doc, list, dict, NULL);
        cr_expect_eq(status, NPK_OK, "%d", how);
        for (int protocol = 0; protocol <= 5; protocol++)
            write_and_read("an edit", doc, protocol);
        npk_doc_free(doc);
    }
    cr_expect(written == 6 * EDITS_HERE && refused == 0, "%ld written, %ld refused", written, refused);
}

/* (P,), frozenset([P]) and set([P]), which P refers to, and a call that was dropped over it once it was there: made twice, below protocol 4 the sets too,
 * it is called once, as in its pickle. */
Test(edits, of_what_holds_itself_and_something_is_dropped_over)
{
    static const struct {
        const char *pickle;
        size_t size;
    } rows[] = {
#define ROW(text) {text, sizeof(text) - 1}
        ROW("\x80\2]q\0(cm\nP\n)\x81q\1}X\4\0\0\0backh\1\x85q\2sb0h\2cm\nC\nh\2\x85R0e."),
        ROW("\x80\4]q\0((cm\nP\n)\x81q\1}X\4\0\0\0back(h\1\x91q\2sb1h\2cm\nC\nh\2\x85R0e."),
        ROW("\x80\4]q\0(\x8fq\2(cm\nP\n)\x81q\1}X\4\0\0\0backh\2sb\x90"
            "cm\nC\nh\2\x85R0e."),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load(rows[i].pickle, rows[i].size);
        const npk_value *root = npk_doc_root(doc);
        for (int protocol = 0; protocol <= 5; protocol++)
            write_and_read("as it was", doc, protocol);
        cr_assert_eq(npk_edit_list_append(doc, root, npk_value_item(root, 0), NULL), NPK_OK);
        for (int protocol = 0; protocol <= 5; protocol++)
            write_and_read("twice in the list", doc, protocol);
        npk_doc_free(doc);
    }
    cr_expect(written == 36 && refused == 0, "%ld written, %ld refused", written, refused);
}

/* f is called by two opcodes over an array and over its state. Once the order is that of the walk, this comes to both as the writer does: what is over the
 * array first. */
Test(edits, of_what_is_called_over_an_array)
{
    npk_doc *doc = LOAD("\x80\2](]cnumpy.core.multiarray\n_reconstruct\n(cm\nA\nK\0\x85U\1btRcm\nf\n)\x81" "0(K\1K\1\x85"
                        "cnumpy\ndtype\n(U\2u1K\0K\1tR(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tbcm\nf\n)R0\x89U\1atbe.");
    const npk_value *root = npk_doc_root(doc);
    cr_assert_eq(npk_edit_list_remove(doc, root, 0, NULL), NPK_OK);
    for (int protocol = 2; protocol <= 5; protocol++)
        write_and_read("over an array", doc, protocol);
    cr_expect(written == 4 && refused == 0, "%ld written, %ld refused", written, refused);
    npk_doc_free(doc);
}

/* [f(itself)], of which the item is appended alone: what an edit puts before it comes with it, and f still sees no item, also where the protocol
 * has no APPENDS. */
Test(edits, of_an_item_that_was_given_its_list)
{
    for (size_t place = 0; place < 2; place++) {
        npk_doc *doc = LOAD("(lp0\ncm\nf\n(g0\ntRaI7\n\x86.");
        const npk_value *root = npk_doc_root(doc), *list = npk_value_item(root, 0);
        cr_assert_eq(npk_edit_list_insert(doc, list, place, npk_value_item(root, 1), NULL), NPK_OK);
        for (int protocol = 0; protocol <= 5; protocol++)
            write_and_read("before it", doc, protocol);
        npk_doc_free(doc);
    }
    cr_expect(written == 12 && refused == 0, "%ld written, %ld refused", written, refused);
}

/* The last item of the root gives up the order, when it goes: what is left can be written at each protocol. */
static void write_without_last(const char *name, npk_doc *doc)
{
    cr_assert_eq(npk_edit_list_remove(doc, npk_doc_root(doc), 1, NULL), NPK_OK);
    for (int protocol = 0; protocol <= 5; protocol++)
        write_and_read(name, doc, protocol);
    cr_expect(written == 6, "%ld written, %ld refused", written, refused);
    npk_doc_free(doc);
}

/* (S,), where something is called over the set S with X, which gets that tuple later: once the order is given up X gets it at once, in itself. */
Test(edits, of_a_set_that_leads_to_its_tuple)
{
    write_without_last("a set", LOAD("\x80\4]((\x8f"
                                     "cm\nf\ncm\nC\n)\x81q\0\x85R0(K\3\x90tq\1h\0h\1"
                                     "b0]]ae."));
}

/* (1,), over which f is called of something that holds it, and g: the tuple is whole by then, so what g is given comes after all that f is. */
Test(edits, of_a_tuple_that_leads_to_itself_by_what_is_called_over_it)
{
    write_without_last("a tuple", LOAD("\x80\2](K\1\x85q\0cm\nf\nh\0\x85"
                                       "cm\nC\n)R0\x85R0cm\ng\ncm\nC\n)R\x85R0]]ae."));
}

/* Over the arguments of a call that npickle knows a list gets something, late: the call stays one for that, and as it is late the order is kept when an
 * edit takes something out: it stays one. */
Test(edits, of_a_call_that_is_kept_for_what_comes_late)
{
    npk_doc *doc = LOAD("\x80\2]q\0c_codecs\nencode\nX\6\0\0\0latin1\x85h\0cm\nC\n)\x81" "a0Ra.");
    const npk_value *root = npk_doc_root(doc), *c = npk_value_item(root, 0);
    npk_object object;
    write_and_read("as it was", doc, 2);
    cr_expect_eq(written, 1);
    cr_assert(npk_value_as_object(npk_value_item(root, 1), &object));
    cr_assert_eq(npk_edit_replace(doc, npk_value_item(object.args, 0), c, NULL), NPK_OK);
    for (int protocol = 0; protocol <= 5; protocol++)
        write_and_read("a call", doc, protocol);
    cr_expect(written == 7 && refused == 0, "%ld written, %ld refused", written, refused);
    npk_doc_free(doc);
}

/* A name that was written comes as all of the arguments of a call, and once more. */
Test(edits, of_a_name_as_arguments)
{
    npk_doc *doc = LOAD("\x80\2]cm\nf\n)Ra.");
    npk_writer *w = NULL;
    npk_object object;
    const npk_value *name = NULL, *root = npk_doc_root(doc);
    cr_assert(npk_value_as_object(npk_value_item(root, 0), &object));
    cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
    npk_write_global(w, "m", "A");
    cr_assert_eq(npk_edit_finish(w, &name, NULL), NPK_OK);
    cr_assert_eq(npk_edit_replace(doc, object.args, name, NULL), NPK_OK);
    cr_assert_eq(npk_edit_list_append(doc, root, name, NULL), NPK_OK);
    for (int protocol = 0; protocol <= 5; protocol++)
        write_and_read("a name", doc, protocol);
    cr_expect(written == 6, "%ld written, %ld refused", written, refused);
    npk_doc_free(doc);
}

/* A dtype, or an array, that is an object for a persistent id in its state: it may stand for any value once it has that, and so not for what is called in
 * the state, nor for its arguments. */
Test(edits, of_arguments_that_wait_for_their_state)
{
    static const struct {
        const char *text;
        size_t size;
    } rows[] = {
#define ROW(text) {text, sizeof(text) - 1}
        ROW("\x80\2cnumpy\ndtype\n(U\2S3K\0K\1tR(NQcm\nC\n)\x81tb."),
        ROW("\x80\2cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\1b\x87R(NQcm\nC\n)\x81tb."),
#undef ROW
    };
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load(rows[i / 2].text, rows[i / 2].size);
        npk_object object, inside;
        npk_writer *w = NULL;
        npk_error error;
        uint8_t *bytes = NULL;
        size_t size = 0;
        cr_assert(npk_value_as_object(npk_doc_root(doc), &object), "row %zu", i);
        cr_assert(npk_value_as_object(npk_value_item(object.state, 1), &inside));
        if (npk_edit_replace(doc, i % 2 == 0 ? inside.args : inside.callable, npk_doc_root(doc), &error) == NPK_OK) {
            cr_assert_eq(npk_writer_memory(NULL, &w, NULL), NPK_OK);
            npk_write_value(w, npk_doc_root(doc));
            cr_expect_eq(npk_writer_finish_memory(w, &bytes, &size, &error), NPK_ERR_UNSUPPORTED, "row %zu", i);
            cr_expect(strstr(error.message, "<state>[1]") != NULL, "%s", error.message);
        }
        npk_doc_free(doc);
    }
}

/* What would be an array, but for a persistent id in its arguments or its state, is one of an unknown class. Without the id it is neither. */
Test(edits, of_a_call_with_a_persistent_id)
{
    npk_doc *doc = LOAD("\x80\2]cnumpy\ndtype\n(U\2idQK\0K\1tRa.");
    const npk_value *root = npk_doc_root(doc);
    npk_object object;
    npk_error error;
    uint8_t *bytes = NULL;
    size_t size = 0;
    cr_assert(npk_value_as_object(npk_value_item(root, 0), &object));
    const npk_value *id = npk_value_item(object.args, 0), *number = npk_value_item(object.args, 1);
    cr_assert_eq(npk_edit_list_append(doc, root, id, NULL), NPK_OK);
    for (int protocol = 1; protocol <= 5; protocol++) /* at protocol 0 an id is a line, and comes back as a str */
        write_and_read("with an id", doc, protocol);
    cr_expect(written == 5, "%ld written", written);
    cr_assert_eq(npk_edit_replace(doc, id, number, NULL), NPK_OK);
    cr_expect_eq(npk_doc_save_memory(doc, NULL, &bytes, &size, &error), NPK_ERR_UNSUPPORTED);
    cr_expect_str_eq(
        error.message,
        "at [0]: a call that npickle knows, kept for a persistent id or a dropped call in it that is there no more");
    npk_doc_free(doc);
}

/* The writer refuses it at each protocol. */
static void write_refused(const char *name, npk_doc *doc)
{
    for (int protocol = 0; protocol <= 5; protocol++)
        write_and_read(name, doc, protocol);
    cr_expect(written == 0 && refused == 6, "%s: %ld written, %ld refused", name, written, refused);
    npk_doc_free(doc);
}

/* [made(l), l, 9], where l got its item once it had been taken: an edit gives a value of the document a second place, or takes one out, and what was made
 * of l sees no more of it than before. */
Test(edits, of_what_was_made_of_a_list_that_grows)
{
    static const char *const made[] = {"collections\ndeque", "collections\nCounter", "builtins\nlist", "builtins\ntuple", "builtins\nbytes",
                                       "builtins\nbytearray", "m\nf"};
    for (size_t i = 0; i < 4 * sizeof made / sizeof *made; i++) {
        char text[100];
        const int size = snprintf(text, sizeof text, "\x80\4(c%s\n]q\5\x85Rh\5K\7aK\x09l.", made[i / 4]);
        npk_doc *doc = NULL;
        cr_assert_eq(npk_doc_load_memory(text, (size_t)size, NULL, &doc, NULL), NPK_OK);
        const npk_value *root = npk_doc_root(doc);
        npk_status status = i % 4 < 3 ? npk_edit_list_append(doc, root, npk_value_item(root, i % 4), NULL)
                                      : npk_edit_list_remove(doc, root, 2, NULL);
        cr_expect_eq(status, NPK_OK);
        write_refused(made[i / 4], doc);
        written = refused = 0;
    }
}

/* l = ['x', deque(l), 7], as CPython pickles it, which has the deque made while l is empty; [l, l] without one or the other. */
Test(edits, of_what_is_made_of_the_list_around_it)
{
    static const char expected[] = "\x80\4]q\2]q\0(X\1\0\0\0xccollections\ndeque\nh\0\x85RK\7ea.";
    npk_doc *alone = LOAD(expected);
    for (size_t i = 0; i < 2; i++) {
        npk_doc *doc = LOAD("\x80\4]q\2(]q\0(X\1\0\0\0xccollections\ndeque\nh\0\x85RK\7eh\0e."), *again = NULL;
        uint8_t *bytes = NULL;
        size_t size = 0;
        uint64_t differences = 1;
        cr_assert_eq(npk_edit_list_remove(doc, npk_doc_root(doc), i, NULL), NPK_OK);
        cr_assert_eq(npk_doc_save_memory(doc, NULL, &bytes, &size, NULL), NPK_OK);
        cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &again, NULL), NPK_OK);
        cr_expect_eq(npk_compare(npk_doc_root(alone), npk_doc_root(again), NULL, &differences, NULL), NPK_OK);
        cr_expect_eq(differences, 0);
        npk_doc_free(again);
        npk_bytes_free(NULL, bytes, size);
        npk_doc_free(doc);
    }
    npk_doc_free(alone);
}

/* f([]) is dropped over the arguments of what is no array.array for that. In that list it would be made before they are dropped over, and be one. */
Test(edits, of_a_call_that_leads_to_itself_over_its_arguments)
{
    npk_doc *doc = LOAD("\x80\2carray\narray\nU\1d]]a\x86"
                        "cm\nf\n]\x85R0R.");
    npk_object object, dropped;
    cr_assert(npk_value_as_object(npk_doc_root(doc), &object));
    cr_assert(npk_value_as_object(npk_value_item(npk_value_calls(object.args), 0), &dropped));
    cr_assert_eq(npk_edit_list_append(doc, npk_value_item(dropped.args, 0), npk_doc_root(doc), NULL), NPK_OK);
    write_refused("an array.array", doc);
}

/* A dtype that is none for a persistent id in its state: with itself for a state nothing makes it so when that comes. */
Test(edits, of_a_call_with_itself_for_a_persistent_id)
{
    npk_doc *doc = LOAD("\x80\2cnumpy\ndtype\n(U\2u1K\0K\1tR(K\3K\5QNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb.");
    npk_object object;
    cr_assert(npk_value_as_object(npk_doc_root(doc), &object));
    cr_assert_eq(npk_edit_replace(doc, object.state, npk_doc_root(doc), NULL), NPK_OK);
    write_refused("a dtype", doc);
}

/* Over the dtype in an array's state an object gets an item, late: once the order is given up it gets it at once, and the array is one as before. */
Test(edits, of_what_comes_late_over_the_state_of_an_array)
{
    write_without_last("an array", LOAD("\x80\3](cm\nC\n)Rq\5(K\1K\1\x85"
                                        "cnumpy\ndtype\n(X\2\0\0\0u1\x89\x88tRh\5Na0\x89"
                                        "C\1atb]]ae."));
}

/* The root is also a key of a dict that was dropped before it, over which f was called. */
Test(edits, of_a_root_that_is_a_key_of_what_was_dropped)
{
    npk_doc *doc = LOAD("\x80\2}cm\nf\n]\x85R00X\1\0\0\0a.");
    const npk_value *dict = npk_value_item(npk_value_calls(npk_doc_root(doc)), 0);
    npk_object object;
    cr_assert(npk_value_as_object(npk_value_item(npk_value_calls(dict), 0), &object));
    const npk_value *list = npk_value_item(object.args, 0);
    cr_assert_eq(npk_edit_dict_set_value(doc, dict, npk_doc_root(doc), npk_doc_root(doc), NULL), NPK_OK);
    cr_assert_eq(npk_edit_replace(doc, npk_doc_root(doc), list, NULL), NPK_OK);
    for (int protocol = 0; protocol <= 5; protocol++)
        write_and_read("a list", doc, protocol);
    cr_expect(written == 6, "%ld written, %ld refused", written, refused);
    npk_doc_free(doc);
    doc = LOAD("\x80\2}K\1\x85q\1Nscm\nf\n]\x85R00h\1.");
    dict = npk_value_item(npk_value_calls(npk_doc_root(doc)), 0);
    cr_assert(npk_value_as_object(npk_value_item(npk_value_calls(dict), 0), &object));
    cr_expect_eq(npk_edit_replace(doc, npk_doc_root(doc), npk_value_item(object.args, 0), NULL), NPK_ERR_TYPE);
    npk_doc_free(doc);
}

/* The only item that was appended to an array goes. */
Test(edits, of_the_last_item_of_an_array)
{
    npk_doc *doc = LOAD("\x80\2cnumpy.core.multiarray\n_reconstruct\n(cm\nA\nK\0\x85U\1btRK\5a(K\1K\1\x85"
                        "cnumpy\ndtype\n(U\2u1K\0K\1tR\x89U\1atb.");
    const npk_value *items = NULL;
    cr_assert_eq(npk_value_find(npk_doc_root(doc), ".<listitems>", &items, NULL), NPK_OK);
    cr_assert_eq(npk_edit_list_remove(doc, items, 0, NULL), NPK_OK);
    for (int protocol = 0; protocol <= 5; protocol++)
        write_and_read("an array", doc, protocol);
    cr_expect(written == 6, "%ld written, %ld refused", written, refused);
    npk_doc_free(doc);
}

/* A dtype that is none for what is dropped over a dict in its state, which leads to it: it is made before that is dropped. */
Test(edits, of_what_is_dropped_over_a_state_and_leads_to_the_call)
{
    npk_doc *doc = LOAD("\x80\2](}q\2cm\nf\n)R0cnumpy\ndtype\n(U\2u1K\0K\1tR(K\3h\2tbe.");
    const npk_value *root = npk_doc_root(doc), *dropped = npk_value_item(npk_value_calls(npk_value_item(root, 0)), 0);
    npk_object object;
    cr_assert(npk_value_as_object(npk_value_item(root, 1), &object));
    cr_assert_eq(npk_edit_object_state(doc, dropped, npk_value_item(root, 1), NULL), NPK_OK);
    write_refused("a dtype", doc);
}

/* An array that is none for what happens over its arguments and for a persistent id in its state. An edit makes of the arguments such as are refused, and
 * keeps the order, by which they are not taken. */
Test(edits, of_arguments_that_count_no_more)
{
    npk_doc *doc = LOAD("\x80\4](cm\nf\n)Rq\5cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\1b\x87"
                        "h\5K\7K\1s0R(K\1K\2\x85"
                        "cnumpy\ndtype\n(U\2u1K\0K\1tR\x89U\2idQtb(K\4\x91"
                        "e.");
    const npk_value *root = npk_doc_root(doc);
    npk_object object;
    cr_assert(npk_value_as_object(npk_value_item(root, 1), &object));
    cr_assert_eq(npk_edit_replace(doc, npk_value_item(object.args, 1), npk_value_item(root, 2), NULL), NPK_OK);
    for (int protocol = 0; protocol <= 5; protocol++)
        write_and_read("an array", doc, protocol);
    cr_expect(written == 6 && refused == 0, "%ld written, %ld refused", written, refused);
    npk_doc_free(doc);
}

/* The value of this number among those of a kind, in the order of a walk; NULL: there are fewer. */
static const npk_value *nth_of(const npk_doc *doc, npk_kind kind, size_t number)
{
    npk_walk *walk;
    const npk_value *value;
    cr_assert_eq(npk_walk_start(npk_doc_root(doc), NULL, &walk, NULL), NPK_OK);
    while (npk_walk_next(walk, &value, NULL) == NPK_OK && value != NULL)
        if (npk_value_kind(value) == kind && number-- == 0)
            break;
    npk_walk_free(walk);
    return value;
}

/* [x], of which the x comes late: what is appended comes behind it at protocols 0 to 2, too. */
Test(edits, behind_what_comes_late)
{
    size_t lists = 0;
    written = 0;
    for (const npk_value *list = NULL; lists == 0 || list != NULL; lists++) {
        npk_doc *doc = LOAD("\x80\2(]q\0(cm\ng\n)R]q\1h\0h\1q\2a1h\2K\7l.");
        list = nth_of(doc, NPK_KIND_LIST, lists);
        for (int more = 0; list != NULL && more < 2; more++) {
            cr_assert_eq(npk_edit_list_append(doc, list, npk_value_item(npk_doc_root(doc), 2), NULL), NPK_OK);
            for (int protocol = 0; protocol <= 5; protocol++)
                write_and_read("a list", doc, protocol);
        }
        npk_doc_free(doc);
    }
    cr_expect(lists == 4 && written == 36, "%zu lists, %ld written, %ld refused", lists, written, refused);
}

/* --- calls that are made once --- */

/* How often the calls of a pickle are made that make objects, but for those of a name without arguments. */
static size_t count_calls(const uint8_t *bytes, size_t size)
{
    size_t count = 0;
    for (size_t i = 1; i < size; i++)
        count += (bytes[i] == 'R' || bytes[i] == 0x81) && bytes[i - 1] != ')';
    return count;
}

static void append(char *text, size_t *size, const char *piece, size_t length)
{
    memcpy(text + *size, piece, length);
    *size += length;
}

/* X, which holds V = f(X), stands before V: however an edit has V come first, f is called once. By INST it is refused. */
Test(edits, of_the_way_into_a_call_made_once)
{
#define PIECE(text) {text, sizeof(text) - 1}
    static const struct {
        const char *text;
        size_t size;
    } holders[][2] = {
        {PIECE("]q\7"), PIECE("a")},
        {PIECE("}q\7K\1"), PIECE("s")},
        {PIECE("cm\nD\n)Rq\7"), PIECE("a")},
        {PIECE("cm\nD\n)Rq\7K\1"), PIECE("s")},
        {PIECE("cm\nD\n)\x81q\7"), PIECE("b")},
        {PIECE("cm\nD\n)\x81q\7}K\1"), PIECE("sb")},
        {PIECE("cm\nD\n)Rq\7("), PIECE("e")},
    }, calls[] = {
        PIECE("cm\nf\nh\7\x85Rq\x9"),
        PIECE("cm\nf\nh\7\x85\x81q\x9"),
        PIECE("cm\nf\nK\1h\7\x86q\6Rq\x9"),
        PIECE("cm\nf\nh\7\x85q\6h\6\x86Rq\x9"),
        PIECE("cm\nf\n]h\7a}K\1h\7s\x86Rq\x9"),
        PIECE("cm\nf\ncm\ng\nh\7\x85Rq\6\x85Rq\x9"),
        PIECE("cm\nf\nh\7\x85Rq\x9K\7b"),
        PIECE("cm\nf\nh\7\x85Rq\x9(K\7h\x9" "e"),
        PIECE("(h\7im\nf\nq\x9"),
    };
#undef PIECE
    enum { SET, REMOVE, INSERT, ROUND, EDITS_HERE, CALLS = sizeof calls / sizeof *calls };
    for (size_t h = 0; h < sizeof holders / sizeof *holders; h++)
        for (size_t c = 0; c < CALLS; c++)
            for (int how = 0; how < EDITS_HERE; how++) {
                char text[200], said[60];
                size_t size = 0;
                append(text, &size, "\x80\2](", 4);
                append(text, &size, holders[h][0].text, holders[h][0].size);
                append(text, &size, calls[c].text, calls[c].size);
                append(text, &size, holders[h][1].text, holders[h][1].size);
                append(text, &size, "h\x9" "e.", 4);
                npk_doc *doc = load(text, size);
                const npk_value *root = npk_doc_root(doc), *v = npk_value_item(root, 1);
                const edit e = {.doc = doc, .b = v};
                npk_status status = how == SET      ? npk_edit_list_set(doc, root, 0, v, NULL)
                                    : how == REMOVE ? npk_edit_list_remove(doc, root, 0, NULL)
                                    : how == INSERT ? npk_edit_list_insert(doc, root, 0, v, NULL)
                                                    : npk_edit_list_insert(doc, root, 0, round_it(&e, 0), NULL);
                cr_assert_eq(status, NPK_OK);
                snprintf(said, sizeof said, "holder %zu, call %zu, edit %d", h, c, how);
                const long before = written;
                for (int protocol = 0; protocol <= 5; protocol++)
                    write_and_read(said, doc, protocol);
                cr_expect_eq(written - before, c == CALLS - 1 ? 0 : 6, "%s: %ld written", said, written - before);
                npk_write_options options = {.protocol_given = true, .protocol = 2};
                uint8_t *bytes = NULL;
                size_t length = 0;
                if (c != CALLS - 1 && npk_doc_save_memory(doc, &options, &bytes, &length, NULL) == NPK_OK)
                    cr_expect_eq(count_calls(bytes, length), count_calls((const uint8_t *)text, size), "%s", said);
                npk_bytes_free(NULL, bytes, length);
                npk_doc_free(doc);
            }
}

/* l = [made(l)], in which that took nothing: where it comes first it is made once as well, inside the list. */
Test(edits, of_the_way_into_what_takes_the_list_around_it)
{
    static const char *const made[] = {"collections\ndeque", "collections\nCounter", "builtins\nlist", "builtins\ntuple"};
    for (size_t i = 0; i < 2 * sizeof made / sizeof *made; i++) {
        char text[100];
        const int size = snprintf(text, sizeof text, "\x80\4](]q\1(c%s\nh\1\x85Rq\2K\7eh\2e.", made[i / 2]);
        npk_doc *doc = load(text, (size_t)size), *again = NULL;
        const npk_value *root = npk_doc_root(doc);
        uint8_t *bytes = NULL;
        size_t length = 0;
        cr_assert_eq(i % 2 == 0 ? npk_edit_list_remove(doc, root, 0, NULL)
                                : npk_edit_list_insert(doc, root, 0, npk_value_item(root, 1), NULL),
                     NPK_OK);
        for (int protocol = 0; protocol <= 5; protocol++)
            write_and_read(made[i / 2], doc, protocol);
        cr_expect(written == 6 && refused == 0, "%zu: %ld written, %ld refused", i, written, refused);
        cr_assert_eq(npk_doc_save_memory(doc, NULL, &bytes, &length, NULL), NPK_OK);
        cr_expect_eq(count_calls(bytes, length), 1);
        cr_assert_eq(npk_doc_load_memory(bytes, length, NULL, &again, NULL), NPK_OK);
        npk_doc_free(again);
        npk_doc_free(doc);
        npk_bytes_free(NULL, bytes, length);
        written = refused = 0;
    }
}

/* [P, P] of which the state D holds (D, P): once the tuple comes first, D would be P's state while nothing is in it. The state is D, one of two, or what
 * has D's keys set. */
Test(edits, of_a_state_that_would_be_given_early)
{
    static const struct {
        const char *text, *path;
        size_t size;
    } rows[] = {
#define ROW(text, path) {text, path, sizeof(text) - 1}
        ROW("\x80\2](cm\nP\n)\x81q\2}q\3(X\1\0\0\0dh\3h\2\x86X\1\0\0\0bK\1ubh\2e.", "[0].d"),
        ROW("\x80\2](cm\nP\n)\x81q\2N}q\3(X\1\0\0\0dh\3h\2\x86X\1\0\0\0bK\1u\x86" "bh\2e.", "[0].d"),
        ROW("\x80\2](cm\nP\n)\x81q\2}q\3(X\1\0\0\0dh\3h\2\x86X\1\0\0\0bK\1uN\x86" "bh\2e.", "[0].<state>[0]['d']"),
        ROW("\x80\2](cm\nP\n)\x81q\2]q\3(h\3h\2\x86K\1ebh\2e.", "[0].<state>[0]"),
        ROW("\x80\2](cm\nP\n)\x81q\2cm\nO\n)Rq\3(X\1\0\0\0dh\3h\2\x86X\1\0\0\0bK\1ubh\2e.", "[0].<state>['d']"),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load(rows[i].text, rows[i].size);
        const npk_value *found = NULL;
        npk_error error;
        uint8_t *bytes = NULL;
        size_t size;
        cr_assert_eq(npk_value_find(npk_doc_root(doc), rows[i].path, &found, &error), NPK_OK, "row %zu: %s", i,
                     error.message);
        cr_assert_eq(npk_edit_list_insert(doc, npk_doc_root(doc), 0, found, NULL), NPK_OK);
        written = refused = 0;
        cr_expect_eq(npk_doc_save_memory(doc, NULL, &bytes, &size, &error), NPK_ERR_UNSUPPORTED, "row %zu", i);
        cr_expect(strstr(error.message, "[0][1]: this would be given its state before") != NULL, "row %zu: %s", i,
                  error.message);
        write_refused("a state", doc);
    }
}

/* --- attributes --- */

/* What Python has for an attribute once it has given an object all of its states; NULL: nothing. */
static const npk_value *loaded(const npk_value *object, const char *name)
{
    const npk_value *found = NULL;
    for (size_t i = 0; i < npk_value_events(object); i++) {
        npk_event event;
        cr_assert(npk_value_event(object, i, &event));
        if (event.kind != NPK_EVENT_STATE)
            continue;
        const bool in_two = npk_value_kind(event.value) == NPK_KIND_TUPLE;
        for (size_t k = 0; k < (in_two ? 2 : 1); k++) {
            const npk_value *dict = in_two ? npk_value_item(event.value, k) : event.value;
            const npk_value *value = npk_value_kind(dict) == NPK_KIND_DICT ? npk_dict_get(dict, name) : NULL;
            found = value != NULL ? value : found;
        }
    }
    return found;
}

#define FORMS 9
#define MOST_STATES 3

/* States of each form, one after another: what is set is what Python has then, and what a path finds. */
Test(edits, of_attributes_in_states_of_any_form)
{
#define X(value) "X\1\0\0\0xK" value
#define Y(value) "X\1\0\0\0yK" value
#define PIECE(text) {text, sizeof(text) - 1}
    static const struct {
        const char *text;
        size_t size;
    } forms[FORMS] = {
        PIECE("}b"),
        PIECE("}(" Y("\1") "ub"),
        PIECE("}(" X("\1") Y("\2") "ub"),
        PIECE("}(" X("\1") X("\2") "ub"),
        PIECE("}" X("\1") "s}" Y("\2") "s\x86" "b"),
        PIECE("}" Y("\1") "s}" X("\2") "s\x86" "b"),
        PIECE("}" X("\1") "s}" X("\2") "s\x86" "b"),
        PIECE("N}" X("\1") "s\x86" "b"),
        PIECE("N}" Y("\1") "s\x86" "b"),
    };
#undef PIECE
#undef Y
#undef X
    for (size_t number = 0; number < FORMS * FORMS * FORMS * 2; number++) {
        char text[200];
        size_t size = 0, rest = number / 2;
        append(text, &size, "\x80\2cm\nP\n)\x81", 9);
        for (size_t i = 0; i < MOST_STATES; i++, rest /= FORMS)
            append(text, &size, forms[rest % FORMS].text, forms[rest % FORMS].size);
        append(text, &size, "X\1\0\0\0xK\x63s.", number % 2 == 0 ? 0 : 10);
        append(text, &size, ".", number % 2 == 0);
        npk_doc *doc = load(text, size), *again = NULL;
        const npk_value *root = npk_doc_root(doc), *found = NULL, *y = loaded(root, "y");
        npk_writer *w = NULL;
        int64_t integer = 0;
        uint8_t *bytes = NULL;
        cr_assert_eq(npk_edit_begin(doc, NULL, &w, NULL), NPK_OK);
        npk_write_int(w, 4711);
        cr_assert_eq(npk_edit_finish(w, &found, NULL), NPK_OK);
        cr_assert_eq(npk_edit_attribute(doc, root, "x", found, NULL), NPK_OK, "%zu", number);
        cr_expect_eq(loaded(root, "x"), found, "%zu", number);
        cr_expect_eq(loaded(root, "y"), y, "%zu", number);
        cr_assert_eq(npk_doc_save_memory(doc, NULL, &bytes, &size, NULL), NPK_OK, "%zu", number);
        cr_assert_eq(npk_doc_load_memory(bytes, size, NULL, &again, NULL), NPK_OK);
        cr_assert_eq(npk_value_find(npk_doc_root(again), ".x", &found, NULL), NPK_OK, "%zu", number);
        cr_expect(npk_value_as_int64(found, &integer) && integer == 4711, "%zu", number);
        cr_assert_neq(loaded(npk_doc_root(again), "x"), NULL);
        cr_expect(npk_value_as_int64(loaded(npk_doc_root(again), "x"), &integer) && integer == 4711, "%zu", number);
        npk_doc_free(again);
        npk_doc_free(doc);
        npk_bytes_free(NULL, bytes, size);
    }
}

/* An object that is given its dict of attributes while that lacks some: only those that it has by then are attributes. */
Test(edits, of_attributes_that_came_after_the_state)
{
    static const struct {
        const char *text, *path;
        size_t size;
        npk_status status;
    } rows[] = {
#define ROW(text, path, status) {text, path, sizeof(text) - 1, status}
        ROW("\x80\2}q\1X\1\0\0\0scm\nP\n)\x81h\1bs.", "['s']", NPK_ERR_UNSUPPORTED),
        ROW("\x80\2}q\1(X\1\0\0\0scm\nP\n)\x81h\1bX\1\0\0\0xK\1u.", "['s']", NPK_ERR_UNSUPPORTED),
        ROW("\x80\2}q\1(X\1\0\0\0xK\1X\1\0\0\0scm\nP\n)\x81h\1bu.", "['s']", NPK_ERR_UNSUPPORTED),
        ROW("\x80\2}q\1X\1\0\0\0xK\1sX\1\0\0\0scm\nP\n)\x81h\1bs.", "['s']", NPK_OK),
        ROW("\x80\2}q\1X\1\0\0\0scm\nP\n)\x81Nh\1\x86" "bs.", "['s']", NPK_ERR_UNSUPPORTED),
        ROW("\x80\2}q\1X\1\0\0\0scm\nP\n)\x81}bh\1bs.", "['s']", NPK_OK),
        ROW("\x80\2cm\nP\n)\x81q\0}q\1(X\1\0\0\0sh\0X\1\0\0\0th\1ub.", "", NPK_OK),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npk_doc *doc = load(rows[i].text, rows[i].size);
        const npk_value *found = NULL;
        npk_object object;
        cr_assert_eq(npk_value_find(npk_doc_root(doc), rows[i].path, &found, NULL), NPK_OK);
        cr_assert(npk_value_as_object(found, &object));
        cr_expect_eq(npk_edit_attribute(doc, found, "x", object.callable, NULL), rows[i].status, "row %zu", i);
        npk_doc_free(doc);
    }
}
