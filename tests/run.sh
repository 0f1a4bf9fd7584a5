#!/bin/sh
# make test: builds, then unit tests (plain and under both sanitizers), lint, end to end.
# Ends with one line that counts them all: "N passed, N failed".
set -u
out=${OUT:-build}
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
passed=0
failed=0
jobs=$(nproc)

count() { # name, status: one check that either holds or does not
  if [ "$2" -eq 0 ]; then
    passed=$((passed + 1))
    echo "ok      $1"
  else
    failed=$((failed + 1))
    echo "FAILED  $1"
  fi
}

unit() { # folder of the build, make's variables
  folder=$1
  shift
  if ! make -s -j"$jobs" "$@" all $(ls tests/unit/test_*.c | sed "s:\(.*\)\.c:$folder/\1:") \
    >"$log/build" 2>&1; then
    cat "$log/build"
    count "build $folder" 1
    return
  fi
  count "build $folder" 0
  for source in tests/unit/test_*.c; do
    name=$(basename "$source" .c)
    timeout 300 "$folder/tests/unit/$name" >"$log/$name" 2>&1
    status=$?
    good=$(grep -c '^\[       OK \]' "$log/$name")
    bad=$(grep -c '^\[  FAILED  \] .*$' "$log/$name")
    passed=$((passed + good))
    if [ $status -ne 0 ]; then
      cat "$log/$name"
      failed=$((failed + (bad > 0 ? bad : 1)))
      echo "FAILED  $folder $name"
    else
      echo "ok      $folder $name ($good)"
    fi
  done
}

unit "$out" CFLAGS="-O2 -g -Werror"
unit "$out-address-undefined" SAN=address,undefined CFLAGS="-O1 -g -Werror"
unit "$out-thread" SAN=thread CFLAGS="-O1 -g -Werror"

make -s share
make -s layers >"$log/layers" 2>&1
status=$?
cat "$log/layers"
count "layers" $status
make -s lint >"$log/lint" 2>&1
status=$?
[ $status -eq 0 ] || cat "$log/lint"
count "lint" $status
systemd-analyze security --offline=true --threshold=15 systemd/facilityd.service >"$log/unit" 2>&1
status=$?
! grep 'ignoring' "$log/unit" || status=1 # a key that systemd does not know there
[ $status -eq 0 ] || cat "$log/unit"
count "systemd exposure at most 1.5" $status

OUT=$out /usr/bin/python3 -m pytest -q -x --maxfail=10 -p no:cacheprovider tests/e2e >"$log/e2e" 2>&1
status=$?
cat "$log/e2e"
good=$(sed -n 's/.*[^0-9]\([0-9]*\) passed.*/\1/p;s/^\([0-9]*\) passed.*/\1/p' "$log/e2e" | tail -1)
bad=$(sed -n 's/^.*\b\([0-9][0-9]*\) failed.*/\1/p' "$log/e2e" | tail -1)
errors=$(sed -n 's/^.*\b\([0-9][0-9]*\) errors\{0,1\}.*/\1/p' "$log/e2e" | tail -1)
passed=$((passed + ${good:-0}))
failed=$((failed + ${bad:-0} + ${errors:-0}))
if [ $status -ne 0 ] && [ "${bad:-0}" -eq 0 ] && [ "${errors:-0}" -eq 0 ]; then
  failed=$((failed + 1))
fi

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
