#include "reader/sniff.h"

#include "opcode/opcode.h"
#include "text/unicode.h"

#include <string.h>

#define MAGIC(text) (text), sizeof(text) - 1

/* The first that fits counts. A magic that could be a pickle's beginning is good: it is asked for only once the bytes
 * have turned out not to be one. */
static const struct {
    const char *magic;
    size_t size;
    const char *name;
    size_t at;          /* where the magic stands; before it any bytes */
    const char *within; /* text that also stands among the first NPKI_SNIFFED bytes; NULL: none need to */
} formats[] = {
    {MAGIC("\x93NUMPY"), "a .npy file", 0, NULL},
    {MAGIC("PK\3\4"), "a PyTorch file: a zip archive, in which data.pkl is the pickle and data/ the elements", 0,
     "/data.pkl"},
    {MAGIC("PK\3\4"), "a .npz file: a zip archive of .npy files", 0, ".npy"},
    {MAGIC("PK\3\4"), "a zip archive (.npz, or a PyTorch file)", 0, NULL},
    {MAGIC("PK\5\6"), "an empty zip archive", 0, NULL},
    {MAGIC("\x1f\x8b"), "a gzip file", 0, NULL},
    {MAGIC("BZh"), "a bzip2 file", 0, NULL},
    {MAGIC("\xfd" "7zXZ\0"), "an xz file", 0, NULL},
    {MAGIC("\x5d\0\0"), "an lzma file", 0, NULL},
    {MAGIC("\x28\xb5\x2f\xfd"), "a zstd file", 0, NULL},
    {MAGIC("\x04\x22\x4d\x18"), "an lz4 file", 0, NULL},
    {MAGIC("\xff\x06\0\0sNaPpY"), "a snappy stream", 0, NULL},
    {MAGIC("\x1f\x9d"), "a file of compress", 0, NULL},
    {MAGIC("LZIP"), "an lzip file", 0, NULL},
    {MAGIC("x\x01"), "a zlib stream", 0, NULL},
    {MAGIC("x\x5e"), "a zlib stream", 0, NULL},
    {MAGIC("x\x9c"), "a zlib stream", 0, NULL},
    {MAGIC("x\xda"), "a zlib stream", 0, NULL},
    {MAGIC("ZF0x"), "a compressed file of an old joblib", 0, NULL},
    {MAGIC("7z\xbc\xaf\x27\x1c"), "a 7z archive", 0, NULL},
    {MAGIC("Rar!\x1a\7"), "a rar archive", 0, NULL},
    {MAGIC("FS21"), "a FileStorage of ZODB, which holds pickles in its records", 0, NULL},
    {MAGIC("FS30"), "a FileStorage of ZODB, which holds pickles in its records", 0, NULL},
    {MAGIC("ZEXP"), "an export of ZODB (.zexp), which holds pickles in its records: the tool reads it", 0, NULL},
    {MAGIC("SQLite format 3"), "an SQLite database", 0, NULL},
    {MAGIC("\xce\x9a\x57\x13"), "a database of gdbm, perhaps a shelf, which holds pickles", 0, NULL},
    {MAGIC("\x13\x57\x9a\xce"), "a database of gdbm, perhaps a shelf, which holds pickles", 0, NULL},
    {MAGIC("\x61\x15\x06\0"), "a Berkeley DB, perhaps a shelf, which holds pickles", 12, NULL},
    {MAGIC("\x62\x31\x05\0"), "a Berkeley DB, perhaps a shelf, which holds pickles", 12, NULL},
    {MAGIC("\x0b\r\n"), "compiled Python (.pyc)", 1, NULL},
    {MAGIC("\x0c\r\n"), "compiled Python (.pyc)", 1, NULL},
    {MAGIC("\x0d\r\n"), "compiled Python (.pyc)", 1, NULL},
    {MAGIC("\x0e\r\n"), "compiled Python (.pyc)", 1, NULL},
    {MAGIC("\xf2\r\n"), "compiled Python (.pyc)", 1, NULL},
    {MAGIC("\xf3\r\n"), "compiled Python (.pyc)", 1, NULL},
    {MAGIC("{\""), "a file of safetensors", 8, NULL},
    {MAGIC("MATLAB "), "a .mat file", 0, NULL},
    {MAGIC("CDF\1"), "a netCDF file", 0, NULL},
    {MAGIC("CDF\2"), "a netCDF file", 0, NULL},
    {MAGIC("PAR1"), "a Parquet file", 0, NULL},
    {MAGIC("ARROW1"), "an Arrow file", 0, NULL},
    {MAGIC("FEA1"), "a Feather file", 0, NULL},
    {MAGIC("RDX2\n"), "an R workspace", 0, NULL},
    {MAGIC("RDX3\n"), "an R workspace", 0, NULL},
    {MAGIC("SIMPLE  ="), "a FITS file", 0, NULL},
    {MAGIC("\x89PNG\r\n\x1a\n"), "a PNG image", 0, NULL},
    {MAGIC("\xff\xd8\xff"), "a JPEG image", 0, NULL},
    {MAGIC("GIF8"), "a GIF image", 0, NULL},
    {MAGIC("\x89HDF\r\n\x1a\n"), "an HDF5 file", 0, NULL},
    {MAGIC("\x0e\x03\x13\x01"), "an HDF4 file", 0, NULL},
    {MAGIC("\x7f" "ELF"), "an ELF program or library", 0, NULL},
    {MAGIC("%PDF"), "a PDF document", 0, NULL},
    {MAGIC("<!"), "an HTML or XML page", 0, NULL},
    {MAGIC("<html"), "an HTML page", 0, NULL},
    {MAGIC("<?xml"), "an XML document", 0, NULL},
    {MAGIC("version https://git-lfs"), "a pointer of Git LFS: the file itself was not fetched", 0, NULL},
    {MAGIC("{\""), "a JSON document", 0, NULL},
    {MAGIC("#!"), "a script", 0, NULL},
    {MAGIC("gAJ"), "what may be a pickle in base64: decode it first", 0, NULL},
    {MAGIC("gAN"), "what may be a pickle in base64: decode it first", 0, NULL},
    {MAGIC("gASV"), "a pickle in base64: decode it first", 0, NULL},
    {MAGIC("gAWV"), "a pickle in base64: decode it first", 0, NULL},
    {MAGIC("\xc2\x80"), "what may be a pickle that was taken for latin-1 text and written in UTF-8", 0, NULL},
    {MAGIC("\xef\xbf\xbd"), "bytes that were decoded as UTF-8, and lost, before they were written", 0, NULL},
    {MAGIC("\xef\xbb\xbf"), "a text file with a byte order mark", 0, NULL},
    {MAGIC("\xff\xfe"), "text in UTF-16", 0, NULL},
    {MAGIC("\xfe\xff"), "text in UTF-16", 0, NULL},
    {MAGIC("\0\0\0\0"), "zeros", 0, NULL},
};

