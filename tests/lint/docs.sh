#!/bin/sh
# usage: docs.sh ROOT: every option of drilld is in docs/running.md, every drillctl command somewhere in docs/, every kind of event in docs/journal.md.
set -u
cd "$1" || exit 2

options() { sed -n '/^static const struct option table/,/^};/s/.*{"\([a-z-]*\)",.*/\1/p' server/options.c; }
commands() { sed -n 's/^ *\.name = "\([a-z]*\)",.*/\1/p' server/ctl/ctl_*.c; }
kinds() { sed -n 's/^ *\[EV_[A-Z_]*\] = "\([a-z_.]*\)",$/\1/p' server/core/event_kind.c; }

missing() {
	[ -n "$(options)" ] && [ -n "$(commands)" ] && [ -n "$(kinds)" ] || echo "server/: no option, no command or no kind of event was found in the sources"
	options | while read -r o; do
		grep -qE -- "(^|[^a-z-])--$o([^a-z-]|\$)" server/options.c || echo "server/options.c: --$o is not in the usage"
		grep -qsE -- "(^|[^a-z-])--$o([^a-z-]|\$)" docs/running.md || echo "docs/running.md: says nothing of drilld --$o"
	done
	commands | while read -r c; do
		grep -rqE --include='*.md' "drillctl $c([^a-z]|\$)" docs || echo "docs/: says nothing of drillctl $c"
	done
	kinds | while read -r k; do
		grep -qs "^|.*\`$k\`.*|.*|.*|\$" docs/journal.md || echo "docs/journal.md: says nothing of the event $k"
	done
}

bad=$(missing)
[ -z "$bad" ] && exit 0
echo "$bad"
exit 1
