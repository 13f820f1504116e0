#!/usr/bin/env bash
# Three daemons, two versions of a service with two instances each, and nginx in front of them, reloaded by
# `bender template`. Ctrl-C ends everything.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../common.sh"

start_daemons
start_services
cp "$here/nginx.conf" "$work/"
echo "listen $listen;" >"$work/listen.conf"
render=("$bender" template "$here/bender.conf.liquid" "$work/bender.conf")
nginx="nginx -p $work -c nginx.conf -e stderr"
"${render[@]}" --once
$nginx -g 'daemon off;' &
"${render[@]}" --exec "$nginx -t -q && $nginx -s reload" &
say_what_to_try nginx
wait
