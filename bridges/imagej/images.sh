#!/bin/sh
# usage: images.sh [--address HOST:PORT] [--key TEXT] [--limit BYTES] [--timeout SECONDS]: ImageJ in Jython, with what images.py adds. The first line of standard output says
# where the object is: PYRO:imagej@HOST:PORT.
#
# JARS: where Debian has jython, imagej and libbcpkix-java; PYRO4: the folder of Pyro4's package.
jars=${JARS:-/usr/share/java}
exec java -cp "$jars/jython.jar:$jars/ij.jar:$jars/bcpkix.jar" org.python.util.jython "$(dirname "$0")/images.py" "$@"
