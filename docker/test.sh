#!/bin/sh
# make docker-test: builds the image, brings docker/compose.yaml up, sees three ticks pass, takes it down.
#
# On Debian it installs docker.io and docker-compose when they are missing. Where no dockerd answers it starts one
# of its own, with its data in build/docker, and stops it at the end. Where no image registry answers it makes
# debian:bookworm-slim with debootstrap. The last line counts what passed and failed.
set -u
cd "$(dirname "$0")/.." || exit 2
work=$PWD/build/docker
mkdir -p "$work"
passed=0
failed=0
dockerd_pid=
run=                             # a short path: a socket's may have 107 bytes
project=drilltest$$
DRILL_PORT=${DRILL_PORT:-18080}
export DRILL_PORT
PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s\n' "docker-test: $*"; }

result() { # WHAT STATUS
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
		echo "ok   $1"
	else
		failed=$((failed + 1))
		echo "FAIL $1"
	fi
	return "$2"
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo -n "$@"
	fi
}

# ---- what has to be there ----

install_missing() {
	missing=
	command -v docker >/dev/null 2>&1 || missing="docker.io"
	compose_command >/dev/null || missing="$missing docker-compose"
	command -v curl >/dev/null 2>&1 || missing="$missing curl"
	[ -n "$missing" ] || return 0
	command -v apt-get >/dev/null 2>&1 || {
		say "missing: $missing; install them with this system's package manager"
		return 1
	}
	apt_install "$missing"
}

apt_install() {
	say "installing: $1"
	as_root apt-get update -qq || return 1
	# shellcheck disable=SC2086  # a list of names
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 >"$work/apt.log" 2>&1 ||
		{ tail -n 20 "$work/apt.log"; return 1; }
}

compose_command() {
	if docker compose version >/dev/null 2>&1; then
		echo "docker compose"
	elif command -v docker-compose >/dev/null 2>&1; then
		echo "docker-compose"
	else
		return 1
	fi
}

compose() {
	$compose -p "$project" -f docker/compose.yaml "$@"
}

start_dockerd() {
	docker info >/dev/null 2>&1 && return 0
	command -v dockerd >/dev/null 2>&1 || apt_install docker.io || return 1
	run=$(mktemp -d /tmp/drill-docker.XXXXXX)
	DOCKER_HOST=unix://$run/docker.sock
	export DOCKER_HOST
	say "no dockerd answers: starting one of our own"
	as_root dockerd --data-root "$work/data" --exec-root "$run/exec" --pidfile "$run/pid" \
		--group "$(id -gn)" -H "$DOCKER_HOST" >"$work/dockerd.log" 2>&1 &
	dockerd_pid=$!
	for _ in $(seq 60); do
		docker info >/dev/null 2>&1 && return 0
		kill -0 "$dockerd_pid" 2>/dev/null || break
		sleep 1
	done
	say "dockerd does not come up:"
	tail -n 20 "$work/dockerd.log"
	return 1
}

base_image() {
	docker image inspect debian:bookworm-slim >/dev/null 2>&1 && return 0
	timeout 120 docker pull -q debian:bookworm-slim >/dev/null 2>&1 && return 0
	say "no image registry answers: making debian:bookworm-slim with debootstrap"
	command -v debootstrap >/dev/null 2>&1 || apt_install debootstrap || return 1
	rootfs=$work/rootfs
	as_root rm -rf "$rootfs"
	# shellcheck disable=SC2046  # nothing or one word
	as_root debootstrap --variant=minbase bookworm "$rootfs" $(debian_mirror) >"$work/debootstrap.log" 2>&1 ||
		{ tail -n 20 "$work/debootstrap.log"; return 1; }
	as_root rm -rf "$rootfs/var/cache/apt/archives" "$rootfs/var/lib/apt/lists"
	as_root mkdir -p "$rootfs/var/cache/apt/archives/partial" "$rootfs/var/lib/apt/lists/partial"
	as_root tar -C "$rootfs" -c . | docker import - debian:bookworm-slim >/dev/null || return 1
	as_root rm -rf "$rootfs"
}

# Where this machine has its packages from; nothing: debootstrap's own choice.
debian_mirror() {
	sed -n 's/^deb \([^ ]*\) bookworm main$/\1/p' docker/host/sources.list 2>/dev/null | head -n 1
}

# TARGET NAME. The host's network: its proxy may listen on loopback only.
build() {
	docker build --network host -f docker/Dockerfile --target "$1" -t "$2" . >>"$work/build.log" 2>&1
}

server_image() {
	docker run --rm --read-only drilld --help >/dev/null 2>&1 &&
		docker run --rm --read-only --entrypoint drillctl drilld help >/dev/null 2>&1 &&
		! docker run --rm --read-only --entrypoint node drilld --version >/dev/null 2>&1 &&
		! docker run --rm --read-only --entrypoint test drilld -e /opt/drill
}

