#!/bin/sh
# Runs every test that `make test` has built, prints what failed in full, and ends with a line that counts.
# The C suite runs twice: as built for release and under ASan + UBSan. Arguments pick parts: unit e2e ...
set -u
cd "$(dirname "$0")/.." || exit 2
log=build/test-logs
mkdir -p "$log"
passed=0
failed=0
skipped=0
parts=${*:-unit challenges e2e fault browser fuzz}

wants() { case " $parts " in *" $1 "*) return 0 ;; esac; return 1; }

# count LABEL STATUS FILE: adds the ok / not ok lines of a TAP text; a crash without one counts as a failure.
count() {
	ok=$(grep -cE '^ok ' "$3")
	bad=$(grep -cE '^not ok ' "$3")
	skip=$(grep -cE '^ok .*# SKIP' "$3")
	if [ "$2" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
	fi
	if [ "$ok" -eq 0 ] && [ "$bad" -eq 0 ]; then
		echo "  $1 ran no test"
		bad=1
	fi
	passed=$((passed + ok - skip))
	failed=$((failed + bad))
	skipped=$((skipped + skip))
	if [ "$bad" -ne 0 ]; then
		echo "FAIL $1 (exit $2)"
		sed 's/^/    /' "$3"
	else
		echo "ok   $1 ($ok)"
	fi
}

unit() {
	for t in $(find "$1/tests/unit" "$1/tests/replay" "$1/tests/golden" -type f -name 'test_*' 2>/dev/null | sort); do
		name=${t#"$1"/}
		out="$log/$(echo "$1/$name" | tr / _).log"
		rm -f "$out.tap"
		CMOCKA_MESSAGE_OUTPUT=TAP timeout 120 "$t" >"$out" 2>&1
		count "$name [$2]" $? "$out"
	done
}

node_tests() { # label, files...
	label=$1
	shift
	[ -e "$1" ] || return 0
	for f in "$@"; do
		out="$log/$(echo "$f" | tr / _).log"
		timeout 240 node --test --test-reporter=tap "$f" 2>&1 | sed -E '/^    (not )?ok /s/^    /    /' >"$out"
		# node's reporter nests; its own summary lines are the truth
		p=$(sed -n 's/^# pass //p' "$out" | tail -n 1)
		f2=$(sed -n 's/^# fail //p' "$out" | tail -n 1)
		s=$(sed -n 's/^# skipped //p' "$out" | tail -n 1)
		passed=$((passed + ${p:-0}))
		skipped=$((skipped + ${s:-0}))
		if [ "${f2:-1}" -ne 0 ] || [ "${p:-0}" -eq 0 ]; then
			failed=$((failed + (${f2:-0} > 0 ? ${f2:-0} : 1)))
			echo "FAIL $label $f"
			sed 's/^/    /' "$out"
		else
			echo "ok   $label $f ($p)"
		fi
	done
}

wants unit && { unit build release; unit build/debug sanitized; }
wants challenges && node_tests challenges challenges/*/test/*.test.mjs
wants e2e && node_tests e2e tests/e2e/*.test.mjs
wants fault && node_tests fault tests/fault/*.test.mjs
wants browser && node_tests browser tests/browser/*.test.mjs
if wants fuzz && ls tests/fuzz/fuzz_*.c >/dev/null 2>&1; then
	FUZZ_SECONDS=${FUZZ_SECONDS:-3} make --no-print-directory fuzz >"$log/fuzz.log" 2>&1
	status=$?
	n=$(grep -c '^ok ' "$log/fuzz.log")
	passed=$((passed + n))
	if [ "$status" -ne 0 ]; then
		failed=$((failed + 1))
		echo "FAIL fuzz"
		tail -n 60 "$log/fuzz.log" | sed 's/^/    /'
	else
		echo "ok   fuzz ($n)"
	fi
fi

if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
