/* usage: demo write FILE | read FILE
 * write: a pickle of several arrays, which are those that demo.py expects. read: numbers that demo.py wrote, and their sum. */
#include <npickle.h>
#include <stdio.h>
#include <string.h>

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

static int write_all(const char *path)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
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
        status = npk_writer_finish(writer, &error); /* reports what went wrong above */
    }
    if (fclose(file) != 0 && status == NPK_OK) {
        perror(path);
        return 1;
    }
    if (status != NPK_OK)
        fprintf(stderr, "%s: %s\n", path, error.message);
    return status == NPK_OK ? 0 : 1;
}

static npk_status read_numbers(const npk_value *root, double *values, size_t room, npk_array *array, npk_error *error)
{
    const npk_value *numbers = NULL;
    npk_status status = npk_value_find(root, "['numbers']", &numbers, error);
    if (status == NPK_OK)
        status = npk_array_of(numbers, array, error);
    if (status == NPK_OK)
        status = NPK_ARRAY_READ_AS(array, NPK_CAST_SAFE, values, room, error);
    return status;
}

static int read_all(const char *path)
{
    double values[12], sum = 0, expected = 0;
    npk_doc *doc = NULL;
    npk_array array;
    npk_error error;
    npk_status status = npk_doc_load(path, NULL, &doc, &error);
    if (status == NPK_OK)
        status = read_numbers(npk_doc_root(doc), values, 12, &array, &error);
    if (status != NPK_OK) {
        fprintf(stderr, "%s: %s\n", path, error.message);
        npk_doc_free(doc);
        return 1;
    }
    for (int i = 0; i < 12; i++)
        sum += values[i];
    npk_value_as_double(npk_dict_get(npk_doc_root(doc), "sum"), &expected);
    npk_doc_free(doc);
    printf("12 numbers, their sum is %.3f; NumPy says %.3f\n", sum, expected);
    return sum == expected ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "write") == 0)
        return write_all(argv[2]);
    if (argc == 3 && strcmp(argv[1], "read") == 0)
        return read_all(argv[2]);
    fprintf(stderr, "usage: demo write FILE | read FILE\n");
    return 2;
}
