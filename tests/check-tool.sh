#!/bin/sh
# The tool from outside: exit statuses, messages, standard input and output, files that appear whole or not at all.
#
#   NPICKLE=build/tools/npickle sh tests/check-tool.sh
#
# Makes its own input. The checksums are cksum(1)'s of what NumPy 1.26.4 and 2.4 (numpy2) wrote on CPython 3.11.

data=$(cd "${srcdir:-$(dirname "$0")/..}/tests/data" && pwd) || exit 99
. "${srcdir:-$(dirname "$0")/..}/tests/outside.sh"

# sum FILE CKSUM SIZE
sum() {
    found=$(cksum <"$1")
    if [ "$found" = "$2 $3" ]; then good; else bad "$1: expected checksum and size $2 $3, found $found ($4)"; fi
}

# no_leftovers DIR: no temporary file
no_leftovers() {
    left=$(find "$1" -name '*tmp*' -o -name '.*' -type f | head -n 3)
    if [ -z "$left" ]; then good; else bad "left in $1: $left"; fi
}

# --- pickles that share a memo -------------------------------------------------------------------------------------------

# pickler = pickle.Pickler(out, 2); pickler.dump(a := [1]); pickler.dump((a, 2))
printf '\200\002]q\000K\001a.\200\002h\000K\002\206q\001.' > dumps.pkl
for command in info show check; do
    expect 2 "$NPICKLE" $command dumps.pkl
    has err 'MEMO at byte 11'
    has err '--keep-memo'
    expect 0 "$NPICKLE" $command --keep-memo dumps.pkl
done
expect 0 "$NPICKLE" show --keep-memo dumps.pkl
has out '([1], 2)'
expect 0 "$NPICKLE" check --keep-memo dumps.pkl
has out 'dumps.pkl at byte 9: identical'
expect 2 "$NPICKLE" convert dumps.pkl dumps2.pkl
absent dumps2.pkl 'the second pickle can not be read'
for protocol in 0 1 2 3 4 5; do
    expect 0 "$NPICKLE" convert --keep-memo -p $protocol dumps.pkl dumps2.pkl
    expect 0 "$NPICKLE" convert --keep-memo -p 2 --to pkl dumps2.pkl -
    same out dumps.pkl "back from protocol $protocol"
    expect 0 "$NPICKLE" diff --keep-memo dumps.pkl dumps2.pkl
done
expect 0 "$NPICKLE" extract --keep-memo -d dumps.d dumps.pkl

# An array is written as pickle.dumps does it, but what was called before it or over it is called again.
array='cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\ntRcm\ng\n(tR0(I1\n(I1\ntcnumpy\ndtype\n(Vu1\nI0\nI1\ntRI00\nVa\ntb.'
printf "cm\nf\n(tR0$array" > called.pkl
for protocol in 0 1 2 3 4 5; do
    expect 0 "$NPICKLE" convert -p $protocol called.pkl called2.pkl
    expect 0 "$NPICKLE" diff called.pkl called2.pkl
    expect 0 "$NPICKLE" show called2.pkl
    has out 'calls=[<m.g args=()>, <m.f args=()>]'
done

# Four bytes refer to 200,000 values of the first pickle: no command goes through them each time; what is only written again has no bound.
{
    printf '\200\002]q\000('
    head -c 200000 /dev/zero | tr '\000' ']'
    printf 'e.'
    for i in 1 2 3 4 5 6 7 8 9 10; do
        printf '\200\002h\000.'
    done
} > again.pkl
for command in info show check 'diff again.pkl' 'extract -d no.d'; do
    "$NPICKLE" $command --keep-memo again.pkl > out 2> err
    has err 'LIMIT'
    has err 'expected pickles of at most'
done
expect 0 "$NPICKLE" convert -p 2 --keep-memo again.pkl again2.pkl

# Very many pickles, of two bytes each: of a row of which the same is to be said a few lines tell.
printf 'N.%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 > row.pkl
i=0
while [ $i -lt 12 ]; do
    cat row.pkl row.pkl > rows.pkl
    mv rows.pkl row.pkl
    i=$((i + 1))
done
printf 'K\001.K\002.' >> row.pkl
for command in info check 'check --strict'; do
    expect 0 "$NPICKLE" $command row.pkl
    has out 'row.pkl: '
    has out 'row.pkl at byte 18: '
    has out 'row.pkl at byte 20: 49142 more like the one before, the last of them at byte 98302'
    has out 'row.pkl at byte 98304: '
    has out 'row.pkl at byte 98307: '
    [ "$(wc -l < out)" -eq 13 ] && good || bad "$command row.pkl: $(wc -l < out) lines"
done
head -c 22 row.pkl > eleven.pkl
expect 0 "$NPICKLE" info eleven.pkl
has out 'eleven.pkl at byte 20: protocol 0, 2 bytes'
expect 0 "$NPICKLE" info eleven.pkl eleven.pkl
[ "$(wc -l < out)" -eq 22 ] && good || bad "two files have rows of their own"

# Where they alternate each has its line, until 64 bytes for each of theirs and a megabyte were printed.
long=$(printf 'a long name %.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20).pkl
i=0
printf 'N.].N.].N.].N.].N.].N.].' > "$long"
while [ $i -lt 10 ]; do
    cat "$long" "$long" > rows.pkl
    mv rows.pkl "$long"
    i=$((i + 1))
done
for command in info check 'check --strict' 'info --json' 'check --json' 'check --json --strict' 'check -p 5 --json'; do
    "$NPICKLE" $command "$long" > out 2> err
    status=$?
    case $status in 0 | 1) ended=all ;; *) ended=limit ;; esac
    [ "$ended" = all ] || has err 'LIMIT at byte'
    [ "$(wc -c < out)" -le $((64 * 24576 + 1048576 + 4096)) ] && good || bad "$command: $(wc -c < out) bytes"
done
expect 3 "$NPICKLE" info "$long"
has err 'the limit of output: expected at most 2621440 bytes to come of what was read, found more'
expect 1 "$NPICKLE" check --json -p 5 "$long"
has out '"status":"limit"'

# An export of ZODB: each record is such a pair of pickles, with a memo of its own.
{
    printf 'ZEXP'
    for id in 1 2 3; do
        printf '\000\000\000\000\000\000\000\001\000\000\000\000\000\000\000\023'
        cat dumps.pkl
    done
    head -c 16 /dev/zero | tr '\000' '\377'
} > dumps.zexp
expect 0 "$NPICKLE" info dumps.zexp
has out 'dumps.zexp: .zexp, 3 records'
has out 'dumps.zexp at byte 20: protocol 2'
has out 'dumps.zexp at byte 29: protocol 2'
expect 0 "$NPICKLE" info --json dumps.zexp
has out '"format":"zexp"'
has out '"records":3'
expect 0 "$NPICKLE" check dumps.zexp
has out 'dumps.zexp at byte 99: identical'
expect 0 "$NPICKLE" show dumps.zexp
expect 0 "$NPICKLE" diff dumps.zexp dumps.zexp
feed dumps.zexp 0 "$NPICKLE" info -
for protocol in 0 1 3 4 5; do
    expect 0 "$NPICKLE" convert -p $protocol dumps.zexp dumps2.zexp
    expect 0 "$NPICKLE" diff dumps.zexp dumps2.zexp
    expect 0 "$NPICKLE" check dumps2.zexp
    lacks out differs
    expect 0 "$NPICKLE" convert -p 2 --to zexp dumps2.zexp -
    same out dumps.zexp ".zexp, back from protocol $protocol"
done
# Records without a pickle, and the ids of all, are copied.
{
    printf 'ZEXP\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\0'
    tail -c +5 dumps.zexp
} >more.zexp
expect 0 "$NPICKLE" convert -p 2 more.zexp more2.zexp
same more2.zexp more.zexp 'a record without a pickle'
expect 4 "$NPICKLE" convert dumps.pkl --keep-memo x.zexp
has err 'a .zexp file is written from a .zexp file alone, all of it'
expect 4 "$NPICKLE" convert --array '[0]' dumps.zexp x.zexp
absent x.zexp
expect 4 "$NPICKLE" convert dumps.zexp x.pkl
absent x.pkl 'a .zexp file is not written'
for size in 4 19 20 38 39 124; do
    head -c $size dumps.zexp > cut.zexp
    expect 2 "$NPICKLE" info cut.zexp
    has err 'TRUNCATED at byte'
