#!/bin/sh
# .npy files as NumPy has them: what numpy.save makes of strings of any length, masked arrays, paths into arrays of objects, subarrays.
#
#   NPICKLE=build/tools/npickle sh tests/check-npy.sh

data=$(cd "${srcdir:-$(dirname "$0")/..}/tests/data" && pwd) || exit 99
. "${srcdir:-$(dirname "$0")/..}/tests/outside.sh"

# numpy.save of StringDType: a header that says |O, and the pickle of the array
expect 0 "$NPICKLE" convert "$data/stringdtype.pkl" strings.npy
same strings.npy "$data/stringdtype.npy"
expect 0 "$NPICKLE" show strings.npy
has out 'StringDType()'
expect 0 "$NPICKLE" check strings.npy
has out 'identical'

# A mask goes to a file of its own, or nothing is written.
expect 4 "$NPICKLE" convert "$data/masked-ints.pkl" ints.npy
has err '--mask'
absent ints.npy
expect 0 "$NPICKLE" convert --mask mask.npy "$data/masked-ints.pkl" ints.npy
expect 0 "$NPICKLE" show ints.npy
has out 'array([1, 2, 3])'
expect 0 "$NPICKLE" show mask.npy
has out 'array([False,  True, False])'
expect 4 "$NPICKLE" convert -a "" "$data/masked-ints.pkl" alone.pkl
absent alone.pkl
expect 4 "$NPICKLE" convert --mask other.npy ints.npy ints.pkl
absent other.npy
absent ints.pkl
expect 4 "$NPICKLE" convert --mask other.npy "$data/good-numpy-1.24-f8.pkl" plain.npy
has err 'without a mask'
absent plain.npy
expect 0 "$NPICKLE" extract "$data/masked-ints.pkl" -d parts
same parts/0000.npy ints.npy
same parts/0000.mask.npy mask.npy
has parts/manifest.json '"mask":"0000.mask.npy"'

# Of structs it is a struct of bools, as numpy.save has it: it has the shape of the data.
expect 0 "$NPICKLE" convert --mask mask.npy "$data/masked-structs.pkl" structs.npy
same mask.npy "$data/masked-structs.mask.npy"
expect 0 "$NPICKLE" extract "$data/masked-structs.pkl" -d structs
same structs/0000.npy structs.npy
same structs/0000.mask.npy "$data/masked-structs.mask.npy"
# What NumPy has no array for is left out, and all else is not.
expect 4 "$NPICKLE" extract "$data/no-items-masked.pkl" -d none
has err "is left out: the array has a mask of more bytes"
has none/manifest.json '"reason":"the array has a mask'
# Both files or neither, and never one in the place of the other.
rm structs.npy mask.npy
expect 4 "$NPICKLE" convert --mask ./structs.npy "$data/masked-structs.pkl" structs.npy
absent structs.npy
expect 5 "$NPICKLE" convert --mask nowhere/mask.npy "$data/masked-structs.pkl" structs.npy
absent structs.npy
expect 5 "$NPICKLE" convert --mask mask.npy "$data/masked-structs.pkl" nowhere/structs.npy
absent mask.npy
expect 4 "$NPICKLE" convert --mask mask.npy --buffer "$data/masked-ints.pkl" "$data/masked-structs.pkl" structs.npy
has err 'is not wanted'
absent mask.npy
absent structs.npy

# The pickle in a file of objects is written as the options say: np.load takes no str of Python 2 without an encoding.
objects=$data/objects-python2.pkl
expect 4 "$NPICKLE" convert -a "['O']" "$objects" objects.npy
has err '--py2-str'
absent objects.npy
expect 0 "$NPICKLE" convert -a "['O']" --py2-str=utf8 "$objects" objects.npy
expect 0 "$NPICKLE" show objects.npy
has out "array(['é', b'\\xff', None], dtype=object)"
expect 0 "$NPICKLE" convert -a "['O']" --py2-str=bytes --py2-str="['O'][0]=text" "$objects" objects.npy
expect 0 "$NPICKLE" show objects.npy
has out "array(['Ã©', b'\\xff', None], dtype=object)"
expect 0 "$NPICKLE" convert -a "['O']" --py2-str=bytes --py2-str="['O'][0]=text" "$objects" objects.pkl
expect 0 "$NPICKLE" show objects.pkl
has out "array(['Ã©', b'\\xff', None], dtype=object)"
expect 0 "$NPICKLE" convert -a "['O']" --dialect=python2 "$objects" objects.npy
tail -c +129 objects.npy > objects.pkl
expect 0 "$NPICKLE" dis objects.pkl
has out 'highest protocol among opcodes = 2'
expect 4 "$NPICKLE" convert -a "['n']" --py2-str=utf8 "$objects" plain.npy
has err 'without Python objects'
# extract writes the same files
expect 0 "$NPICKLE" extract --py2-str=utf8 "$objects" -d extracted
expect 0 "$NPICKLE" convert -a "['O']" --py2-str=utf8 "$objects" objects.npy
same extracted/0000.npy objects.npy
expect 0 "$NPICKLE" extract --py2-str=bytes --py2-str="['O'][0]=text" "$objects" -d extracted
expect 0 "$NPICKLE" show extracted/0000.npy
has out "array(['Ã©', b'\\xff', None], dtype=object)"
expect 0 "$NPICKLE" extract "$objects" -d extracted
expect 0 "$NPICKLE" show extracted/0000.npy
has out "array([b'\\xc3\\xa9', b'\\xff', None], dtype=object)"
expect 4 "$NPICKLE" extract --py2-str="['o']=text" "$objects" -d extracted
has err "there is nothing at '['o']'"
expect 4 "$NPICKLE" extract --py2-str=latin1 "$objects" -d extracted
has err 'expected text, utf8 or bytes'

# Paths into the pickle of an array of objects: numpy.save('dict.npy', {'a': numpy.arange(3), 'b': 'x'})
dict=$data/objects-dict.npy
expect 0 "$NPICKLE" info "$dict"
has out "[()]['a']"
expect 0 "$NPICKLE" show "$dict" "[()]['a']"
has out 'array([0, 1, 2])'
expect 0 "$NPICKLE" show --json "$dict" "[()]['a']"
has out '[0, 1, 2]'
expect 0 "$NPICKLE" convert -a "[()]['a']" "$dict" a.npy
expect 0 "$NPICKLE" set "$dict" "[()]['a']" ints.npy changed.npy
expect 0 "$NPICKLE" show changed.npy
has out "array({'a': array([1, 2, 3]), 'b': 'x'}, dtype=object)"
expect 1 "$NPICKLE" diff "$dict" changed.npy
has out "[()]['a']"
expect 0 "$NPICKLE" set changed.npy "[()]['a']" a.npy back.npy
same back.npy "$dict"
expect 4 "$NPICKLE" set "$dict" "" ints.npy whole.npy
absent whole.npy
expect 4 "$NPICKLE" show ints.npy "[0]"

# numpy.load of descr '8f8' takes eight numbers for each item, and then has no array of that shape, but where there is none.
expect 0 "$NPICKLE" info "$data/subarray-empty.npy"
has out "dtype('float64')"
{
    sed 's/(0,)/(2,)/' "$data/subarray-empty.npy"
    head -c 128 /dev/zero
} > subarray.npy
expect 4 "$NPICKLE" info subarray.npy
has err 'subarray'
{
    sed "s/'8f8'/'1f8'/; s/(0,)/(2,)/" "$data/subarray-empty.npy"
    head -c 16 /dev/zero
} > single.npy
expect 0 "$NPICKLE" info single.npy
has out "dtype('float64')"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
