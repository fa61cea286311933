#!/bin/sh
# Installs what building, testing and the demo need from Debian packages. Instant when nothing is missing.
# `deps.sh build` stops at what building needs.
set -eu

packages="gcc libc6-dev make patch pkg-config
libuv1-dev libhttp-parser-dev libnghttp2-dev libwslay-dev
libsqlite3-dev libssl-dev libjansson-dev libyaml-dev libcurl4-openssl-dev libc-ares-dev libseccomp-dev libxlsxwriter-dev zlib1g-dev libmicrohttpd-dev tzdata"
test_packages="bubblewrap clang clang-format libclang-rt-14-dev libcmocka-dev
libwebsockets-dev libwebsockets-evlib-uv curl faketime openssl python3 chromium fonts-noto-cjk
openssh-client python3-asyncssh python3-impacket python3-requests"
[ "${1:-}" = build ] || packages="$packages $test_packages"

missing=""
for p in $packages; do
	dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || missing="$missing $p"
done
# Any Node 18 or later will do, Debian's or another.
command -v node >/dev/null 2>&1 || missing="$missing nodejs"
command -v npm >/dev/null 2>&1 || missing="$missing npm"
[ -n "$missing" ] || exit 0

echo "installing:$missing"
if [ "$(id -u)" -eq 0 ]; then
	sudo=""
elif command -v sudo >/dev/null 2>&1; then
	sudo="sudo"
else
	echo "deps: as root, run: apt-get install --no-install-recommends$missing" >&2
	exit 1
fi
$sudo apt-get update -qq
# shellcheck disable=SC2086  # a list of names
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
