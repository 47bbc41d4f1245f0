# Runs a script of tests/live, which converts pickles with tests/live/rewrite of the build folder, by the first Python of 3.8 or later.
#
#   . tests/live/with_rewrite.sh; with_rewrite SCRIPT COUNT FULL [ARGUMENT...]
#
# Without arguments SCRIPT gets COUNT, with NPICKLE_FULL=1 FULL. Ends with status 77 if there is no such Python. NPICKLE_PYTHONS: interpreters, with
# blanks between. To be sourced, with $srcdir set.
with_rewrite() {
    script=$1 count=$([ -n "${NPICKLE_FULL-}" ] && echo "$3" || echo "$2")
    shift 3
    [ $# -gt 0 ] || set -- "$count"
    PYTHONDONTWRITEBYTECODE=1
    export PYTHONDONTWRITEBYTECODE
    for python in ${NPICKLE_PYTHONS:-python3}; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; then
            exec "$python" "$srcdir/tests/live/$script" "${builddir:-build}/tests/live/rewrite" "$@"
        fi
    done
    echo "skipped: no Python 3.8 or later found; name one in NPICKLE_PYTHONS"
    exit 77
}
