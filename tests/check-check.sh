#!/bin/sh
# npickle check, diff and convert of whole pickles, from outside: what they print, and every exit status.
#
#   NPICKLE=build/tools/npickle sh tests/check-check.sh
#
# Makes its own input. What convert gives is what pickle.dumps gives for the same value on CPython 3.11.

. "${srcdir:-$(dirname "$0")/..}/tests/outside.sh"

# prints TEXT: standard output was this one line
prints() {
    printf '%s\n' "$1" >wanted
    if cmp -s out wanted; then good; else
        bad "expected '$1', found:"
        sed 's/^/    /' out
    fi
}

for command in check diff convert; do
    expect 0 "$NPICKLE" help $command
    has out "Usage: npickle $command "
    expect 4 "$NPICKLE" $command
    expect 4 "$NPICKLE" $command --no-such-option x y
done

# --- input ---------------------------------------------------------------------------------------------------------------

# [1, 'a', 2.5] at protocols 4 and 0
printf '\200\004\225\024\000\000\000\000\000\000\000]\224(K\001\214\001a\224G@\004\000\000\000\000\000\000e.' >list4.pkl
printf '(lp0\nI1\naVa\np1\naF2.5\na.' >list0.pkl
# {'k': 'v\xe9', u'n': 1}, by cPickle of Python 2 at protocol 2
printf '\200\002}q\001(U\001kq\002U\002v\351q\003X\001\000\000\000nq\004K\001u.' >dict2.pkl
printf '\200\002}q\001(U\001kU\002v\351X\001\000\000\000nq\002K\001u.' >python2.pkl
# the same list with a number in a longer opcode than a pickler chooses
printf '\200\004\225\027\000\000\000\000\000\000\000]\224(J\001\000\000\000\214\001a\224G@\004\000\000\000\000\000\000e.' >long4.pkl
# {'a': [BININT 1]}
printf '\200\003}q\000X\001\000\000\000aq\001]q\002J\001\000\000\000as.' >nested.pkl
# an object of m.C with the attribute n
printf '\200\002cm\nC\nq\000)\201q\001}q\002X\001\000\000\000nq\003K\005sb.' >object.pkl
printf '\200\002cm\nC\nq\000)\201q\001}q\002X\001\000\000\000nq\003K\006sb.' >other.pkl
: >none.pkl
head -c 20 list4.pkl >short.pkl
awk 'BEGIN { for (i = 0; i < 1500; i++) printf "]"; for (i = 0; i < 1499; i++) printf "a"; printf "." }' >deep.pkl
printf '\001\002\003\004\005\006' >six.raw
printf '\001\002\003\004\005\007' >seven.raw
"$NPICKLE" pack --dtype u1 --shape 2,3 six.raw six.pkl
"$NPICKLE" pack --dtype u1 --shape 2,3 --to npy six.raw six.npy
"$NPICKLE" pack --dtype u1 --shape 2,3 seven.raw seven.pkl
"$NPICKLE" pack --dtype i1 --shape 6 six.raw flat.pkl
cat list4.pkl list0.pkl >both.pkl

# --- check ---------------------------------------------------------------------------------------------------------------

expect 0 "$NPICKLE" check list4.pkl
prints 'list4.pkl: identical (default, protocol 4): Python 3.4 and later'
feed list0.pkl 0 "$NPICKLE" check -
prints '-: identical (default, protocol 0): Python 3.7 and later or pickle.py 2.7'
expect 0 "$NPICKLE" check dict2.pkl
prints 'dict2.pkl: identical (python2, protocol 2): CPython 2.7 or Jython 2.7'
expect 0 "$NPICKLE" check six.pkl object.pkl
has out 'six.pkl: identical (default, protocol 2)'
expect 0 "$NPICKLE" check both.pkl
has out 'both.pkl: identical (default, protocol 4)'
has out 'both.pkl at byte 31: identical (default, protocol 0)'
expect 1 "$NPICKLE" check long4.pkl
prints 'long4.pkl: differs at byte 14 (opcode BININT) / byte 14 (opcode BININT1), at [0]: spelling: the values are equal (default, protocol 4)'
expect 1 "$NPICKLE" check --protocol 0 list4.pkl
has out 'list4.pkl: differs at byte 0 (opcode PROTO) / byte 0 (opcode MARK)'
expect 1 "$NPICKLE" check --dialect default dict2.pkl
has out '(default, protocol 2)'
expect 1 "$NPICKLE" check list4.pkl long4.pkl
expect 0 "$NPICKLE" check --json list4.pkl
prints '{"files":[{"file":"list4.pkl","status":"ok","error":null,"pickles":[{"offset":0,"size":31,"protocol":4,"dialect":"default","writer":"Python 3.4 and later","identical":true,"difference":null}]}]}'
expect 1 "$NPICKLE" check --json long4.pkl
has out '"identical":false,"difference":{"offset":14,"opcode":"BININT","written_offset":14,"written_opcode":"BININT1","path":"[0]","reason":"spelling: the values are equal"}}]}]}'
expect 2 "$NPICKLE" check short.pkl
has err 'short.pkl: FRAME at byte 2 (opcode FRAME)'
expect 2 "$NPICKLE" check none.pkl
expect 2 "$NPICKLE" check --json list4.pkl short.pkl
has out '"status":"malformed","error":{"code":"FRAME"'
expect 1 "$NPICKLE" check short.pkl long4.pkl
expect 3 "$NPICKLE" check deep.pkl
has err 'LIMIT'
expect 4 "$NPICKLE" check --dialect python3 list4.pkl
has err 'expected a dialect such as python2, cpython3.8'
expect 4 "$NPICKLE" check --protocol 6 list4.pkl
expect 4 "$NPICKLE" check --dialect python2 --protocol 4 list4.pkl
expect 4 "$NPICKLE" check six.npy
has err 'holds no pickle'
expect 5 "$NPICKLE" check missing.pkl

