# NPK_TRY_CFLAGS(VARIABLE, FLAGS)
# Adds to VARIABLE each of FLAGS that the C compiler takes without a word.
AC_DEFUN([NPK_TRY_CFLAGS], [dnl
for npk_flag in $2; do
    AC_MSG_CHECKING([whether $CC takes $npk_flag])
    npk_saved_cflags=$CFLAGS
    CFLAGS="$CFLAGS $npk_flag -Werror"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
        [AC_MSG_RESULT([yes])
         $1="${$1:+$$1 }$npk_flag"],
        [AC_MSG_RESULT([no])])
    CFLAGS=$npk_saved_cflags
done
])

# NPK_INSTRUMENT(FLAGS)
# Compiles and links everything with FLAGS, or ends configure where the compiler cannot.
AC_DEFUN([NPK_INSTRUMENT], [dnl
CFLAGS="$CFLAGS $1"
LDFLAGS="$LDFLAGS $1"
AC_MSG_CHECKING([whether programs run with $1])
AC_RUN_IFELSE([AC_LANG_PROGRAM([], [])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([$CC cannot build programs with $1])],
    [AC_MSG_RESULT([not tried, cross-compiling])])
])

# NPK_VERSION_SCRIPT
# Whether the linker takes a version script (GNU ld, gold, lld): npk_version_script is yes or no.
AC_DEFUN([NPK_VERSION_SCRIPT], [dnl
AC_MSG_CHECKING([whether the linker gives symbols a version])
AS_ECHO(["NPICKLE_0 { global: npk_one; local: *; };"]) > conftest.map
npk_saved_ldflags=$LDFLAGS npk_saved_cflags=$CFLAGS
CFLAGS="$CFLAGS -fPIC"
LDFLAGS="$LDFLAGS -shared -Wl,--version-script=conftest.map"
AC_LINK_IFELSE([AC_LANG_SOURCE([[int npk_one(void); int npk_one(void) { return 1; }]])],
    [npk_version_script=yes], [npk_version_script=no])
LDFLAGS=$npk_saved_ldflags CFLAGS=$npk_saved_cflags
rm -f conftest.map
AC_MSG_RESULT([$npk_version_script])
])

# NPK_TRY_LINK(VARIABLE, FLAGS, [PROGRAM-CFLAGS])
# Adds FLAGS, all of them or none, to VARIABLE if a program that calls the C library can be compiled and linked with them, and with
# PROGRAM-CFLAGS, without a word.
AC_DEFUN([NPK_TRY_LINK], [dnl
AC_MSG_CHECKING([whether $CC hardens with $2])
npk_saved_cflags=$CFLAGS
CFLAGS="$CFLAGS $3 $2 -Werror"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>
#include <string.h>]], [[char text[100];
memset(text, 0, sizeof text);
return (int)fread(text, 1, sizeof text, stdin) + (int)strlen(text);]])],
    [AC_MSG_RESULT([yes])
     $1="${$1:+$$1 }$2"
     npk_hardens=yes],
    [AC_MSG_RESULT([no])
     npk_hardens=no])
CFLAGS=$npk_saved_cflags
])

# NPK_HARDEN
# What makes a fault in library and tool harder to use: NPK_HARDENING is for compiling, NPK_LINK_HARDENING for linking either,
# NPK_PROGRAM_HARDENING for linking programs. Fortified functions need an optimizing compiler; a level that is too high for this one
# makes the C library say so.
AC_DEFUN([NPK_HARDEN], [dnl
NPK_TRY_LINK([NPK_HARDENING], [-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3], [$NPK_OPTIMIZE])
AS_IF([test $npk_hardens = no],
    [NPK_TRY_LINK([NPK_HARDENING], [-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2], [$NPK_OPTIMIZE])])
NPK_TRY_LINK([NPK_HARDENING], [-fstack-protector-strong], [$NPK_OPTIMIZE])
NPK_TRY_LINK([NPK_HARDENING], [-fstack-clash-protection], [$NPK_OPTIMIZE])
NPK_TRY_LINK([NPK_HARDENING], [-fcf-protection=full], [$NPK_OPTIMIZE])
NPK_TRY_LINK([NPK_HARDENING], [-ftrivial-auto-var-init=zero], [$NPK_OPTIMIZE])
NPK_TRY_LINK([NPK_PROGRAM_HARDENING], [-fPIE -pie], [$NPK_OPTIMIZE])
AS_IF([test $npk_hardens = yes], [NPK_HARDENING="${NPK_HARDENING:+$NPK_HARDENING }-fPIE" NPK_PROGRAM_HARDENING=-pie])
for npk_option in -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed; do
    NPK_TRY_LINK([NPK_LINK_HARDENING], [$npk_option])
done
])
