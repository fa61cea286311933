#!/bin/sh
# packages.sh LIST PACKAGE ...: in an image's stage, installs the packages in the file LIST and those named, and
# leaves nothing but them.
set -eu
list=$(cat "$1")
shift
sh /setup/use-host.sh
apt-get update -qq
# shellcheck disable=SC2086  # a list of names
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $list "$@"
apt-get clean
rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/debconf/*-old
sh /setup/use-host.sh undo
