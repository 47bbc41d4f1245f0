#!/bin/sh
# npickle show from outside: files, paths, several pickles, .npy, limits, exit statuses. (The text itself: test_show.c.)
#
#   NPICKLE=build/tools/npickle sh check-show.sh

. "${srcdir:-$(dirname "$0")/..}/tests/outside.sh"

# shows TEXT FILE [PATH]: the text, and exit status 0
shows() {
    wanted=$1
    shift
    found=$("$NPICKLE" show "$@" 2>err)
    status=$?
    if [ "$status" = 0 ] && [ "$found" = "$wanted" ]; then good; else
        bad "show $*: expected '$wanted', found exit status $status and '$found'"
        sed 's/^/    /' err
    fi
}

# fails STATUS TEXT FILE [PATH]: the exit status, and the text among the messages
fails() {
    wanted=$1
    text=$2
    shift 2
    "$NPICKLE" show "$@" >out 2>err
    status=$?
    if [ "$status" = "$wanted" ] && grep -F -q -e "$text" err; then good; else
        bad "show $*: expected exit status $wanted and '$text', found $status"
        sed 's/^/    /' err
    fi
}

# {'w': [1, 2], 'n': 'x'}, then 5
printf '\200\002}(U\001w](K\001K\002eX\001\000\000\000nX\001\000\000\000xu.' >dict.pkl
printf '\200\002K\005.' >five.pkl
cat dict.pkl five.pkl >both.pkl
newline='
'
shows "{b'w': [1, 2], 'n': 'x'}" dict.pkl
shows "{b'w': [1, 2], 'n': 'x'}${newline}5" both.pkl
shows "'x'" dict.pkl "['n']"
shows "'x'" both.pkl "['n']"
shows "5" five.pkl ''
fails 4 'NOT_FOUND' dict.pkl "['missing']"
fails 4 '' dict.pkl "['n"
fails 4 '' five.pkl a b
fails 5 'IO' missing.pkl
shows 5 - <five.pkl

# A good pickle before a malformed one is shown.
printf '\200\002K\005.\200\002K' >cut.pkl
fails 2 'TRUNCATED' cut.pkl
if [ "$(cat out)" = 5 ]; then good; else bad "cut.pkl: expected 5 before the error"; fi

# 1.0, 2.0 through pack and convert
printf '\000\000\000\000\000\000\360\077\000\000\000\000\000\000\000\100' >two.raw
for protocol in 0 1 2 3 4 5; do
    "$NPICKLE" pack --dtype '<f8' --shape 2 --protocol $protocol two.raw two.pkl
    shows 'array([1., 2.])' two.pkl
done
"$NPICKLE" pack --dtype '>i2' --shape 2,2,2 two.raw be.pkl
shows "array([[[    0,     0],
        [    0, -4033]],

       [[    0,     0],
        [    0,    64]]], dtype='>i2')" be.pkl
"$NPICKLE" convert two.pkl two.npy
shows 'array([1., 2.])' two.npy
shows 'array([1., 2.])' - <two.npy
fails 4 'NOT_FOUND' two.npy '[0]'

# --json: what json.dumps gives for the same values, and an array's tolist().
shows '{"w": [1, 2], "n": "x"}' --json dict.pkl
shows '{"w": [1, 2], "n": "x"}'"${newline}5" -j both.pkl
shows '"x"' --json both.pkl "['n']"
shows '[1.0, 2.0]' --json two.pkl
shows '[1.0, 2.0]' --json two.npy
shows '[1.0, 2.0]' -j - <two.npy
shows '[[[0, 0], [0, -4033]], [[0, 0], [0, 64]]]' --json be.pkl
fails 4 'NOT_FOUND' --json both.pkl "['missing']"
fails 4 'only one' --json --csv dict.pkl
fails 4 'only one' -cj two.pkl
printf '\200\002]q\000h\000a.' >itself.pkl
shows '[{"same_as": ""}]' --json itself.pkl
head -c 5000 /dev/zero >zeros.raw
"$NPICKLE" pack --dtype u1 --shape 5000 zeros.raw zeros.pkl
zeros=$("$NPICKLE" show --json zeros.pkl | tr -cd 0 | wc -c)
if [ "$zeros" -eq 5000 ]; then good; else bad "--json of 5000 elements: found $zeros"; fi

