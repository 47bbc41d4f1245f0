/* Bytes between ranks: what comm.c and pkl5.c are made of. All fail with comm->peer.error. */
#ifndef BRIDGES_MPI_TRANSFER_H
#define BRIDGES_MPI_TRANSFER_H

#include "comm.h"

/* Whether MPI did what it was asked for; if not, `what` failed, and the ranks are out of step. */
bool transfer_good(struct comm *comm, int code, const char *what);

/* Whether a message is longer than --limit, which is an error. */
bool transfer_too_long(struct comm *comm, uint64_t size);

/* At least `size` bytes at *room, which are *held; never NULL. What was there is lost where it was less. */
bool transfer_has_room(struct comm *comm, uint8_t **room, size_t *held, uint64_t size);

/* So many bytes as MPI counts them. */
struct bytes {
    MPI_Datatype type;
    int count;
};
struct bytes transfer_bytes(uint64_t size);
void transfer_bytes_free(struct bytes *bytes);

bool transfer_send(struct comm *comm, const struct envelope *to, const void *from, uint64_t size);
bool transfer_bcast(struct comm *comm, int root, void *to, uint64_t size);

/* Between one look for a message and the next: *since, from 0, is when the first was; in the first 4 ms there is no
 * pause. */
void transfer_rest(double *since);

/* A message that has been found and not yet been taken. */
struct found {
    MPI_Message message;
    uint64_t size;
};

/* The next one of this envelope, which was promised: within the time limit. */
bool transfer_find(struct comm *comm, const struct envelope *from, struct found *out);

/* Takes all of it. */
bool transfer_take(struct comm *comm, struct found *found, void *to);

/* Takes it, and keeps none of its bytes. False: peer->error. */
bool transfer_drop(struct comm *comm, struct found *found);

/* Writes a pickle to comm->out. The first fails not where that has too little room, and says what it takes; the second
 * makes the room. */
bool transfer_write_once(struct comm *comm, message_body *body, void *context, const npk_write_options *options,
                         uint64_t *size);
bool transfer_write(struct comm *comm, message_body *body, void *context, const npk_write_options *options,
                    uint64_t *size);

#endif
