# The default build is hardened: what configure found that compiler and linker can do is to be seen in the tool and the shared library.
set -eu
[ "${HARDENING:-no}" = yes ] || { echo "skipped: configured without hardening"; exit 77; }
command -v readelf > /dev/null || { echo "skipped: there is no readelf"; exit 77; }
tool=$builddir/tools/npickle
case $(file -b "$tool" 2> /dev/null || echo ELF) in *ELF*) ;; *) echo "skipped: not ELF"; exit 77 ;; esac
failed=0 checked=0

# What was built before configure ran last had other flags, and make does not see that.
is_new() {
    [ -f "$1" ] && [ "$1" -nt "$builddir/config.status" ]
}

# has FILE WHAT PATTERN READELF-OPTION...
has() {
    file=$1 what=$2 pattern=$3
    shift 3
    checked=$((checked + 1))
    if readelf -W "$@" "$file" | grep -q -e "$pattern"; then return; fi
    echo "$file: no $what" >&2
    failed=1
}

# asked FLAG: configure found it
asked() {
    case " $HARDENING_FLAGS " in *" $1"*) return 0 ;; esac
    return 1
}

shared=
for file in "$builddir"/lib/.libs/libnpickle.so; do [ ! -f "$file" ] || shared=$file; done
is_new "$tool" || { echo "skipped: the tool is older than config.status"; exit 77; }
for file in "$tool" $shared; do
    is_new "$file" || continue
    if asked -Wl,-z,relro; then has "$file" 'segment that is read-only after relocation' GNU_RELRO -l; fi
    if asked -Wl,-z,now; then has "$file" 'BIND_NOW' 'NOW' -d; fi
    if asked -Wl,-z,noexecstack; then has "$file" 'stack that is not executable' 'GNU_STACK.* RW  *0x' -l; fi
    if asked -fstack-protector-strong; then has "$file" 'stack protector' '__stack_chk_fail' -s; fi
    if asked -D_FORTIFY_SOURCE; then has "$file" 'fortified function' '__[a-z]*_chk' -s; fi
    checked=$((checked + 1))
    if readelf -W -d "$file" | grep -e TEXTREL -e RPATH -e RUNPATH >&2; then failed=1; fi
done
if asked -pie; then has "$tool" 'position-independent program' 'DYN' -h; fi

# The note that indirect branches and returns are checked is in each object. Whether the program has it is up to the objects of the C
# library.
if asked -fcf-protection; then
    for file in "$builddir"/lib/*/.libs/*.o "$builddir"/lib/*/*.o; do
        is_new "$file" || continue
        has "$file" 'note of IBT and SHSTK' 'IBT, SHSTK' -n
    done
fi
[ $checked -gt 0 ] || { echo "nothing was checked" >&2; exit 1; }
echo "$checked looked at"
exit $failed
