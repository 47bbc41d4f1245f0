/* A pickle with its length in front, as most protocols want it, written to a descriptor without holding it in memory:
 *
 *     09-frame | python3 -c "
 *     import pickle, struct, sys
 *     size, = struct.unpack('!Q', sys.stdin.buffer.read(8))
 *     print(pickle.loads(sys.stdin.buffer.read(size)).sum())"
 */
#include <npickle.h>

#include <stdio.h>
#include <unistd.h>

/* What is sent. It is called twice, and writes the same both times. */
static npk_status write_body(npk_write_function *sink, void *context, const npk_array *array, npk_error *error)
{
    npk_writer *writer = NULL;
    const npk_write_options options = {.protocol_given = true, .protocol = 4};
    npk_status status = npk_writer_callback(sink, context, &options, &writer, error);
    if (status != NPK_OK)
        return status;
    npk_write_array(writer, array);
    return npk_writer_finish(writer, error);
}

int main(void)
{
    static double image[1000][1000];
    const npk_array array = NPK_ARRAY(&image[0][0], 1000, 1000);
    uint64_t size = 0;
    uint8_t frame[8];
    int out = STDOUT_FILENO;
    npk_error error;
    for (int i = 0; i < 1000; i++)
        image[i][i] = 1;
    npk_status status = write_body(npk_sink_count, &size, &array, &error); /* looks at the sizes, not at the bytes */
    for (int i = 0; i < 8; i++)
        frame[i] = (uint8_t)(size >> 8 * (7 - i));
    if (status == NPK_OK && npk_sink_fd(&out, frame, sizeof frame) == 0)
        status =
            write_body(npk_sink_fd, &out, &array, &error); /* the image goes from where it lies to the descriptor */
    if (status != NPK_OK)
        fprintf(stderr, "%s\n", error.message);
    return status == NPK_OK ? 0 : 1;
}
