# The examples run, one after another, and say what they should.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

expect() {
    if [ "$2" != "$3" ]; then
        printf '%s: expected\n%s\nfound\n%s\n' "$1" "$2" "$3" >&2
        exit 1
    fi
}

"$builddir/doc/examples/01-write"
expect "npickle show field.pkl" "array([[1. , 2. , 3. ],
       [4. , 5. , 6.5]], dtype=float32)" "$("$builddir/tools/npickle" show field.pkl)"
expect 02-read "2 dimensions, the last element is 6.5" "$("$builddir/doc/examples/02-read")"

"$builddir/doc/examples/03-edit"
expect "npickle show model.pkl .coef_" "array([ 0.25, -1.  ,  4.  ])" "$("$builddir/tools/npickle" show model.pkl .coef_)"
expect "npickle show model.pkl .intercept_" "0.5" "$("$builddir/tools/npickle" show model.pkl .intercept_)"
expect "05-check model.pkl" '{"class": "models.Model", "state": {"name": "m", "coef_": [0.25, -1.0, 4.0], "intercept_": 0.5}}
model.pkl: every byte as Python 3.4 and later, NumPy 1.19 to 1.26 writes it' "$("$builddir/doc/examples/05-check")"
# [1, 'a', 2.5] with a number in a longer opcode than any pickler chooses
printf '\200\004\225\027\000\000\000\000\000\000\000]\224(J\001\000\000\000\214\001a\224G@\004\000\000\000\000\000\000e.' > long.pkl
expect "05-check long.pkl" '[1, "a", 2.5]
long.pkl: an equal value in other opcodes: at byte 14, [0]: spelling: the values are equal
differs' "$("$builddir/doc/examples/05-check" long.pkl || echo differs)"
expect 04-struct "proton at 0 0.5 1, mass 1.25
neutron at -1 2 0, mass 0.75" "$("$builddir/doc/examples/04-struct")"
expect 08-messages "message 0: a list of 4
message 1: a list of 4
message 2: a list of 4
4 opcodes make floats
the last of 4 is 0.75" "$("$builddir/doc/examples/08-messages")"

"$builddir/doc/examples/09-frame" > framed
size=$(wc -c < framed)
expect "09-frame: the length in front" "$((size - 8))" "$(printf '%d' "0x$(head -c 8 framed | od -An -v -tx1 | tr -d ' \n')")"
tail -c +9 framed > framed.pkl
expect "09-frame: the pickle" "float64 1000 1000" "$("$builddir/tools/npickle" info --json framed.pkl | sed -n 's/.*"dtype":"<f8","shape":\[1000,1000\].*/float64 1000 1000/p')"
expect 10-buffers "2 buffers outside
the second array has 1048576 elements and lies where it lay" "$("$builddir/doc/examples/10-buffers" | sed 's/^a pickle of [0-9]* bytes and //')"

"$builddir/doc/examples/demo" write demo.pkl
expect "the arrays of demo.pkl" "['field'] <f4 [2, 3] C
['image'] |u1 [3, 4] C
['matrix'] <f8 [2, 3] F
['sensor']['samples'] <i2 [4] C" "$("$builddir/tools/npickle" info --json demo.pkl | tr '{' '\n' |
    sed -n 's/.*"path":"\([^"]*\)".*"dtype":"\([^"]*\)","shape":\(\[[^]]*\]\),"order":"\(.\)".*/\1 \2 \3 \4/p' |
    sed 's/,\([0-9]\)/, \1/g')"
