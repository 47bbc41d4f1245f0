/* What every machine of the architecture has. */
#define LEVEL
#define LEVEL_IS 1
#define LEVEL_TABLE npki_kernels_base
#include "cast/kernels.inc"
