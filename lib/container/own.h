/* An array of the caller's own on its way: where its elements go. */
#ifndef NPKI_CONTAINER_OWN_H
#define NPKI_CONTAINER_OWN_H

#include <npickle/load.h>

/* What an npk_array of npk_array_load is the start of. */
typedef struct npki_own {
    npk_array array;
    npk_allocator allocator;
    size_t size; /* of the block: this, and the elements at its end unless the caller has memory for them */
    int64_t shape[NPK_MAXDIMS];
    int64_t strides[NPK_MAXDIMS];
} npki_own;

typedef struct npki_room {
    npk_allocator allocator;
    void *into; /* the caller's memory for the elements, or NULL */
    size_t into_size;
    uint64_t paid; /* bytes that the input has beyond doubt, and so may be asked for at once */
    npki_own *block;
    size_t room; /* for elements, in the block */
} npki_room;

void npki_room_init(npki_room *place, const npk_load_options *options, uint64_t paid);

/* Room for `size` bytes of elements of `nbytes` in all; those that are there stay. NULL: there is none. */
uint8_t *npki_room_take(npki_room *place, uint64_t nbytes, uint64_t size);

/* The elements are there, in C order. *own is the caller's; the dtype becomes its own. False: there is no memory, and
 * the place is as it was. */
bool npki_room_finish(npki_room *place, const npk_array *from, const npk_dtype *dtype, npk_array **own);

/* The same with a copy of the dtype. */
bool npki_room_give(npki_room *place, const npk_array *from, const npk_dtype *dtype, npk_array **own);

/* Forgets them. */
void npki_room_drop(npki_room *place);

/* Errors: NPK_ERR_USAGE. */
npk_status npki_load_check(npk_array **own, const npk_load_options *options, npk_error *error);

/* Whether the root is wanted, without limits, buffers or anything else that a shortcut does not know. */
bool npki_load_is_simple(const npk_load_options *options, const char *where);

/* A view becomes *own. */
npk_status npki_copy_own(const npk_array *array, const npk_dtype *dtype, const npk_load_options *options,
                         npk_array **own, npk_error *error);

#endif
