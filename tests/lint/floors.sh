#!/bin/sh
# The floors of the code: who may include whom, and that the core asks neither clock nor disk.
# usage: floors.sh ROOT; prints each line that breaks a rule as FILE:LINE: why, and exits 1 then.
set -u
cd "$1" || exit 2

# Every #include of a folder as FILE:LINE:HEADER.
includes() {
	grep -nE '^[[:space:]]*#[[:space:]]*include' "$@" /dev/null |
		sed -E 's/^([^:]*:[0-9]+):[^"<]*["<]([^">]*)[">].*/\1:\2/'
}

files() { find "$1" -name '*.c' -o -name '*.h' | sort; }

# What a floor may include of ours: its own folder and these.
floor_sees() {
	case $1 in
	base) echo "base" ;;
	core) echo "base core" ;;
	scenario | store | net | dispatch) echo "base core $1" ;;
	api) echo "base core scenario store net dispatch api" ;;
	ctl | .) echo "base core scenario store net dispatch api ctl" ;;
	esac
}

check_direction() {
	for floor in base core scenario store net dispatch api ctl .; do
		sees=" $(floor_sees "$floor") "
		if [ "$floor" = . ]; then set -- server/*.[ch]; else set -- $(files "server/$floor"); fi
		includes "$@" | while IFS=: read -r file line header; do
			case $header in
			checker/protocol.h) [ "$floor" != base ] && [ "$floor" != core ] && continue ;;
			*/*) ;;
			*) # a system's header, or one of the top folder's
				[ "$floor" != . ] && [ -e "server/$header" ] || continue
				;;
			esac
			folder=${header%%/*}
			case $header in
			base/* | core/* | scenario/* | store/* | net/* | dispatch/* | api/* | ctl/*)
				case $sees in *" $folder "*) continue ;; esac ;;
			checker/*) ;;
			*/*) continue ;; # a library's
			esac
			echo "$file:$line: floor $floor must not include \"$header\"; it sees:$sees"
		done
	done
	includes $(files checker) | while IFS=: read -r file line header; do
		case $header in
		scenario/* | store/* | net/* | dispatch/* | api/* | ctl/*)
			echo "$file:$line: the checker sees base and core of the server, not \"$header\"" ;;
		esac
	done
}

# LIBRARY'S HEADERS (a pattern), WHERE THEY BELONG (a pattern of files)
only_in() {
	includes $(files server) $(files checker) | grep -E ":$1\$" | grep -vE "^($2)" |
		sed -E "s/^([^:]*:[0-9]+):(.*)/\1: <\2> belongs in $(echo "$2" | tr '|' ' ' | sed 's|/|\\/|g')/"
}

check_libraries() {
	only_in 'uv\.h' 'server/net/|checker/'
	only_in '(libwebsockets\.h|nghttp2/.*|http_parser\.h|wslay/.*)' 'server/net/'
	# drillctl is a client of its own: it speaks HTTP by libcurl and asks for a password without echo. drilld sends mail by it.
	only_in 'curl/.*' 'checker/|server/ctl/online\.|server/net/smtp\.'
	only_in 'xlsxwriter.*' 'server/store/xlsx'
	only_in 'sqlite3\.h' 'server/store/'
	only_in 'jansson\.h' 'server/base/'
	only_in 'yaml\.h' 'server/scenario/'
	only_in 'openssl/.*' 'server/base/|server/net/|server/ctl/online\.|checker/tls_client\.'
	only_in '(ares|ares_dns)\.h' 'checker/'
}

# The fold is pure: the same events give the same state, everywhere.
check_pure() {
	calls='fopen|fdopen|open|openat|fprintf|printf|vfprintf|puts|fputs|fwrite|fread|perror|getenv'
	calls="$calls|time|clock|clock_gettime|gettimeofday|localtime|localtime_r|gmtime|nanosleep|sleep|usleep"
	calls="$calls|rand|srand|random|getrandom|random_bytes|random_token|sign_generate|password_hash"
	calls="$calls|time_wall_ms|time_mono_ms|time_mono_ns|zone_offset|log_[a-z]+|system|fork"
	grep -nE "(^|[^A-Za-z0-9_>.\"])($calls)\(" $(files server/core) /dev/null |
		sed -E 's/^([^:]*:[0-9]+):[[:space:]]*(.*)/\1: the core is pure, not: \2/'
	includes $(files server/core) |
		grep -E ':(base/log\.h|base/time\.h|time\.h|unistd\.h|fcntl\.h|sys/.*|pthread\.h)$' |
		sed -E 's/^([^:]*:[0-9]+):(.*)/\1: the core is pure and needs no \2/'
}

bad=$(check_direction; check_libraries; check_pure)
[ -z "$bad" ] && exit 0
echo "$bad"
exit 1