# An array of joblib: its six bytes lie behind the BUILD, between the opcodes.
{
    printf '\200\003cjoblib.numpy_pickle\nNumpyArrayWrapper\nq\000)\201q\001}q\002('
    printf 'X\010\000\000\000subclassq\003cnumpy\nndarray\nq\004X\005\000\000\000shapeq\005K\006\205q\006X\005\000\000\000orderq\007'
    printf 'X\001\000\000\000Cq\010X\005\000\000\000dtypeq\011cnumpy\ndtype\nq\012X\002\000\000\000u1q\013K\000K\001\207q\014Rq\015'
    printf '(K\003X\001\000\000\000|q\016NNNJ\377\377\377\377J\377\377\377\377K\000tq\017bX\012\000\000\000allow_mmapq\020\210ub'
    printf '\001\002\003\004\005\006.'
} >joblib.pkl
expect 0 "$NPICKLE" info joblib.pkl
has out '(6,)'
expect 0 "$NPICKLE" check joblib.pkl
has out 'identical (default, protocol 3)'

# A list that a call was given, and that gets an item afterwards.
printf '\200\002(cm\nf\n]q\000\205Rh\000K\003al.' >late-item.pkl
expect 1 "$NPICKLE" check late-item.pkl
has out "it can't be written: at [0].<args>[0]: this gets more in its pickle after others have it"
expect 1 "$NPICKLE" check --json late-item.pkl
has out '"identical":false,"difference":{"offset":null,"opcode":null,"written_offset":null,"written_opcode":null,"path":null,"reason":'

# --- diff ----------------------------------------------------------------------------------------------------------------

expect 0 "$NPICKLE" diff list4.pkl list0.pkl
if [ -s out ]; then bad 'diff of equal values printed something'; else good; fi
expect 0 "$NPICKLE" diff six.pkl six.npy
feed six.npy 0 "$NPICKLE" diff - six.pkl
expect 1 "$NPICKLE" diff six.pkl seven.pkl
prints '(root): 1 of 6 elements differ, the first at [1, 2]'
expect 1 "$NPICKLE" diff six.pkl flat.pkl
has out "(root): dtype: '|u1' / '|i1'"
has out '(root): shape: (2, 3) / (6,)'
# Python 3 writes a mask below protocol 3 as text.
masked() {
    printf '\200\002cnumpy.ma.core\n_mareconstruct\nq\000(cnumpy.ma.core\nMaskedArray\nq\001cnumpy\nndarray\nq\002K\000\205q\003'
    printf 'X\001\000\000\000bq\004tq\005Rq\006(K\001K\002\205q\007cnumpy\ndtype\nq\010X\002\000\000\000i1q\011\211\210\207q\012Rq\013'
    printf '(K\003X\001\000\000\000|q\014NNNJ\377\377\377\377J\377\377\377\377K\000tq\015b\211c_codecs\nencode\nq\016'
    printf 'X\002\000\000\000\001\002q\017X\006\000\000\000latin1q\020\206q\021Rq\022h\016X\002\000\000\000%b%bq\023h\020\206q\024Rq\025Ntq\026b.' "$1" "$2"
}
masked '\001' '\000' >first.pkl
masked '\000' '\001' >second.pkl
expect 0 "$NPICKLE" diff first.pkl first.pkl
expect 1 "$NPICKLE" diff first.pkl second.pkl
prints '(root): mask: 2 of 2 elements differ'
expect 1 "$NPICKLE" diff object.pkl other.pkl
prints '.n: 5 / 6'
expect 1 "$NPICKLE" diff list4.pkl dict2.pkl
prints '(root): list / dict'
expect 1 "$NPICKLE" diff both.pkl list4.pkl
prints 'pickle 1: (root): only in the first'
expect 1 "$NPICKLE" diff list4.pkl six.npy
expect 4 "$NPICKLE" diff list4.pkl
expect 4 "$NPICKLE" diff - -
expect 2 "$NPICKLE" diff list4.pkl short.pkl
expect 2 "$NPICKLE" diff none.pkl list4.pkl
expect 3 "$NPICKLE" diff list4.pkl deep.pkl
expect 5 "$NPICKLE" diff missing.pkl list4.pkl

