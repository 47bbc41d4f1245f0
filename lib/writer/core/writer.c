/* A writer's life: what it begins with, and its end. */
#include "writer/core/run.h"

#include "base/error.h"
#include "base/limits.h"
#include "globals/global.h"

#include <string.h>

static const npki_writes names_of[] = {
#define PROTOCOL(protocol, major, minor, names) [protocol] = NPKI_WRITES_##names,
    NPK_PROTOCOL_ROWS(PROTOCOL)
#undef PROTOCOL
};

static void begin_pickle(npk_writer *w)
{
    w->roots = 0;
    w->last = NPK_UNKNOWN;
    w->unnumbered = UINT64_MAX;
    w->framing = false;
    w->run_until = 0;
    if (w->protocol >= npki_opcodes[NPKI_ROW_PROTO].protocol)
        npki_op_number(w, NPKI_ROW_PROTO, (uint64_t)w->protocol);
    w->framing = w->protocol >= npki_opcodes[NPKI_ROW_FRAME].protocol;
}

/* What the writer is made of, but for its memory, which it has. */
static void set_up(npk_writer *w, const npki_python_row *python, const npki_numpy_row *numpy, int protocol,
                   const npk_write_options *o)
{
    w->limits = npki_limits(&o->limits);
    w->protocol = protocol;
    w->python = python;
    w->numpy = numpy;
    w->protocol_names = names_of[protocol];
    w->buffer = o->buffer;
    w->memo_policy = o->memo;
    w->buffer_context = o->buffer_context;
    w->keep_padding = o->keep_padding;
    w->memo_scope = o->memo_scope;
    w->next_memo = python->from1;
    w->numbered = npki_numbered_of(w);
    w->graph_numbered = NPKI_NUMBERED_ALWAYS;
    w->translate_names = o->translate_names;
    w->rename = o->rename;
    w->rename_context = o->rename_context;
    w->unloadable = o->unloadable;
    w->budget = o->budget;
    w->spending.left = w->spending.most = w->limits.output;
    w->python2_str = o->python2_str;
    w->python2_str_of = o->python2_str_of;
    w->python2_str_context = o->python2_str_context;
    w->quick = npki_is_quick(w);
    begin_pickle(w);
}

npk_status npki_writer_new(const npki_python_row *python, const npki_numpy_row *numpy, int protocol,
                           const npk_write_options *o, const npki_writer_hooks *hooks, npk_writer **out,
                           npk_error *error)
{
    npk_allocator allocator = npki_allocator(o->allocator);
    npk_writer *w = npki_allocate(&allocator, sizeof *w);
    if (w == NULL)
        return npki_no_memory(error);
    memset(w, 0, sizeof *w);
    w->allocator = allocator;
    w->hooks = hooks;
    npki_dynbuf_init(&w->out, &allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&w->unhashable, &allocator, SIZE_MAX / 2);
    npki_dynbuf_init(&w->ready, &allocator, SIZE_MAX / 2);
    npki_map_init(&w->memo, &allocator);
    npki_map_init(&w->far_unhashable, &allocator);
    set_up(w, python, numpy, protocol, o);
    *out = w;
    return NPK_OK;
}

void npki_writer_renew(npk_writer *w, const npki_python_row *python, const npki_numpy_row *numpy, int protocol,
                       const npk_write_options *options)
{
    const npk_allocator allocator = w->allocator;
    const npki_writer_hooks *hooks = w->hooks;
    npki_dynbuf out = w->out, unhashable = w->unhashable, ready = w->ready;
    npki_map memo = w->memo, far_unhashable = w->far_unhashable;
    void *ways = w->ways;
    npki_container *containers = w->containers;
    const size_t ways_room = w->ways_room, room = w->room;
    if (w->payload != NULL)
        w->payload->free(w, w->payload);
    out.size = unhashable.size = ready.size = 0;
    npki_map_clear(&memo);
    npki_map_clear(&far_unhashable);
    memset(w, 0, sizeof *w);
    w->allocator = allocator;
    w->hooks = hooks;
    w->out = out;
    w->unhashable = unhashable;
    w->ready = ready;
    w->memo = memo;
    w->far_unhashable = far_unhashable;
    w->ways = ways;
    w->ways_room = ways_room;
    w->containers = containers;
    w->room = room;
    set_up(w, python, numpy, protocol, options);
}

void npk_writer_abandon(npk_writer *w)
{
    if (w == NULL)
        return;
    if (w->close != NULL)
        w->close(w->context, NPKI_SINK_HAS_PART, NULL);
    npk_allocator allocator = w->allocator;
    npki_dynbuf_free(&w->out);
    npki_map_free(&w->memo);
    npki_map_free(&w->far_unhashable);
    npki_dynbuf_free(&w->unhashable);
    npki_dynbuf_free(&w->ready);
    npki_free(&allocator, w->ways, w->ways_room);
    npki_free(&allocator, w->containers, w->room * sizeof *w->containers);
    if (w->payload != NULL)
        w->payload->free(w, w->payload);
    if (w->hooks->free != NULL)
        w->hooks->free(w);
    npki_free(&allocator, w, sizeof *w);
}

/* STOP, if the pickle is whole. */
static void end_pickle(npk_writer *w)
{
    if (w->error.status == NPK_OK && (w->depth > 0 || w->roots == 0 || w->payload != NULL))
        npki_writer_fail(w, NPK_ERR_USAGE, w->depth > 0 ? "%zu containers are still open" : "nothing was written",
                         w->depth);
    if (w->error.status == NPK_OK) {
        if (w->ends == NPKI_ENDS_WITH_STOP)
            npki_op(w, NPKI_ROW_STOP);
        npki_flush(w);
    }
}

npk_status npki_writer_end(npk_writer *w, npk_error *error)
{
    end_pickle(w);
    if (w->error.status != NPK_OK && error != NULL)
        *error = w->error;
    return w->error.status;
}

void npki_writer_more(npk_writer *w)
{
    end_pickle(w);
    w->behind = w->ends;
    w->ends = NPKI_ENDS_WITH_STOP;
    if (w->memo_scope == NPK_MEMO_OF_PICKLE) {
        npki_map_free(&w->memo);
        w->memo_changes++;
        npki_forget_unhashable(w);
        w->next_memo = w->python->from1;
        w->kept_alive = w->may_keep_alive = false;
    }
    begin_pickle(w);
}
