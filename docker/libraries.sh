#!/bin/sh
# libraries.sh PROGRAM ...: the Debian packages of the libraries that the programs are linked with, one a line.
set -eu
ldd "$@" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | sort -u | while read -r file; do
	# dpkg knows a file under / or under /usr, whichever the package names
	dpkg-query -S "$file" 2>/dev/null || dpkg-query -S "$(realpath "$file")" 2>/dev/null ||
		dpkg-query -S "/usr$file" 2>/dev/null || { echo "no package has $file" >&2; exit 1; }
done | sed 's/:.*//' | sort -u
