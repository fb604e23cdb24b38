#!/usr/bin/env bash
# Puts promtool and amtool into FOLDER/bin: the programs that judge the rules and routes which galactl renders. They come
# out of Debian's packages. Those are not installed, because they would start services.
#
# usage: monitoring-tools.sh FOLDER
set -euo pipefail

mkdir -p "$1/bin"
bin=$(realpath "$1/bin")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get update -qq
# Debian 13 has promtool in a package of its own.
promtool=promtool
apt-cache show "$promtool" >/dev/null 2>&1 || promtool=prometheus
# As root: apt's own account cannot write into the folder.
apt-get download -qq -o APT::Sandbox::User=root "$promtool" prometheus-alertmanager
for package in *.deb; do
	dpkg-deb -x "$package" .
done
install usr/bin/promtool usr/bin/amtool "$bin"
