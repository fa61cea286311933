#!/bin/sh
# A lint that cannot fail proves nothing: plants one fault of each kind in a copy and sees it named.
# usage: selftest.sh LINT_DIR ROOT; prints `ok NAME` or `not ok NAME`.
set -u
lint=$1
root=$2
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

fresh() {
	rm -rf "$copy/tree"
	mkdir -p "$copy/tree"
	cp -r "$root/server" "$root/checker" "$root/docs" "$copy/tree/"
	mkdir -p "$copy/tree/scoreboard/src"
	cp -r "$root/scoreboard/src/i18n" "$copy/tree/scoreboard/src/"
}

# planted NAME CHECK... : the check must fail now and name what was planted.
planted() {
	name=$1
	want=$2
	shift 2
	if out=$("$@" "$copy/tree" 2>&1); then
		echo "not ok a planted fault goes unseen: $name"
	elif echo "$out" | grep -qF -- "$want"; then
		echo "ok the lint sees $name"
	else
		echo "not ok a planted fault is not named: $name"
		echo "$out"
	fi
}

include() { # FILE HEADER: the header becomes the file's first line
	sed -i "1i #include $2" "$copy/tree/$1"
}

floors="sh $lint/floors.sh"
fresh
while read -r file header; do
	fresh
	include "$file" "$header"
	planted "$file including $header" "$file:1:" $floors
done <<'END'
server/base/buf.c "core/game.h"
server/core/game.c "store/journal.h"
server/core/game.c "checker/protocol.h"
server/store/db.c "net/loop.h"
server/net/loop.c "store/journal.h"
server/dispatch/job.c "api/drill.h"
server/api/drill.c "checker/round.h"
server/api/drill.c <uv.h>
server/api/drill.c <sqlite3.h>
server/scenario/build.c <jansson.h>
server/api/api.c <yaml.h>
server/store/keys.c <openssl/evp.h>
server/api/api.c <xlsxwriter.h>
server/net/http.c <curl/curl.h>
server/net/loop.c <ares.h>
checker/channel.c <openssl/ssl.h>
server/core/flag.c "base/time.h"
checker/round.c "store/journal.h"
END

fresh
printf 'static void\nlook(void)\n{\n\ttime(NULL);\n}\n' >>"$copy/tree/server/core/flag.c"
planted "the core asking for the time" "server/core/flag.c:" $floors
fresh
sed -i 's|"/api/v1/clock"|"/api/v1/clocks"|' "$copy/tree/server/api/api_clock.c"
planted "a route that is not described" "post /api/v1/clocks: not in openapi.json" node "$lint/routes.mjs"
fresh
sed -i 's/ROLE_DIRECTOR | ROLE_ADMIN/ROLE_ADMIN/' "$copy/tree/server/api/api_clock.c"
planted "a route with other roles" "POST /api/v1/clock: x-roles" node "$lint/routes.mjs"
fresh
sed -i 's|    &route_clock_post,||' "$copy/tree/server/api/routes.c"
planted "a record that is in no table" "route_clock_post is not in the table" node "$lint/routes.mjs"
fresh
sed -i 's|schemas/ClockState"|schemas/Clocks"|' "$copy/tree/server/api/openapi/clock.json"
planted "a reference to nothing" "#/components/schemas/Clocks is nowhere" node "$lint/routes.mjs"
fresh
sed -i 's|{"verbose", no_argument|{"shout", no_argument, NULL, 0},\n    {"verbose", no_argument|' "$copy/tree/server/options.c"
planted "an undocumented option" "drilld --shout" sh "$lint/docs.sh"
fresh
sed -i 's|    .name = "verify",|    .name = "audit",|' "$copy/tree/server/ctl/ctl_verify.c"
planted "an undocumented command" "drillctl audit" sh "$lint/docs.sh"
fresh
sed -i 's|"ticket.supervised"|"ticket.pressed"|' "$copy/tree/server/core/event_kind.c"
planted "an undocumented kind of event" "ticket.pressed" sh "$lint/docs.sh"
messages="node $lint/messages.mjs"
table="$copy/tree/scoreboard/src/i18n/messages.zh-CN.json"
fresh
sed -i 's|"redirects to another system"|"redirects to somewhere else"|' "$copy/tree/checker/http_step.c"
planted "a public sentence without Chinese" '"redirects to somewhere else" is not in' $messages
planted "a translated sentence that nobody says" 'nobody says "redirects to another system"' $messages
fresh
sed -i 's|NOT_CHECKED "no checker is running"|NOT_CHECKED "no checker runs"|' "$copy/tree/server/dispatch/tick.c"
planted "a sentence put together by macros" '"not checked: no checker runs" is not in' $messages
fresh
sed -i 's|#define DRILL_HELD_TEXT "not checked|#define DRILL_HELD_TEXT "unchecked|' "$copy/tree/server/api/drill_private.h"
planted "a macro's sentence without Chinese" 'server/api/drill_private.h' $messages
fresh
sed -i 's|状态码 {1}，应为 {2}|状态码 {1}|' "$table"
planted "a translation that leaves a value out" '{2} must be there once' $messages
fresh
printf '/* TO''DO: later */\n' >>"$copy/tree/server/core/flag.c"
planted "a promise without an owner" "server/core/flag.c:" sh "$lint/tidy.sh"
fresh
yes '/* long */' | head -n 701 >"$copy/tree/server/core/long.c"
planted "a file that is too long" "server/core/long.c:701" sh "$lint/tidy.sh"
fresh
echo '{"packages": {"a": {"resolved": "https://registry.invalid/a.tgz"}}}' | sed 's/: {/:\n{/g' >"$copy/tree/scoreboard/package-lock.json"
planted "a registry in the lock file" "package-lock.json:" sh "$lint/tidy.sh"
