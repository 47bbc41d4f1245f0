/* The tensors of a file of torch.save(), or of any other pickle that has some, as a dict of NumPy arrays, which Python
 * loads without torch.
 *
 *     checkpoint FILE.pth ANSWER.pkl
 *
 * The keys are paths as `npickle info` lists them: "['model']['weight']". What it does with a tensor is `take`: the
 * place for what yours should do. */
#include "options.h"
#include "tensor.h"

#include <stdio.h>
#include <stdlib.h>

/* NumPy has no bfloat16 and no float8: they become float32, which holds all of them. */
static npk_status write_as_floats(npk_writer *writer, const npk_array *tensor, npk_error *error)
{
    const size_t count = (size_t)npk_array_count(tensor);
    float *values = malloc((count + 1) * sizeof *values);
    npk_array floats = *tensor;
    npk_status status = NPK_ERR_MEMORY;
    if (values != NULL)
        status = NPK_ARRAY_READ_AS(tensor, NPK_CAST_SAME_KIND, values, count, error);
    else
        snprintf(error->message, sizeof error->message, "not enough memory");
    if (status == NPK_OK) {
        floats = (npk_array){
            .dtype = npk_dtype_native(NPK_FLOAT32), .data = values, .ndim = tensor->ndim, .shape = tensor->shape};
        npk_write_array(writer, &floats);
    }
    free(values);
    return status;
}

/* A tensor, whose elements lie in the file. */
static npk_status take(npk_writer *writer, const char *path, const npk_array *tensor, npk_error *error)
{
    npk_write_str(writer, path);
    if (npk_dtype_class(tensor->dtype, NULL, NULL, NULL, NULL))
        return write_as_floats(writer, tensor, error);
    npk_array plain = *tensor;
    plain.source = NULL; /* an array like any other */
    npk_write_array(writer, &plain);
    return NPK_OK;
}

static npk_status take_all(npk_writer *writer, const npk_value *root, npk_error *error)
{
    npk_walk *walk = NULL;
    const npk_value *value = root;
    npk_status status = npk_walk_start(root, NULL, &walk, error);
    while (status == NPK_OK && value != NULL) {
        struct tensor tensor = {0};
        npk_array array;
        status = npk_walk_next(walk, &value, error);
        if (status != NPK_OK || value == NULL)
            break;
        if (tensor_is(value)) {
            npk_walk_skip(walk);
            status = tensor_of(value, &tensor, error);
            if (status == NPK_OK)
                status = take(writer, npk_walk_path(walk), &tensor.array, error);
            tensor_free(&tensor);
        } else if (npk_value_is_array(value)) {
            status = npk_array_of(value, &array, error);
            if (status == NPK_OK)
                status = take(writer, npk_walk_path(walk), &array, error);
        }
    }
    npk_walk_free(walk);
    return status;
}

static npk_status write_all(const char *path, const npk_value *root, npk_error *error)
{
    npk_writer *writer = NULL;
    const npk_write_options options = {.protocol_given = true, .protocol = 4};
    npk_status status = npk_writer_open(path, &options, &writer, error);
    if (status != NPK_OK)
        return status;
    npk_write_begin_dict(writer, -1);
    status = take_all(writer, root, error);
    if (status != NPK_OK) {
        npk_writer_abandon(writer);
        return status;
    }
    npk_write_end(writer);
    return npk_writer_finish(writer, error);
}

static const char usage[] = "usage: checkpoint FILE.pth ANSWER.pkl\n";

int main(int argc, char **argv)
{
    npk_torch *file = NULL;
    npk_doc *pickle = NULL;
    npk_error error;
    if (bridge_options(argc, argv, NULL, NULL, usage) != 3)
        return bridge_usage(usage);
    npk_status status = npk_torch_load(argv[1], NULL, &file, &error);
    if (status == NPK_ERR_NOT_A_PICKLE || status == NPK_ERR_UNSUPPORTED) /* no file of torch.save() */
        status = npk_doc_load(argv[1], NULL, &pickle, &error);
    if (status == NPK_OK)
        status =
            write_all(argv[2], npk_doc_root(file != NULL ? npk_torch_doc(file, NPK_TORCH_OBJECT) : pickle), &error);
    if (status != NPK_OK)
        fprintf(stderr, "checkpoint: %s\n", peer_file_error(argv[1], &error));
    npk_torch_free(file);
    npk_doc_free(pickle);
    return status == NPK_OK ? 0 : 1;
}
