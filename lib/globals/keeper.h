/* Calls that only keep what they are given. */
#ifndef NPKI_GLOBALS_KEEPER_H
#define NPKI_GLOBALS_KEEPER_H

#include <stdbool.h>
#include <stddef.h>

bool npki_global_only_keeps(const char *module, size_t module_size, const char *name, size_t name_size);

#endif
