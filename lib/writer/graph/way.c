/* The way from the root to the value at hand. */
#include "writer/graph/walk.h"

/* Whether a value is there only once its parts are, and may come again among them: in a part of a document, as all of
 * that has it where its pickle had it. So may what is in such a one. */
static bool may_come_again(const npki_walk *k, const npk_value *value, const npki_object *call)
{
    const npk_writer *w = k->w;
    const npki_stop *outer = k->depth > 0 ? &k->ways[k->depth - 1] : NULL;
    const bool last = call != NULL || value->kind == NPK_KIND_TUPLE || value->kind == NPK_KIND_FROZENSET ||
                      (value->kind == NPK_KIND_SET && !npki_has_sets(w));
    return w->part != NULL && last &&
           (value == w->part || (value->flags & NPKI_IS_SHARED) != 0 ||
            (outer != NULL && outer->again && outer->next == 0));
}

npki_stop *npki_walk_push(npki_walk *k, const npk_value *value, const npki_object *call)
{
    if (k->depth == k->room) {
        size_t room = k->room == 0 ? 32 : 2 * k->room;
        npki_stop *ways = npki_resize(&k->w->allocator, k->ways, k->room * sizeof *ways, room * sizeof *ways);
        if (ways == NULL) {
            npki_writer_fail(k->w, NPK_ERR_MEMORY, "an allocation failed");
            return NULL;
        }
        k->ways = ways;
        k->room = room;
    }
    npki_role role = call == NULL ? npki_role_at(k, value) : NPKI_ROLE_OWN;
    const bool again = may_come_again(k, value, call);
    npki_stop *way = &k->ways[k->depth++];
    *way = (npki_stop){.value = value, .call = call, .role = role, .again = again};
    npki_keep_role(k, value, role);
    return way;
}
