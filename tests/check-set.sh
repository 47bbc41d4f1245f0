#!/bin/sh
# npickle set: in one of several pickles, with a memo that they share, in a record of ZODB, with payloads outside; and the options that
# the commands share.
#
#   NPICKLE=build/tools/npickle sh tests/check-set.sh

data=$(cd "${srcdir:-$(dirname "$0")/..}/tests/data" && pwd) || exit 99
. "${srcdir:-$(dirname "$0")/..}/tests/outside.sh"

printf '\001\002\003\004' >four.raw
printf '\011\010\007' >three.raw
"$NPICKLE" pack -t u1 -s 4 four.raw one.pkl
"$NPICKLE" pack -t u1 -s 4 -p 4 four.raw two.pkl
"$NPICKLE" pack -t u1 -s 3 --to npy three.raw new.npy

# --- several pickles: the others, and what lies between them, stay ----------------------------------------------------------

expect 0 "$NPICKLE" set two.pkl '' new.npy two-new.pkl
{ cat one.pkl; printf '\n\n'; cat two.pkl one.pkl; printf '\000'; } >several.pkl
{ cat one.pkl; printf '\n\n'; cat two-new.pkl one.pkl; printf '\000'; } >wanted.pkl
expect 4 "$NPICKLE" set several.pkl '' new.npy no.pkl
has err "there are several pickles in 'several.pkl': choose one with --pickle=N"
expect 4 "$NPICKLE" set -n 3 several.pkl '' new.npy no.pkl
has err "--pickle=3: 'several.pkl' has 3, counted from 0"
expect 4 "$NPICKLE" set -n x several.pkl '' new.npy no.pkl
has err "--pickle: expected a number, found 'x'"
absent no.pkl
expect 0 "$NPICKLE" set --pickle=1 several.pkl '' new.npy several-new.pkl
same several-new.pkl wanted.pkl 'the second of three pickles'
feed several.pkl 0 "$NPICKLE" set -n 1 - '' new.npy -
same out wanted.pkl 'the second of three pickles of standard input'
head -c 200 several.pkl >cut.pkl
expect 2 "$NPICKLE" set -n 0 cut.pkl '' new.npy no.pkl
has err 'cut.pkl: TRUNCATED at byte'
absent no.pkl 'what follows is malformed'

# --- a type that a .npy file does not name ----------------------------------------------------------------------------------

"$NPICKLE" pack -t bfloat16 -s 2 four.raw typed.pkl
head -c 2 four.raw >two.raw
"$NPICKLE" pack -t bfloat16 -s 1 two.raw typed-one.pkl
expect 0 "$NPICKLE" extract typed-one.pkl -d typed
expect 0 "$NPICKLE" set typed.pkl '' typed/0000.npy typed-new.pkl
same typed-new.pkl typed-one.pkl 'what extract wrote of the same type'
expect 0 "$NPICKLE" set one.pkl '' typed/0000.npy raw.pkl
expect 0 "$NPICKLE" show raw.pkl
has out "dtype='|V2'" 'another type gives way to raw bytes'

# --- one memo ---------------------------------------------------------------------------------------------------------------

# pickler = pickle.Pickler(out, 2); pickler.dump(a); pickler.dump((a, 2)): the second is GET, 2, TUPLE2
number=9 # under which an array's own REDUCE is stored
{
    cat one.pkl
    printf '\200\002h'
    printf "\\$(printf %o "$number")"
    printf 'K\002\206.'
} >dumps.pkl
expect 2 "$NPICKLE" set -n 0 dumps.pkl '' new.npy no.pkl
has err 'MEMO at byte'
has err '--keep-memo'
for where in '0 ""' '1 [0]'; do
    set -- $where
    path=$2
    [ "$path" = '""' ] && path=
    expect 0 "$NPICKLE" set --keep-memo -n "$1" dumps.pkl "$path" new.npy dumps-new.pkl
    expect 0 "$NPICKLE" show --keep-memo dumps-new.pkl
    printf 'array([9, 8, 7], dtype=uint8)\n(array([9, 8, 7], dtype=uint8), 2)\n' >wanted
    same out wanted "pickle $1 of one Pickler's"
done

