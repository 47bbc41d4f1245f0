# npickle.hpp compiles as C++17 and C++20 without a warning, with each C++ compiler that is there, and does what tests/cpp/npickle.cc
# expects. So does the example in C++.
set -eu
library=$builddir/lib/.libs/libnpickle-core.a
[ -f "$library" ] || { echo "there is no $library"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-Wall -Wextra -pedantic -Wconversion -Wsign-conversion -Wshadow -Werror -I$srcdir/include"
# What an instrumented library needs of the linker.
instruments=
for flag in $CFLAGS; do
    case $flag in -fsanitize* | --coverage) instruments="$instruments $flag" ;; esac
done

failed=0
tried=
# compile PROGRAM SOURCE: runs it too.
compile() {
    if ! $cxx "-std=$standard" $flags "$srcdir/$2" "$library" $instruments -o "$work/$1"; then
        echo "$2 does not compile as $standard with $cxx" >&2
        failed=1
    elif ! (cd "$work" && "./$1" > "$1.out"); then
        cat "$work/$1.out" >&2
        echo "$2 fails as $standard with $cxx" >&2
        failed=1
    fi
}
for cxx in $CXX g++ clang++; do
    command -v "$cxx" > /dev/null || continue
    case " $tried " in *" $cxx "*) continue ;; esac
    for standard in c++17 c++20; do
        echo 'int main() { return 0; }' > "$work/probe.cc"
        $cxx "-std=$standard" "$work/probe.cc" $instruments -o "$work/probe" 2> /dev/null || continue
        compile npickle tests/cpp/npickle.cc
        compile example doc/examples/06-cpp.cc
        tail -n 1 "$work/npickle.out" 2> /dev/null || true
        tried="$tried $cxx"
    done
done
[ -n "$tried" ] || { echo "there is no C++ compiler"; exit 77; }
exit "$failed"