done
{ cat dumps.zexp; echo; } > long.zexp
expect 2 "$NPICKLE" info long.zexp
has err 'TRAILING at byte'
printf 'ZEXP\000\000\000\000\000\000\000\001\377\377\377\377\377\377\377\376N.' > large.zexp
expect 2 "$NPICKLE" info large.zexp
has err 'TRUNCATED at byte 4: expected a record of 18446744073709551614 bytes, found 2'

# --- payloads outside the pickle -----------------------------------------------------------------------------------------

cp "$data/outside-numpy2.pkl" one.pkl
cp "$data/outside-numpy2.buf" one.buf
for command in info show check 'extract -d no.d'; do
    expect 2 "$NPICKLE" $command one.pkl
    has err 'STACK at byte 56 (opcode NEXT_BUFFER): expected 1 buffer from outside the pickle, found 0'
    has err '--buffer=FILE'
    expect 0 "$NPICKLE" $command --buffer one.buf one.pkl
    expect 0 "$NPICKLE" $command one.pkl --buffer=one.buf
    expect 4 "$NPICKLE" $command --buffer one.buf --buffer one.buf one.pkl
    has err "2 buffers were given, the input refers to 1: 'one.buf' is not wanted"
    expect 5 "$NPICKLE" $command --buffer nowhere.buf one.pkl
    has err 'nowhere.buf'
done
expect 0 "$NPICKLE" info --buffer one.buf one.pkl
has out 'numpy.ndarray, outside'
expect 0 "$NPICKLE" info --json --buffer one.buf one.pkl
has out '"outside":true'
expect 0 "$NPICKLE" check --buffer one.buf one.pkl
has out 'identical'
expect 0 "$NPICKLE" show --buffer one.buf one.pkl
has out "{'x': array([0., 1., 2., 3., 4.])}"
expect 4 "$NPICKLE" show --buffer - one.pkl
has err "--buffer: expected a file, found '-'"
# several files and several pickles: in order over all of them
cat one.pkl one.pkl > two.pkl
head -c 40 /dev/zero > zero.buf
expect 0 "$NPICKLE" info --buffer one.buf --buffer one.buf --buffer one.buf two.pkl one.pkl
expect 0 "$NPICKLE" show --buffer one.buf --buffer zero.buf two.pkl
has out "{'x': array([0., 1., 2., 3., 4.])}"
has out "{'x': array([0., 0., 0., 0., 0.])}"
expect 2 "$NPICKLE" check --buffer one.buf two.pkl
has out 'two.pkl: identical'
has err 'at byte 181 (opcode NEXT_BUFFER): expected 1 buffer from outside the pickle, found 0'
# written again: in the pickle, at every protocol; or outside
for protocol in 0 1 2 3 4 5; do
    expect 0 "$NPICKLE" convert -p $protocol --buffer one.buf one.pkl in.pkl
    expect 0 "$NPICKLE" diff --buffer one.buf one.pkl in.pkl
    expect 0 "$NPICKLE" diff --buffer-b one.buf in.pkl one.pkl
    expect 0 "$NPICKLE" diff --buffer-b one.buf --buffer one.buf one.pkl one.pkl
done
expect 0 "$NPICKLE" convert --dialect numpy2 --buffer one.buf --buffers-out out.d one.pkl out.pkl
same out.pkl one.pkl 'a payload that stays outside'
same out.d/000000.buf one.buf 'a payload that stays outside'
expect 0 "$NPICKLE" convert --dialect numpy2 -p 5 --buffers-out again.d in.pkl again.d/again.pkl
same again.d/again.pkl one.pkl 'a payload that goes out'
same again.d/000000.buf one.buf 'a payload that goes out'
no_leftovers again.d
expect 0 "$NPICKLE" convert --buffers-out two.d --buffer one.buf --buffer zero.buf two.pkl two2.pkl
same two.d/000000.buf one.buf 'the first of two'
same two.d/000001.buf zero.buf 'the second of two'
# whole or not at all
expect 4 "$NPICKLE" convert --buffers-out again.d in.pkl x.pkl
has err "expected a directory without .buf files, found '000000.buf'"
absent x.pkl 'there were buffers'
same again.d/000000.buf one.buf 'buffers that were there'
expect 2 "$NPICKLE" convert --buffers-out new.d --buffer one.buf two.pkl x.pkl
absent x.pkl 'the second pickle can not be read'
absent new.d 'the second pickle can not be read'
expect 4 "$NPICKLE" convert --buffers-out new.d --buffer one.buf --buffer zero.buf one.pkl x.pkl
has err "'zero.buf' is not wanted"
absent x.pkl 'too many buffers'
absent new.d 'too many buffers'
expect 5 "$NPICKLE" convert --buffers-out new.d in.pkl nowhere/x.pkl
absent new.d 'no place for the pickle'
expect 5 "$NPICKLE" convert --buffers-out one.pkl in.pkl x.pkl
has err 'one.pkl'
expect 4 "$NPICKLE" convert -p 4 --buffers-out new.d in.pkl x.pkl
has err '--buffers-out: protocol 4 has nothing outside'
expect 4 "$NPICKLE" convert --buffers-out new.d in.pkl x.npy
absent new.d 'nothing was written'
expect 0 "$NPICKLE" convert --buffer one.buf one.pkl x.npy
# an array that is put in the place of one outside: of the pickle that is written again, and of no other
expect 0 "$NPICKLE" set -n 1 --buffer one.buf --buffer zero.buf two.pkl "['x']" x.npy y.pkl
has err "'zero.buf' is not wanted any more"
lacks err "'one.buf'"
expect 0 "$NPICKLE" show --buffer one.buf y.pkl
expect 0 "$NPICKLE" set --buffer one.buf one.pkl "['x']" x.npy y.pkl
has err "'one.buf' is not wanted any more"
expect 0 "$NPICKLE" diff --buffer-b one.buf y.pkl one.pkl

# --- the command line ----------------------------------------------------------------------------------------------------

expect 0 "$NPICKLE" --version
has out 'npickle '
expect 0 "$NPICKLE" --help
for command in info show dis extract convert set pack; do
    expect 0 "$NPICKLE" help $command
    has out "Usage: npickle $command "
    cp out help1
    expect 0 "$NPICKLE" $command --help
    same out help1 "help of $command"
    expect 4 "$NPICKLE" $command
    expect 4 "$NPICKLE" $command --no-such-option x
done
expect 4 "$NPICKLE"
expect 4 "$NPICKLE" no-such-command
expect 4 "$NPICKLE" help no-such-command
expect 4 "$NPICKLE" dis a b
expect 4 "$NPICKLE" extract x

# --- padding after a pickle ----------------------------------------------------------------------------------------------

printf 'K\001.\n' >padded.pkl
for command in info show check 'convert --to pkl' extract; do
    case $command in
    convert*) set -- $command padded.pkl again.pkl ;;
    extract) set -- extract padded.pkl -d padded ;;
    *) set -- $command padded.pkl ;;
    esac
    expect 0 "$NPICKLE" "$@"
    has err 'npickle: padded.pkl: note: passed over 1 byte of padding'
done
expect 0 "$NPICKLE" info --json padded.pkl
has out '"padding":1'
feed padded.pkl 0 "$NPICKLE" show -
has err 'standard input: note: passed over'
expect 0 "$NPICKLE" dis --all padded.pkl
printf 'K\001.\nK\002.\000\000' >padded.pkl
expect 0 "$NPICKLE" show padded.pkl
printf '1\n2\n' >two
same out two 'two pickles with padding between and after them'
has err 'passed over 3 bytes'

cp padded.pkl padded-too.pkl
expect 0 "$NPICKLE" diff padded.pkl padded-too.pkl
has err 'npickle: padded.pkl: note: passed over 3 bytes'
has err 'npickle: padded-too.pkl: note: passed over 3 bytes'

printf 'K\001.K\002.K' >cut.pkl
cp cut.pkl cut-too.pkl
expect 2 "$NPICKLE" diff cut.pkl cut-too.pkl
has err 'npickle: cut.pkl: TRUNCATED at byte 6'
expect 2 "$NPICKLE" show cut.pkl
same out two 'the pickles before one that is cut'
has err 'TRUNCATED at byte 6'

# --- malformed objects that are kept -------------------------------------------------------------------------------------

kept=$srcdir/tests/data/malformed-masked-objects.pkl
for command in info show check 'convert -p 2' extract; do
    case $command in
    convert*) set -- $command --dialect=python2 "$kept" kept.pkl ;;
    extract) set -- extract "$kept" -d kept ;;
    *) set -- $command "$kept" ;;
    esac
    expect 2 "$NPICKLE" "$@"
    has err 'ARRAY at byte 174 (opcode BUILD): the elements of an array of objects are a list'
    rm -f kept.pkl
    expect 2 "$NPICKLE" "$@" --keep-going
    has err 'ARRAY at byte 174 (opcode BUILD): the elements of an array of objects are a list'
    case $command in
    convert*) same kept.pkl "$kept" 'a malformed object converted' ;;
    esac
