/* Blocks of multiprocessing.shared_memory: POSIX shared memory under a name. */
#ifndef BRIDGES_SHARED_MEMORY_BLOCK_H
#define BRIDGES_SHARED_MEMORY_BLOCK_H

#include "peer.h"

#include <sys/types.h>

#define BLOCK_NAME 256

/* All zero: none. */
struct block {
    char name[BLOCK_NAME]; /* as Python has it, without the slash */
    uint8_t *bytes;
    size_t size;
    bool is_ours; /* made here, so removed here */
    dev_t device; /* of one that was opened: which it is, whatever has its name by now */
    ino_t inode;
};

/* Makes a block of this size and more, or keeps the one that is there where it is large enough. The name of a block
 * goes when the process ends, also when it is killed: a second process waits for that. False: peer->error, here and
 * below. */
bool block_make(struct peer *peer, struct block *block, size_t size);

/* Somebody else's, to be read; at least this size. One that is open already stays mapped. */
bool block_open(struct peer *peer, struct block *block, const char *name, size_t length, uint64_t size);

/* Unmaps it, and removes the name of one that was made here. */
void block_close(struct block *block);

#endif
