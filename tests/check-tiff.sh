#!/bin/sh
# npickle convert and pack to TIFF: to a file and to a pipe, from pickles, .npy files and raw bytes; what TIFF can't hold; TIFF as input, which it is not. That the bytes are
# right is for tests/test_tiff.c.
#
#   NPICKLE=build/tools/npickle sh tests/check-tiff.sh

data=$(cd "${srcdir:-$(dirname "$0")/..}/tests/data" && pwd) || exit 99
. "${srcdir:-$(dirname "$0")/..}/tests/outside.sh"

# the end of a file
ends() {
    tail -c "$2" "$1" >end
    printf "$3" >wanted
    same end wanted
}

printf 'abcdefghijklmnopqrstuvwx' >raw
expect 0 "$NPICKLE" pack --dtype=u1 --shape=4,6 raw image.tif
ends image.tif 24 'abcdefghijklmnopqrstuvwx'
expect 0 "$NPICKLE" pack --dtype=u1 --shape=4,6 raw image.pkl
expect 0 "$NPICKLE" pack --dtype=u1 --shape=4,6 raw image.npy
for ending in NPY PKL; do
    expect 0 "$NPICKLE" pack --dtype=u1 --shape=4,6 raw "image.$ending"
    same "image.$ending" "image.$(echo $ending | tr A-Z a-z)"
done
for from in pkl npy; do
    expect 0 "$NPICKLE" convert image.$from other.tiff
    same other.tiff image.tif
    for ending in TIFF TIF Tif; do
        expect 0 "$NPICKLE" convert image.$from "other.$ending"
        same "other.$ending" image.tif
    done
    expect 0 "$NPICKLE" convert --to=tif image.$from other
    same other image.tif
    expect 0 "$NPICKLE" convert --to=tiff image.$from -
    same out image.tif
    feed image.$from 0 "$NPICKLE" convert --to=tif - -
    same out image.tif
done
expect 0 "$NPICKLE" pack --dtype='>u2' --shape=3,2,2 --order=F raw stack.pkl
expect 0 "$NPICKLE" convert stack.pkl stack.tif
has stack.tif 'ImageJ=1.53t'
has stack.tif 'images=3'
has stack.tif 'slices=3'
ends stack.tif 24 'abmnghstcdopijuvefqrklwx'
"$NPICKLE" convert --to=tif stack.pkl - | cat >piped.tif
same piped.tif stack.tif
# the elements encoded: what Python 3 writes at protocols 0 and 2
expect 0 "$NPICKLE" convert --protocol=0 stack.pkl old.pkl
expect 0 "$NPICKLE" convert old.pkl old.tif
same old.tif stack.tif
# one array of several; a masked one, and its mask
expect 4 "$NPICKLE" convert "$data/masked-ints.pkl" ints.tif
has err '--mask'
expect 4 "$NPICKLE" convert -a "['O']" "$data/objects-python2.pkl" objects.tif
absent objects.tif

# What is no image, and no file: what was there before stays.
cp image.tif kept.tif
for wrong in '? 24' '? 4,6' 'S1 4,6' 'u1 24' 'u1 1,1,1,1,4,6' 'u1 0,6'; do
    case $wrong in *0,6) : >part ;; *) cp raw part ;; esac
    expect 0 "$NPICKLE" pack --dtype="${wrong% *}" --shape="${wrong#* }" part wrong.pkl
    expect 4 "$NPICKLE" convert wrong.pkl kept.tif
    has err 'UNSUPPORTED: expected '
    has err 'found '
    same kept.tif image.tif
done
expect 4 "$NPICKLE" pack --dtype=u1 --shape=4,6 --typecode=B raw typecode.tif
has err 'a TIFF file holds no array.array'
expect 4 "$NPICKLE" convert --buffers-out=outside image.pkl buffers.tif
has err 'a TIFF file has nothing outside'
expect 4 "$NPICKLE" convert image.pkl image.png
has err "ends in neither .npy, .tif nor .pkl"
expect 4 "$NPICKLE" convert --to=png image.pkl image
has err "expected npy, tif or pkl, found 'png'"

# It is written, not read.
for command in info show check dis; do
    expect 2 "$NPICKLE" $command image.tif
    has err 'found a TIFF file'
done
expect 2 "$NPICKLE" convert stack.tif stack.npy
has err 'found a TIFF file'

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
