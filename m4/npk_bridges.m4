# NPK_BRIDGES
# What "make bridges" links: the libraries of the peers. A folder whose library is not there is left out.
AC_DEFUN([NPK_BRIDGE_LIBRARY], [
    PKG_CHECK_MODULES([$1], [$2], [npk_have_$1=yes $1_CFLAGS=`AS_ECHO(["$$1_CFLAGS"]) | sed 's/-I */-isystem /g'`], [npk_have_$1=no])
    AM_CONDITIONAL([HAVE_$1], [test "x$npk_have_$1" = xyes])
])
AC_DEFUN([NPK_BRIDGES], [
    NPK_BRIDGE_LIBRARY([CRYPTO], [libcrypto])
    NPK_BRIDGE_LIBRARY([ZMQ], [libzmq])
    NPK_BRIDGE_LIBRARY([HIREDIS], [hiredis])
    NPK_BRIDGE_LIBRARY([MPI], [ompi-c])
    NPK_BRIDGE_LIBRARY([MPICH], [mpich])
])
