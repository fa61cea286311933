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
journal_append bench_journal_append
journal_append_1 bench_journal_append
journal_append_2000 bench_journal_append
fold bench_fold
tick_close bench_tick_close
rescore bench_tick_close
flags_http_1 bench_flags
flags_http_100 bench_flags
checks_http bench_checks
checks_steps bench_checks
checks_hostile bench_hostile
checks_load bench_load
spawn_warm bench_warm
spawn_exec bench_exec
spawn_bwrap bench_exec
live_1000 bench_live
live_10000 bench_live
rest_rss bench_rest
reports_submit bench_reports
lists_reports bench_reports
upload bench_files
download bench_files
files_rss bench_files
lists_tickets bench_tickets
truth bench_truth
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
