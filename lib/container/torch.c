#include "container/torch.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "opcode/opcode.h"
#include "reader/options.h"

#include <inttypes.h>
#include <string.h>

/* 0x1950a86a20f9469cfc6c by LONG1, after PROTO and, with protocol 4 and later, perhaps FRAME. */
static const char magic[] = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
#define MAGIC_SIZE (sizeof magic - 1)
#define PROTO_SIZE ((size_t)2)
#define FRAME_SIZE ((size_t)9)
#define COUNT_SIZE ((size_t)8)
#define REPEATS 64u /* times the file that its tensors may come to */

static bool is_legacy(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    if (bytes == NULL || size < PROTO_SIZE + MAGIC_SIZE || at[0] != npki_opcodes[NPKI_ROW_PROTO].byte)
        return false;
    at += PROTO_SIZE;
    size -= PROTO_SIZE;
    if (at[0] == npki_opcodes[NPKI_ROW_FRAME].byte && size >= FRAME_SIZE + MAGIC_SIZE)
        at += FRAME_SIZE;
    return memcmp(at, magic, MAGIC_SIZE) == 0;
}

bool npk_torch_is(const void *bytes, size_t size)
{
    return is_legacy(bytes, size) || npki_torch_is_archive(bytes, size);
}

/* --- storages --- */

/* A count and so many elements, for each storage. torch: StorageMethods.cpp _write_file(), with save_size. */
static npk_status take_elements(npk_torch *torch, const uint8_t *bytes, size_t size, uint64_t at, npk_error *error)
{
    for (size_t i = 0; i < torch->storage_count; i++) {
        npki_torch_storage *storage = &torch->storages[i];
        size_t left = size - (size_t)at;
        if (storage->dtype == NULL)
            return npki_fail_at(error, NPK_ERR_ARRAY, at, NPKI_NO_OPCODE,
                                "nothing refers to storage %zu: its type is not known", i);
        if (left < COUNT_SIZE)
            return npki_fail_at(error, NPK_ERR_TRUNCATED, size, NPKI_NO_OPCODE, "the file ends before storage %zu", i);
        uint64_t count = npki_load_le(bytes + at, COUNT_SIZE), itemsize = (uint64_t)storage->dtype->itemsize;
        if (count != (uint64_t)storage->count)
            return npki_fail_at(error, NPK_ERR_ARRAY, at, NPKI_NO_OPCODE,
                                "storage %zu has %" PRIu64 " elements, its persistent id says %" PRId64, i, count,
                                storage->count);
        if (count > (left - COUNT_SIZE) / itemsize)
            return npki_fail_at(error, NPK_ERR_TRUNCATED, size, NPKI_NO_OPCODE,
                                "%" PRIu64 " elements of %" PRIu64 " bytes in %zu bytes", count, itemsize,
                                left - COUNT_SIZE);
        storage->offset = at + COUNT_SIZE;
        storage->data = bytes + storage->offset;
        storage->shape = (int64_t)count;
        storage->stride = (int64_t)itemsize;
        at = storage->offset + count * itemsize;
    }
    return at == size ? NPK_OK
                      : npki_fail_at(error, NPK_ERR_TRAILING, at, NPKI_NO_OPCODE, "bytes follow the last storage");
}

/* --- the file --- */

/* *end: after the last pickle. */
static npk_status take_pickles(npk_torch *torch, const uint8_t *bytes, size_t size, const npk_read_options *options,
                               uint64_t *end, npk_error *error)
{
    npk_reader *reader;
    npk_status status = npk_reader_memory(bytes, size, options, &reader, error);
    if (status != NPK_OK)
        return status;
    for (size_t i = 0; status == NPK_OK && i < NPKI_TORCH_PICKLES; i++) {
        status = npk_reader_next(reader, &torch->docs[i], error);
        if (status == NPK_OK && torch->docs[i] == NULL)
            status = npki_fail_at(error, NPK_ERR_TRUNCATED, size, NPKI_NO_OPCODE,
                                  "a file of PyTorch has %d pickles, found %zu", NPKI_TORCH_PICKLES, i);
    }
    *end = npk_reader_offset(reader);
    npk_reader_close(reader);
    return status;
}

