# A signal that ends the tool in the middle of writing: the old file stays, no other file is left, nor a part of several, and the exit
# status says which signal it was. One that is ignored stays ignored.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0

bad() {
    echo "FAIL: $*" >&2
    failed=1
}

# Linux says so of a file that has no name.
is_nameless() {
    ls -l "/proc/$pid/fd" 2> /dev/null | grep -q '/#[0-9]* (deleted)$'
}

# Waits until the tool has begun to write.
wait_for_temporary() {
    tries=0
    while ! is_nameless && ! ls -A | grep -q '^\.npickle-'; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || return 1
        sleep 0.05
    done
}

# What was made before: an array at protocol 5, and a file to replace.
prepare() {
    rm -rf ./* .npickle-*
    printf old > out.pkl
    "$NPICKLE" convert -p 5 --buffer "$srcdir/tests/data/outside-numpy2.buf" "$srcdir/tests/data/outside-numpy2.pkl" array.pkl
}

# What the tool reads, whose end does not come: two of three pickles.
start() {
    rm -rf ./* .npickle-*
    printf old > out.pkl
    mkfifo in
    "$NPICKLE" convert - out.pkl < in > /dev/null 2> err &
    pid=$!
    exec 3> in
    printf '\200\002K\001.\200\002K\001.\200\002' >&3
    wait_for_temporary || bad "$1: no file was begun"
}

# A shell can't take that back: nohup, say, ignores SIGHUP for all that it starts.
is_ignored() {
    sh -c "kill -$1 \$\$" > /dev/null 2>&1
}

for signal in HUP TERM USR1 USR2 ALRM; do
    if is_ignored $signal; then
        echo "left out: $signal, which is ignored here"
        continue
    fi
    start $signal
    kill -$signal $pid
    status=0
    wait $pid 2> /dev/null || status=$?
    exec 3>&-
    [ "$(kill -l $status)" = $signal ] || bad "$signal: exit status $status"
    [ "$(ls -A | tr '\n' ' ')" = 'err in out.pkl ' ] || bad "$signal: files are left: $(ls -A | tr '\n' ' ')"
    [ "$(cat out.pkl)" = old ] || bad "$signal: the old file has changed"
done

# Nothing catches this one, but what has no name goes by itself.
start KILL
if is_nameless; then
    kill -KILL $pid
    wait $pid 2> /dev/null || :
    exec 3>&-
    [ "$(ls -A | tr '\n' ' ')" = 'err in out.pkl ' ] || bad "KILL: files are left: $(ls -A | tr '\n' ' ')"
    [ "$(cat out.pkl)" = old ] || bad 'KILL: the old file has changed'
else
    echo 'left out: KILL, as files here have names from the beginning'
    kill -TERM $pid
    wait $pid 2> /dev/null || :
    exec 3>&-
fi

# ends_parts FILE COUNT COMMAND...: of files that belong together none stays, nor the directory that was made for them. The tool reads
# COUNT arrays, whose end does not come, and is ended when FILE is there.
ends_parts() {
    file=$1 count=$2 tries=0
    shift 2
    prepare
    mkfifo in
    "$NPICKLE" "$@" < in > /dev/null 2> err &
    pid=$!
    exec 3> in
    while [ "$count" -gt 0 ]; do
        cat array.pkl >&3
        count=$((count - 1))
    done
    while [ ! -e "$file" ] && [ $tries -lt 200 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    [ -e "$file" ] || bad "$*: there is no $file"
    kill -TERM $pid
    wait $pid 2> /dev/null || :
    exec 3>&-
    [ "$(ls -A | tr '\n' ' ')" = 'array.pkl err in out.pkl ' ] || bad "$*: files are left: $(ls -AR | tr '\n' ' ')"
    [ "$(cat out.pkl)" = old ] || bad "$*: the old file has changed"
}

if ! is_ignored TERM; then
    ends_parts bufs/000001.buf 2 convert --buffers-out bufs - out.pkl
    ends_parts files/0031.npy 40 extract - -d files
fi

# The reader of standard output goes away: nothing that belongs to what it was reading stays.
if ! is_ignored PIPE; then
    prepare
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
        cat array.pkl array.pkl > twice
        mv twice array.pkl
    done
    { "$NPICKLE" convert -t pkl --buffers-out bufs array.pkl - 2> err || echo $? > status; } | head -c 1 > /dev/null
    [ "$(cat status)" = 141 ] || bad "PIPE: exit status $(cat status)"
    [ ! -s err ] || bad "PIPE: $(cat err)"
    [ ! -e bufs ] || bad "PIPE: files are left: $(ls -A bufs | head -n 3)"
    rm -f status
fi

# What runs in the background of a script has SIGINT ignored.
start INT
kill -INT $pid
printf 'K\002.' >&3
exec 3>&-
status=0
wait $pid || status=$?
[ $status = 0 ] || bad "INT, ignored: exit status $status"
[ "$(ls -A | tr '\n' ' ')" = 'err in out.pkl ' ] || bad "INT, ignored: files are left"
[ "$(cat out.pkl)" != old ] || bad 'INT, ignored: the old file is still there'

exit $failed