done
expect 2 "$NPICKLE" info -k "$kept"
has out '(root)                malformed, ARRAY at byte 174: the elements'
expect 2 "$NPICKLE" info -k --json "$kept"
has out '"malformed":[{"path":"","status":"ARRAY","offset":174,"message":"the elements'
expect 2 "$NPICKLE" show -k "$kept"
has out '<numpy.ma.core._mareconstruct args=(<numpy.ma.core.MaskedArray>, <numpy.ndarray>, (0,), '
has out " malformed='the elements of an array of objects are a list"
expect 2 "$NPICKLE" show -k --json "$kept"
has out '"malformed": {"status": "ARRAY", "offset": 174, "message": "the elements'
expect 0 "$NPICKLE" show -k padded.pkl
lacks out malformed
# the pickle is written, and so its buffers stay
expect 0 "$NPICKLE" convert -p 5 --buffer one.buf one.pkl in.pkl
cat in.pkl "$kept" > both.pkl
expect 2 "$NPICKLE" convert -k --py2-str=bytes --buffers-out kept.d both.pkl kept.pkl
same kept.d/000000.buf one.buf 'a buffer beside what is malformed'
expect 2 "$NPICKLE" info -k --buffer kept.d/000000.buf kept.pkl
has out 'numpy.ndarray, outside'

# --- pickles that can't be read on ----------------------------------------------------------------------------------------

printf '](K\001K\002e' >cut.pkl
expect 2 "$NPICKLE" show cut.pkl
lacks out STOP
expect 2 "$NPICKLE" show --keep-going cut.pkl
has out "<STOP args=([1, 2],) malformed='the input ends where an opcode should be'>"
has err 'cut.pkl: TRUNCATED at byte 7: the input ends where an opcode should be'
expect 2 "$NPICKLE" convert --keep-going -p 0 cut.pkl again.pkl
expect 2 "$NPICKLE" show --keep-going again.pkl
has out "<STOP args=([1, 2],) malformed="
# where the pickle ends is told of, however much else is malformed
{
    printf '(l'
    for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21; do
        printf 'cnumpy\ndtype\n(Vnone\ntRa'
    done
} > many.pkl
expect 2 "$NPICKLE" info --keep-going many.pkl
has err 'more malformed objects follow'
has err 'TRUNCATED at byte 508'
# a frame tells where the next one begins
printf '\200\004\225\007\000\000\000\000\000\000\000](\377\002\000e.\200\002K\007.' >next.pkl
expect 2 "$NPICKLE" show --keep-going next.pkl
has out "<STOP args=(b'\\xff\\x02\\x00e.', []) malformed='expected an opcode, found the byte 0xff; by its frame the pickle ends at byte 18'>"
sed -n '$p' out >last
echo 7 >wanted
same last wanted 'the next pickle of a stream'
# else nothing does
printf '\200\002](\377\002\000e.\200\002K\007.' >next.pkl
expect 2 "$NPICKLE" show --keep-going next.pkl
has err 'OPCODE at byte 4: expected an opcode, found the byte 0xff; nothing behind it is read, as nothing says where the pickle ends'

# --- transfers in text mode ----------------------------------------------------------------------------------------------

printf '(lp0\nI1\naVa\np1\na.' >lines.pkl
printf '(lp0\r\nI1\r\naVa\r\np1\r\na.' >crlf.pkl
expect 2 "$NPICKLE" show crlf.pkl
has err 'crlf.pkl: note: probably changed by a transfer in text mode: 0x0a became 0x0d 0x0a; --repair undoes it'
expect 0 "$NPICKLE" show --repair crlf.pkl
has err 'crlf.pkl: note: undid a transfer in text mode: left out 4 bytes'
cp out repaired
expect 0 "$NPICKLE" show --repair --keep-going crlf.pkl
same out repaired 'a transfer undone, while what is malformed would be kept'
head -c 16 crlf.pkl >cut.pkl
expect 2 "$NPICKLE" show --repair --keep-going cut.pkl
lacks err 'undid'
expect 0 "$NPICKLE" show lines.pkl
same out repaired 'a text pickle with CR LF'
expect 0 "$NPICKLE" convert --repair -p 0 crlf.pkl again.pkl
expect 0 "$NPICKLE" diff --repair crlf.pkl lines.pkl
has err 'crlf.pkl: note: undid a transfer in text mode: left out 4 bytes'
has err 'lines.pkl: note: --repair changed nothing'
expect 0 "$NPICKLE" dis --repair lines.pkl
has err 'lines.pkl: note: --repair changed nothing'
expect 0 "$NPICKLE" check --repair crlf.pkl lines.pkl
feed crlf.pkl 0 "$NPICKLE" info --repair -
printf '\200\002cnumpy\r\nndarray\r\n.' >crlf.pkl
expect 0 "$NPICKLE" info crlf.pkl
has err 'note: probably changed by a transfer in text mode'
expect 0 "$NPICKLE" show --repair crlf.pkl
printf "<class 'numpy.ndarray'>\n" >class
has out 'numpy.ndarray'
printf '\357\273\277I1\n.' >mark.pkl
expect 2 "$NPICKLE" show mark.pkl
has err 'note: --repair leaves the byte order mark out'
expect 0 "$NPICKLE" show --repair mark.pkl
printf '1\n' >one
same out one 'a byte order mark in front'

# --- files of PyTorch --------------------------------------------------------------------------------------------------

torch=$srcdir/tests/data/torch-slice.pt
expect 0 "$NPICKLE" info "$torch"
has out "  '73143456' at byte 419: 10 x <f4, 40 bytes"
has out "  ['weight1']           dtype('float32')   (2,)            C           8 bytes  torch.Tensor"
feed "$torch" 0 "$NPICKLE" info --json -
has out '"storages":[{"key":"73143456","dtype":"<f4","count":10,"offset":419,"nbytes":40}]'
expect 0 "$NPICKLE" show "$torch" "['weight1']"
printf 'Tensor([-0.66560984,  0.9122787 ], dtype=float32)\n' >tensor
same out tensor 'a tensor'
expect 0 "$NPICKLE" extract "$torch" -d torch -a "['weight1']"
tail -c 8 torch/0000.npy >tensor
dd if="$torch" of=wanted bs=1 skip=447 count=8 2>/dev/null
same tensor wanted 'a tensor extracted'
expect 0 "$NPICKLE" check "$torch"
expect 0 "$NPICKLE" diff "$torch" "$torch"
rm -f no.pkl
expect 4 "$NPICKLE" convert "$torch" no.pkl
absent no.pkl 'the storages would be lost'
expect 4 "$NPICKLE" set "$torch" "['weight0']" torch/0000.npy no.pkl
has err 'is a file of PyTorch: npickle reads these, and writes none'

printf '\200\2\212\nl\374\234F\371 j\250P\31.\200\2M\351\3.\200\2}q\0.\200\2}X\5\0\0\0epochK\3s.\200\2]q\0.' >no.pt
for command in info show check extract\ -d\ none; do
    expect 0 "$NPICKLE" $command no.pt
done
expect 0 "$NPICKLE" show no.pt
has out "{'epoch': 3}"

