# The C and C++ code in README.md is the source of the examples, which "make check" compiles and runs. Each block of code begins with a
# comment that names its file; the README leaves out that file's #include lines and what follows its "return 0;".
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk -v work="$work" '
    /^```(c|cpp)$/ { inside = 1; first = 1; next }
    /^```$/ { if (inside) close(name); inside = 0; next }
    inside && first { first = 0; name = $2; gsub(/\//, "_", name); name = work "/" name; print $2 > (work "/list"); printf "" > name; next }
    inside { print > name }
' "$srcdir/README.md"
[ -s "$work/list" ] || { echo "README.md holds no code" >&2; exit 1; }

failed=0
while read -r file; do
    # What stands between the lines "/* README */" and "/* end */" of the source, as far to the left as it goes.
    awk '/^ *\/\* end \*\/$/ { shown = 0 }
         shown { print substr($0, 1, indent) ~ /^ *$/ ? substr($0, indent + 1) : $0 }
         /^ *\/\* README \*\/$/ { shown = 1; indent = index($0, "/") - 1 }' "$srcdir/$file" > "$work/source"
    if ! diff -u "$work/source" "$work/$(echo "$file" | tr / _)"; then
        echo "README.md (+) does not show what $file (-) does" >&2
        failed=1
    fi
done < "$work/list"
for file in doc/examples/01-write.c doc/examples/02-read.c doc/examples/03-edit.c doc/examples/04-struct.c doc/examples/06-cpp.cc; do
    grep -qx "$file" "$work/list" || { echo "README.md does not show $file" >&2; failed=1; }
done
exit "$failed"