# Keys decide, not their order: {'a': 1, 'b': 2, 'c': 3} and {'b': 5, 'a': 1, 'd': 3}; sets the same way.
printf '}(X\001\000\000\000aK\001X\001\000\000\000bK\002X\001\000\000\000cK\003u.' >abc.pkl
printf '}(X\001\000\000\000bK\005X\001\000\000\000aK\001X\001\000\000\000dK\003u.' >bad.pkl
printf '}(X\001\000\000\000bK\002X\001\000\000\000cK\003X\001\000\000\000aK\001u.' >bca.pkl
cat >wanted.diff <<'END'
['d']: only in the second
['b']: 2 / 5
['c']: only in the first
END
expect 1 "$NPICKLE" diff abc.pkl bad.pkl
same out wanted.diff 'diff of dicts'
expect 0 "$NPICKLE" diff abc.pkl bca.pkl
printf '\200\004\217(K\001K\002\220.' >set12.pkl
printf '\200\004\217(K\002K\001\220.' >set21.pkl
printf '\200\004\217(K\002K\003\220.' >set23.pkl
expect 0 "$NPICKLE" diff set12.pkl set21.pkl
expect 1 "$NPICKLE" diff set12.pkl set23.pkl
has out '.<values>[0]: only in the first'
has out '.<values>[1]: only in the second'

# NaN equals NaN, in a float and in an array; 0.0 equals -0.0.
printf '(G\177\370\000\000\000\000\000\000G\000\000\000\000\000\000\000\000t.' >nan.pkl
printf '(G\177\370\000\000\000\000\000\001G\200\000\000\000\000\000\000\000t.' >nan2.pkl
expect 0 "$NPICKLE" diff nan.pkl nan2.pkl
printf '\000\000\000\000\000\000\370\177\000\000\000\000\000\000\360\077' >nan.raw
printf '\001\000\000\000\000\000\370\177\000\000\000\000\000\000\360\077' >nan2.raw
printf '\177\370\000\000\000\000\000\000\077\360\000\000\000\000\000\000' >nan3.raw
"$NPICKLE" pack --dtype '<f8' --shape 2 nan.raw nan.npy --to npy
"$NPICKLE" pack --dtype '<f8' --shape 2 nan2.raw nan2.npy --to npy
"$NPICKLE" pack --dtype '>f8' --shape 2 nan3.raw nan3.npy --to npy
expect 0 "$NPICKLE" diff nan.npy nan2.npy
expect 1 "$NPICKLE" diff nan.npy nan3.npy
prints "(root): dtype: '<f8' / '>f8'"

# Cycles, and lists that hold the next one twice: 2 to the power of 100 ways through them.
printf '\200\002]q\000h\000a.' >cycle.pkl
printf '\200\002]q\000]q\001h\000aa.' >cycle2.pkl
expect 0 "$NPICKLE" diff cycle.pkl cycle2.pkl
awk 'BEGIN { printf "(lp0\nI1\na"; for (i = 1; i < 100; i++) printf "0(lp%d\ng%d\nag%d\na", i, i - 1, i - 1; printf "." }' >twice.pkl
sed 's/^I1$/I2/' twice.pkl >twice2.pkl
expect 0 "$NPICKLE" diff twice.pkl twice.pkl
expect 1 "$NPICKLE" diff twice.pkl twice2.pkl
has out '[0][0][0]: 1 / 2'
# A cycle of 801 lists beside one of 800, in which all 640800 pairs of lists must be compared: too many.
awk 'BEGIN { for (i = 0; i < 801; i++) printf "(lp%d\n", i; printf "g0\n"; for (i = 0; i < 801; i++) printf "a"; printf "." }' >cycle801.pkl
awk 'BEGIN { for (i = 0; i < 800; i++) printf "(lp%d\n", i; printf "g0\n"; for (i = 0; i < 800; i++) printf "a"; printf "." }' >cycle800.pkl
expect 3 "$NPICKLE" diff cycle801.pkl cycle800.pkl
has err 'LIMIT'

