#!/bin/sh
# make run: the demo building. Starts a broker, the simulated plant and facilityd, prints
# where the board is, and stops all of them on Ctrl-C. Everything lives under $STATE.
set -eu
cd "$(dirname "$0")/.."
out=${OUT:-build}
state=${STATE:-$PWD/run}
broker_port=18883
pids=

stop() {
  trap - INT TERM EXIT
  # facilityd first, so that it does not report the plant's end as a fault.
  for pid in $pids; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  echo "Stopped. The demo's data stays in $state; remove the folder to start afresh."
}
trap stop EXIT
trap 'exit 0' INT TERM

mkdir -p "$state"
cat >"$state/mosquitto.conf" <<CONF
listener $broker_port 127.0.0.1
allow_anonymous true
CONF
mosquitto=$(command -v mosquitto || echo /usr/sbin/mosquitto)
"$mosquitto" -c "$state/mosquitto.conf" >"$state/mosquitto.log" 2>&1 &
pids="$!"
"$out/plantsim" run --broker "mqtt://127.0.0.1:$broker_port" --pty "$state/riser-a" \
  --control "$state/plantsim.sock" >"$state/plantsim.log" 2>&1 &
pids="$! $pids"
# The demo's configuration with this run's places.
sed -e "s|/tmp/facilityd-demo|$state|" -e "s|\"profiles\"|\"$PWD/plantsim/demo/profiles\"|" \
  plantsim/demo/facilityd.cfg >"$state/facilityd.cfg"
"$out/facilityd" -c "$state/facilityd.cfg" --datadir "$out/share" \
  --socket "$state/facilityd.sock" &
facilityd=$!
pids="$facilityd $pids"

tries=100
until curl -fs -o /dev/null http://127.0.0.1:8080/healthz; do
  kill -0 $facilityd 2>/dev/null || exit 1
  tries=$((tries - 1))
  [ $tries -gt 0 ] || exit 1
  sleep 0.1
done
cat <<TEXT

The board:        http://127.0.0.1:8080/        (English: http://127.0.0.1:8080/?lang=en)
A fault:          $out/plantsim scenario dry-run --control $state/plantsim.sock
All faults:       $out/plantsim scenario --list
From the shell:   $out/facilityctl --socket $state/facilityd.sock status
Stop everything:  Ctrl-C

TEXT
wait $facilityd
