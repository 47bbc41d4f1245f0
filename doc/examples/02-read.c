/* Reads field.pkl, whatever numeric type, byte order and layout the array in it has. */
#include <npickle.h>
#include <stdio.h>

int main(void)
{
    /* README */
    double values[6];
    npk_doc *doc = NULL;
    npk_array array;
    npk_error error;
    if (npk_doc_load("field.pkl", NULL, &doc, &error) != NPK_OK ||
        npk_array_of(npk_doc_root(doc), &array, &error) != NPK_OK ||
        NPK_ARRAY_READ_AS(&array, NPK_CAST_SAFE, values, 6, &error) != NPK_OK)
        fprintf(stderr, "field.pkl: %s\n", error.message);
    else
        printf("%d dimensions, the last element is %g\n", array.ndim, values[5]);
    npk_doc_free(doc);
    /* end */
    return 0;
}
