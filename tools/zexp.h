/* What ZODB exports: .zexp files, of records that are two pickles each. For the row in format.c. */
#ifndef NPICKLE_ZEXP_H
#define NPICKLE_ZEXP_H

#include "format.h"

bool tool_zexp_is(const void *bytes, size_t size);
npk_status tool_zexp_open(const void *bytes, size_t size, const npk_read_options *options, void **state,
                          npk_error *error);
npk_status tool_zexp_next(void *state, tool_item *item, bool *found, npk_error *error);
void tool_zexp_put_size(uint8_t header[TOOL_RECORD_HEADER], uint64_t size);
void tool_zexp_close(void *state);
void tool_zexp_describe(const void *state, FILE *out);
void tool_zexp_describe_json(const void *state, tool_json *json);

#endif