# ---- the demo ----

board() {
	curl -fsS --max-time 5 "http://127.0.0.1:$DRILL_PORT/api/v1/board"
}

# EXPRESSION over the board b, worked out by the image's own node.
board_value() {
	board 2>/dev/null | compose exec -T server node -e \
		'let t="";process.stdin.on("data",d=>t+=d).on("end",()=>{const b=JSON.parse(t);console.log('"$1"')})' 2>/dev/null
}

# SECONDS CONDITION...: until the condition holds.
wait_for() {
	end=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$end" ] || return 1
		sleep 1
	done
}

answers() { board >/dev/null 2>&1; }

tick_reached() {
	now=$(board_value 'b.drill.tick')
	[ "${now:-0}" -ge "$1" ]
}

flag_captured() { [ "$(board_value 'b.ranking.some(r => r.attack > 0)')" = true ]; }

all_checked() { [ "$(board_value 'b.systems.length === 3 && b.systems.every(s => s.status !== "none")')" = true ]; }

# With -a where there is one: compose v2 lists only what runs.
server_container() { compose ps -a -q server 2>/dev/null || compose ps -q server; }

healthy() { [ "$(docker inspect -f '{{.State.Health.Status}}' "$(server_container)")" = healthy ]; }

unprivileged() {
	for id in $(compose ps -q); do
		[ "$(docker exec "$id" id -u)" -ne 0 ] || return 1
	done
}

root_is_read_only() {
	for id in $(compose ps -q); do
		[ "$(docker inspect -f '{{.HostConfig.ReadonlyRootfs}}' "$id")" = true ] || return 1
	done
}

everything_runs() {
	[ "$(compose ps -q | wc -l)" -ge 4 ] || return 1
	for id in $(compose ps -q); do
		[ "$(docker inspect -f '{{.State.Running}}' "$id")" = true ] || return 1
	done
}

demo_runs() {
	result "containers start" "$(compose up -d >"$work/up.log" 2>&1; echo $?)" || { tail -n 20 "$work/up.log"; return 1; }
	wait_for 60 answers
	result "the server answers on the published port" $? || return 1
	first=$(board_value 'b.drill.tick')
	wait_for 90 tick_reached $((${first:-0} + 3))
	result "three ticks pass" $?
	wait_for 30 all_checked
	result "every system is checked" $?
	wait_for 60 flag_captured
	result "the red bot captures a flag" $?
	wait_for 60 healthy
	result "the health check holds" $?
	everything_runs
	result "every container is still running" $?
	unprivileged
	result "no container runs as root" $?
	root_is_read_only
	result "every root file system is read-only" $?
}

# ---- start and end ----

clean_up() {
	trap - EXIT INT TERM
	if [ -n "${compose:-}" ]; then
		compose down -v -t 10 >"$work/down.log" 2>&1
	fi
	if [ -n "$dockerd_pid" ]; then
		as_root kill "$(cat "$run/pid" 2>/dev/null || echo "$dockerd_pid")" 2>/dev/null
		wait "$dockerd_pid" 2>/dev/null
		as_root umount "$run/exec/netns/default" 2>/dev/null # dockerd leaves it behind
		as_root rm -rf "$run"
	fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

test_all() {
	install_missing
	result "docker and compose are there" $? || return
	compose=$(compose_command)
	start_dockerd
	result "dockerd answers" $? || return
	: >"$work/build.log"
	sh docker/host.sh && base_image
	result "base image" $? || return
	say "building (some minutes the first time; $work/build.log)"
	build demo drilld-demo && build server drilld
	result "images build" $? || { tail -n 40 "$work/build.log"; return; }
	result "the server's image has its programs and no demo" "$(server_image; echo $?)"
	demo_runs || return
	goes_on_after_a_stop
}

goes_on_after_a_stop() {
	last=$(board_value 'b.drill.tick')
	compose stop -t 20 >"$work/stop.log" 2>&1
	[ "$(docker inspect -f '{{.State.ExitCode}}' "$(server_container)")" = 0 ]
	result "the server ends cleanly" $?
	docker run --rm --read-only --volumes-from "$(server_container)" drilld-demo drillctl verify /data >"$work/verify.log" 2>&1
	result "the journal verifies" $? || cat "$work/verify.log"
	compose start >"$work/start.log" 2>&1 && wait_for 60 tick_reached $((${last:-0} + 2))
	result "the drill goes on after a stop" $?
}

test_all
if [ "$failed" -gt 0 ] && [ -n "${compose:-}" ]; then
	compose logs --tail 40 2>/dev/null | cut -c1-300
fi
clean_up
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
