/* Two arrays whose elements stay outside the pickle, where they are: a description of a few hundred bytes, and pointers. This is what goes over mpi4py's
 * pkl5, multipart messages of ZeroMQ and shared memory. */
#include <npickle.h>

#include <inttypes.h>
#include <stdio.h>

static npk_status write(npk_buffers *buffers, const npk_array *left, const npk_array *right, uint8_t **bytes,
                        size_t *size, npk_error *error)
{
    npk_writer *writer = NULL;
    const npk_write_options options = {
        .protocol_given = true, .protocol = 5, .buffer = npk_buffers_collect, .buffer_context = buffers};
    npk_status status = npk_writer_memory(&options, &writer, error);
    if (status != NPK_OK)
        return status;
    npk_write_begin_tuple(writer, 2);
    npk_write_array(writer, left);
    npk_write_array(writer, right);
    npk_write_end(writer);
    return npk_writer_finish_memory(writer, bytes, size, error);
}

int main(void)
{
    static float left[1 << 20], right[1 << 20];
    const npk_array arrays[2] = {NPK_ARRAY(left, 1 << 20), NPK_ARRAY(right, 1 << 20)};
    npk_buffers buffers = {0};
    uint8_t *pickle = NULL;
    size_t size = 0;
    npk_error error;
    npk_doc *doc = NULL;
    npk_array back;
    npk_status status = write(&buffers, &arrays[0], &arrays[1], &pickle, &size, &error);
    if (status == NPK_OK) {
        printf("a pickle of %zu bytes and %zu buffers outside\n", size, buffers.count);
        /* The other side gets the pickle and the buffers, in this order: pickle.loads(pickle, buffers=[...]), or: */
        const npk_read_options options = {.buffers = buffers.items, .buffer_count = buffers.count};
        status = npk_doc_load_memory(pickle, size, &options, &doc, &error);
    }
    if (status == NPK_OK)
        status = npk_array_of(npk_value_item(npk_doc_root(doc), 1), &back, &error);
    if (status == NPK_OK)
        printf("the second array has %" PRId64 " elements and %s\n", npk_array_count(&back),
               back.data == (const void *)right ? "lies where it lay" : "is a copy");
    else
        fprintf(stderr, "%s\n", error.message);
    npk_doc_free(doc);
    npk_bytes_free(NULL, pickle, size);
    npk_buffers_free(&buffers);
    return status == NPK_OK ? 0 : 1;
}
