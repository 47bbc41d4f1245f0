#include "base/budget.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/reserved.h"

#include <inttypes.h>

uint64_t npki_output_of(uint64_t input, uint64_t least)
{
    return npki_add_saturated(npki_mul_saturated(input, NPK_OUTPUT_PER_BYTE), least);
}

uint64_t npki_budget_most(const npk_budget *budget)
{
    return npki_output_of(budget->input, budget->least != 0 ? budget->least : npki_limits(NULL).output);
}

static uint64_t left_of(uint64_t most, uint64_t spent)
{
    return most == NPK_UNLIMITED ? most : most > spent ? most - spent : 0;
}

uint64_t npk_budget_left(const npk_budget *budget)
{
    return budget == NULL ? NPK_UNLIMITED : left_of(npki_budget_most(budget), budget->spent);
}

uint64_t npki_budget_most_steps(const npk_budget *budget)
{
    if (budget->steps_least == 0)
        return NPK_UNLIMITED;
    return npki_add_saturated(npki_mul_saturated(budget->input, NPK_STEPS_PER_BYTE), budget->steps_least);
}

uint64_t npk_budget_steps_left(const npk_budget *budget)
{
    return budget == NULL ? NPK_UNLIMITED : left_of(npki_budget_most_steps(budget), budget->steps);
}

void npki_budget_add_steps(npk_budget *budget, uint64_t steps)
{
    if (budget != NULL)
        budget->steps = npki_add_saturated(budget->steps, steps);
}

npk_status npki_budget_fail_steps(npk_error *error, uint64_t most)
{
    return npki_fail(error, NPK_ERR_LIMIT,
                     "the limit of steps: expected at most %" PRIu64 " to write what was read, found more", most);
}

void npki_budget_add(npk_budget *budget, uint64_t bytes)
{
    if (budget != NULL)
        budget->spent = npki_add_saturated(budget->spent, bytes);
}

npk_status npki_budget_fail(npk_error *error, uint64_t most)
{
    return npki_fail(error, NPK_ERR_LIMIT,
                     "the limit of output: expected at most %" PRIu64 " bytes to come of what was read, found more",
                     most);
}

npk_status npk_budget_spend(npk_budget *budget, uint64_t bytes, npk_error *error)
{
    if (budget == NULL)
        return NPK_OK;
    npk_status status = NPKI_CHECK_RESERVED(budget, "npk_budget", error);
    if (status != NPK_OK)
        return status;
    if (bytes > npk_budget_left(budget))
        return npki_budget_fail(error, npki_budget_most(budget));
    npki_budget_add(budget, bytes);
    return NPK_OK;
}
