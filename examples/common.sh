# What the examples share: three daemons, two versions of a service with two instances each, and an end to all of it.
# Sourced by their run.sh. $PORT is the first of ten ports; the proxy is to listen on the last one, $listen.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PATH="$PATH:/usr/sbin"
bender=$root/bin/run.js
port=${PORT:-17290}
unset PORT
listen=127.0.0.1:$((port + 9))
work=$(mktemp -d)
export BENDER_SERVER=http://127.0.0.1:$port,http://127.0.0.1:$((port + 1)),http://127.0.0.1:$((port + 2))

trap 'trap "" INT TERM; for job in $(jobs -p | sort -rn); do kill "$job" 2>/dev/null || :; done; wait; rm -rf "$work"' EXIT
trap 'exit 0' INT TERM

start_daemons() {
  "$bender" serve --port "$port" --warm-for 0s >"$work/daemons.log" &
  for offset in 1 2; do
    "$bender" serve --port $((port + offset)) --peer "http://127.0.0.1:$port" >>"$work/daemons.log" &
  done
  until "$bender" status >/dev/null 2>&1; do sleep 0.2; done
}

start_services() {
  "$bender" backends create web --app web --version 1.0.0
  "$bender" frontends create www --backend web
  for version in 1.0.0 1.0.0 2.0.0 2.0.0; do
    "$bender" register --app web --version "$version" --host 127.0.0.1 --drain 2s -- node "$root/examples/web.js" &
  done
  "$bender" wait --app web --version 1.0.0 --count 2
  "$bender" wait --app web --version 2.0.0 --count 2
}

say_what_to_try() {
  cat <<EOF

$1 listens on http://$listen/. In another terminal:

  export BENDER_SERVER=$BENDER_SERVER
  while sleep 0.2; do curl -s http://$listen/; done
  $bender deploy web --version 2.0.0
  $bender rollback web

EOF
}
