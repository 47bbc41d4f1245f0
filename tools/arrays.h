/* Arrays found in what was read, described, and written. */
#ifndef NPICKLE_ARRAYS_H
#define NPICKLE_ARRAYS_H

#include "common.h"
#include "json.h"

/* Called with each array: its path, and the class it has ("numpy.ndarray"). Another status than NPK_OK ends the
 * walk. */
typedef npk_status tool_visit(void *context, const char *path, const npk_value *value, const npk_array *array,
                              npk_error *error);

/* Every array of a graph, once, in the order of npk_walk. */
npk_status tool_each_array(const npk_value *root, tool_visit *visit, void *context, npk_error *error);

/* repr(dtype) of NumPy 2. Ownership: the caller's, until free(). NULL without memory. */
char *tool_repr(const npk_dtype *dtype, size_t *size);

/* np.lib.format.dtype_to_descr, as JSON or as a Python literal. Ownership: the caller's, until free(). NULL without
 * memory. */
char *tool_descr(const npk_dtype *dtype, bool json, size_t *size);

/* "C", "F", or "K" for neither; an array that is both is "C", as in NumPy. */
const char *tool_order(const npk_array *array);

void tool_json_shape(npki_json *json, const npk_array *array);

/* The class of an array. */
const char *tool_class(const npk_value *value);

/* --- reading --- */

/* The option --array-producer, in the tables of the commands that read values. */
#define TOOL_OPTION_PRODUCER                                                                                           \
    {                                                                                                                  \
        "array-producer", 0, "NAME", "of array.array as raw bytes: cpython, cpython32, jython; else guess"             \
    }

/* What it says (NULL: not given). Returns TOOL_GO_ON or an exit status. */
int tool_parse_reader(const char *command, const char *producer, npk_read_options *out);

/* --- writing --- */

typedef enum tool_format { TOOL_UNKNOWN_FORMAT, TOOL_NPY, TOOL_PICKLE } tool_format;

/* "npy" and "pkl"; and the ending of a file's name: .npy, .pkl, .pickle, .p. */
tool_format tool_format_of_name(const char *name);
tool_format tool_format_of_path(const char *path);

/* What --protocol and --dialect say (NULL: not given). Returns TOOL_GO_ON or an exit status. */
int tool_parse_writer(const char *command, const char *protocol, const char *dialect, npk_write_options *out);

/* Writes a file, which appears whole or not at all; "-": to standard output. */
npk_status tool_write_array(const char *path, tool_format format, const npk_array *array,
                            const npk_write_options *options, npk_error *error);

/* The same as the pickle of an array.array: npk_write_pyarray. */
npk_status tool_write_pyarray(const char *path, char typecode, npk_pyarray_form form, const npk_array *array,
                              const npk_write_options *options, npk_error *error);

#endif
