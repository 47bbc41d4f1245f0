/* Writes an array of structs, which NumPy loads as a structured array, and reads it back by the names of the fields. */
#include <npickle.h>
#include <stdio.h>

/* README */
struct particle {
    double position[3];
    float mass;
    char name[8];
};
NPK_STRUCT(particle, struct particle, position, mass, name);

static npk_status save(const struct particle *particles, int64_t count, npk_error *error)
{
    const npk_dtype *dtype = NULL;
    npk_status status = npk_struct_dtype(&particle, NULL, &dtype, error);
    if (status == NPK_OK)
        status = npk_array_save("particles.pkl", &NPK_ARRAY_OF(dtype, particles, count), NULL, error);
    npk_dtype_free(dtype);
    return status;
}

static npk_status load(struct particle *particles, size_t room, npk_error *error)
{
    npk_doc *doc = NULL;
    npk_array array;
    npk_status status = npk_doc_load("particles.pkl", NULL, &doc, error);
    if (status == NPK_OK)
        status = npk_array_of(npk_doc_root(doc), &array, error);
    if (status == NPK_OK)
        status = NPK_ARRAY_READ_STRUCTS(&array, particle, NULL, particles, room, error);
    npk_doc_free(doc);
    return status;
}
/* end */

int main(void)
{
    const struct particle written[2] = {{{0, 0.5, 1}, 1.25f, "proton"}, {{-1, 2, 0}, 0.75f, "neutron"}};
    struct particle read[2];
    npk_error error;
    if (save(written, 2, &error) != NPK_OK || load(read, 2, &error) != NPK_OK) {
        fprintf(stderr, "particles.pkl: %s\n", error.message);
        return 1;
    }
    for (int i = 0; i < 2; i++)
        printf("%s at %g %g %g, mass %g\n", read[i].name, read[i].position[0], read[i].position[1], read[i].position[2],
               (double)read[i].mass);
    return 0;
}