# More differences than are shown.
awk 'BEGIN { printf "(l"; for (i = 0; i < 250; i++) printf "I%d\na", i; printf "." }' >many.pkl
awk 'BEGIN { printf "(l"; for (i = 0; i < 250; i++) printf "I%d\na", i + 1; printf "." }' >many2.pkl
expect 1 "$NPICKLE" diff many.pkl many2.pkl
has out '[99]: 99 / 100'
has out '150 more differences are not shown'

# --- convert -------------------------------------------------------------------------------------------------------------

expect 0 "$NPICKLE" convert --protocol 0 list4.pkl again.pkl
same again.pkl list0.pkl 'protocol 4 to 0'
expect 0 "$NPICKLE" convert --protocol 4 list0.pkl again.pkl
same again.pkl list4.pkl 'protocol 0 to 4'
expect 0 "$NPICKLE" convert --protocol 4 both.pkl again.pkl
cat list4.pkl list4.pkl >wanted.pkl
same again.pkl wanted.pkl 'several pickles'
feed list0.pkl 0 "$NPICKLE" convert --to pkl --protocol 4 - -
same out list4.pkl 'through standard input and output'
expect 0 "$NPICKLE" convert --dialect python2 dict2.pkl again.pkl
same again.pkl dict2.pkl 'Python 2 to Python 2'

# Python 2's str is text or bytes only if the user says which.
expect 4 "$NPICKLE" convert dict2.pkl no.pkl
has err '--py2-str'
expect 4 "$NPICKLE" convert --protocol 3 python2.pkl no.pkl
expect 4 "$NPICKLE" convert --py2-str unicode dict2.pkl no.pkl
absent no.pkl 'after refusals of convert'
expect 0 "$NPICKLE" convert --py2-str text -p 3 dict2.pkl text.pkl
printf '\200\003}q\000(X\001\000\000\000kq\001X\003\000\000\000v\303\251q\002X\001\000\000\000nq\003K\001u.' >wanted.pkl
same text.pkl wanted.pkl 'text'
expect 0 "$NPICKLE" convert --py2-str=bytes -p 3 dict2.pkl bytes.pkl
printf '\200\003}q\000(C\001kq\001C\002v\351q\002X\001\000\000\000nq\003K\001u.' >wanted.pkl
same bytes.pkl wanted.pkl 'bytes'
expect 1 "$NPICKLE" diff dict2.pkl text.pkl
has out "['k']: str of Python 2 b'v\\xe9' / str 'vé'"
expect 0 "$NPICKLE" diff --text dict2.pkl text.pkl
expect 1 "$NPICKLE" diff --text dict2.pkl bytes.pkl

# Names are those of the Python that shall load it.
printf 'c__builtin__\nxrange\np0\n.' >range0.pkl
printf '\200\003cbuiltins\nrange\nq\000.' >range3.pkl
expect 0 "$NPICKLE" convert --protocol 3 range0.pkl again.pkl
same again.pkl range3.pkl 'a name of Python 3'
expect 0 "$NPICKLE" convert --protocol 0 range3.pkl again.pkl
same again.pkl range0.pkl 'a name of Python 2'
printf '\200\003cnumpy._core.multiarray\n_reconstruct\nq\000.' >numpy2.pkl
printf '\200\003cnumpy.core.multiarray\n_reconstruct\nq\000.' >numpy1.pkl
expect 0 "$NPICKLE" convert --protocol 3 numpy2.pkl again.pkl
same again.pkl numpy1.pkl 'a name of NumPy 1'
expect 0 "$NPICKLE" convert --protocol 3 --dialect numpy2 numpy1.pkl again.pkl
same again.pkl numpy2.pkl 'a name of NumPy 2'

expect 2 "$NPICKLE" convert short.pkl no.pkl
expect 3 "$NPICKLE" convert deep.pkl no.pkl
expect 4 "$NPICKLE" convert --dialect python2 --protocol 3 list4.pkl no.pkl
expect 4 "$NPICKLE" convert --array "['w']" list4.pkl no.pkl
expect 5 "$NPICKLE" convert list4.pkl missing/no.pkl
absent no.pkl 'after failures of convert'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
