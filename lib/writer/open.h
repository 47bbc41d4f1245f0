/* Writers of bytes in memory, one after another. */
#ifndef NPKI_WRITER_OPEN_H
#define NPKI_WRITER_OPEN_H

#include "writer/core/writer.h"

/* npk_writer_memory, in the memory of *writer, the last one that was made so, with the same allocator; NULL: there is
 * none. After an error *writer is as it was. Ownership: the caller's, for npk_writer_abandon. */
npk_status npki_writer_memory_again(npk_writer **writer, const npk_write_options *options, npk_error *error);

#endif