# Exports of ZODB: the record's length follows, the other records stay.
# record FILE
record() {
    printf '\000\000\000\000\000\000\000\007\000\000\000\000\000\000\000'
    printf "\\$(printf %o "$(wc -c <"$1")")"
    cat "$1"
}
{ printf 'ZEXP'; record dumps.pkl; record dumps.pkl; record dumps.pkl; head -c 16 /dev/zero | tr '\000' '\377'; } >in.zexp
{ printf 'ZEXP'; record dumps.pkl; record dumps-new.pkl; record dumps.pkl; head -c 16 /dev/zero | tr '\000' '\377'; } >wanted.zexp
for where in '2 ""' '3 [0]'; do
    set -- $where
    path=$2
    [ "$path" = '""' ] && path=
    expect 0 "$NPICKLE" set -n "$1" in.zexp "$path" new.npy out.zexp
    same out.zexp wanted.zexp "pickle $1 of a .zexp file"
done
expect 4 "$NPICKLE" set in.zexp '' new.npy no.zexp
has err 'there are several pickles'
expect 4 "$NPICKLE" set -n 6 in.zexp '' new.npy no.zexp
absent no.zexp

# --- the options of reading ---------------------------------------------------------------------------------------------------

for command in info show extract check diff convert set; do
    expect 0 "$NPICKLE" $command --help
    for option in array-producer=NAME keep-memo keep-going repair buffer=FILE; do
        has out "--$option"
    done
done
expect 0 "$NPICKLE" dis --help
has out '--keep-memo'
has out '--repair'
expect 4 "$NPICKLE" dis --buffer=four.raw one.pkl
has err "unknown option '--buffer=four.raw'"

# A malformed object that is kept is written again as it was: [malformed, array].
{
    printf '\200\002]('
    tail -c +3 "$data/malformed-masked-objects.pkl" | head -c -1
    tail -c +3 one.pkl | head -c -1
    printf 'e.'
} >malformed.pkl
expect 2 "$NPICKLE" set malformed.pkl '[1]' new.npy no.pkl
absent no.pkl
expect 0 "$NPICKLE" convert --mask=mask.npy "$data/masked-structs.pkl" structs.npy
expect 2 "$NPICKLE" set "$data/masked-ints.pkl" '' structs.npy no.pkl
has err 'a masked array keeps its mask: expected'
absent no.pkl 'a mask that does not fit'
expect 2 "$NPICKLE" set --keep-going malformed.pkl '[1]' new.npy kept.pkl
has err 'malformed.pkl: ARRAY at byte'
expect 2 "$NPICKLE" show -k malformed.pkl
sed 's/\[1, 2, 3, 4\]/[9, 8, 7]/' out >wanted
expect 2 "$NPICKLE" show -k kept.pkl
same out wanted 'an array beside a malformed object'
expect 2 "$NPICKLE" set --keep-going malformed.pkl '[0]' new.npy no.pkl
has err "no array at '[0]'"

# An array.array stays one, of its typecode and form.
for typecode in 'd f8 4' 'l i8 4' 'B u1 32' 'f f4 8'; do
    set -- $typecode
    for form in list machine; do
        head -c 32 /dev/zero | tr '\000' '\077' >first.raw
        head -c 32 /dev/zero | tr '\000' '\100' >second.raw
        for file in first second; do
            expect 0 "$NPICKLE" pack -p 4 --typecode $1 --array-form $form --dtype $2 --shape $3 $file.raw $file.pkl
        done
        expect 0 "$NPICKLE" pack --dtype $2 --shape $3 second.raw second.npy
        expect 0 "$NPICKLE" set first.pkl '' second.npy out.pkl
        same out.pkl second.pkl "set in an array.array of $1 ($form)"
    done
done
expect 4 "$NPICKLE" set first.pkl '' new.npy no.pkl
has err 'npickle: first.pkl: USAGE: '
expect 4 "$NPICKLE" set "$data/stringdtype.pkl" '' new.npy no.pkl
has err 'an array of StringDType: its items are set one by one'
absent no.pkl

# Paths that are none: the place in them is told.
printf '\200\002}(X\001\000\000\000aK\001X\002\000\000\000]'"'"']K\002au.' >keys.pkl
# bad_path PATH MESSAGE
bad_path() {
    expect 4 "$NPICKLE" show keys.pkl "$1"
    has err "npickle: keys.pkl: USAGE: $2"
}
bad_path "['a'" "the path ['a': the '[' at character 1 has no ']' behind its key"
bad_path "['a" "the path ['a: the quote at character 2 has no other at its end"
bad_path '["q\"]' 'the path ["q\"]: the quote at character 2 has no other at its end'
for key in None True '(1, 2)'; do
    bad_path "[$key]" "the path [$key]: expected a str, bytes or an int at character 2"
