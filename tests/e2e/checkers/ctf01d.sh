#!/bin/sh
# A checker for ctf01d: ctf01d.sh HOST put|check FLAG_ID FLAG. The scratch directory holds its cookies.
[ $# -eq 4 ] || { echo "usage: $0 HOST put|check FLAG_ID FLAG"; exit 1; }
base=http://$1:$(printf %d "${PORTAL_PORT:-8080}") || exit 1
user=c$3
password=pw-$3
flag=$4

end() { echo "[$2]"; exit "$1"; }

ask() { # PATH [FORM...] -> $status; the answer is in $TMPDIR/answer
	path=$1
	shift
	for pair in "$@"; do
		set -- "$@" --data-urlencode "$pair"
		shift
	done
	status=$(curl -s -m 30 -b "$TMPDIR/cookies" -c "$TMPDIR/cookies" -o "$TMPDIR/answer" -w '%{http_code}' "$@" "$base$path") ||
		end 104 "service is down"
}

sign_in() {
	ask /login "user=$user" "password=$password"
	[ "$status" = 403 ] && end 102 "the account is gone"
	[ "$status" = 303 ] || end 103 "nobody can sign in"
}

case $2 in
put)
	ask /register "user=$user" "name=$user" "password=$password"
	[ "$status" = 303 ] || [ "$status" = 409 ] || end 103 "nobody can register"
	sign_in
	ask /staff/drafts "title=memo" "body=$flag"
	[ "$status" = 303 ] || end 103 "nothing can be filed"
	;;
check)
	ask '/?lang=zh'
	[ "$status" = 200 ] || end 103 "no front page"
	grep -q '<h1>学院简介</h1>' "$TMPDIR/answer" || end 102 "the front page was changed"
	sign_in
	ask /staff
	[ "$status" = 200 ] || end 103 "no staff area"
	draft=$(sed -n 's|.*/staff/drafts/\([0-9]*\)".*|\1|p' "$TMPDIR/answer" | head -n 1)
	ask "/staff/drafts/${draft:-0}"
	grep -qF "$flag" "$TMPDIR/answer" || end 102 "the flag is gone"
	;;
*) exit 1 ;;
esac
end 101 "service is up"
