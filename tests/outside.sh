# What the scripts that try the tool from outside share: where it is, a folder of their own to be in, and the counting. Sourced by them.

NPICKLE=${NPICKLE:-${builddir:-build}/tools/npickle}
case $NPICKLE in
/*) ;;
*) NPICKLE=$PWD/$NPICKLE ;;
esac

work=$(mktemp -d "${TMPDIR:-/tmp}/npickle-test.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 99' HUP INT TERM
cd "$work" || exit 99

passed=0
failed=0

good() {
    passed=$((passed + 1))
}

bad() {
    failed=$((failed + 1))
    echo "FAIL: $*"
}

# expect STATUS COMMAND...: runs it; output goes to the files out and err
expect() {
    wanted=$1
    shift
    "$@" >out 2>err </dev/null
    found=$?
    if [ "$found" = "$wanted" ]; then good; else
        bad "$*: expected exit status $wanted, found $found"
        sed 's/^/    /' err
    fi
}

# feed FILE STATUS COMMAND...: the same with FILE as standard input
feed() {
    input=$1
    wanted=$2
    shift 2
    "$@" <"$input" >out 2>err
    found=$?
    if [ "$found" = "$wanted" ]; then good; else
        bad "$* <$input: expected exit status $wanted, found $found"
        sed 's/^/    /' err
    fi
}

# has FILE TEXT, lacks FILE TEXT
has() {
    if grep -F -q -e "$2" "$1"; then good; else
        bad "expected '$2' in:"
        sed 's/^/    /' "$1"
    fi
}

lacks() {
    if grep -F -q -e "$2" "$1"; then bad "expected no '$2' in $1"; else good; fi
}

# same FILE FILE [WHAT], absent FILE [WHY]
same() {
    if cmp -s "$1" "$2"; then good; else bad "$1 and $2 differ ${3:+($3)}"; fi
}

absent() {
    if [ -e "$1" ]; then bad "$1 should not be there ${2:+($2)}"; else good; fi
}
