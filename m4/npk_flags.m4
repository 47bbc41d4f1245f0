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
