/* What may come out of what was read: the one place where that is worked out. */
#ifndef NPKI_BASE_BUDGET_H
#define NPKI_BASE_BUDGET_H

#include <npickle/options.h>

/* Bytes that may come of `input` bytes, where `least` may come of any. */
uint64_t npki_output_of(uint64_t input, uint64_t least);

/* Bytes that may come out of all that a budget was given to. */
uint64_t npki_budget_most(const npk_budget *budget);

/* Adds what has come out. `budget` may be NULL. */
void npki_budget_add(npk_budget *budget, uint64_t bytes);

/* Steps that may be taken with it; NPK_UNLIMITED: there is no bound. */
uint64_t npki_budget_most_steps(const npk_budget *budget);

/* Adds what was taken. `budget` may be NULL. */
void npki_budget_add_steps(npk_budget *budget, uint64_t steps);

/* The errors of all that come to the end of one. */
npk_status npki_budget_fail_steps(npk_error *error, uint64_t most);
npk_status npki_budget_fail(npk_error *error, uint64_t most);

#endif
