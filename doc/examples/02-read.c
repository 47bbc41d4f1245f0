/* Reads field.pkl, whatever numeric type, byte order and layout the array in it has. */
#include <npickle.h>
#include <stdio.h>

int main(void)
{
    /* README */
    npk_array *own = NULL;
    npk_error error;
    if (npk_array_load("field.pkl", NULL, npk_dtype_native(NPK_FLOAT64), NULL, &own, &error) != NPK_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    const double *values = own->data;
    printf("%d dimensions, the last element is %g\n", own->ndim, values[npk_array_count(own) - 1]);
    npk_array_free(own);
    /* end */
    return 0;
}
