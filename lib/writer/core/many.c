/* Many numbers or texts, as items of a run. */
#include "writer/core/run.h"

#define AT_A_TIME ((size_t)1000) /* items for which there is room at once */

/* How many of `count` items may come now, each of `size` bytes at most: the first is sure to begin where one may. 0:
 * none by a run. */
static size_t begin_many(npk_writer *w, size_t count, size_t size)
{
    if (npki_run_room(w, size) == NULL)
        return 0;
    size_t many = count < AT_A_TIME ? count : AT_A_TIME;
    many = (int64_t)many < w->run ? many : (size_t)w->run;
    return npki_dynbuf_room(&w->out, many * size + NPKI_FRAME_HEADER) == NULL ? 1 : many;
}

size_t npki_run_doubles(npk_writer *w, const double *values, size_t count)
{
    const size_t size = 9;
    size_t many = begin_many(w, count, size);
    const size_t left = npki_run_left(w);
    if (many == 0)
        return 0;
    many = many < left / size + 1 ? many : (left - 1) / size + 1; /* the last one begins before all is full */
    uint8_t *at = w->out.bytes + w->out.size;
    for (size_t i = 0; i < many; i++)
        at = npki_spell_float(at, values[i]);
    npki_run_put_many(w, at, many);
    return many;
}

#define AT_ONCE 4        /* ints that are spelled alike */
#define WIDE ((size_t)5) /* bytes of BININT and its number */

static inline bool are_bytes(const int64_t *v)
{
    return (uint64_t)(v[0] | v[1] | v[2] | v[3]) < 0x100;
}

static inline uint8_t *spell_bytes(uint8_t *at, const int64_t *v)
{
    const uint64_t opcodes = UINT64_C(0x0001000100010001) * NPKI_BYTE_BININT1;
    npki_store_le(
        at, opcodes | (uint64_t)v[0] << 8 | (uint64_t)v[1] << 24 | (uint64_t)v[2] << 40 | (uint64_t)v[3] << 56, 8);
    return at + 8;
}

/* Whether an int has 32 bits with its sign, and not 16 without one. */
static inline bool is_wide(int64_t value)
{
    return ((uint64_t)value >= 0x10000) & (value == (int32_t)value);
}

static inline bool are_wide(const int64_t *v)
{
    return is_wide(v[0]) & is_wide(v[1]) & is_wide(v[2]) & is_wide(v[3]);
}

static inline uint8_t *spell_wide(uint8_t *at, const int64_t *v)
{
    for (size_t i = 0; i < AT_ONCE; i++)
        npki_store_le(at + WIDE * i, NPKI_BYTE_BININT | (uint64_t)(uint32_t)v[i] << 8, 8);
    return at + WIDE * AT_ONCE;
}

size_t npki_run_ints(npk_writer *w, const int64_t *values, size_t count)
{
    const size_t many = begin_many(w, count, NPKI_RUN_NUMBER), left = npki_run_left(w);
    if (many == 0)
        return 0;
    uint8_t *at = w->out.bytes + w->out.size;
    const uint8_t *const full = left < many * NPKI_RUN_NUMBER ? at + left : at + many * NPKI_RUN_NUMBER;
    size_t i = 0;
    while (i < many && at < full) {
        const int64_t *v = values + i;
        const bool fit = many - i >= AT_ONCE && (size_t)(full - at) > WIDE * (AT_ONCE - 1); /* the last begins */
        if (fit && are_bytes(v)) {
            at = spell_bytes(at, v);
            i += AT_ONCE;
        } else if (fit && are_wide(v)) {
            at = spell_wide(at, v);
            i += AT_ONCE;
        } else {
            at = npki_spell_int(at, *v);
            i++;
        }
    }
    npki_run_put_many(w, at, i);
    return i;
}

size_t npki_run_strs(npk_writer *w, const char *const *texts, const size_t *sizes, size_t count)
{
    size_t i = 0;
    for (size_t many = 1; i < many; i++) {
        const size_t size = texts[i] == NULL ? 0 : sizes == NULL ? strlen(texts[i]) : sizes[i];
        if (!npki_run_is_str(texts[i], size))
            break;
        if (i == 0)
            many = begin_many(w, count, NPKI_RUN_STR);
        uint8_t *at = many > 0 ? npki_run_room(w, NPKI_RUN_STR) : NULL;
        if (at == NULL)
            break;
        npki_run_str(w, at, texts[i], size);
    }
    return i;
}
