#include <npickle/status.h>

#include "config.h"

static const struct {
    const char *name;
    const char *text;
    npk_band band;
} rows[] = {[NPK_OK] = {"OK", "no error", NPK_BAND_OK},
#define ROW(code, value, band, text) [NPK_ERR_##code] = {#code, text, NPK_BAND_##band},
            NPK_STATUS_ROWS(ROW)
#undef ROW
};

static size_t row_of(npk_status status)
{
    size_t row = (size_t)status;
    return row < sizeof rows / sizeof *rows && rows[row].name != NULL ? row : (size_t)NPK_ERR_USAGE;
}

const char *npk_status_name(npk_status status)
{
    return rows[row_of(status)].name;
}

const char *npk_status_text(npk_status status)
{
    return rows[row_of(status)].text;
}

npk_band npk_status_band(npk_status status)
{
    return rows[row_of(status)].band;
}

const char *npk_version(void)
{
    return PACKAGE_VERSION;
}
