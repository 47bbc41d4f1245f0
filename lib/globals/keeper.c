#include "globals/keeper.h"

#include <string.h>

static const struct {
    const char *module, *name;
} keepers[] = {
#define KEEPER(module, name) {module, name},
#include "globals/keeper.def"
#undef KEEPER
};

static bool is_in(const char *module, size_t size, const char *outer)
{
    size_t length = strlen(outer);
    return size >= length && memcmp(module, outer, length) == 0 && (size == length || module[length] == '.');
}

static bool is(const char *text, size_t size, const char *wanted)
{
    return size == strlen(wanted) && memcmp(text, wanted, size) == 0;
}

bool npki_global_only_keeps(const char *module, size_t module_size, const char *name, size_t name_size)
{
    for (size_t i = 0; i < sizeof keepers / sizeof *keepers; i++)
        if (keepers[i].name[0] == '\0'
                ? is_in(module, module_size, keepers[i].module)
                : is(module, module_size, keepers[i].module) && is(name, name_size, keepers[i].name))
            return true;
    return false;
}
