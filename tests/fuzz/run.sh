#!/bin/sh
# Runs the fuzzers that `make fuzz` has built, FUZZ_SECONDS (60) each: from the seeds and from what earlier runs
# found, kept under build/fuzz/corpus. `ok NAME` or `not ok NAME` with the end of its output; the input that
# broke it stays in build/fuzz/found. usage: run.sh [NAME ...]
set -u
cd "$(dirname "$0")/../.." || exit 2
seconds=${FUZZ_SECONDS:-60}
passed=0
failed=0

fuzz() { # NAME
	name=$1
	program=build/fuzz/tests/fuzz/fuzz_$name
	corpus=build/fuzz/corpus/$name
	log=build/fuzz/$name.log
	mkdir -p "$corpus" build/fuzz/found
	set -- "-max_total_time=$seconds" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
		"-artifact_prefix=build/fuzz/found/$name-"
	[ -e "tests/fuzz/$name.dict" ] && set -- "$@" "-dict=tests/fuzz/$name.dict"
	set -- "$@" "$corpus"
	[ -d "tests/fuzz/seeds/$name" ] && set -- "$@" "tests/fuzz/seeds/$name"
	if [ -x "$program" ] && timeout $((seconds + 600)) "$program" "$@" >"$log" 2>&1; then
		passed=$((passed + 1))
		echo "ok $name # $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
	else
		failed=$((failed + 1))
		echo "not ok $name"
		[ -x "$program" ] && tail -n 40 "$log" | sed 's/^/    /' || echo "    $program was not built"
	fi
}

if [ $# -eq 0 ]; then
	for source in tests/fuzz/fuzz_*.c; do
		name=${source#tests/fuzz/fuzz_}
		set -- "$@" "${name%.c}"
	done
fi
for name in "$@"; do
	fuzz "$name"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
