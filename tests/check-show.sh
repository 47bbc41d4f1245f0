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
fails 3 'LIMIT' bomb.pkl
if [ "$(wc -c <out)" -le 8388608 ]; then good; else bad 'bomb.pkl: more than 8 MiB'; fi

# Nothing reaches a terminal as a command.
esc=$(printf '\033')
printf 'cos\nsys\033[31mtem\n.' >name.pkl
shows '<os.sys\x1b[31mtem>' name.pkl
printf '\200\002X\005\000\000\000a\033[3mb.' >text.pkl
"$NPICKLE" show text.pkl >out 2>err
if grep -F -q -e "$esc" out; then bad 'an escape character in the text of a str'; else good; fi

if [ -c /dev/full ]; then
    "$NPICKLE" show dict.pkl >/dev/full 2>err
    status=$?
    if [ $status = 5 ]; then good; else bad "show >/dev/full: expected exit status 5, found $status"; fi
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
