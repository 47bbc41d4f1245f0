/* What npickle does in the benchmark: a table of cases, and the files that they work on. See driver.py. */
#ifndef NPICKLE_BENCH_H
#define NPICKLE_BENCH_H

#include <npickle.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One case. `prepare` is given its words; false: it can't be had (bench_absent says why). `once` is what is timed.
 * `check`: whether what it made is right. Any of `before` (done before each `once`, and not timed) and `finish` may be
 * NULL. One case is there at a time, so that its state is static. */
typedef struct bench_case {
    const char *name;
    int words; /* after the name */
    bool (*prepare)(char **words);
    void (*once)(void);
    bool (*check)(void);
    void (*before)(void);
    void (*finish)(void);
} bench_case;

extern const bench_case bench_array_cases[], bench_small_cases[], bench_load_cases[], bench_dump_cases[],
    bench_text_cases[], bench_cast_cases[], bench_memory_cases[], bench_yyjson_cases[], bench_mpack_cases[];

/* Other formats' libraries; NULL: it was not there when this was configured. */
extern const char *const bench_yyjson_version, *const bench_mpack_version;

/* The files of a run, made by make.py. */
typedef struct bench_file {
    const uint8_t *bytes;
    size_t size;
} bench_file;

/* A file of the run's directory, mapped until bench_release; the name is printed into. */
bool bench_map(bench_file *out, const char *format, ...);
const char *bench_path(const char *format, ...);
void bench_release(void);

/* Pickles one after another, with an index of where each begins. */
typedef struct bench_set {
    bench_file file;
    const uint64_t *offsets; /* count + 1 */
    size_t count;
} bench_set;

bool bench_map_set(bench_set *out, const char *name);
const uint8_t *bench_set_item(const bench_set *set, size_t index, size_t *size);

/* Why a case can't be had; returns false. */
bool bench_absent(const char *format, ...);
/* The program ends where a call that must do its work does not. */
void bench_must(npk_status status, const npk_error *error);

void *bench_room(size_t size);       /* freed by bench_release; every page is there */
extern npk_dialect bench_dialect;    /* of the Python that made the files */
extern volatile uint64_t bench_sink; /* what is computed must not be optimised away */

/* "0" to "5", or "py2.0" to "py2.2": the options of a writer. */
npk_write_options bench_options(const char *protocol);

#endif
