#include "text/power10.h"

const npki_power10 npki_powers10[] = {
#include "text/power10.inc"
};
