#!/bin/sh
# Runs unit tests of one build, several at a time since most of them wait, and shows the
# output of those that fail.   tests/unit.sh PROGRAM...
# Last line: "N passed, N failed", tests counted, and a program that ends badly otherwise.
set -u
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
export log

# The long and the patient ones first, so that no core waits for them in the end.
printf '%s\n' "$@" | awk '
  /test_(staging|staging_long|healthy_month|month|sender|web_server|modbus|modbus_shared|mqtt_client|modbus_client|plantsim_world)$/ { print; next }
  { later[n++] = $0 }
  END { for (i = 0; i < n; i++) print later[i] }' |
  xargs -P $((2 * $(nproc))) -n 1 sh -c '
    timeout 300 "$0" >"$log/${0##*/}" 2>&1
    echo $? >"$log/${0##*/}.status"'

passed=0
failed=0
for program in "$@"; do
  name=${program##*/}
  status=$(cat "$log/$name.status")
  good=$(grep -c '^\[       OK \]' "$log/$name")
  bad=$(grep -c '^\[  FAILED  \] [a-z]' "$log/$name")
  passed=$((passed + good))
  if [ "$status" -ne 0 ] || [ "$good" -eq 0 ]; then
    failed=$((failed + (bad > 0 ? bad : 1)))
    tail -n 300 "$log/$name"
    echo "FAILED  $program (exit $status, $good passed)"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
