/* Writes a dict of arrays to memory, and looks at them where they lie in it. */
#include <npickle.h>
#include <stdio.h>

int main(void)
{
    static float weights[3][4], bias[4];
    uint8_t *bytes = NULL;
    size_t size = 0;
    npk_writer *w = NULL;
    npk_error error;
    npk_write_options options = {.protocol_given = true, .protocol = 4};
    if (npk_writer_memory(&options, &w, &error) != NPK_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    npk_write_begin_dict(w, 2);
    npk_write_str(w, "weights");
    npk_write_array(w, &NPK_ARRAY(&weights[0][0], 3, 4));
    npk_write_str(w, "bias");
    npk_write_array(w, &NPK_ARRAY(bias, 4));
    npk_write_end(w);
    if (npk_writer_finish_memory(w, &bytes, &size, &error) != NPK_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    npk_array_view view;
    bool more = true;
    npk_status status = npk_array_views_memory(bytes, size, NULL, &view, &error);
    while (status == NPK_OK && more) {
        status = npk_array_view_next(&view, &more, &error);
        if (status == NPK_OK && more)
            printf("%.*s: %d dimensions, %d elements\n", (int)view.key_size, view.key != NULL ? view.key : "", view.array.ndim,
                   (int)npk_array_count(&view.array));
    }
    if (status != NPK_OK)
        fprintf(stderr, "%s\n", error.message);
    npk_array_view_free(&view);
    npk_bytes_free(NULL, bytes, size);
    return status != NPK_OK;
}
