/* Files of PyTorch since its zip archives. torch: serialization.py _save(); caffe2/serialize/inline_container.cc. */
#include "container/torch.h"

#include "base/error.h"

#include <inttypes.h>
#include <string.h>

#define OBJECT "/data.pkl"
#define BYTE_ORDER "/byteorder"
#define ELEMENTS "/data/"
#define ELEMENTS_SIZE (sizeof ELEMENTS - 1)

/* What an archive of PyTorch has, in the folder that its first member is in. */
typedef struct archive {
    npki_zip zip;       /* at the first entry */
    const char *folder; /* borrowed from the bytes */
    size_t folder_size;
    npki_zip_member object, byte_order; /* without a name: there is none */
    size_t storages;
} archive;

/* The key of a member with elements; NULL for another. */
static const char *key_of(const archive *a, const npki_zip_member *member, size_t *size)
{
    size_t before = a->folder_size + ELEMENTS_SIZE;
    if (member->name_size <= before || memcmp(member->name, a->folder, a->folder_size) != 0 ||
        memcmp(member->name + a->folder_size, ELEMENTS, ELEMENTS_SIZE) != 0)
        return NULL;
    *size = member->name_size - before;
    return member->name + before;
}

static npk_status take_member(archive *a, const npki_zip_member *member, npk_error *error)
{
    size_t key;
    bool object = npki_zip_named(member, a->folder, a->folder_size, OBJECT);
    bool order = npki_zip_named(member, a->folder, a->folder_size, BYTE_ORDER);
    if ((object && a->object.name != NULL) || (order && a->byte_order.name != NULL))
        return npki_fail_at(error, NPK_ERR_NOT_A_PICKLE, member->header, NPKI_NO_OPCODE,
                            "two members of the zip archive are called '%.*s'",
                            (int)(member->name_size < 60 ? member->name_size : 60), member->name);
    if (object)
        a->object = *member;
    if (order)
        a->byte_order = *member;
    a->storages += key_of(a, member, &key) != NULL;
    return NPK_OK;
}

/* Errors: NPK_ERR_NOT_A_PICKLE where it is no archive of PyTorch; those of the archive. */
static npk_status look_into(const void *bytes, size_t size, archive *a, npk_error *error)
{
    npki_zip_member member;
    bool found = true;
    *a = (archive){.storages = 0};
    npk_status status = npki_zip_open(bytes, size, &a->zip, error);
    npki_zip zip = a->zip;
    while (status == NPK_OK && (status = npki_zip_next(&zip, &member, &found, error)) == NPK_OK && found) {
        const char *slash = a->folder != NULL ? NULL : memchr(member.name, '/', member.name_size);
        if (slash != NULL) {
            a->folder = member.name;
            a->folder_size = (size_t)(slash - member.name);
        }
        if (a->folder == NULL)
            break;
        status = take_member(a, &member, error);
    }
    if (status == NPK_OK && a->object.name == NULL)
        status = npki_fail_at(error, NPK_ERR_NOT_A_PICKLE, 0, NPKI_NO_OPCODE,
                              "expected data.pkl in the folder of a zip archive, found none");
    return status;
}

/* The header of the first member stands at the start. */
static bool begins_with_object(const uint8_t *bytes, size_t size)
{
    enum { HEADER = 30, NAME_SIZE = 26, OBJECT_SIZE = sizeof OBJECT - 1 };
    if (size < HEADER)
        return false;
    size_t name = (size_t)bytes[NAME_SIZE] | (size_t)bytes[NAME_SIZE + 1] << 8;
    return name > OBJECT_SIZE && name <= size - HEADER &&
           memcmp(bytes + HEADER + name - OBJECT_SIZE, OBJECT, OBJECT_SIZE) == 0;
}

