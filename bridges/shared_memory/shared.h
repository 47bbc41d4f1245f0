/* Values whose arrays lie in shared memory: what is sent is a description, a pickle without the elements. */
#ifndef BRIDGES_SHARED_MEMORY_SHARED_H
#define BRIDGES_SHARED_MEMORY_SHARED_H

#include "block.h"
#include "message.h"

/* Where a buffer begins in its block: at a multiple of this. */
#define SHARED_ALIGNMENT 64

/* Somebody else's value: `doc` and its arrays borrow the block, and the description. */
struct shared {
    npk_doc *description, *doc;
    npk_buffer *buffers;
    size_t count;
};

/* What the description of so many bytes in peer->room describes. Its block is mapped as `block`, which is the caller's
 * to close, and stays so where the next description has the same; nothing of it is copied. False: peer->error. */
bool shared_load(struct peer *peer, size_t size, struct block *block, struct shared *out);
void shared_free(struct shared *shared);

/* Puts the payloads of what `body` writes into the block, which is made or kept (block_make), and sends the
 * description. What the block had before is gone: the other side has had its use of that. */
bool shared_send(struct peer *peer, struct block *block, npk_write_options options, message_body *body, void *context);

#endif