# Since PyTorch 1.6: zip archives.
archive=$srcdir/tests/data/torch-archive.pt
expect 0 "$NPICKLE" info "$archive"
has out 'PyTorch, a zip archive, one pickle and storages:'
has out "  '0' at byte 704: 6 x <f4, 24 bytes"
has out "at byte 64: protocol 2, "
has out "  ['b']                 dtype('float32')   (2,)            K           8 bytes  torch.Tensor"
feed "$archive" 0 "$NPICKLE" info -
has out "  '0' at byte 704: 6 x <f4, 24 bytes"
expect 0 "$NPICKLE" info --json "$archive"
has out '"storages":[{"key":"0","dtype":"<f4","count":6,"offset":704,"nbytes":24},{"key":"1"'
expect 0 "$NPICKLE" show "$archive" "['b']"
printf 'Tensor([1., 4.], dtype=float32)\n' >tensor
same out tensor 'a tensor of an archive'
expect 0 "$NPICKLE" extract "$archive" -d archive
expect 0 "$NPICKLE" show archive/0001.npy
has out '[1., 4.]'
expect 0 "$NPICKLE" check "$archive"
has out 'at byte 64: identical'
expect 0 "$NPICKLE" diff "$archive" "$srcdir/tests/data/torch-archive-repacked.pt"
expect 1 "$NPICKLE" diff "$archive" "$srcdir/tests/data/torch-archive-overlapping.pt"
has out "['c']: "
expect 4 "$NPICKLE" convert "$archive" no.pkl
absent no.pkl
one=$srcdir/tests/data/torch-archive-one.pt
expect 4 "$NPICKLE" convert "$one" no.pkl
has err 'there is more than an array in it: choose that with --array'
absent no.pkl 'the rest would be lost'
expect 0 "$NPICKLE" convert "$one" one.npy
expect 0 "$NPICKLE" convert -a "['a']" "$one" one.pkl
expect 0 "$NPICKLE" show "$srcdir/tests/data/torch-archive-none.pt"
has out "{'epoch': 3}"
expect 0 "$NPICKLE" convert --array "['b']" "$archive" b.npy
expect 4 "$NPICKLE" set "$archive" "['a']" b.npy no.pkl
has err 'is a file of PyTorch: npickle reads these, and writes none'
for command in info show check 'extract -d no.d' 'diff -'; do
    feed "$archive" 4 "$NPICKLE" $command "$srcdir/tests/data/torch-archive-compressed.pt"
    has err "UNSUPPORTED at byte 109: 'm/data.pkl' is compressed in its zip archive"
done
head -c 430 "$torch" >cut.pt
expect 2 "$NPICKLE" info cut.pt
has err 'TRUNCATED'

# --- pack ----------------------------------------------------------------------------------------------------------------

printf '\000\000\000\000\000\000\360\077\000\000\000\000\000\000\000\100' >two.raw # 1.0, 2.0
printf '\001\002\003\004\005\006' >six.raw

set -- 3312151662:322 197557472:236 2473086403:223 1905128295:169 2637362206:163 496719520:142
for protocol in 0 1 2 3 4 5; do
    expect 0 "$NPICKLE" pack --dialect numpy1.26 --dtype '<f8' --shape 2 --protocol $protocol two.raw "two$protocol.pkl"
    sum "two$protocol.pkl" "${1%:*}" "${1#*:}" "protocol $protocol"
    shift
done
set -- 1333665185:323 1884597152:237 222712647:224 2246442941:170 4059696673:164 1814142649:143
for protocol in 0 1 2 3 4 5; do
    expect 0 "$NPICKLE" pack --dtype=f8 -s 2 -p$protocol --dialect=numpy2 two.raw new.pkl
    sum new.pkl "${1%:*}" "${1#*:}" "numpy2, protocol $protocol"
    shift
done
# No NumPy warns of what the default dialect writes at protocol 5, as NumPy 2 does of numpy.core.numeric.
expect 0 "$NPICKLE" convert -p 5 new.pkl five.pkl
lacks five.pkl _frombuffer
has five.pkl _reconstruct
expect 0 "$NPICKLE" pack --dtype=f8 -s 2 -p5 two.raw four.pkl
same five.pkl four.pkl 'protocol 5 of the default dialect'
expect 0 "$NPICKLE" pack --dtype u1 --shape 2,3 six.raw six.pkl
sum six.pkl 3312409330 214 'u1'
expect 0 "$NPICKLE" pack --dtype u1 --shape '(2, 3)' --order F six.raw sixf.pkl
sum sixf.pkl 2354617214 214 'u1, Fortran order'
feed six.raw 0 "$NPICKLE" pack --dtype u1 --shape 2,3 - -
same out six.pkl 'pack through standard input and output'
expect 0 "$NPICKLE" pack --dtype f8 --shape 2 --to npy two.raw two.npy
sum two.npy 389699704 144 '.npy'
printf '\007' >one.raw
for shape in '' '()'; do
    expect 0 "$NPICKLE" pack --dtype u1 --shape "$shape" one.raw zero.pkl
    expect 0 "$NPICKLE" info zero.pkl
    has out '()'
done
: >none.raw
expect 0 "$NPICKLE" pack --dtype '>i4' --shape 0,3 none.raw empty.pkl
expect 0 "$NPICKLE" info empty.pkl
has out '(0, 3)'
has out '>i4'

rm -f no.pkl
expect 4 "$NPICKLE" pack --dtype u1 --shape 7 six.raw no.pkl
has err 'expected 7 bytes'
has err 'found 6'
feed six.raw 4 "$NPICKLE" pack --dtype u1 --shape 5 - no.pkl
has err 'more than 5'
expect 4 "$NPICKLE" pack --dtype nonsense --shape 6 six.raw no.pkl
expect 4 "$NPICKLE" pack --dtype O --shape 6 six.raw no.pkl
expect 4 "$NPICKLE" pack --dtype u1 --shape 2,x six.raw no.pkl
expect 4 "$NPICKLE" pack --dtype u1 --shape 2,-3 six.raw no.pkl
expect 4 "$NPICKLE" pack --dtype u1 --shape 2,,3 six.raw no.pkl
expect 4 "$NPICKLE" pack --dtype f8 --shape 4611686018427387904,4 six.raw no.pkl
expect 4 "$NPICKLE" pack --dtype u1 --shape 6 --order A six.raw no.pkl
expect 4 "$NPICKLE" pack --dtype u1 --shape 6 --protocol 6 six.raw no.pkl
expect 4 "$NPICKLE" pack --dtype u1 --shape 6 --dialect numpy3 six.raw no.pkl
expect 4 "$NPICKLE" pack --shape 6 six.raw no.pkl
expect 5 "$NPICKLE" pack --dtype u1 --shape 6 missing.raw no.pkl
absent no.pkl 'after wrong calls of pack'

# --- convert -------------------------------------------------------------------------------------------------------------

for protocol in 0 1 2 3 4 5; do
    expect 0 "$NPICKLE" convert "two$protocol.pkl" again.npy
    same again.npy two.npy "protocol $protocol to .npy"
    expect 0 "$NPICKLE" convert --dialect numpy1.26 --protocol $protocol two.npy again.pkl
    same again.pkl "two$protocol.pkl" ".npy to protocol $protocol"
done
expect 0 "$NPICKLE" convert six.pkl six.npy
expect 0 "$NPICKLE" convert sixf.pkl sixf.npy
expect 0 "$NPICKLE" convert sixf.npy again.pkl
same again.pkl sixf.pkl 'Fortran order through .npy'
feed two.npy 0 "$NPICKLE" convert --to pkl - -
same out two2.pkl '.npy through standard input'
feed two4.pkl 0 "$NPICKLE" convert --to=npy - -
same out two.npy 'a pickle through standard input'
expect 0 "$NPICKLE" convert two4.pkl -p 1 again.pickle
same again.pickle two1.pkl 'pickle to pickle'
cp two.npy inplace
expect 0 "$NPICKLE" convert --to pkl inplace inplace
same inplace two2.pkl 'a file onto itself'
expect 4 "$NPICKLE" convert two.npy out.xyz
expect 4 "$NPICKLE" convert two.npy -
expect 4 "$NPICKLE" convert --to xyz two.npy x.npy
expect 4 "$NPICKLE" convert --array "['w']" two2.pkl no.npy
printf ']\224.' >list.pkl
expect 4 "$NPICKLE" convert list.pkl no.npy
has err 'no array'
cat six.pkl two2.pkl >both.pkl
expect 4 "$NPICKLE" convert both.pkl no.npy
absent no.npy 'after wrong calls of convert'


# --- other names -------------------------------------------------------------------------------------------------------------

printf '\200\002(clab.run\nJob\ncmylab.run\nJob\nclab\nA\nt.' >names.pkl
printf '\200\002cnew.run\nTask\ncmylab.run\nJob\ncnew\nA\n\207.' >renamed.pkl
expect 0 "$NPICKLE" convert -p 2 --rename lab.run:Job=new.run:Task --rename=lab=new names.pkl found.pkl
same found.pkl renamed.pkl "--rename"
expect 0 "$NPICKLE" convert -p 2 --rename lab=new --rename new=other --rename lab=third names.pkl found.pkl
has err "names.pkl: note: --rename=new=other renamed nothing"
has err "--rename=lab=third renamed nothing"
lacks err "--rename=lab=new renamed nothing"
sed 's/Task/Job/' renamed.pkl >expected.pkl
same found.pkl expected.pkl "--rename: the first that fits"
for rule in lab lab=a:b lab:A=b =a a= lab:=a:b lab=.x lab=x. lab=a..b 'lab=a b' 'lab= a' 'lab=a
b' lab.=x .lab=x lab:A.=lab:B lab:A=lab:.B lab=a=b lab=a:b:c lab=a/b; do
    expect 4 "$NPICKLE" convert --rename "$rule" names.pkl found.pkl
    has err "--rename: expected"
