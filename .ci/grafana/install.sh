#!/usr/bin/env bash
# Puts the types of Grafana's foundation SDK, and the compiler that holds a dashboard against them, into FOLDER/grafana.
#
# usage: install.sh FOLDER
set -euo pipefail

here=$(dirname "$(realpath "$0")")
mkdir -p "$1/grafana"
cd "$1/grafana"
cmp -s "$here/package-lock.json" package-lock.json && [ -x node_modules/.bin/tsc ] && exit
command -v npm >/dev/null || { apt-get update -qq && apt-get install -qq -y npm >/dev/null; }
cp "$here"/package{,-lock}.json .
npm ci --silent --no-audit --no-fund
