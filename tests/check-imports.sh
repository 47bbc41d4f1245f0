# What the library needs of the C library: memory, strings, files. Nothing that could run, load or connect to anything, and nothing
# that goes by the locale.
set -eu
archive=$builddir/lib/.libs/libnpickle-core.a
[ -f "$archive" ] || { echo "there is no $archive"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

LC_ALL=C sort > "$work/allowed" << 'END'
__errno_location
bcmp
close
dup
faccessat
fchmod
fchown
ferror
fflush
fread
free
fstat
fsync
ftruncate
fwrite
geteuid
getpid
linkat
lseek
madvise
malloc
memchr
memcmp
memcpy
memmove
memset
mmap
mremap
munmap
open
qsort
read
readlink
realloc
rename
snprintf
stat
strchr
strcmp
strlen
strncmp
strrchr
strspn
syncfs
unlink
vsnprintf
write
END

# Large files and _FORTIFY_SOURCE have names of their own for the same functions. The rest are the compiler's own helpers.
$NM -u "$archive" | awk 'NF == 2 { print $2 }' | sed -e 's/^__\(.*\)_chk$/\1/' -e 's/64$//' -e 's/^__\(open\)_2$/\1/' |
    grep -v -e '^npki\{0,1\}_' -e '^_GLOBAL_OFFSET_TABLE_$' -e '^__stack_chk_' -e '^__cpu_' -e '^__\(asan\|ubsan\|msan\|tsan\|sanitizer\|sancov\|gcov\|llvm\)_' |
    LC_ALL=C sort -u > "$work/needed"
[ -s "$work/needed" ] || { echo "no names were found" >&2; exit 1; }
if LC_ALL=C comm -13 "$work/allowed" "$work/needed" | grep .; then
    echo "these are not on the list of what the library may need" >&2
    exit 1
fi
echo "$(wc -l < "$work/needed") names"
