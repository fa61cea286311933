#!/bin/sh
# In a build stage: takes over what docker/host/ says about reaching the registries; `use-host.sh undo` takes it
# back, so that nothing of it is left in the image. Nothing happens for files that are not there.
set -eu
host=/setup/host

use() {
	if [ -e $host/sources.list ]; then
		mkdir /setup/kept
		find /etc/apt/sources.list /etc/apt/sources.list.d -type f -exec mv {} /setup/kept/ \;
		cp $host/sources.list /etc/apt/sources.list
	fi
	if [ -e $host/apt.conf ]; then
		cp $host/apt.conf /etc/apt/apt.conf.d/99host
	fi
	if [ -e $host/npmrc ]; then
		cp $host/npmrc /root/.npmrc
	fi
	if [ -e $host/ca-certificates.crt ]; then
		echo "Acquire::https::CaInfo \"$host/ca-certificates.crt\";" >/etc/apt/apt.conf.d/98host
		echo "cafile=$host/ca-certificates.crt" >>/root/.npmrc
	fi
}

undo() {
	if [ -e /setup/kept ]; then
		rm /etc/apt/sources.list
		for f in /setup/kept/*; do
			case $f in
			*/sources.list) mv "$f" /etc/apt/ ;;
			*) mv "$f" /etc/apt/sources.list.d/ ;;
			esac
		done
	fi
	rm -rf /setup /etc/apt/apt.conf.d/98host /etc/apt/apt.conf.d/99host /root/.npmrc
}

"${1:-use}"
