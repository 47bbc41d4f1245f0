/* usage: 05-check [FILE]
 * Says whether npickle understands a pickle (model.pkl) to the last byte, and what is in it, as JSON. */
#include <npickle.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "model.pkl";
    /* README */
    npk_doc *doc = NULL;
    npk_check_result result;
    npk_error error;
    if (npk_doc_load(path, NULL, &doc, &error) != NPK_OK ||
        npk_print_json(npk_doc_root(doc), NULL, npk_sink_file, stdout, &error) != NPK_OK ||
        npk_check(path, NULL, &result, &error) != NPK_OK) {
        fprintf(stderr, "%s: %s\n", npk_status_name(error.status), error.message);
        npk_doc_free(doc);
        return 2;
    }
    bool identical = result.verdict == NPK_VERDICT_IDENTICAL;
    if (identical)
        printf("\n%s: every byte as %s writes it\n", path, result.writer.text);
    else
        printf("\n%s: %s: at byte %d, %s: %s\n", path, npk_verdict_text(result.verdict), (int)result.read.offset,
               result.path != NULL ? result.path : "?", result.reason);
    npk_check_result_free(&result);
    npk_doc_free(doc);
    /* end */
    return identical ? 0 : 1;
}
