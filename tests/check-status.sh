#!/bin/sh
# The exit status of every command: each of them, and which counts where several apply.
#
#   NPICKLE=build/tools/npickle sh tests/check-status.sh

data=$(cd "${srcdir:-$(dirname "$0")/..}/tests/data" && pwd) || exit 99
. "${srcdir:-$(dirname "$0")/..}/tests/outside.sh"

printf '\001\002\003\004' >four.raw
"$NPICKLE" pack -t u1 -s 4 four.raw good.pkl
"$NPICKLE" pack -t u1 -s 4 -p 4 four.raw other.pkl
"$NPICKLE" pack -t u1 -s 4 --to npy four.raw good.npy
head -c 100 good.pkl >cut.pkl
# containers 2000 deep, where 1000 are taken
{
    printf '\200\002'
    head -c 2000 /dev/zero | tr '\000' ']'
    head -c 1999 /dev/zero | tr '\000' 'a'
    printf '.'
} >deep.pkl
# [7] as Python does not write it
printf '\200\002]J\007\000\000\000a.' >spelled.pkl

# --- each command with each kind of input -------------------------------------------------------------------------------------

# status_of INPUT STATUS
status_of() {
    for command in info show check 'extract -d d' 'convert -t pkl' 'diff good.pkl' set; do
        case $command in
        convert*) set -- "$1" "$2" $command "$1" out.bin ;;
        set) set -- "$1" "$2" set "$1" '' good.npy out.bin ;;
        *) set -- "$1" "$2" $command "$1" ;;
        esac
        input=$1 wanted=$2
        shift 2
        expect "$wanted" "$NPICKLE" "$@"
        set -- "$input" "$wanted"
        rm -f out.bin
    done
}
status_of good.pkl 0
status_of cut.pkl 2
status_of deep.pkl 3
status_of missing.pkl 5
for command in info show check 'extract -d d' convert diff set dis pack; do
    expect 4 "$NPICKLE" $command --no-such-option
    expect 4 "$NPICKLE" $command
    expect 0 "$NPICKLE" $command --help
done
expect 4 "$NPICKLE"
expect 4 "$NPICKLE" no-such-command
expect 0 "$NPICKLE" --help
has out 'Exit status: 0 good, 1 a finding, 2 malformed input, 3 refused by a limit, 4 wrong usage,'
has out 'of several the first of 1, 5, 3, 2, 4, 0.'
expect 0 "$NPICKLE" dis good.pkl
expect 2 "$NPICKLE" dis cut.pkl
expect 5 "$NPICKLE" dis missing.pkl
expect 1 "$NPICKLE" check spelled.pkl
expect 1 "$NPICKLE" diff good.pkl spelled.pkl
expect 4 "$NPICKLE" check good.npy
expect 5 "$NPICKLE" convert good.pkl nowhere/out.pkl
if [ -w /dev/full ]; then
    for command in info show check dis 'diff spelled.pkl' 'extract -d d' ; do
        "$NPICKLE" $command good.pkl >/dev/full 2>err
        found=$?
        case $command in
        diff*) wanted=1 ;; # what was found counts more
        extract*) wanted=0 ;; # prints nothing
        *) wanted=5 ;;
        esac
        if [ $found = $wanted ]; then good; else bad "$command >/dev/full: $found"; fi
    done
fi

# --- of several the first of 1, 5, 3, 2, 4, 0 ---------------------------------------------------------------------------------

order='spelled.pkl:1 missing.pkl:5 deep.pkl:3 cut.pkl:2 good.npy:4 good.pkl:0'
rest=$order
for first in $order; do
    for second in $rest; do
        expect "${first#*:}" "$NPICKLE" check "${first%:*}" "${second%:*}"
        expect "${first#*:}" "$NPICKLE" check "${second%:*}" "${first%:*}"
    done
    rest=${rest#* }
done

# --- other formats: one message, whatever the command ---------------------------------------------------------------------------

printf 'PK\003\004\024\000\000\000\000\000\000\000\041\000\000\000\000\000\000\000\000\000\000\000\000\000\005\000\000\000a.npy' >arrays.npz
status_of arrays.npz 2
for command in info show check 'extract -d d' 'diff good.pkl' 'diff good.npy' dis; do
    expect 2 "$NPICKLE" $command arrays.npz
    has err 'npickle: arrays.npz: NOT_A_PICKLE at byte 0'
    has err 'expected a pickle, found a .npz file: a zip archive of .npy files'
done
printf 'ZEXP' >short.zexp
head -c 16 /dev/zero | tr '\000' '\377' >>short.zexp
for file in "$data/torch-archive.pt" short.zexp good.npy; do
    expect 2 "$NPICKLE" dis "$file"
    has err ': NOT_A_PICKLE at byte 0'
    has err 'expected a pickle, found a'
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
