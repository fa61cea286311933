#!/bin/sh
# Runs the figures named, or all of them, and prints one JSON line for each:
#   {"bench":NAME,"value":...,"unit":"...","reference":RAW_LIMIT,"ratio":VALUE/RAW_LIMIT,...}
# usage: run.sh [NAME...]      (make bench BENCH=NAME)
#
# A program measures one or several figures; it takes their names as arguments (none = all of its own).
# A new figure is a line of this table.
set -eu
cd "$(dirname "$0")/../.."

# figure program
table='
checks_http bench_checks
fold bench_fold
journal_append bench_journal_append
tick_close bench_tick_close
'

program_of() { echo "$table" | awk -v name="$1" '$1 == name { print $2 }'; }

if [ $# -eq 0 ]; then
	set -- $(echo "$table" | awk 'NF { print $1 }')
fi
for name in "$@"; do
	if [ -z "$(program_of "$name")" ]; then
		echo "no figure \"$name\"; there are:" $(echo "$table" | awk 'NF { print $1 }') >&2
		exit 2
	fi
done
status=0
for name in "$@"; do
	program=build/tests/bench/$(program_of "$name")
	if ! "$program" "$name"; then
		echo "run.sh: $name failed ($program)" >&2
		status=1
	fi
done
exit $status
