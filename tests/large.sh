#!/bin/sh
# Streams an array of GIB GiB (5) into a file at protocol 4, reads it back as a view, and tells how much memory that took: under 64 MiB.
#
#   sh tests/large.sh PROGRAM [DIRECTORY [GIB]]     PROGRAM: tests/live/buffers of the build folder; DIRECTORY with that much room
#
# Not run by "make check". Exit status 1 if it took more.

program=${1:?usage: large.sh PROGRAM [DIRECTORY [GIB]]}
directory=${2:-/tmp}
gib=${3:-5}

file=$(mktemp "$directory/npickle-large-XXXXXX") || exit 2
trap 'rm -f "$file"' EXIT
kib=$("$program" large "$file" "$gib") || exit 1
echo "$gib GiB, a file of $(wc -c < "$file") bytes: $kib KiB resident at most"
[ "$kib" -lt 65536 ]
