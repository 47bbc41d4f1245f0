/* usage: demo FILE
 * Writes a pickle of several arrays: what demo.py expects to find in it. */
#include <npickle.h>
#include <stdio.h>

static void write_field(npk_writer *writer)
{
    float field[2][3];
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++)
            field[i][j] = (float)(10 * i + j) + 0.5f;
    npk_write_str(writer, "field");
    npk_write_array(writer, &NPK_ARRAY(&field[0][0], 2, 3));
}

static void write_image(npk_writer *writer)
{
    unsigned char image[3][4] = {{0, 32, 64, 96}, {32, 64, 96, 128}, {64, 96, 128, 255}};
    npk_write_str(writer, "image");
    npk_write_array(writer, &NPK_ARRAY(&image[0][0], 3, 4));
}

/* A matrix as Fortran and LAPACK have it: one column after another. The pickle keeps that. */
static void write_matrix(npk_writer *writer)
{
    const double columns[3][2] = {{1, 4}, {2, 5}, {3, 6}};
    npk_array matrix = NPK_ARRAY(&columns[0][0], 2, 3);
    matrix.order = 'F';
    npk_write_str(writer, "matrix");
    npk_write_array(writer, &matrix);
}

static void write_sensor(npk_writer *writer)
{
    const short samples[4] = {-300, -1, 0, 32767};
    npk_write_str(writer, "sensor");
    npk_write_begin_dict(writer, 2);
    npk_write_str(writer, "name");
    npk_write_str(writer, "thermometer \xc2\xb0"
                          "C");
    npk_write_str(writer, "samples");
    npk_write_array(writer, &NPK_ARRAY(samples, 4));
    npk_write_end(writer);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: demo FILE\n");
        return 2;
    }
    FILE *file = fopen(argv[1], "wb");
    if (file == NULL) {
        perror(argv[1]);
        return 1;
    }
    npk_error error;
    npk_writer *writer;
    npk_status status = npk_writer_file(file, NULL, &writer, &error);
    if (status == NPK_OK) {
        npk_write_begin_dict(writer, 4);
        write_field(writer);
        write_image(writer);
        write_matrix(writer);
        write_sensor(writer);
        npk_write_end(writer);
        status = npk_writer_finish(writer, &error); /* what went wrong above is told here */
    }
    if (fclose(file) != 0 && status == NPK_OK) {
        perror(argv[1]);
        return 1;
    }
    if (status != NPK_OK)
        fprintf(stderr, "%s: %s\n", argv[1], error.message);
    return status == NPK_OK ? 0 : 1;
}
