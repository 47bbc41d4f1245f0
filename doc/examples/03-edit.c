/* Replaces one array inside a pickle that Python wrote, an object of a class that nobody here knows; all else in the file stays as it is. */
#include <npickle.h>
#include <stdio.h>

/* What pickle.dumps(Model(name='m', coef_=numpy.zeros(2), intercept_=0.5), 2) gives; Model is a class in models.py. */
static const char model[] =
    "\x80\2cmodels\nModel\nq\0)\x81q\1}q\2(X\4\0\0\0nameq\3X\1\0\0\0mq\4X\5\0\0\0coef_q\5cnumpy.core.multiarray\n_reconstruct\nq\6"
    "cnumpy\nndarray\nq\7K\0\x85q\x08" "c_codecs\nencode\nq\tX\1\0\0\0bq\nX\6\0\0\0latin1q\x0b\x86q\x0cRq\r\x87q\x0eRq\x0f(K\1K\2\x85q\x10"
    "cnumpy\ndtype\nq\x11X\2\0\0\0f8q\x12\x89\x88\x87q\x13Rq\x14(K\3X\1\0\0\0<q\x15NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tq\x16"
    "b\x89h\tX\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0q\x17h\x0b\x86q\x18Rq\x19tq\x1a"
    "bX\n\0\0\0intercept_q\x1bG\x3f\xe0\0\0\0\0\0\0ub.";

static int write_model(void)
{
    FILE *file = fopen("model.pkl", "wb");
    return file != NULL && fwrite(model, 1, sizeof model - 1, file) == sizeof model - 1 && fclose(file) == 0;
}

int main(void)
{
    if (!write_model())
        return 1;
    /* README */
    double better[3] = {0.25, -1, 4};
    npk_doc *doc = NULL;
    const npk_value *coef;
    npk_error error;
    if (npk_doc_load("model.pkl", NULL, &doc, &error) != NPK_OK ||
        npk_value_find(npk_doc_root(doc), ".coef_", &coef, &error) != NPK_OK ||
        npk_edit_array(doc, coef, &NPK_ARRAY(better, 3), &error) != NPK_OK ||
        npk_doc_save("model.pkl", doc, NULL, &error) != NPK_OK)
        fprintf(stderr, "%s\n", error.message);
    npk_doc_free(doc);
    /* end */
    return 0;
}
