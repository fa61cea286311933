#!/bin/sh
# In an image's stage: installs the packages named and leaves nothing but them.
set -eu
sh /setup/use-host.sh
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
apt-get clean
rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/debconf/*-old
sh /setup/use-host.sh undo
