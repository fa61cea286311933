#!/bin/sh
# Runs every test that `make test` has built, prints what failed in full, and ends with a line that counts.
# The C suite runs twice: as built for release and under ASan + UBSan. Arguments pick parts: lint unit e2e ...
# Without any, all are run, in two lanes side by side: most of the time a test waits.
set -u
cd "$(dirname "$0")/.." || exit 2
log=build/test-logs
mkdir -p "$log"
passed=0
failed=0
skipped=0
parts=$*
sanitized_tests=$(grep -l 'DRILL_BUILD\|lib\.mjs' tests/e2e/*.test.mjs)

wants() { case " $parts " in *" $1 "*) return 0 ;; esac; return 1; }

# result LABEL PASSED FAILED SKIPPED FILE...: adds to the sums; what failed is shown in full.
result() {
	what=$1
	passed=$((passed + $2))
	failed=$((failed + $3))
	skipped=$((skipped + $4))
	if [ "$3" -eq 0 ]; then
		echo "ok   $what ($2)"
		return
	fi
	echo "FAIL $what ($3 failed)"
	shift 4
	cat "$@" | sed 's/^/    /'
}

# One cmocka program: the ok / not ok lines of its TAP text against the 1..N that it promised. A crash, an exit
# status or a test that never came counts as a failure. (cmocka 1.1.5 says `not ok N # SKIP` of a skipped test.)
unit_program() { # LABEL PROGRAM
	tap=$log/$(echo "$2" | tr / _)
	CMOCKA_MESSAGE_OUTPUT=TAP timeout 600 "$2" >"$tap.tap" 2>"$tap.err"
	status=$?
	skip=$(grep -cE '^(not )?ok .*# SKIP' "$tap.tap")
	ok=$(grep -E '^ok ' "$tap.tap" | grep -vc '# SKIP')
	bad=$(grep -E '^not ok ' "$tap.tap" | grep -vc '# SKIP')
	promised=$(sed -n 's/^1\.\.//p' "$tap.tap" | awk '{ n += $1 } END { print n + 0 }')
	missing=$((promised - ok - bad - skip))
	if [ "$missing" -gt 0 ] || [ "$promised" -eq 0 ] || { [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; }; then
		echo "exit status $status; $promised tests promised, $missing never came" >>"$tap.err"
		bad=$((bad + (missing > 0 ? missing : 1)))
	fi
	result "$1" "$ok" "$bad" "$skip" "$tap.tap" "$tap.err"
}

unit() { # BUILD LABEL
	[ -d "$1/tests" ] || { result "unit tests [$2] are not built" 0 1 0; return; }
	for t in $(find "$1/tests/unit" "$1/tests/replay" "$1/tests/golden" -type f -name 'test_*' | sort); do
		unit_program "${t#"$1"/tests/} [$2]" "$t"
	done
}

# node's own summary counts; a file without one has crashed or run out of time.
node_tests() { # LABEL FILE...
	label=$1
	shift
	for f in "$@"; do
		[ -e "$f" ] || continue
		out=$log/$(echo "$label$f" | tr / _).tap
		timeout 900 node --test --test-reporter=tap "$f" >"$out" 2>&1
		status=$?
		ok=$(sed -n 's/^# pass //p' "$out" | tail -n 1)
		bad=$(sed -n 's/^# fail //p' "$out" | tail -n 1)
		cancelled=$(sed -n 's/^# cancelled //p' "$out" | tail -n 1)
		skip=$(sed -n 's/^# skipped //p' "$out" | tail -n 1)
		bad=$((${bad:-0} + ${cancelled:-0}))
		[ "$bad" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$((${ok:-0} + ${skip:-0}))" -eq 0 ]; } && bad=1
		result "$label $f" "${ok:-0}" "$bad" "${skip:-0}" "$out"
	done
}

# A runner that ends with "N passed, M failed".
runner() { # LABEL COMMAND...
	label=$1
	out=$log/$label.log
	shift
	"$@" >"$out" 2>&1
	status=$?
	ok=$(sed -nE 's/^([0-9]+) passed, [0-9]+ failed.*/\1/p' "$out" | tail -n 1)
	bad=$(sed -nE 's/^[0-9]+ passed, ([0-9]+) failed.*/\1/p' "$out" | tail -n 1)
	[ "$status" -ne 0 ] && [ "${bad:-0}" -eq 0 ] && bad=1
	result "$label" "${ok:-0}" "${bad:-1}" 0 "$out"
}

# tally FILE: adds what a lane's last line counts; one without such a line has failed.
tally() {
	set -- "$1" "$(tail -n 1 "$1" | sed -nE 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\1 \2 \4/p')"
	[ -n "$2" ] || { echo "FAIL $1 does not end with a count"; failed=$((failed + 1)); return; }
	set -- $2
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + ${3:-0}))
}

if [ -z "$parts" ]; then
	sh tests/run.sh lint unit challenges fault browser >"$log/lane1.log" 2>&1 &
	first=$!
	sh tests/run.sh e2e sanitized 2>&1 | tee "$log/lane2.log"
	wait $first
	cat "$log/lane1.log"
	tally "$log/lane1.log"
	tally "$log/lane2.log"
	parts=fuzz
fi

wants lint && runner lint sh tests/lint/run.sh
wants unit && { unit build release; unit build/debug sanitized; }
wants challenges && node_tests challenges challenges/*/test/*.test.mjs
wants e2e && node_tests e2e tests/e2e/*.test.mjs
# The quick ones again with the sanitized programs.
wants sanitized && DRILL_BUILD=$PWD/build/debug node_tests sanitized $sanitized_tests
wants fault && node_tests fault tests/fault/*.test.mjs
wants browser && node_tests browser tests/browser/*.test.mjs
wants fuzz && runner fuzz make --no-print-directory -j"$(nproc)" fuzz FUZZ_SECONDS="${FUZZ_SECONDS:-3}"

if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