done
for rule in numpy=cupy numpy.random=lab numpy.ma.core:MaskedArray=lab:Masked; do
    expect 4 "$NPICKLE" convert --rename "$rule" names.pkl found.pkl
    has err "--rename: what is NumPy's has the names that --dialect says"
done
expect 0 "$NPICKLE" convert -p 2 --rename numpy_groupies=groups names.pkl found.pkl
# _compat_pickle.py: below protocol 3 "Queue" is queue, in Python 3
expect 4 "$NPICKLE" convert -p 2 --rename lab=Queue names.pkl no.pkl
has err 'names.pkl: UNSUPPORTED: at [2]'
has err 'below protocol 3 Python 3 takes'
absent no.pkl
expect 4 "$NPICKLE" convert -p 2 --rename lab.run:Job=Queue:Queue names.pkl no.pkl
has err 'at [0]: the new name does not hold: below protocol 3 Python 3 takes Queue.Queue for queue.Queue'
expect 0 "$NPICKLE" convert -p 2 --dialect python2 --rename lab.run:Job=Queue:Queue names.pkl found.pkl
expect 0 "$NPICKLE" convert -p 3 --rename lab.run:Job=Queue:Queue names.pkl found.pkl
expect 0 "$NPICKLE" convert -p 2 --rename lab.run:Job=queue:Queue names.pkl found.pkl
# two keys that become one
printf '](K\001}(clab\nA\nK\001cnew\nA\nK\002ue.' >keys.pkl
expect 4 "$NPICKLE" convert -p 2 --rename lab=new keys.pkl no.pkl
has err 'keys.pkl: UNSUPPORTED: at [1].<keys>[1]: two names that differ become one, both of them keys: an entry would be lost'
absent no.pkl
expect 0 "$NPICKLE" convert -p 2 --rename lab=other keys.pkl found.pkl

# --- info ----------------------------------------------------------------------------------------------------------------

expect 0 "$NPICKLE" info two2.pkl
has out 'two2.pkl: protocol 2, 223 bytes'
has out 'Python 3.4 and later, NumPy 1.19 to 1.26'
has out '(root)'
has out "dtype('float64')"
has out '(2,)'
has out '16 bytes'
has out 'numpy.ndarray'
expect 0 "$NPICKLE" info --json two2.pkl
has out '{"files":[{"file":"two2.pkl","status":"ok","error":null,"pickles":[{"offset":0,"size":223,"protocol":2,"opcodes":'
has out '"globals":["numpy.core.multiarray._reconstruct","numpy.ndarray","_codecs.encode","numpy.dtype"]'
has out '"arrays":[{"path":"","class":"numpy.ndarray","dtype":"<f8","shape":[2],"order":"C","nbytes":16}]}]'
feed two2.pkl 0 "$NPICKLE" info --json -
has out '{"files":[{"file":"-","status":"ok","error":null,"pickles":[{"offset":0,"size":223,"protocol":2,'
expect 0 "$NPICKLE" info --json both.pkl
has out '"pickles":[{"offset":0,"size":214,'
has out '{"offset":214,"size":223,'
expect 0 "$NPICKLE" info --json two.npy
has out '"format":"npy"'
has out '"pickles":[]'
has out '"arrays":[{"path":"","class":"numpy.ndarray","dtype":"<f8","shape":[2],"order":"C","nbytes":16}]'
expect 0 "$NPICKLE" info --json sixf.pkl
has out '"shape":[2,3],"order":"F","nbytes":6'
expect 0 "$NPICKLE" info new.pkl
has out 'NumPy 2'

# An error after a good pickle: what was good is listed.
head -c 300 both.pkl >cut.pkl
expect 2 "$NPICKLE" info --json cut.pkl
has out '"status":"malformed","error":{"code":"TRUNCATED","offset":'
has out '"pickles":[{"offset":0,"size":214,'
has err 'npickle: cut.pkl: TRUNCATED at byte '
expect 2 "$NPICKLE" info cut.pkl
has out '(2, 3)'

# Several files: all are listed, the worst counts.
expect 5 "$NPICKLE" info cut.pkl missing.pkl two2.pkl
has out 'two2.pkl: '
has err 'missing.pkl: IO'

# Names that would do harm to a terminal or to JSON.
esc=$(printf '\033')
odd=$(printf 'a"b\\c\033[31m\001\377')
cp two2.pkl "$odd"
expect 0 "$NPICKLE" info "$odd"
lacks out "$esc"
expect 0 "$NPICKLE" info --json "$odd"
lacks out "$esc"
has out '{"files":[{"file":"a\"b\\c\u001b[31m\u0001\udcff",'
printf 'cos\nsys\033[31mtem"\\\n.' >name.pkl
expect 0 "$NPICKLE" info --json name.pkl
lacks out "$esc"
has out '"globals":["os.sys\u001b[31mtem\"\\"]'
if command -v jq >jq.path 2>/dev/null; then
    for file in two2.pkl both.pkl cut.pkl name.pkl missing.pkl two.npy; do
        "$NPICKLE" info --json $file 2>err | jq . >out 2>err
        if [ -s out ]; then good; else bad "jq does not take the JSON of $file"; fi
    done
fi
expect 5 "$NPICKLE" info "$odd.missing"
lacks err "$esc"

# --- malformed, limits ---------------------------------------------------------------------------------------------------

for command in info dis 'convert --to npy' 'extract -d nowhere'; do
    case $command in
    convert*) last=no.npy ;;
    *) last= ;;
    esac
    head -c 100 two2.pkl >short.pkl
    expect 2 "$NPICKLE" $command short.pkl $last
    has err 'short.pkl: TRUNCATED at byte '
    expect 2 "$NPICKLE" $command none.raw $last
    expect 5 "$NPICKLE" $command missing.pkl $last
    expect 5 "$NPICKLE" $command . $last
    feed short.pkl 2 "$NPICKLE" $command - $last
    has err 'standard input: TRUNCATED at byte '
done
printf 'no pickle at all' >text.pkl
expect 2 "$NPICKLE" info text.pkl
has err ' at byte 0'
(
    awk 'BEGIN { for (i = 0; i < 1500; i++) printf "]"; for (i = 0; i < 1499; i++) printf "a"; printf "." }'
) >deep.pkl
expect 3 "$NPICKLE" info deep.pkl
has err 'LIMIT'
expect 0 "$NPICKLE" dis deep.pkl
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "(" }' >marks.pkl
expect 3 "$NPICKLE" dis marks.pkl
has err 'LIMIT'
printf '(I%05000d\nt.' 1 >digits.pkl
expect 3 "$NPICKLE" dis digits.pkl

# --- dis -----------------------------------------------------------------------------------------------------------------

