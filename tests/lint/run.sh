#!/bin/sh
# `make lint`: floors, formatting, routes against OpenAPI, options against documentation, and that each of
# these checks can fail. Ends with a line that counts.
set -u
cd "$(dirname "$0")/../.." || exit 2
passed=0
failed=0

check() { # NAME COMMAND...
	name=$1
	shift
	if out=$("$@" 2>&1); then
		passed=$((passed + 1))
		echo "ok   $name"
	else
		failed=$((failed + 1))
		echo "FAIL $name"
		echo "$out" | head -n 60 | sed 's/^/    /'
	fi
}

# Other versions of clang-format lay the same style out differently: version 14, Debian 12's, decides.
formatted() {
	clang-format --version | grep -q 'version 14\.' || {
		echo "clang-format 14 is needed (make deps on Debian 12), not $(clang-format --version)"
		return 1
	}
	git ls-files -co --exclude-standard '*.c' '*.h' | while read -r f; do [ -e "$f" ] && echo "$f"; done |
		xargs clang-format --dry-run -Werror
}

check "floors: includes go down, the core is pure" sh tests/lint/floors.sh .
check "format: make format changes nothing" formatted
check "routes: server/api and openapi.json say the same" node tests/lint/routes.mjs .
check "docs: options and commands are described" sh tests/lint/docs.sh .
check "messages: what a check may say in public has its Chinese" node tests/lint/messages.mjs .
check "tidy: promises, lengths, lock file" sh tests/lint/tidy.sh .

self=$(sh tests/lint/selftest.sh tests/lint .)
passed=$((passed + $(echo "$self" | grep -c '^ok ')))
planted=$(echo "$self" | grep -c '^not ok ')
failed=$((failed + planted))
if [ "$planted" -eq 0 ]; then
	echo "ok   each of them fails when it should ($(echo "$self" | grep -c '^ok ') planted faults)"
else
	echo "FAIL the lint itself"
	echo "$self" | grep -v '^ok ' | sed 's/^/    /'
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
