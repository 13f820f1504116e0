#!/usr/bin/env bash
# Three daemons, two versions of a service with two instances each, and HAProxy in front of them, reloaded by
# `bender template`, or with `./run.sh runtime` driven through its socket. Ctrl-C ends everything.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export PATH="$PATH:/usr/sbin"
bender=${BENDER:-$(cd "$here/../.." && pwd)/bin/run.js}
port=${PORT:-17290}
unset PORT
work=$(mktemp -d)
export HAPROXY_BIND=127.0.0.1:$((port + 9)) HAPROXY_SOCKET=$work/haproxy.sock
export BENDER_SERVER=http://127.0.0.1:$port,http://127.0.0.1:$((port + 1)),http://127.0.0.1:$((port + 2))

# Services first, then what is told of them.
trap 'trap "" INT TERM; for job in $(jobs -p | sort -rn); do kill "$job" 2>/dev/null || :; done; wait; rm -rf "$work"' EXIT
trap 'exit 0' INT TERM

"$bender" serve --port "$port" --warm-for 0s >"$work/daemons.log" &
for offset in 1 2; do
  "$bender" serve --port $((port + offset)) --peer "http://127.0.0.1:$port" >>"$work/daemons.log" &
done
until "$bender" status >/dev/null 2>&1; do sleep 0.2; done

"$bender" backends create web --app web --version 1.0.0
"$bender" frontends create www --backend web
for version in 1.0.0 1.0.0 2.0.0 2.0.0; do
  "$bender" register --app web --version "$version" --host 127.0.0.1 --drain 2s -- node "$here/../web.js" &
done
"$bender" wait --app web --version 1.0.0 --count 2
"$bender" wait --app web --version 2.0.0 --count 2

"$bender" template "$here/haproxy.cfg.liquid" "$work/haproxy.cfg" --once
haproxy -W -db -f "$work/haproxy.cfg" &
haproxy=$!
if [ "${1:-}" = runtime ]; then
  # The file is for the day on which HAProxy is restarted.
  "$bender" template "$here/haproxy.cfg.liquid" "$work/haproxy.cfg" --check 'haproxy -c -q -f {}' &
  "$bender" watch --trusted --json | node "$here/runtime.js" "$HAPROXY_SOCKET" web &
else
  "$bender" template "$here/haproxy.cfg.liquid" "$work/haproxy.cfg" --check 'haproxy -c -q -f {}' --exec "kill -USR2 $haproxy" &
fi

cat <<EOF

HAProxy listens on http://$HAPROXY_BIND/. In another terminal:

  export BENDER_SERVER=$BENDER_SERVER
  while sleep 0.2; do curl -s http://$HAPROXY_BIND/; done
  $bender backends update web --version 2.0.0

EOF
wait
