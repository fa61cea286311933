#!/bin/sh
# Copies how this machine reaches Debian's and npm's registries to docker/host/, for the builds.
set -eu
cd "$(dirname "$0")/host"
rm -f sources.list apt.conf ca-certificates.crt npmrc

# Only Debian's own archives of the image's release: other sources have keys that the image lacks.
if command -v apt-get >/dev/null 2>&1; then
	apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		sed -n 's/^Debian|bookworm[^|]*|/deb /p' | sort -u >sources.list
	[ -s sources.list ] || rm sources.list
	apt-config dump | grep -E '^Acquire::(https?|ftp)::[A-Za-z:.-]* "|^Acquire::Check-' >apt.conf || rm apt.conf
fi

if [ -r /etc/ssl/certs/ca-certificates.crt ]; then
	cp /etc/ssl/certs/ca-certificates.crt .
fi

if command -v npm >/dev/null 2>&1; then
	for f in "$(npm config get globalconfig 2>/dev/null)" "$(npm config get userconfig 2>/dev/null)"; do
		if [ -r "$f" ]; then
			grep -E '^(@[^=]*:)?registry *=|^//|^(https?-)?proxy *=|^noproxy *=|^strict-ssl *=' "$f" || true
		fi
	done >npmrc
	[ -s npmrc ] || rm npmrc
fi
