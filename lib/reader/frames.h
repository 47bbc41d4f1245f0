/* Bytes of a pickle in memory, opcode by opcode, in and out of its frames: for what recognises a pickle without the
 * reader. */
#ifndef NPKI_READER_FRAMES_H
#define NPKI_READER_FRAMES_H

#include "base/bytes.h"
#include "opcode/opcode.h"

typedef struct npki_frames {
    const uint8_t *at, *end; /* of the frame, or of the input */
    const uint8_t *last;     /* of the input */
    bool framed;
    uint64_t opened; /* frames so far */
} npki_frames;

/* Out of a frame at its end, and into the next one. False, and nothing changed: there is no opcode that can be
 * taken. */
static inline bool npki_open_frame(npki_frames *f)
{
    if (f->framed && f->at == f->end) {
        f->framed = false;
        f->end = f->last;
    }
    if (f->at == f->end || *f->at != NPKI_BYTE_FRAME)
        return f->at != f->end;
    if (f->framed || f->end - f->at < 9)
        return false;
    const uint64_t size = npki_load_le(f->at + 1, 8);
    const uint8_t *inside = f->at + 9;
    if (size == 0 || size > (uint64_t)(f->last - inside) || *inside == NPKI_BYTE_FRAME)
        return false;
    f->at = inside;
    f->end = inside + size;
    f->framed = true;
    f->opened++;
    return true;
}

/* The byte of the next opcode; 0, which is none, where there is none that can be taken. */
static inline int npki_frames_peek(npki_frames *f)
{
    return (f->at == f->end || *f->at == NPKI_BYTE_FRAME) && !npki_open_frame(f) ? 0 : *f->at;
}

#endif
