# NPK_BENCH_OTHERS
# What "make bench" runs beside npickle: yyjson for JSON, MPack for MessagePack. Where they are not there, nothing is missing.
# Warnings are about our own code, and so their headers are the system's. Debian's libmpack is another library of that name.
AC_DEFUN([NPK_BENCH_OTHERS], [
    PKG_CHECK_MODULES([YYJSON], [yyjson >= 0.8], [AC_DEFINE([HAVE_YYJSON], [1], [tests/bench: yyjson is there.])
        YYJSON_CFLAGS=`AS_ECHO(["$YYJSON_CFLAGS"]) | sed 's/-I */-isystem /g'`], [:])

    AC_ARG_VAR([MPACK_CFLAGS], [C compiler flags for MPack, overriding none])
    AC_ARG_VAR([MPACK_LIBS], [linker flags for MPack, overriding -lmpack])
    MPACK_CFLAGS=`AS_ECHO(["$MPACK_CFLAGS"]) | sed 's/-I */-isystem /g'`
    npk_cflags=$CFLAGS npk_libs=$LIBS
    CFLAGS="$CFLAGS $MPACK_CFLAGS" LIBS="${MPACK_LIBS:--lmpack} $LIBS"
    AC_MSG_CHECKING([for MPack])
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <mpack.h>]], [[mpack_tree_t tree; mpack_tree_init_data(&tree, "", 0);]])],
        [npk_mpack=yes], [npk_mpack=no])
    AC_MSG_RESULT([$npk_mpack])
    CFLAGS=$npk_cflags LIBS=$npk_libs
    AS_IF([test $npk_mpack = yes],
        [AC_DEFINE([HAVE_MPACK], [1], [tests/bench: MPack is there.]) MPACK_LIBS=${MPACK_LIBS:--lmpack}],
        [MPACK_CFLAGS= MPACK_LIBS=])
])
