#!/usr/bin/env bash
# Three daemons, two versions of a service with two instances each, and HAProxy in front of them, reloaded by
# `bender template`, or with `./run.sh runtime` driven through its socket. Ctrl-C ends everything.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../common.sh"
export HAPROXY_BIND=$listen HAPROXY_SOCKET=$work/haproxy.sock

start_daemons
start_services
render=("$bender" template "$here/haproxy.cfg.liquid" "$work/haproxy.cfg")
"${render[@]}" --once
haproxy -W -db -f "$work/haproxy.cfg" &
haproxy=$!
if [ "${1:-}" = runtime ]; then
  # The file is for the day on which HAProxy is restarted.
  "${render[@]}" --check 'haproxy -c -f {}' &
  "$bender" watch --json | node "$here/runtime.js" "$HAPROXY_SOCKET" web &
else
  "${render[@]}" --check 'haproxy -c -f {}' --exec "kill -USR2 $haproxy" &
fi
say_what_to_try HAProxy
wait
