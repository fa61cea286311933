#!/bin/sh
# nginx.sh: Debian's nginx, unpacked into build/nginx. Installing the package would start a service on port 80.
set -eu
cd "$(dirname "$0")/../.."
[ -x build/nginx/usr/sbin/nginx ] && exit 0
rm -rf build/nginx.download
mkdir -p build/nginx.download
cd build/nginx.download
apt-get download nginx >/dev/null 2>&1 || {
	apt-get update -qq
	apt-get download nginx >/dev/null
}
dpkg-deb -x nginx_*.deb ../nginx
cd ..
rm -rf nginx.download