printf '\200\002]q\000(K\001X\003\000\000\000a\303\251G?\360\000\000\000\000\000\000e.' >small.pkl
cat >small.dis <<'END'
    0: \x80 PROTO      2
    2: ]    EMPTY_LIST
    3: q    BINPUT     0
    5: (    MARK
    6: K        BININT1    1
    8: X        BINUNICODE 'aé'
   16: G        BINFLOAT   1.0
   25: e        APPENDS    (MARK at 5)
   26: .    STOP
highest protocol among opcodes = 2
END
expect 0 "$NPICKLE" dis small.pkl
same out small.dis 'dis'
feed small.pkl 0 "$NPICKLE" dis -
same out small.dis 'dis of standard input'
cat small.pkl small.pkl >twice.pkl
expect 0 "$NPICKLE" dis twice.pkl
same out small.dis 'dis stops after the first pickle'
expect 0 "$NPICKLE" dis --all twice.pkl
has out '   27: \x80 PROTO      2'
expect 0 "$NPICKLE" dis -a small.pkl
has out 'the end'
printf '(t' >open.pkl
expect 2 "$NPICKLE" dis open.pkl
printf '    0: (    MARK\n    1: t        TUPLE      (MARK at 0)\n' >open.dis
same out open.dis 'dis up to the error'
has err 'open.pkl: TRUNCATED at byte 2'
printf 'S"\\xe9"\n.' >latin.pkl
expect 2 "$NPICKLE" dis latin.pkl
expect 0 "$NPICKLE" dis --latin1 latin.pkl
has out "STRING     '\\xe9'"

# --- array.array ---------------------------------------------------------------------------------------------------------

printf '\001\000\000\000\376\377\377\377' >ints.raw
expect 0 "$NPICKLE" pack --dtype '<i4' --shape 2 --typecode i --array-form jython --dialect python2 ints.raw jython.pkl
printf '\200\002carray\narray\nq\001U\001iU\010\000\000\000\001\377\377\377\376\206Rq\002.' >wanted
same jython.pkl wanted 'an array.array of Jython'
expect 0 "$NPICKLE" info --array-producer jython jython.pkl
has out "dtype('>i4')       (2,)            C           8 bytes  array.array 'i', raw bytes of jython"
expect 0 "$NPICKLE" info jython.pkl
has out 'raw bytes of cpython (assumed)'
expect 0 "$NPICKLE" info --json jython.pkl
has out '"dtype":"<i4","shape":[2],"order":"C","nbytes":8,"typecode":"i","form":"raw","producer":"cpython","assumed":true'
expect 0 "$NPICKLE" convert --array-producer jython jython.pkl list.pkl
printf '\200\002carray\narray\nq\000X\001\000\000\000iq\001]q\002(K\001J\376\377\377\377e\206q\003Rq\004.' >wanted
same list.pkl wanted 'an array.array for Python 3'
expect 0 "$NPICKLE" info --json list.pkl
has out '"typecode":"i","form":"list"}'
expect 0 "$NPICKLE" diff --array-producer jython jython.pkl list.pkl
expect 1 "$NPICKLE" diff jython.pkl list.pkl
has out '2 of 2 elements differ'
expect 0 "$NPICKLE" pack --dtype '<i4' --shape 2 --typecode l ints.raw long.pkl
expect 1 "$NPICKLE" diff long.pkl list.pkl
has out 'typecode: l / i'
# array.array('w', 'ab') of CPython 3.13 is one of 'u' before, of which 3.13 warns: the default dialect has neither
printf '\200\002carray\narray\nq\000X\001\000\000\000wq\001]q\002(X\001\000\000\000aq\003X\001\000\000\000bq\004e\206q\005Rq\006.' >w.pkl
tr w u <w.pkl >wanted
for dialect in cpython3.6 cpython3.12; do
    expect 0 "$NPICKLE" convert --dialect=$dialect w.pkl u.pkl
    same u.pkl wanted "an array.array of 'w' for $dialect"
done
expect 0 "$NPICKLE" convert --dialect=cpython3.13 w.pkl u.pkl
same u.pkl w.pkl "an array.array of 'w' where there is one"
expect 4 "$NPICKLE" convert w.pkl u.pkl
has err "Python 3.10 has no array.array of 'w', which came with 3.13"
expect 0 "$NPICKLE" convert list.pkl ints.npy
tail -c 8 ints.npy >out
same out ints.raw 'an array.array as .npy'
expect 0 "$NPICKLE" extract --array-producer=jython jython.pkl -d of-jython
has of-jython/manifest.json '"dtype":">i4"'
has of-jython/manifest.json '"class":"array.array"'
expect 0 "$NPICKLE" check jython.pkl list.pkl long.pkl
expect 4 "$NPICKLE" pack --dtype '<i4' --shape 2 --typecode ii ints.raw x.pkl
expect 4 "$NPICKLE" pack --dtype '<i4' --shape 2 --typecode d ints.raw x.pkl
expect 4 "$NPICKLE" pack --dtype '<i4' --shape 2 --typecode i --array-form big ints.raw x.pkl
expect 4 "$NPICKLE" pack --dtype '<i4' --shape 2 --array-form list ints.raw x.pkl
expect 4 "$NPICKLE" pack --dtype '<i4' --shape 2 --typecode i ints.raw x.npy
expect 4 "$NPICKLE" pack --dtype '<i4' --shape 2,1 --typecode i ints.raw x.pkl
absent x.pkl 'pack of what no Python has'

# Bytes that 300 arrays have are written for each of them: up to the limit of what may come out of the pickle, in files too.
{
    printf '\200\5B\140\352\0\0'
    head -c 60000 /dev/zero
    printf 'q\0000cnumpy\ndtype\n(\214\2u1\211\210tR(K\3\214\1|NNNJ\377\377\377\377J\377\377\377\377K\0tbq\0010('
    for number in 1 2 3 4 5 6 7 8 9 10; do
        for ten in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
            printf 'cnumpy.core.numeric\n_frombuffer\n(h\0h\1M\140\352\205\214\1CtR'
        done
    done
    printf 't.'
} >many.pkl
expect 3 "$NPICKLE" convert -p 5 --buffers-out many many.pkl many5.pkl
has err 'the limit of output'
absent many5.pkl
absent many

# What lies between the fields is of files, and stays: at protocol 5 the array is made in another way than below.
printf '\223NUMPY\1\0v\0%-117s\nA.BCD.EF' "{'descr': [('a', '|u1'), ('', '|V1'), ('b', '<i2')], 'fortran_order': False, 'shape': (2,), }" >padded.npy
expect 0 "$NPICKLE" convert -p 5 padded.npy padded5.pkl
expect 0 "$NPICKLE" convert -p 2 padded5.pkl padded2.pkl
expect 0 "$NPICKLE" convert -p 5 padded2.pkl padded5.pkl
expect 0 "$NPICKLE" convert -p 4 padded5.pkl padded4.pkl
for number in 2 4 5; do
    expect 0 "$NPICKLE" convert padded$number.pkl again.npy
    same again.npy padded.npy "padding of protocol $number"
done

# --- extract -------------------------------------------------------------------------------------------------------------

expect 0 "$NPICKLE" extract both.pkl -d arrays
same arrays/0000.npy six.npy 'the first array'
same arrays/0001.npy two.npy 'the second array'
cat >manifest <<'END'
[
{"file":"0000.npy","path":"","dtype":"|u1","shape":[2,3],"fortran":false,"class":"numpy.ndarray","pickle":0},
{"file":"0001.npy","path":"","dtype":"<f8","shape":[2],"fortran":false,"class":"numpy.ndarray","pickle":1}
]
END
same arrays/manifest.json manifest 'manifest'
no_leftovers arrays
feed sixf.pkl 0 "$NPICKLE" extract - --directory=arrays
same arrays/0000.npy sixf.npy 'Fortran order'
has arrays/manifest.json '"fortran":true'
expect 4 "$NPICKLE" extract six.pkl -d arrays --array "['w']"
expect 5 "$NPICKLE" extract six.pkl -d six.pkl
expect 5 "$NPICKLE" extract six.pkl -d missing/deeper

# 40 arrays of which each has the same list of 20,000 lists: all of it may be written a few times, and each array alone.
{
    printf '\200\004cnumpy\ndtype\n(X\002\000\000\000O8\211\210tR(K\003X\001\000\000\000|NNNJ\377\377\377\377J\377\377\377\377K\077tbq\0070]('
    head -c 20000 /dev/zero | tr '\000' ']'
    printf 'eq\0010]('
    for array in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39; do
        printf 'cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\000tC\001btR(K\001K\001\205h\007\211]h\001atb'
    done
    printf 'e.'
} >reaching.pkl
expect 3 "$NPICKLE" extract reaching.pkl -d reaching
has err "the array at '[39]' is left out: the limit of steps"
has reaching/manifest.json '"file":"0001.npy","path":"[1]"'
has reaching/manifest.json '{"file":null,"path":"[39]"'
has reaching/manifest.json '"reason":"the limit of steps'
absent reaching/0039.npy
no_leftovers reaching
expect 0 "$NPICKLE" extract reaching.pkl -d alone --array "[39]"
same alone/0000.npy reaching/0000.npy 'an array alone'

# Of protocol 5, and big-endian, which a state in the place of the call would not keep: np.arange(200, 203, dtype='>i2').
printf '\200\005cnumpy.core.numeric\n_frombuffer\n(\226\006\000\000\000\000\000\000\000\000\310\000\311\000\312cnumpy\ndtype\n' >order.pkl
printf 'X\002\000\000\000i2\211\210\207R(K\003X\001\000\000\000>NNNJ\377\377\377\377J\377\377\377\377K\000tbK\003\205X\001\000\000\000CtR.' >>order.pkl
for protocol in 0 2 5; do
    expect 0 "$NPICKLE" convert -p $protocol order.pkl again.pkl
    expect 0 "$NPICKLE" dis again.pkl
    lacks out '_reconstruct'
    expect 0 "$NPICKLE" info again.pkl
    has out '>i2'
done
# What the target has no place for, and loads without it, is said once the file is there. No pickle is of an aligned struct in NumPy 1 and 2.
head -c 32 /dev/zero >zeros.raw
aligned="{'names': ['a', 'b'], 'formats': ['i1', 'f8'], 'aligned': True}"
expect 0 "$NPICKLE" pack -p 4 --dialect=numpy2 --dtype "$aligned" --shape 2 zeros.raw aligned.pkl
lacks err note
for dialect in default numpy2 cpython3.11+numpy1.26; do
    expect 0 "$NPICKLE" pack -p 4 --dialect=$dialect --dtype "$aligned" --shape 2 zeros.raw again.pkl
    cp err pack.err
    for array in '' "--array="; do
        expect 0 "$NPICKLE" convert -p 4 --dialect=$dialect $array aligned.pkl again.pkl
        if [ $dialect = default ]; then
            has err "aligned.pkl: note: the dtype's align=True is lost in NumPy 2, which has another flag than NumPy 1; the dialect numpy2"
        else
            lacks err note
        fi
    done
    cp pack.err err
    if [ $dialect = default ]; then has err "again.pkl: note: the dtype's align=True"; else lacks err note; fi
done
expect 0 "$NPICKLE" convert aligned.pkl again.npy
has err "aligned.pkl: note: a .npy file does not keep a dtype's align=True"
expect 4 "$NPICKLE" convert -p 4 aligned.pkl nowhere.xyz
lacks err note
# numpy.save leaves out the metadata of a dtype, that of a field too, and warns.
{
    printf '\200\002cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\000\205c_codecs\nencode\nX\001\000\000\000bX\006\000'
    printf '\000\000latin1\206R\207R(K\001K\001\205cnumpy\ndtype\nX\002\000\000\000i2K\000K\001\207R(K\004X\001\000\000\000<NNNJ\377'
    printf '\377\377\377J\377\377\377\377K\000}X\001\000\000\000uK\001stb\211c_codecs\nencode\nX\002\000\000\000\007\000X\006\000'
    printf '\000\000latin1\206Rtb.'
} >metadata.pkl
{
    printf '\200\002cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\000\205c_codecs\nencode\nX\001\000\000\000bX\006\000'
    printf '\000\000latin1\206R\207R(K\001K\001\205cnumpy\ndtype\nX\002\000\000\000V2K\000K\001\207R(K\003X\001\000\000\000|NX\001'
    printf '\000\000\000a\205}X\001\000\000\000acnumpy\ndtype\nX\002\000\000\000i2K\000K\001\207R(K\004X\001\000\000\000<NNNJ\377'
    printf '\377\377\377J\377\377\377\377K\000}X\001\000\000\000uK\001stbK\000\206sK\002K\001K\020tb\211c_codecs\nencode\nX\002\000'
    printf '\000\000\007\000X\006\000\000\000latin1\206Rtb.'
} >metadata-field.pkl
for file in metadata metadata-field; do
    expect 0 "$NPICKLE" convert $file.pkl $file.npy
    has err 'note: a .npy file does not keep metadata of a dtype'
    expect 0 "$NPICKLE" convert $file.npy again.pkl
    lacks err note
    expect 0 "$NPICKLE" convert --to pkl --array '' $file.pkl again.pkl
    lacks err note
    expect 0 "$NPICKLE" extract $file.pkl -d metadata
    has err 'note: a .npy file does not keep metadata of a dtype'
done
expect 0 "$NPICKLE" show metadata-field.npy
has out 'array([(7,)], dtype=[('"'a', '<i2')])"
expect 2 "$NPICKLE" extract cut.pkl -d half
same half/0000.npy six.npy 'arrays before an error'
has half/manifest.json '"file":"0000.npy"'

# The objects of a joblib array are a pickle inside the pickle: np.array(['a', 1, None], dtype=object).
expect 0 "$NPICKLE" extract "$srcdir/tests/data/joblib-objects.pkl" -d joblib
expect 0 "$NPICKLE" show joblib/0000.npy
has out "array(['a', 1, None], dtype=object)"
expect 0 "$NPICKLE" show joblib/0001.npy
has out 'array([0., 1., 2.])'
for protocol in 0 3 5; do
    expect 0 "$NPICKLE" convert -p $protocol "$srcdir/tests/data/joblib-objects.pkl" joblib.pkl
    expect 0 "$NPICKLE" diff "$srcdir/tests/data/joblib-objects.pkl" joblib.pkl
done
expect 0 "$NPICKLE" set joblib.pkl "['f']" six.npy joblib-set.pkl
expect 1 "$NPICKLE" diff joblib.pkl joblib-set.pkl
has out "['f']: shape: (3,) / (2, 3)"
# Its elements are aligned in the file, whatever stands before it there.
{
    printf 'K\001.'
    cat joblib.pkl
} >behind.pkl
expect 0 "$NPICKLE" set --pickle 1 behind.pkl "['f']" six.npy behind-set.pkl
od -An -v -tx1 behind-set.pkl | tr -d ' \n' >behind.hex
echo >>behind.hex
if awk '{ at = index($0, "010203040506") - 1; exit !(at > 0 && at % 32 == 0) }' behind.hex; then good; else bad 'joblib: not aligned'; fi
# One alone in its file keeps its wrapper; with --array it has none.
{
    printf '\200\003cjoblib.numpy_pickle\nNumpyArrayWrapper\nq\000)\201q\001}q\002('
    printf 'X\010\000\000\000subclassq\003cnumpy\nndarray\nq\004X\005\000\000\000shapeq\005K\006\205q\006X\005\000\000\000orderq\007'
    printf 'X\001\000\000\000Cq\010X\005\000\000\000dtypeq\011cnumpy\ndtype\nq\012X\002\000\000\000u1q\013K\000K\001\207q\014Rq\015'
    printf '(K\003X\001\000\000\000|q\016NNNJ\377\377\377\377J\377\377\377\377K\000tq\017bX\012\000\000\000allow_mmapq\020\210ub'
    printf '\001\002\003\004\005\006.'
} >lone.pkl
expect 0 "$NPICKLE" convert -p 3 lone.pkl again.pkl
same again.pkl lone.pkl 'an array of joblib'
expect 0 "$NPICKLE" convert -p 3 --array '' lone.pkl again.pkl
expect 0 "$NPICKLE" dis again.pkl
has out '_reconstruct'
# And one that is read-only stays so.
printf '\200\005cnumpy\nndarray\n(K\003\205cnumpy\ndtype\nX\002\000\000\000u1\205RC\003abcK\000NX\001\000\000\000CtR.' >readonly.pkl
expect 0 "$NPICKLE" convert -p 2 readonly.pkl again.pkl
expect 0 "$NPICKLE" dis again.pkl
has out "GLOBAL     'numpy ndarray'"
lacks out '_reconstruct'

# What no .npy file can hold is left out, and that is said; the rest is there.
expect 4 "$NPICKLE" extract "$srcdir/tests/data/fields-out-of-order.pkl" -d rest
has err "the array at '[0]' is left out"
has rest/manifest.json '"file":null,"path":"[0]"'
has rest/manifest.json '"file":"0001.npy","path":"[1]"'
expect 0 "$NPICKLE" show rest/0001.npy
has out 'array([0., 1.])'
expect 0 "$NPICKLE" extract "$srcdir/tests/data/fields-out-of-order.pkl" -d rest -a '[1]'

# --- input and output that fail ------------------------------------------------------------------------------------------

if [ -c /dev/full ]; then
    for command in --help 'help dis' 'info two2.pkl' 'info --json two2.pkl' 'dis two2.pkl' 'convert --to npy two2.pkl -' \
        'convert --to pkl two2.pkl -' 'pack --dtype u1 --shape 6 six.raw -'; do
        "$NPICKLE" $command >/dev/full 2>err
        found=$?
        if [ $found = 5 ]; then good; else bad "$command >/dev/full: expected exit status 5, found $found"; fi
        has err 'IO'
    done
fi

mkdir outputs
expect 5 "$NPICKLE" pack --dtype u1 --shape 6 six.raw missing/no.pkl
head -c 3000000 /dev/zero >big.raw
echo old >outputs/big.pkl
echo old >old
(
    ulimit -f 8
    trap '' XFSZ
    exec "$NPICKLE" pack --dtype u1 --shape 3000000 big.raw outputs/big.pkl
) >out 2>err
found=$?
if [ $found = 5 ]; then good; else bad "a full disk: expected exit status 5, found $found"; fi
same outputs/big.pkl old 'the old file after a failure'
count=$(ls -A outputs | wc -l)
if [ "$count" -eq 1 ]; then good; else bad "a full disk: files left: $(ls -A outputs)"; fi
expect 2 "$NPICKLE" convert short.pkl outputs/big.npy
absent outputs/big.npy 'convert of a malformed pickle'

# --- set -------------------------------------------------------------------------------------------------------------------

# {'a': x, 'b': [x, fractions.Fraction(1, 3)]} with x = numpy.arange(2.0), then with x[:] = 3, 4: pickle.dumps, protocol 3.
printf '\200\003}q\000(X\001\000\000\000aq\001cnumpy.core.multiarray\n_reconstruct\nq\002cnumpy\nndarray\nq\003K\000\205q\004C\001bq\005\207q\006Rq\007(K\001K\002\205q\010cnumpy\ndtype\nq\tX\002\000\000\000f8q\n\211\210\207q\013Rq\014(K\003X\001\000\000\000<q\rNNNJ\377\377\377\377J\377\377\377\377K\000tq\016b\211C\020' >head.raw
printf 'q\017tq\020bX\001\000\000\000bq\021]q\022(h\007cfractions\nFraction\nq\023K\001K\003\206q\024Rq\025eu.' >tail.raw
printf '\000\000\000\000\000\000\000\000\000\000\000\000\000\000\360\077' >elements.raw # 0.0, 1.0
printf '\000\000\000\000\000\000\010\100\000\000\000\000\000\000\020\100' >others.raw  # 3.0, 4.0
cat head.raw elements.raw tail.raw >before.pkl
cat head.raw others.raw tail.raw >after.pkl
expect 0 "$NPICKLE" pack --dtype f8 --shape 2 --to npy others.raw others.npy
expect 0 "$NPICKLE" set before.pkl "['b'][0]" others.npy set.pkl
same set.pkl after.pkl 'set'
feed before.pkl 0 "$NPICKLE" set - "['a']" others.npy -
same out after.pkl 'set through standard input and output'
cp before.pkl over.pkl
expect 0 "$NPICKLE" set over.pkl "['a']" others.npy over.pkl
same over.pkl after.pkl 'set in place'
expect 0 "$NPICKLE" pack --dtype u1 --shape 2,3 --to npy six.raw six.npy
expect 0 "$NPICKLE" set before.pkl "['a']" six.npy set.pkl
expect 0 "$NPICKLE" show set.pkl "['b']"
has out 'array([[1, 2, 3],'
has out 'fractions.Fraction'
expect 4 "$NPICKLE" set before.pkl "['c']" others.npy no.pkl
expect 4 "$NPICKLE" set before.pkl "['b']" others.npy no.pkl
expect 4 "$NPICKLE" set before.pkl "['a']" before.pkl no.pkl
expect 4 "$NPICKLE" set others.npy "" others.npy no.pkl
expect 4 "$NPICKLE" set - "['a']" - no.pkl
expect 2 "$NPICKLE" set six.raw "" others.npy no.pkl
expect 5 "$NPICKLE" set missing.pkl "" others.npy no.pkl
expect 5 "$NPICKLE" set before.pkl "['a']" missing.npy no.pkl
absent no.pkl 'set'

# Standard output that takes nothing, or whose reader goes away: one line with the reason, or no word and the signal. What was there before
# the output stays or goes as in check-signals.sh.
"$NPICKLE" pack --dtype u1 --shape 3000000 big.raw big.pkl
cp six.pkl many.pkl
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    cat many.pkl many.pkl >twice.pkl
    mv twice.pkl many.pkl
done
{ cat many.pkl; printf 'N.'; } >more.pkl
"$NPICKLE" convert --array='' --to npy six.pkl other.npy
pipe=141
sh -c 'kill -PIPE $$' >/dev/null 2>&1 && pipe=5 # it is ignored here, and stays so
for command in 'dis --all many.pkl' 'show many.pkl' 'show --json many.pkl' 'show --csv big.pkl' 'info many.pkl' 'info --json many.pkl' \
    'check many.pkl' 'diff many.pkl more.pkl' 'convert -t pkl big.pkl -' 'convert -t npy big.pkl -' 'set big.pkl  other.npy -' --help 'show --help'; do
    case $command in
    set*) set -- set big.pkl '' other.npy - ;;
    *) set -- $command ;;
    esac
    "$NPICKLE" "$@" >diff.out 2>/dev/null && plain=0 || plain=$?
    if [ -w /dev/full ]; then
        "$NPICKLE" "$@" >/dev/full 2>err && status=0 || status=$?
        if [ "$(cat err)" = 'npickle: standard output: IO: cannot write: No space left on device' ]; then good; else bad "$command, full: $(cat err)"; fi
        if [ $status = 5 ] || [ $status = $plain ] && [ $status != 0 ]; then good; else bad "$command, full: exit status $status"; fi
    fi
    [ "$(wc -c <diff.out)" -gt 70000 ] || continue # more than a pipe holds
    {
        "$NPICKLE" "$@" 2>err && status=0 || status=$?
        echo $status >status
    } | head -c 1 >out
    if [ "$(cat status)" = $pipe ]; then good; else bad "$command, a broken pipe: expected exit status $pipe, found $(cat status)"; fi
    if [ $pipe = 5 ] || [ ! -s err ]; then good; else bad "$command, a broken pipe: $(cat err)"; fi
