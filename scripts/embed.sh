#!/bin/sh
# Prints C that holds every file of the web page and the API's description, for net/static.h.
# usage: embed.sh WEB_DIR OPENAPI_FILE
set -eu
web=$1
api=$2

type_of() {
	case $1 in
	*.html) echo "text/html; charset=utf-8" ;;
	*.js) echo "text/javascript; charset=utf-8" ;;
	*.css) echo "text/css; charset=utf-8" ;;
	*.json) echo "application/json" ;;
	*.svg) echo "image/svg+xml" ;;
	*.png) echo "image/png" ;;
	*.ico) echo "image/x-icon" ;;
	*.woff2) echo "font/woff2" ;;
	*.txt) echo "text/plain; charset=utf-8" ;;
	*) echo "application/octet-stream" ;;
	esac
}

echo '#include "net/static.h"'
n=0
table=""
add() { # FILE URL IMMUTABLE
	etag=$(sha256sum "$1" | cut -c 1-32)
	printf '__asm__(".section .rodata\\n.balign 16\\n.global asset_%d\\nasset_%d:\\n.incbin \\"%s\\"\\n' "$n" "$n" "$(realpath "$1")"
	printf '.global asset_%d_end\\nasset_%d_end:\\n.byte 0\\n.previous\\n");\n' "$n" "$n"
	printf 'extern const unsigned char asset_%d[], asset_%d_end[];\n' "$n" "$n"
	table="$table	{\"$2\", \"$(type_of "$1")\", asset_$n, asset_${n}_end, \"\\\"$etag\\\"\", $3},
"
	n=$((n + 1))
}
for f in $(cd "$web" && find . -type f | LC_ALL=C sort); do
	url=${f#.}
	case $url in
	/assets/*) immutable=true ;; # their names carry a hash of the content
	*) immutable=false ;;
	esac
	add "$web/${f#./}" "$url" $immutable
done
add "$api" /api/v1/openapi.json false
printf 'const struct asset assets[] = {\n%s};\nconst size_t asset_count = %d;\n' "$table" "$n"
