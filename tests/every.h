/* A struct with a member of every type that NPK_STRUCT takes, and what its members hold in the item with a given number.
 * tests/gen/every.py makes the same ones. */
#ifndef NPICKLE_TESTS_EVERY_H
#define NPICKLE_TESTS_EVERY_H

#include <complex.h>
#include <npickle.h>
#include <string.h>

enum color { RED, GREEN, BLUE };

struct point {
    float x;
    double y;
};

struct corner {
    struct point at;
    unsigned char tag;
};

struct every {
    _Bool b;
    signed char sc;
    unsigned char uc;
    char c;
    short ss;
    unsigned short us;
    int si;
    unsigned int ui;
    long sl;
    unsigned long ul;
    long long sll;
    unsigned long long ull;
    signed char i8[3];
    unsigned char u8[2];
    float f;
    double d;
    float _Complex cf;
    double _Complex cd;
    enum color color;
    char name[8];
    char lines[2][5];
    float v[3];
    double m[2][3];
    short t[2][1][2];
    unsigned int one[1];
    struct point at;
    struct corner corners[2];
    int left_out; /* not named below: padding */
#if LDBL_MANT_DIG == 64 || LDBL_MANT_DIG == 53
    long double ld;
    long double _Complex cld;
#endif
};

NPK_STRUCT(point, struct point, x, y);
NPK_STRUCT(corner, struct corner, NPK_NESTED(at, point), tag);
#define EVERY_PORTABLE                                                                                                 \
    b, sc, uc, c, ss, us, si, ui, sl, ul, sll, ull, i8, u8, f, d, cf, cd, color, name, lines, v, m, t, one,            \
        NPK_NESTED(at, point), NPK_NESTED(corners, corner)
#if LDBL_MANT_DIG == 64 || LDBL_MANT_DIG == 53
#define EVERY_MEMBERS EVERY_PORTABLE, ld, cld
#else
#define EVERY_MEMBERS EVERY_PORTABLE
#endif
#define EVERY_STRUCT(...) NPK_STRUCT(__VA_ARGS__)
EVERY_STRUCT(every, struct every, EVERY_MEMBERS);

/* The letters 'a', 'b', ... of a text of so many, zeros behind. */
static inline void fill_text(char *to, size_t size, int letters)
{
    memset(to, 0, size);
    for (int i = 0; i < letters; i++)
        to[i] = (char)('a' + i);
}

/* A small number for item i, field k, element j; every second one negative where it may be. */
static inline int small(int i, int k, int j, int is_signed)
{
    int value = 7 * i + 2 * k + j + 1;
    return is_signed && (i + j) % 2 == 1 ? -value : value;
}

/* The fields up to texts. `wide`: ints and floats that need all of their type. */
static inline void fill_numbers(struct every *e, int i, int wide)
{
    e->b = i % 2 == 1;
    e->sc = (signed char)small(i, 1, 0, 1);
    e->uc = (unsigned char)small(i, 2, 0, 0);
    e->c = (char)('p' + i);
    e->ss = (short)(small(i, 4, 0, 1) * (wide ? 300 : 1));
    e->us = (unsigned short)(small(i, 5, 0, 0) * (wide ? 700 : 1));
    e->si = small(i, 6, 0, 1) * (wide ? 20000000 : 1);
    e->ui = (unsigned)small(i, 7, 0, 0) * (wide ? 40000000u : 1u);
    e->sl = small(i, 8, 0, 1) * (wide ? 20000000L : 1L);
    e->ul = (unsigned long)small(i, 9, 0, 0) * (wide ? 40000000uL : 1uL);
    e->sll = small(i, 10, 0, 1) * (wide ? 100000000000000000LL : 1LL);
    e->ull = (unsigned long long)small(i, 11, 0, 0) * (wide ? 200000000000000000uLL : 1uLL);
    for (int j = 0; j < 3; j++)
        e->i8[j] = (signed char)small(i, 12, j, 1);
    for (int j = 0; j < 2; j++)
        e->u8[j] = (unsigned char)small(i, 13, j, 0);
    e->f = (float)small(i, 14, 0, 1) * 0.5f * (wide ? 0x1p100f : 1.0f);
    e->d = small(i, 15, 0, 1) * 0.5 * (wide ? 0x1p1000 : 1.0);
    e->cf = (float)small(i, 16, 0, 1) * 0.5f + (float)small(i, 16, 1, 1) * (float _Complex)I;
    e->cd = small(i, 17, 0, 1) * 0.5 + small(i, 17, 1, 1) * (double _Complex)I;
    e->color = (enum color)(i % 3);
}

static inline void fill_point(struct point *p, int i, int k, int j)
{
    p->x = (float)small(i, k, j, 1) * 0.5f;
    p->y = small(i, k, j + 1, 1) * 0.5;
}

/* Everything; bytes between the members and in `left_out` are zeros. */
static inline void fill_every(struct every *e, int i, int wide)
{
    memset(e, 0, sizeof *e);
    fill_numbers(e, i, wide);
    fill_text(e->name, sizeof e->name, 4 * i % 9);
    for (int j = 0; j < 2; j++)
        fill_text(e->lines[j], sizeof e->lines[j], (i + j) % 6);
    for (int j = 0; j < 3; j++)
        e->v[j] = (float)small(i, 21, j, 1) * 0.5f;
    for (int j = 0; j < 6; j++)
        e->m[j / 3][j % 3] = small(i, 22, j, 1) * 0.5;
    for (int j = 0; j < 4; j++)
        e->t[j / 2][0][j % 2] = (short)small(i, 23, j, 1);
    e->one[0] = (unsigned)small(i, 24, 0, 0);
    fill_point(&e->at, i, 25, 0);
    for (int j = 0; j < 2; j++) {
        fill_point(&e->corners[j].at, i, 26, 2 * j);
        e->corners[j].tag = (unsigned char)small(i, 26, j, 0);
    }
#if LDBL_MANT_DIG == 64 || LDBL_MANT_DIG == 53
    e->ld = small(i, 27, 0, 1) * 0.5L;
    e->cld = small(i, 28, 0, 1) * 0.5L + small(i, 28, 1, 1) * (long double _Complex)I;
#endif
}

/* The value of an element; the rest of a long double says nothing. */
static inline size_t value_bytes(const npk_member *member, size_t size)
{
    return (member->type == NPK_FLOAT96 || member->type == NPK_FLOAT128) && size > 10 ? 10 : size;
}

/* The name of the first member in which two structs differ, as their descriptions see them; NULL where there is none. */
static inline const char *differing_member(const npk_struct *structure, const void *a, const void *b)
{
    for (size_t i = 0; i < structure->count; i++) {
        const npk_member *member = &structure->members[i];
        size_t step = member->sizes[3];
        if (member->type == NPK_COMPLEX192 || member->type == NPK_COMPLEX256)
            step /= 2;
        for (size_t at = 0; at < member->sizes[0]; at += step) {
            const char *one = (const char *)a + member->offset + at, *other = (const char *)b + member->offset + at;
            if (member->nested != NULL) {
                if (differing_member(member->nested, one, other) != NULL)
                    return member->name;
            } else if (memcmp(one, other, step != member->sizes[3] ? 10 : value_bytes(member, step)) != 0) {
                return member->name;
            }
        }
    }
    return NULL;
}

#endif