done

# Named pipes are read as standard input is, wherever a file is read; two of them by the commands that take two.
mkfifo first.fifo second.fifo
# piped FIRST SECOND STATUS COMMAND...: with the two files written to the pipes
piped() {
    cat "$1" >first.fifo 2>/dev/null &
    one=$!
    two=
    if [ "$2" != - ]; then cat "$2" >second.fifo 2>/dev/null & two=$!; fi
    shift 2
    expect "$@"
    wait $one $two
}
"$NPICKLE" convert --array='' --to npy six.pkl other.npy
for command in info 'info --json' show 'show --json' check dis 'dis --repair' 'info --repair'; do
    "$NPICKLE" $command - <six.pkl 2>/dev/null | sed 's/"file":"[^"]*"//; s/^[^:]*://' >wanted
    piped six.pkl - 0 "$NPICKLE" $command first.fifo
    sed 's/"file":"[^"]*"//; s/^[^:]*://' out >found
    same found wanted "$command of a named pipe"
done
piped six.pkl - 0 "$NPICKLE" convert -p 4 first.fifo found.pkl
expect 0 "$NPICKLE" convert -p 4 six.pkl wanted.pkl
same found.pkl wanted.pkl 'convert of a named pipe'
piped six.pkl - 0 "$NPICKLE" extract -d fifo.d first.fifo
piped six.pkl six.pkl 0 "$NPICKLE" diff first.fifo second.fifo
piped six.pkl many.pkl 1 "$NPICKLE" diff first.fifo second.fifo
piped before.pkl six.npy 0 "$NPICKLE" set first.fifo "['a']" second.fifo found.pkl
same found.pkl set.pkl 'set with named pipes'
piped six.raw - 0 "$NPICKLE" pack --dtype u1 --shape 2,3 --to npy first.fifo found.npy
same found.npy six.npy 'pack of a named pipe'
expect 5 "$NPICKLE" info /dev/null
expect 5 "$NPICKLE" show six.pkl/no