# array.array, as Python 3 prints it; nothing is shortened.
printf 'carray\narray\nq\001(U\001iq\002U\010\000\000\000\001\377\377\377\376q\003tq\004Rq\005.' >jython.pkl
printf 'carray\narray\n(U\001dU\020\000\000\000\000\000\000\360\077\000\000\000\000\000\000\000\100tR.' >cpython.pkl
printf '\200\002carray\narray\nq\000U\001c](U\001aU\001\377e\206R.' >chars.pkl
printf '\200\002carray\narray\nU\001u](X\001\000\000\000aX\003\000\000\000\342\202\254X\001\000\000\000\047e\206R.' >euro.pkl
printf 'carray\narray\nq\001(U\001zq\002U\002\001\000q\003tq\004Rq\005.' >bools.pkl
printf '\200\002carray\narray\nU\001f]\206R.' >none.pkl
printf '\200\002carray\narray\nU\001f](G?\271\231\231\231\231\231\232G\177\360\000\000\000\000\000\000e\206R.' >floats.pkl
shows "array('i', [1, -2])" jython.pkl
shows "array('i', [16777216, -16777217])" --array-producer=cpython jython.pkl
shows "array('d', [3.03865e-319, 3.16e-322])" --array-producer=jython cpython.pkl
shows "array('d', [1.0, 2.0])" --array-producer cpython cpython.pkl
shows "array('c', b'a\xff')" chars.pkl
shows "array('u', \"a€'\")" euro.pkl
shows "array('z', [True, False])" bools.pkl
shows "array('f')" none.pkl
shows "array('f', [0.10000000149011612, inf])" floats.pkl
fails 4 '--array-producer' --array-producer=pypy jython.pkl

# What would be 2^200 items as text.
(
    printf ']'
    i=0
    while [ $i -lt 200 ]; do
        printf "p$i\n0](g$i\ng$i\ne"
        i=$((i + 1))
    done
    printf '.'
) >bomb.pkl
"$NPICKLE" show bomb.pkl >out 2>err && [ "$(wc -c <out)" -le 10000 ] && good || bad 'bomb.pkl: each part is not shown once'
"$NPICKLE" show --json bomb.pkl >out 2>err && [ "$(wc -c <out)" -le 10000 ] && good || bad 'bomb.pkl: each part is not once in JSON'

# What is shared is shown once, and then referred to by a path that show takes.
printf '(]q\000(K\001K\002eX\001\000\000\000a}q\001h\000h\001]q\002h\002aK\003t.' >shared.pkl
shows "([1, 2], 'a', {}, <same as [0]>, {}, [[...]], 3)" shared.pkl
shows '[1, 2]' shared.pkl '[3]'
shows '[[1, 2], "a", {}, {"same_as": "[0]"}, {}, [{"same_as": "[5]"}], 3]' --json shared.pkl
(
    printf '(]q\000K\001a'
    i=0
    while [ $i -lt 100 ]; do
        printf '\205'
        i=$((i + 1))
    done
    printf 'h\000t.'
) >far.pkl
"$NPICKLE" show far.pkl >out 2>err && [ "$(tail -c 18 out)" = ', <same as #101>)' ] && good || bad 'far.pkl: no number for a long path'
shows '[1]' far.pkl '#101'
shows '1' far.pkl '#101[0]'
fails 4 'NOT_FOUND' far.pkl '#103'

# Where nearly all is shared numbers stand for paths, which would be far longer than the pickle.
(
    printf ']('
    i=0
    while [ $i -lt 1000 ]; do
        printf 'K\0012\2062\2062\2062\2062\2062\2062\2062\2062\2062\2062\2062\2062\2062\2062\2062\2062\2062\2062\2062\206'
        i=$((i + 1))
    done
    printf 'e.'
) >pairs.pkl
"$NPICKLE" show pairs.pkl >out 2>err && [ "$(wc -c <out)" -le $((12 * $(wc -c <pairs.pkl))) ] && good || bad 'pairs.pkl: too long'
grep -q '<same as \[0\]\[0\]\[0\]' out && good || bad 'pairs.pkl: no path'
grep -q 'same as #' out && good || bad 'pairs.pkl: no number'
"$NPICKLE" show --json pairs.pkl >out 2>err && [ "$(wc -c <out)" -le $((14 * $(wc -c <pairs.pkl))) ] && good || bad 'pairs.pkl: too long as JSON'
fails 4 'USAGE' far.pkl '#'

# Nothing reaches a terminal as a command.
esc=$(printf '\033')
printf 'cos\nsys\033[31mtem\n.' >name.pkl
shows '<os.sys\x1b[31mtem>' name.pkl
printf '\200\002X\005\000\000\000a\033[3mb.' >text.pkl
"$NPICKLE" show text.pkl >out 2>err
if grep -F -q -e "$esc" out; then bad 'an escape character in the text of a str'; else good; fi

