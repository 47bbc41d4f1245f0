#include "reader/sniff.h"

#include <string.h>

#define MAGIC(text) (text), sizeof(text) - 1

static const struct {
    const char *magic;
    size_t size;
    const char *name;
} formats[] = {
    {MAGIC("\x93NUMPY"), "a .npy file"},
    {MAGIC("PK\3\4"), "a zip archive (.npz, or a PyTorch file)"},
    {MAGIC("PK\5\6"), "an empty zip archive"},
    {MAGIC("\x1f\x8b"), "a gzip file"},
    {MAGIC("BZh"), "a bzip2 file"},
    {MAGIC("\xfd" "7zXZ\0"), "an xz file"},
    {MAGIC("\x5d\0\0\x80\0"), "an lzma file"},
    {MAGIC("\x28\xb5\x2f\xfd"), "a zstd file"},
    {MAGIC("\x04\x22\x4d\x18"), "an lz4 file"},
    {MAGIC("x\x01"), "a zlib stream"},
    {MAGIC("x\x5e"), "a zlib stream"},
    {MAGIC("x\x9c"), "a zlib stream"},
    {MAGIC("x\xda"), "a zlib stream"},
    {MAGIC("ZF0x"), "a compressed file of an old joblib"},
    {MAGIC("7z\xbc\xaf\x27\x1c"), "a 7z archive"},
    {MAGIC("\x89PNG\r\n\x1a\n"), "a PNG image"},
    {MAGIC("\xff\xd8\xff"), "a JPEG image"},
    {MAGIC("\x89HDF\r\n\x1a\n"), "an HDF5 file"},
    {MAGIC("\x7f" "ELF"), "an ELF program or library"},
    {MAGIC("%PDF"), "a PDF document"},
    {MAGIC("<!"), "an HTML or XML page"},
    {MAGIC("<html"), "an HTML page"},
    {MAGIC("<?xml"), "an XML document"},
    {MAGIC("version https://git-lfs"), "a pointer of Git LFS: the file itself was not fetched"},
    {MAGIC("{\""), "a JSON document"},
    {MAGIC("\xef\xbb\xbf"), "a text file with a byte order mark"},
};

const char *npki_sniff(const uint8_t *bytes, size_t size, bool *more)
{
    *more = false;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        size_t common = size < formats[i].size ? size : formats[i].size;
        if (memcmp(bytes, formats[i].magic, common) != 0)
            continue;
        if (common == formats[i].size)
            return formats[i].name;
        *more = true;
    }
    return NULL;
}
