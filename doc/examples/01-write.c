/* Writes field.pkl, which Python reads with pickle.load(open("field.pkl", "rb")). */
#include <npickle.h>
#include <stdio.h>

int main(void)
{
    /* README */
    float field[2][3] = {{1, 2, 3}, {4, 5, 6.5f}};
    npk_error error;
    if (npk_array_save("field.pkl", &NPK_ARRAY(&field[0][0], 2, 3), NULL, &error) != NPK_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    /* end */
    return 0;
}