bool npki_torch_is_archive(const void *bytes, size_t size)
{
    archive a;
    return npki_zip_is(bytes, size) &&
           (begins_with_object(bytes, size) || look_into(bytes, size, &a, NULL) == NPK_OK);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static npk_status take_byte_order(npk_torch *torch, const archive *a, npk_error *error)
{
    static const char big[] = "big", little[] = "little";
    size_t at;
    if (a->byte_order.name == NULL) /* before PyTorch 2.1 nothing was said of it */
        return NPK_OK;
    npk_status status = npki_zip_place(&a->zip, &a->byte_order, &at, error);
    if (status != NPK_OK)
        return status;
    const uint8_t *text = a->zip.bytes + at;
    torch->big_endian = a->byte_order.size == sizeof big - 1 && memcmp(text, big, sizeof big - 1) == 0;
    if (torch->big_endian || (a->byte_order.size == sizeof little - 1 && memcmp(text, little, sizeof little - 1) == 0))
        return NPK_OK;
    return npki_fail_at(error, NPK_ERR_UNSUPPORTED, at, NPKI_NO_OPCODE, "expected little or big as the byte order");
}

/* Keys and bytes of the storages, whose types are not known yet. */
static npk_status take_storages(npk_torch *torch, const archive *a, npk_error *error)
{
    npki_zip zip = a->zip;
    npki_zip_member member;
    bool found = true;
    npk_status status = npki_torch_make_storages(torch, a->storages, error);
    while (status == NPK_OK && (status = npki_zip_next(&zip, &member, &found, error)) == NPK_OK && found) {
        size_t size, at;
        const char *key = key_of(a, &member, &size);
        if (key == NULL)
            continue;
        status = npki_zip_place(&zip, &member, &at, error);
        if (status == NPK_OK)
            status = npki_place(error, npki_torch_add_key(torch, key, size, error), member.header, NPKI_NO_OPCODE);
        if (status != NPK_OK)
            return status;
        npki_torch_storage *storage = &torch->storages[torch->storage_count - 1];
        storage->data = zip.bytes + at;
        storage->offset = at;
        storage->held = member.size;
    }
    return status;
}

/* A storage has the bytes that its persistent id says. */
static npk_status measure(npk_torch *torch, npk_error *error)
{
    for (size_t i = 0; i < torch->storage_count; i++) {
        npki_torch_storage *storage = &torch->storages[i];
        if (storage->dtype == NULL) { /* nothing refers to it: bytes */
            storage->dtype = npk_dtype_native(NPK_UINT8);
            storage->count = (int64_t)storage->held;
        }
        uint64_t itemsize = (uint64_t)storage->dtype->itemsize, count = (uint64_t)storage->count;
        if (count > storage->held / itemsize || count * itemsize != storage->held)
            return npki_fail_at(
                error, NPK_ERR_ARRAY, storage->offset, NPKI_NO_OPCODE,
                "storage '%.*s' has %" PRIu64 " bytes, its persistent id says %" PRIu64 " elements of %" PRIu64,
                (int)(storage->key_size < 40 ? storage->key_size : 40), storage->key, storage->held, count, itemsize);
        storage->shape = storage->count;
        storage->stride = (int64_t)itemsize;
    }
    return NPK_OK;
}

/* An offset in data.pkl as one in the file. */
static npk_status in_file(const npk_torch *torch, npk_status status, npk_error *error)
{
    if (status != NPK_OK && error != NULL && error->offset != NPK_NO_OFFSET)
        error->offset += torch->base;
    return status;
}

npk_status npki_torch_take_archive(npk_torch *torch, const uint8_t *bytes, size_t size, const npk_read_options *options,
                                   npk_error *error)
{
    archive a;
    size_t at = 0;
    npk_doc **object = &torch->docs[NPK_TORCH_OBJECT];
    torch->form = NPK_TORCH_ARCHIVE;
    npk_status status = look_into(bytes, size, &a, error);
    if (status == NPK_OK)
        status = npki_zip_place(&a.zip, &a.object, &at, error);
    if (status == NPK_OK)
        status = take_byte_order(torch, &a, error);
    if (status == NPK_OK)
        status = take_storages(torch, &a, error);
    if (status != NPK_OK)
        return status;
    torch->base = at;
    status = in_file(torch, npk_doc_load_memory(bytes + at, (size_t)a.object.size, options, object, error), error);
    if (status == NPK_OK)
        status = in_file(torch, npki_torch_take_types(torch, error), error);
    if (status == NPK_OK)
        status = measure(torch, error);
    return status == NPK_OK ? in_file(torch, npki_torch_make_arrays(torch, error), error) : status;
}
