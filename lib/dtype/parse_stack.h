/* A type that is being put together out of others, and the forms it may have. */
#ifndef NPKI_DTYPE_PARSE_STACK_H
#define NPKI_DTYPE_PARSE_STACK_H

#include "dtype/parse_literal.h"
#include "dtype/struct.h"

typedef struct npki_parse_frame npki_parse_frame;

typedef struct npki_dtype_parser {
    npki_script script; /* that of the caller, with the status of a wrong dtype */
    const npk_limits *limits;
    npki_parse_language as;
    npki_parse_frame *top;
} npki_dtype_parser;

/* What the literals mean: one row for each form. */
typedef struct npki_parse_form {
    npk_status (*begin)(npki_dtype_parser *c, npki_parse_frame *frame);
    npk_status (*ask)(npki_dtype_parser *c, npki_parse_frame *frame,
                      const npki_literal **inner); /* the next type inside; NULL: the last was it */
    npk_status (*take)(npki_dtype_parser *c, npki_parse_frame *frame, const npk_dtype *inner); /* here it is */
    npk_status (*finish)(npki_dtype_parser *c, npki_parse_frame *frame, const npk_dtype **out);
} npki_parse_form;

extern const npki_parse_form npki_parse_form_list;    /* [(name, type), ...] */
extern const npki_parse_form npki_parse_form_types;   /* the items of "i4,f8" */
extern const npki_parse_form npki_parse_form_names;   /* {'names': [...], 'formats': [...], ...} */
extern const npki_parse_form npki_parse_form_entries; /* {name: (type, offset), ...} */
extern const npki_parse_form npki_parse_form_tuple;   /* (type, shape), (type, size), (type, type) */

struct npki_parse_frame {
    npki_parse_frame *outer;
    const npki_parse_form *form;
    const npki_literal *literal;
    const npki_literal *next; /* item, name or key */
    bool aligned;
    /* a struct */
    npk_field *fields;
    size_t count;
    int64_t end; /* of the last field, padding too */
    int64_t itemsize;
    const npki_literal *format, *offset, *title;
    /* a tuple */
    const npk_dtype *types[2];
};

/* "character 7 of the dtype: expected ..." */
npk_status npki_parse_fail(const npki_dtype_parser *c, const npki_literal *literal, const char *expected);

/* The same for what NumPy takes and npickle does not. */
npk_status npki_parse_unsupported(const npki_dtype_parser *c, const npki_literal *literal, const char *expected);

/* The same with what another check has told. */
npk_status npki_parse_fail_with(const npki_dtype_parser *c, const npki_literal *literal, npk_status status,
                                const npk_error *told);

npk_status npki_parse_full(const npki_dtype_parser *c);

/* A copy in the arena. NULL without memory. */
npk_dtype *npki_parse_new(const npki_dtype_parser *c, const npk_dtype *dtype);

#endif
