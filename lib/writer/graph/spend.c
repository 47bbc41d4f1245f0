/* A pickle says once what it shares. What its protocol or its memo can't share at another is written as often as it is
 * referred to, and that may be exponential in it: 40 persistent ids, each with the next one in it twice. So what comes
 * of a graph is bounded by what it is worth, which is only worked out where there is much of it. */
#include "writer/graph/graph.h"

#include "base/budget.h"
#include "value/worth.h"

bool npki_begin_spending(npk_writer *w, const npk_value *root)
{
    npki_spending *s = &w->spending;
    if (s->root != NULL)
        return false;
    s->root = root;
    s->start = npki_offset(w);
    s->extra = s->earned = 0;
    s->steps = 0;
    s->most_steps = npk_budget_steps_left(w->budget);
    s->measured = w->budget != NULL;
    if (w->budget != NULL) {
        s->left = npk_budget_left(w->budget);
        s->most = npki_budget_most(w->budget);
    }
    return true;
}

static uint64_t spent(const npk_writer *w)
{
    return npki_offset(w) - w->spending.start + w->spending.extra;
}

/* What may be spent for sure: where the root was not measured, with that which the items of runs are worth. */
static uint64_t allowance(const npki_spending *s)
{
    return s->measured ? s->left : npki_add_saturated(s->left, s->earned);
}

/* More, for what the root is worth. */
static void measure(npk_writer *w)
{
    npki_spending *s = &w->spending;
    const uint64_t worth = s->worth != 0 ? s->worth : npki_worth_of(s->root, &w->allocator);
    s->found = worth;
    s->measured = true;
    s->left = npki_output_of(worth, s->left);
    s->most = npki_output_of(worth, s->most);
}

bool npki_may_spend(npk_writer *w, uint64_t bytes)
{
    const uint64_t then = npki_add_saturated(spent(w), bytes);
    if (allowance(&w->spending) < then && !w->spending.measured)
        measure(w);
    return w->spending.left == UINT64_MAX || then <= allowance(&w->spending);
}

uint64_t npki_may_spend_until(npk_writer *w, uint64_t bytes)
{
    const npki_spending *s = &w->spending;
    if (!npki_may_spend(w, bytes))
        return 0;
    return s->left == UINT64_MAX ? UINT64_MAX : npki_add_saturated(allowance(s) - s->extra, s->start);
}

/* What the root would take is more than may be spent. */
static void refuse(npk_writer *w, const npk_value *at_hand, npk_status (*fail)(npk_error *error, uint64_t most),
                   uint64_t most)
{
    npk_error why;
    npk_status status = fail(&why, most);
    npki_writer_fail(w, status, "%s", why.message);
    w->refused = at_hand;
}

void npki_check_spending(npk_writer *w, const npk_value *at_hand)
{
    npki_spending *s = &w->spending;
    if (w->error.status != NPK_OK || s->left == UINT64_MAX || spent(w) <= allowance(s))
        return;
    if (!s->measured)
        measure(w);
    if (spent(w) > s->left)
        refuse(w, at_hand, npki_budget_fail, s->most);
}

void npki_take_step(npk_writer *w, const npk_value *at_hand)
{
    npki_spending *s = &w->spending;
    s->steps += NPKI_STEPS_OF_VALUE;
    if (s->steps > s->most_steps && w->error.status == NPK_OK)
        refuse(w, at_hand, npki_budget_fail_steps, npki_budget_most_steps(w->budget));
}

void npki_take_steps_after(npk_writer *w, uint64_t values)
{
    npki_budget_add_steps(w->budget, npki_mul_saturated(values, NPKI_STEPS_OF_SEARCH));
}

void npki_end_spending(npk_writer *w)
{
    npki_spending *s = &w->spending;
    uint64_t bytes = spent(w);
    npki_check_spending(w, s->root);
    if (s->left != UINT64_MAX)
        s->left -= bytes < s->left ? bytes : s->left;
    npki_budget_add(w->budget, bytes);
    npki_budget_add_steps(w->budget, s->steps);
    s->root = NULL;
}
