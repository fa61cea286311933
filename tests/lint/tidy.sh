#!/bin/sh
# usage: tidy.sh ROOT: no promise without an owner, no file that has grown past reading, no registry in the lock file.
set -u
cd "$1" || exit 2
max=700

list() { # the project's own text files
	if [ -d .git ] || [ -f .git ]; then git ls-files -co --exclude-standard; else find . -type f | sed 's|^\./||'; fi |
		grep -vE '\.(png|jpg|ico|woff2|pdf)$|(^|/)package-lock\.json$|(^|/)LICENSE$|^tests/fuzz/seeds/' |
		while read -r f; do [ -f "$f" ] && echo "$f"; done
}

# A word of delay is a promise: it stands with its owner in brackets, who is listed in docs/roadmap.md.
check_promises() {
	words='TO''DO|FIX''ME|XX''X'
	list | xargs grep -nE "(^|[^A-Za-z0-9_X])($words)([^A-Za-z0-9_X]|\$)" /dev/null |
		while IFS= read -r hit; do
			owner=$(echo "$hit" | sed -nE "s/.*($words)\(([a-z0-9 -]+)\).*/\2/p")
			[ -n "$owner" ] && grep -q "$owner" docs/roadmap.md 2>/dev/null && continue
			echo "$hit"
		done | sed -E 's/^([^:]*:[0-9]+):.*/\1: no owner in docs\/roadmap.md/'
}

check_lengths() {
	list | grep -E '\.(c|h|sh|mjs|js|ts|vue|css)$|Makefile$' | while read -r f; do
		n=$(wc -l <"$f")
		[ "$n" -le "$max" ] || echo "$f:$n: more than $max lines; give it a second file"
	done
}

check_lock() {
	list_lock=$(find . -name package-lock.json -not -path '*/node_modules/*')
	[ -z "$list_lock" ] && return
	grep -n '"resolved"' $list_lock /dev/null | sed -E 's/^([^:]*:[0-9]+):.*/\1: names a registry host/'
}

bad=$(check_promises; check_lengths; check_lock)
[ -z "$bad" ] && exit 0
echo "$bad"
exit 1
