/* Messages with their payloads outside, as mpi4py.util.pkl5 sends them: what comm.h does where an envelope says
 * "outside". */
#ifndef BRIDGES_MPI_PKL5_H
#define BRIDGES_MPI_PKL5_H

#include "comm.h"

npk_doc *pkl5_recv(struct comm *comm, const struct envelope *from);
bool pkl5_send(struct comm *comm, const struct envelope *to, message_body *body, void *context,
               const npk_write_options *options);
npk_doc *pkl5_bcast(struct comm *comm, int root);

#endif