# --csv. What is expected is what csv.writer of Python writes of str() of each value.
shows '1.0
2.0' --csv two.pkl
shows '1.0
2.0' -c two.npy
"$NPICKLE" pack --dtype '>i2' --shape 2,4 two.raw be2.pkl
shows '0,0,0,-4033
0,0,0,64' --csv be2.pkl
"$NPICKLE" pack --dtype 'M8[s]' --shape 2 two.raw times.pkl
shows '145995800892-07-13T03:56:48
146138514283-06-19T07:45:04' --csv times.pkl
fails 4 'CSV has one or two dimensions, found an array of 3 dimensions' --csv be.pkl
fails 4 'CSV is of arrays, found dict' --csv dict.pkl
fails 4 'NOT_FOUND' --csv dict.pkl "['missing']"
fails 4 '' --csvx two.pkl

# npy SHAPE DESCR: a .npy file of version 1 with what comes on standard input as its elements
npy() {
    header="{'descr': $2, 'fortran_order': False, 'shape': ($1), }"
    size=$((${#header} + 1))
    printf '\223NUMPY\001\000'
    printf "\\$(printf %03o $((size % 256)))\\$(printf %03o $((size / 256)))"
    printf '%s\n' "$header"
    cat
}

# two of ('a', '<i2'), ('m', 'u1', (1, 2)), ('q', [('b', 'S3'), ('d', '<M8[D]')])
{
    printf '\001\000\002\003a,b\000\000\000\000\000\000\000\000'
    printf '\377\377\004\005"\n\000\000\000\000\000\000\000\000\200'
} | npy 2, "[('a', '<i2'), ('m', 'u1', (1, 2)), ('q', [('b', 'S3'), ('d', '<M8[D]')])]" >structs.npy
shows 'a,m[0][0],m[0][1],q.b,q.d
1,2,3,"a,b",1970-01-01
-1,4,5,"""
",NaT' --csv structs.npy
printf '\000\000' | npy '1,1' "[('a', '<i2')]" >two-dimensions.npy
fails 4 'CSV has one dimension of structs, found an array of 2 dimensions' --csv two-dimensions.npy
printf 'a\000\000\000\033\000\000\000' | npy '2,' "'<U1'" >text.npy
shows 'a
\x1b' --csv text.npy
printf '\000\000\000\000\000\000\000\000' | npy '2,' "'<U1'" >empty.npy
shows '""
""' --csv empty.npy
npy '1000000000000,' "'|S0'" </dev/null >long.npy
fails 3 'LIMIT' --csv long.npy

# numpy.ma.array([1, 2], mask=[0, 1], dtype='u1') and numpy.array([None, 'a,b'], object), at protocol 2
{
    printf '\200\002cnumpy.ma.core\012_mareconstruct\012q\000(cnumpy.ma.core\012MaskedArray\012q\001cnumpy\012nd'
    printf 'array\012q\002K\000\205q\003X\001\000\000\000bq\004tq\005Rq\006(K\001K\002\205q\007cnumpy\012dtype'
    printf '\012q\010X\002\000\000\000u1q\011\211\210\207q\012Rq\013(K\003X\001\000\000\000\174q\014NNNJ\377\377'
    printf '\377\377J\377\377\377\377K\000tq\015b\211c_codecs\012encode\012q\016X\002\000\000\000\001\002q\017X'
    printf '\006\000\000\000latin1q\020\206q\021Rq\022h\016X\002\000\000\000\000\001q\023h\020\206q\024Rq\025Ntq'
    printf '\026b.'
} >masked.pkl
shows '1
""' --csv masked.pkl
{
    printf '\200\002cnumpy.core.multiarray\012_reconstruct\012q\000cnumpy\012ndarray\012q\001K\000\205q\002c_cod'
    printf 'ecs\012encode\012q\003X\001\000\000\000bq\004X\006\000\000\000latin1q\005\206q\006Rq\007\207q\010Rq'
    printf '\011(K\001K\002\205q\012cnumpy\012dtype\012q\013X\002\000\000\000O8q\014\211\210\207q\015Rq\016(K'
    printf '\003X\001\000\000\000\174q\017NNNJ\377\377\377\377J\377\377\377\377K\077tq\020b\211\135q\021(NX\003'
    printf '\000\000\000a,bq\022etq\023b.'
} >objects.pkl
shows '""
"a,b"' --csv objects.pkl

# An input without a pickle is not shown as nothing.
: >empty.pkl
for form in "" --csv --json; do
    "$NPICKLE" show $form empty.pkl >out 2>err
    status=$?
    if [ $status = 2 ] && [ ! -s out ]; then good; else bad "show $form of an empty file: exit status $status"; fi
done

if [ -c /dev/full ]; then
    "$NPICKLE" show dict.pkl >/dev/full 2>err
    status=$?
    if [ $status = 5 ]; then good; else bad "show >/dev/full: expected exit status 5, found $status"; fi
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
