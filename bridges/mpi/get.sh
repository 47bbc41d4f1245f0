#!/bin/sh
# usage: get.sh FOLDER: makes it a virtual environment with mpi4py 4 and MPICH of PyPI, and the NumPy of PYTHON (/usr/bin/python3): 15 MB. The mpi4py speaks Open MPI too.
set -eu
[ $# = 1 ] || { sed -n '2s/^# //p' "$0" >&2; exit 2; }
trap 'rm -rf "$1"' EXIT
"${PYTHON:-/usr/bin/python3}" -m venv --system-site-packages "$1"
"$1/bin/python" -m pip install --quiet --disable-pip-version-check --timeout 15 --retries 1 mpi4py==4.1.2 mpich==5.0.2
# Under Debian's name of it too, for programs that were linked with Debian's.
ln -sf libmpi.so.12 "$1/lib/libmpich.so.12"
trap - EXIT