done
bad_path '[0' "the path [0: the '[' at character 1 has no ']' behind its key"
bad_path "['q']x" "the path ['q']x: expected [...] or .name from character 6 on"
bad_path "b'a'" "a path is made of [...] and .name, found 'b'a''"
for path in "['q']" '[1]' "['a']['b']" .x "[b'x']"; do
    expect 4 "$NPICKLE" show keys.pkl "$path"
    has err "NOT_FOUND: there is nothing at '$path'"
done

# A text pickle with CR LF.
"$NPICKLE" convert -p 0 one.pkl text.pkl
sed 's/$/\r/' text.pkl | head -c -1 >crlf.pkl
expect 2 "$NPICKLE" set crlf.pkl '' new.npy no.pkl
has err '--repair'
expect 0 "$NPICKLE" set --repair crlf.pkl '' new.npy mended.pkl
has err 'crlf.pkl: note: undid a transfer in text mode'
expect 0 "$NPICKLE" set text.pkl '' new.npy wanted.pkl
same mended.pkl wanted.pkl 'a text pickle with CR LF'
"$NPICKLE" dis text.pkl >wanted
expect 0 "$NPICKLE" dis --repair crlf.pkl
same out wanted 'the opcodes of a text pickle with CR LF'
feed crlf.pkl 0 "$NPICKLE" dis --repair -
same out wanted 'the opcodes of a text pickle with CR LF of standard input'

# Payloads outside: where they were, or in a folder.
cp "$data/outside-numpy2.pkl" outside.pkl
cp "$data/outside-numpy2.buf" outside.buf
expect 0 "$NPICKLE" set --buffer outside.buf --buffers-out bufs outside.pkl "['x']" new.npy out.pkl
same bufs/000000.buf three.raw 'the new elements outside'
expect 0 "$NPICKLE" show --buffer bufs/000000.buf out.pkl
has out "{'x': array([9, 8, 7], dtype=uint8)}"
expect 4 "$NPICKLE" set --buffers-out bufs2 one.pkl '' new.npy no.pkl
has err '--buffers-out: protocol 2 has nothing outside, 5 has'
absent bufs2
expect 4 "$NPICKLE" set --buffer outside.buf one.pkl '' new.npy no.pkl
absent no.pkl

# --- the opcodes of pickles that share a memo ---------------------------------------------------------------------------------

# As python3 -m pickletools --memo prints files that are one of the pickles each.
expect 2 "$NPICKLE" dis --all dumps.pkl
has err 'MEMO at byte'
expect 0 "$NPICKLE" dis --keep-memo dumps.pkl
has out "BINGET     $number"
expect 0 "$NPICKLE" dis --all several.pkl
expect 2 "$NPICKLE" dis --keep-memo several.pkl
has err 'this memo entry was stored before'

# --- errors name the input, and where in it -------------------------------------------------------------------------------------

# {'k': [1, persistent id ('a', 1)]}
printf '\200\002}X\001\000\000\000k](K\001X\001\000\000\000aK\001\206Qes.' >id.pkl
expect 4 "$NPICKLE" convert -p 0 id.pkl no.pkl
has err "npickle: id.pkl: UNSUPPORTED: at ['k'][1]: at protocol 0 a persistent id is a line of ASCII, found tuple"
printf '\200\002]U\002\303\244a.' >py2.pkl
expect 4 "$NPICKLE" convert -p 3 py2.pkl no.pkl
has err 'py2.pkl: at [0]: a str of Python 2 is text or bytes in Python 3'
has err '--py2-str=text, utf8 or bytes'
# a path of --py2-str leads to something in one pickle at the least: ['\303\244'], and {'k': '\303\244'}
printf '\200\002}U\001kU\002\303\244s.' | cat py2.pkl - >two.pkl
expect 0 "$NPICKLE" convert --py2-str=bytes --py2-str="['k']=utf8" two.pkl found.pkl
expect 0 "$NPICKLE" show found.pkl
has out "[b'\\xc3\\xa4']"
has out "{b'k': 'ä'}"
expect 4 "$NPICKLE" convert --py2-str=bytes --py2-str="['q']=utf8" two.pkl no.pkl
has err "two.pkl: NOT_FOUND: --py2-str: there is nothing at '['q']'"
absent no.pkl
expect 5 "$NPICKLE" convert -p 0 one.pkl nowhere/no.pkl
has err 'npickle: nowhere/no.pkl: IO: cannot'
printf '\011' >full.raw
if [ -w /dev/full ]; then
    expect 5 "$NPICKLE" convert -p 0 --to pkl one.pkl /dev/full
    has err 'npickle: /dev/full: IO: cannot write'
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