/* All of it, but for a character that is cut off at its end. */
static bool is_text(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((bytes[i] < ' ' && bytes[i] != '\t' && bytes[i] != '\r' && bytes[i] != '\n') || bytes[i] == 0x7f)
            return false;
    const size_t good = npki_utf8_check(bytes, size);
    return good == size || (size - good < 4 && bytes[good] >= 0xc2);
}

/* "p12\n", which protocol 0 has behind whatever is more than a number or None. */
static bool has_put(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i + 2 < size; i++) {
        size_t end = i + 1;
        while (end < size && bytes[end] >= '0' && bytes[end] <= '9')
            end++;
        if (bytes[i] == 'p' && end > i + 1 && end < size && bytes[end] == '\n')
            return true;
    }
    return false;
}

static bool is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

#define LEAST_WORD 4
#define LEAST_PROSE 8

static bool begins_as_word(const uint8_t *bytes, size_t size)
{
    size_t letters = 0;
    while (letters < size && (is_letter(bytes[letters]) || (letters > 0 && bytes[letters] == ' ')))
        letters++;
    return letters >= LEAST_WORD;
}

/* What no number and no name of protocol 0 has in it. A quote begins what may have anything. */
static bool has_prose(const uint8_t *bytes, size_t size)
{
    enum { PROSE = 1, BLANK, QUOTE };
    static const uint8_t meanings[UINT8_MAX + 1] = {
        [','] = PROSE, [';'] = PROSE, [':'] = PROSE, ['='] = PROSE, ['['] = PROSE,
        ['{'] = PROSE, [' '] = BLANK, ['"'] = QUOTE, ['\''] = QUOTE};
    for (size_t i = 0; i + 1 < size; i++) {
        const uint8_t meaning = meanings[bytes[i]];
        if (meaning == PROSE || (meaning == BLANK && is_letter(bytes[i + 1])))
            return size >= LEAST_PROSE;
        if (meaning == QUOTE)
            return false;
    }
    return false;
}

/* Where text is wrong as a pickle: one of protocol 0 that goes wrong later is a pickle. */
#define NEAR 16

bool npki_is_other_text(const uint8_t *bytes, size_t size, uint64_t offset, npk_status status, int opcode)
{
    const npk_opcode *row = opcode < 0 || opcode > UINT8_MAX ? NULL : npk_opcode_row((uint8_t)opcode);
    const bool binary = offset == 0 && row != NULL && row->protocol > 0;
    const bool cut = status == NPK_ERR_TRUNCATED && row != NULL && row->protocol == 0;
    return offset < NEAR && !cut && ((binary && begins_as_word(bytes, size)) || has_prose(bytes, size)) &&
           is_text(bytes, size) && !has_put(bytes, size);
}

static bool has(const uint8_t *bytes, size_t size, const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i + length <= size; i++)
        if (memcmp(bytes + i, text, length) == 0)
            return true;
    return false;
}

const char *npki_sniff(const uint8_t *bytes, size_t size, bool *more)
{
    *more = false;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        size_t at = formats[i].at, whole = at + formats[i].size, common = size < whole ? size : whole;
        if (common > at && memcmp(bytes + at, formats[i].magic, common - at) != 0)
            continue;
        bool within = formats[i].within == NULL || has(bytes, size, formats[i].within);
        if (common == whole && within)
            return formats[i].name;
        *more = *more || common < whole || size < NPKI_SNIFFED;
    }
    return NULL;
}
