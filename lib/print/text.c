#include "base/error.h"
#include "text/quote.h"

npk_status npk_print_text(const void *text, size_t size, npk_text_form form, npk_write_function *write, void *context,
                          npk_error *error)
{
    char room[512];
    npki_sink out;
    if (write == NULL || (text == NULL && size > 0))
        return npki_fail(error, NPK_ERR_USAGE, "expected a text and a function to write to, found NULL");
    if ((unsigned)form >= NPKI_TEXT_FORMS)
        return npki_fail(error, NPK_ERR_USAGE, "expected a form of text, found %d", (int)form);
    npki_sink_start_staged(&out, room, sizeof room, write, context);
    npki_quote(&out, form, text, size);
    npk_status status = npki_sink_finish(&out);
    return status == NPK_ERR_IO ? npki_fail_system(error, out.system, "write") : status;
}
