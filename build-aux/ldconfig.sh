# usage: ldconfig.sh DESTDIR LIBDIR
# After "make install": has the dynamic linker know of the shared library, if this is root and it looks there; otherwise says what is
# left to do. A staged installation (DESTDIR) is finished by whoever unpacks it.
[ -z "$1" ] && [ -e "$2/libnpickle.so" ] || exit 0
PATH=$PATH:/usr/sbin:/sbin
command -v ldconfig > /dev/null || exit 0
if ! ldconfig -v -N -X 2> /dev/null | grep -q "^$2:"; then
    echo "npickle: the dynamic linker does not look in $2: programs need LD_LIBRARY_PATH=$2, or -Wl,-rpath,$2 when they are linked"
elif [ "$(id -u)" = 0 ] && ldconfig; then
    echo "npickle: the dynamic linker knows of $2/libnpickle.so (ldconfig)"
else
    echo "npickle: run ldconfig as root, or programs will not find $2/libnpickle.so"
fi