static npk_status take_all(npk_torch *torch, const uint8_t *bytes, size_t size, const npk_read_options *options,
                           npk_error *error)
{
    uint64_t end = 0;
    torch->budget = npki_mul_saturated(REPEATS, size);
    if (npki_torch_is_archive(bytes, size))
        return npki_torch_take_archive(torch, bytes, size, options, error);
    if (!is_legacy(bytes, size))
        return npki_fail_at(
            error, NPK_ERR_NOT_A_PICKLE, 0, NPKI_NO_OPCODE,
            "expected a zip archive with data.pkl, or the magic number of a file of PyTorch before these");
    npk_status status = take_pickles(torch, bytes, size, options, &end, error);
    if (status == NPK_OK)
        status = npki_torch_take_keys(torch, error);
    if (status == NPK_OK)
        status = npki_torch_take_types(torch, error);
    if (status == NPK_OK)
        status = take_elements(torch, bytes, size, end, error);
    return status == NPK_OK ? npki_torch_make_arrays(torch, error) : status;
}

static npk_status new_torch(const npk_read_options *options, npk_torch **out, npk_error *error)
{
    npk_status status = npki_read_options_check(options, error);
    if (status != NPK_OK)
        return status;
    npk_allocator allocator = npki_allocator(options != NULL ? options->allocator : NULL);
    npk_torch *torch = npki_allocate(&allocator, sizeof *torch);
    if (torch == NULL)
        return npki_no_memory(error);
    memset(torch, 0, sizeof *torch);
    torch->allocator = allocator;
    npki_map_init(&torch->by_key, &torch->allocator);
    *out = torch;
    return NPK_OK;
}

npk_status npk_torch_load_memory(const void *bytes, size_t size, const npk_read_options *options, npk_torch **out,
                                 npk_error *error)
{
    npk_torch *torch;
    bytes = npki_given(bytes, size);
    if (out == NULL || bytes == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected bytes and a place for the file, found NULL");
    npk_status status = new_torch(options, &torch, error);
    if (status != NPK_OK)
        return status;
    status = take_all(torch, bytes, size, options, error);
    if (status != NPK_OK)
        npk_torch_free(torch);
    else
        *out = torch;
    return status;
}

npk_status npk_torch_load(const char *path, const npk_read_options *options, npk_torch **out, npk_error *error)
{
    npk_torch *torch;
    if (path == NULL || out == NULL)
        return npki_fail(error, NPK_ERR_USAGE, "expected a path and a place for the file, found NULL");
    npk_status status = new_torch(options, &torch, error);
    if (status != NPK_OK)
        return status;
    size_t map_from = npki_map_from(options == NULL ? NPK_INPUT_AUTO : options->input);
    status = npki_input_open(&torch->input, path, &torch->allocator, map_from, error);
    if (status == NPK_OK)
        status = take_all(torch, torch->input.bytes, torch->input.size, options, error);
    if (status != NPK_OK)
        npk_torch_free(torch);
    else
        *out = torch;
    return status;
}

void npk_torch_free(npk_torch *torch)
{
    if (torch == NULL)
        return;
    npk_allocator allocator = torch->allocator;
    for (size_t i = 0; i < NPKI_TORCH_PICKLES; i++)
        npk_doc_free(torch->docs[i]);
    npki_map_free(&torch->by_key);
    npki_free(&allocator, torch->storages, torch->storage_room * sizeof *torch->storages);
    npki_input_close(&torch->input);
    npki_free(&allocator, torch, sizeof *torch);
}

const npk_doc *npk_torch_doc(const npk_torch *torch, npk_torch_part part)
{
    return torch != NULL && (unsigned)part < NPKI_TORCH_PICKLES ? torch->docs[part] : NULL;
}

npk_torch_form npk_torch_form_of(const npk_torch *torch)
{
    return torch == NULL ? NPK_TORCH_LEGACY : torch->form;
}

uint64_t npk_torch_base(const npk_torch *torch)
{
    return torch == NULL ? 0 : torch->base;
}

bool npk_torch_storage_of(const npk_torch *torch, size_t index, npk_torch_storage *out)
{
    if (torch == NULL || index >= torch->storage_count || out == NULL)
        return false;
    const npki_torch_storage *storage = &torch->storages[index];
    *out = (npk_torch_storage){.offset = storage->offset, .key = storage->key, .key_size = storage->key_size};
    out->elements = (npk_array){.dtype = storage->dtype,
                                .data = storage->data,
                                .payload = storage->data,
                                .payload_size = (size_t)(storage->shape * storage->stride),
                                .ndim = 1,
                                .shape = &storage->shape,
                                .strides = &storage->stride,
                                .order = 'C'};
    return true;
}
