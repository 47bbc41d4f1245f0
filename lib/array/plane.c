#include "array/plane.h"

#include "array/copy_items.h"
#include "base/scratch.h"

#include <stdbool.h>
#include <string.h>

#if defined(__SSE2__) && !defined(NPKI_PLAIN_MACHINE)
#include <emmintrin.h>
#endif

enum { LINE = 64, LINES = 2, SIDE = 8, MOST = LINE };

/* Squares of SIDE x SIDE elements, of 16 bytes half of that. `from` has columns that are `from_column` apart, in which
 * elements follow each other; `to` has rows that are `to_row` apart. */
typedef void square(const uint8_t *from, int64_t from_column, uint8_t *to, int64_t to_row);

#define SQUARE(bytes)                                                                                                  \
    static void square_##bytes(const uint8_t *from, int64_t from_column, uint8_t *to, int64_t to_row)                  \
    {                                                                                                                  \
        for (int column = 0; column < SIDE && column < LINE / (bytes); column++, from += from_column, to += (bytes))   \
            for (int row = 0; row < SIDE && row < LINE / (bytes); row++)                                               \
                memcpy(to + row * to_row, from + row * (bytes), bytes);                                                \
    }

#if defined(__SSE2__) && !defined(NPKI_PLAIN_MACHINE)

static inline __m128i load_at(const uint8_t *from)
{
    return _mm_loadu_si128((const __m128i *)(const void *)from);
}

static inline void store_at(uint8_t *to, __m128i x)
{
    _mm_storeu_si128((__m128i *)(void *)to, x);
}

static inline __m128i half_at(const uint8_t *from)
{
    return _mm_loadl_epi64((const __m128i *)(const void *)from);
}

static inline void store_halves(uint8_t *to, int64_t to_row, __m128i x)
{
    _mm_storel_epi64((__m128i *)(void *)to, x);
    _mm_storel_epi64((__m128i *)(void *)(to + to_row), _mm_srli_si128(x, 8));
}

/* Four rows of eight columns of one byte: of each four columns, element by element. */
static inline void store_rows_1(uint8_t *to, int64_t to_row, __m128i left, __m128i right)
{
    store_halves(to, to_row, _mm_unpacklo_epi32(left, right));
    store_halves(to + 2 * to_row, to_row, _mm_unpackhi_epi32(left, right));
}

static void square_1(const uint8_t *from, int64_t from_column, uint8_t *to, int64_t to_row)
{
    const uint8_t *right = from + 4 * from_column;
    __m128i a = _mm_unpacklo_epi8(half_at(from), half_at(from + from_column));
    __m128i b = _mm_unpacklo_epi8(half_at(from + 2 * from_column), half_at(from + 3 * from_column));
    __m128i c = _mm_unpacklo_epi8(half_at(right), half_at(right + from_column));
    __m128i d = _mm_unpacklo_epi8(half_at(right + 2 * from_column), half_at(right + 3 * from_column));
    store_rows_1(to, to_row, _mm_unpacklo_epi16(a, b), _mm_unpacklo_epi16(c, d));
    store_rows_1(to + 4 * to_row, to_row, _mm_unpackhi_epi16(a, b), _mm_unpackhi_epi16(c, d));
}

/* Four rows out of four columns of four words of 32 bits: an element of each, or of two columns. */
static inline void store_words(uint8_t *to, int64_t to_row, __m128i a, __m128i b, __m128i c, __m128i d)
{
    __m128i left = _mm_unpacklo_epi32(a, b), right = _mm_unpacklo_epi32(c, d);
    store_at(to, _mm_unpacklo_epi64(left, right));
    store_at(to + to_row, _mm_unpackhi_epi64(left, right));
    left = _mm_unpackhi_epi32(a, b);
    right = _mm_unpackhi_epi32(c, d);
    store_at(to + 2 * to_row, _mm_unpacklo_epi64(left, right));
    store_at(to + 3 * to_row, _mm_unpackhi_epi64(left, right));
}

static void square_2(const uint8_t *from, int64_t from_column, uint8_t *to, int64_t to_row)
{
    const uint8_t *right = from + 4 * from_column;
    __m128i a = load_at(from), b = load_at(from + from_column), c = load_at(from + 2 * from_column),
            d = load_at(from + 3 * from_column), e = load_at(right), f = load_at(right + from_column),
            g = load_at(right + 2 * from_column), h = load_at(right + 3 * from_column);
    store_words(to, to_row, _mm_unpacklo_epi16(a, b), _mm_unpacklo_epi16(c, d), _mm_unpacklo_epi16(e, f),
                _mm_unpacklo_epi16(g, h));
    store_words(to + 4 * to_row, to_row, _mm_unpackhi_epi16(a, b), _mm_unpackhi_epi16(c, d), _mm_unpackhi_epi16(e, f),
                _mm_unpackhi_epi16(g, h));
}

