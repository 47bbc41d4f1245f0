#include "print/at_hand.h"

bool npki_at_hand_start(npki_at_hand *hand, const npk_array *array, npki_sink *out)
{
    static const uint8_t nothing[1];
    int64_t bytes = npk_array_nbytes(array);
    hand->size = array->data == NULL && bytes > 0 ? (size_t)bytes : 0;
    hand->room = hand->size > 0 ? npki_sink_allocate(out, hand->size, NPKI_SINK_PAID) : NULL;
    if (out->status != NPK_OK)
        return false;
    npk_status status = npk_view_decode(array, hand->room, hand->size, &hand->view, NULL);
    if (status != NPK_OK)
        npki_sink_fail(out, status);
    else if (hand->view.array.data == NULL)
        hand->view.array.data = nothing;
    return status == NPK_OK;
}

void npki_at_hand_free(npki_at_hand *hand, npki_sink *out)
{
    npki_free(&out->allocator, hand->room, hand->size);
    hand->room = NULL;
}

int64_t npki_at_hand_stride(const npki_at_hand *hand, int axis)
{
    return axis < hand->view.array.ndim ? hand->view.strides[axis] : 0;
}