# The same bytes through a slow pipe.
{
    head -c 1 both.pkl
    tail -c +2 both.pkl | dd bs=7 2>/dev/null
} | "$NPICKLE" info --json - >slow.json
"$NPICKLE" info --json - <both.pkl >fast.json
same slow.json fast.json 'a slow pipe'
for pieces in 'II *\000' 'MM\000 *' '\223N UMPY\001\000' 'ZE XP'; do
    head=${pieces% *} tail=${pieces#* }
    printf "$head$tail" >whole
    { printf "$head"; sleep 1; printf "$tail"; } | "$NPICKLE" info - >out 2>slow.err && status=0 || status=$?
    "$NPICKLE" info - <whole >out 2>err && expected=0 || expected=$?
    same slow.err err "$head in two pieces"
    if [ $status = $expected ]; then good; else bad "$head in two pieces: status $status, at once $expected"; fi
done

# What comes of a pickle is there before the next one comes. Without an end of its own a wait that is too long would be for ever.
printf '\200\002K\001.' >first.pkl
printf '\200\002K\002.' >second.pkl
mkfifo to from
one_by_one() {
    wanted=$1
    shift
    "$NPICKLE" "$@" <to >from 2>err &
    running=$!
    exec 3>to 4<from
    cat first.pkl >&3
    timeout 60 head -c "$(wc -c <"$wanted")" <&4 >out || kill $running
    cat second.pkl >&3
    exec 3>&-
    cat <&4 >>out
    exec 4<&-
    wait $running || true
}
for command in 'convert --to pkl - -' 'show -' 'show --json -' 'info -'; do
    "$NPICKLE" $command <first.pkl >wanted
    cat first.pkl second.pkl | "$NPICKLE" $command >both
    one_by_one wanted $command
    same out both "$command: pickle by pickle"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