static void quarter_4(const uint8_t *from, int64_t from_column, uint8_t *to, int64_t to_row)
{
    __m128i a = load_at(from), b = load_at(from + from_column), c = load_at(from + 2 * from_column),
            d = load_at(from + 3 * from_column);
    store_words(to, to_row, a, b, c, d);
}

static void square_4(const uint8_t *from, int64_t from_column, uint8_t *to, int64_t to_row)
{
    for (int column = 0; column < SIDE; column += 4)
        for (int row = 0; row < SIDE; row += 4)
            quarter_4(from + column * from_column + row * 4, from_column, to + row * to_row + column * 4, to_row);
}

static void square_8(const uint8_t *from, int64_t from_column, uint8_t *to, int64_t to_row)
{
    for (int column = 0; column < SIDE; column += 2)
        for (int row = 0; row < SIDE; row += 2) {
            __m128i a = load_at(from + column * from_column + row * 8);
            __m128i b = load_at(from + (column + 1) * from_column + row * 8);
            store_at(to + row * to_row + column * 8, _mm_unpacklo_epi64(a, b));
            store_at(to + (row + 1) * to_row + column * 8, _mm_unpackhi_epi64(a, b));
        }
}

#else
SQUARE(1)
SQUARE(2)
SQUARE(4)
SQUARE(8)
#endif
SQUARE(16)
#undef SQUARE

enum { AT_ONCE = 32 };

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What is no tile, along its longer side: so much at once that the lines that are met again stay in the cache. */
static void copy_part(const npki_plane *p, int64_t row, int64_t rows, int64_t column, int64_t columns)
{
    const uint8_t *from = p->from + row * p->from_row + column * p->from_column;
    uint8_t *to = p->to + row * p->to_row + column * (int64_t)p->size;
    if (rows >= columns)
        for (int64_t done = 0, now; done < rows; done += now) {
            now = lesser(rows - done, AT_ONCE);
            for (int64_t i = 0; i < columns; i++)
                npki_copy_items(to + done * p->to_row + i * (int64_t)p->size, p->to_row,
                                from + done * p->from_row + i * p->from_column, p->from_row, (size_t)now, p->size);
        }
    else
        for (int64_t done = 0, now; done < columns; done += now) {
            now = lesser(columns - done, AT_ONCE);
            for (int64_t i = 0; i < rows; i++)
                npki_copy_items(to + i * p->to_row + done * (int64_t)p->size, (int64_t)p->size,
                                from + i * p->from_row + done * p->from_column, p->from_column, (size_t)now, p->size);
        }
}

static square *square_of(size_t size)
{
    static square *const squares[] = {[1] = square_1, [2] = square_2, [4] = square_4, [8] = square_8, [16] = square_16};
    return size < sizeof squares / sizeof *squares ? squares[size] : NULL;
}

/* As wide and as high as a few lines of a cache, so that each line is read and written once, also where lines get into
 * each other's way, as those at distances of a power of two do. Of bytes that are more lines than may be at hand: rows
 * are put together first. */
static void copy_tile(const npki_plane *p, int64_t row, int rows, int64_t column, int columns)
{
    NPKI_SCRATCH uint8_t tile[LINE * LINE];
    int size = (int)p->size, step = (int)lesser(SIDE, LINE / size);
    square *run = square_of(p->size);
    const uint8_t *from = p->from + row * p->from_row + column * p->from_column;
    uint8_t *out = p->to + row * p->to_row + column * size, *to = size > 1 ? out : tile;
    int64_t to_row = size > 1 ? p->to_row : LINE;
    for (int r = 0; r < rows; r += step)
        for (int c = 0; c < columns; c += step)
            run(from + c * p->from_column + r * size, p->from_column, to + r * to_row + c * size, to_row);
    for (int r = 0; size == 1 && r < rows; r++)
        memcpy(out + r * p->to_row, tile + r * LINE, (size_t)(columns * size));
}

static void copy_tiles(const npki_plane *p)
{
    bool has_tiles = square_of(p->size) != NULL && p->from_row == (int64_t)p->size;
    int64_t side = has_tiles ? lesser(MOST, LINES * LINE / (int64_t)p->size) : 1;
    int64_t step = lesser(SIDE, LINE / (int64_t)p->size);
    int64_t rows = has_tiles ? p->rows - p->rows % step : 0, columns = has_tiles ? p->columns - p->columns % step : 0;
    for (int64_t row = 0; row < rows && columns > 0; row += side)
        for (int64_t column = 0; column < columns; column += side)
            copy_tile(p, row, (int)lesser(rows - row, side), column, (int)lesser(columns - column, side));
    copy_part(p, 0, rows, columns, p->columns - columns);
    copy_part(p, rows, p->rows - rows, 0, p->columns);
}

void npki_plane_copy(const npki_plane *p)
{
    if (npki_distance(p->from_row) < npki_distance(p->from_column)) {
        copy_tiles(p);
        return;
    }
    for (int64_t row = 0; row < p->rows; row++)
        npki_copy_items(p->to + row * p->to_row, (int64_t)p->size, p->from + row * p->from_row, p->from_column,
                        (size_t)p->columns, p->size);
}
