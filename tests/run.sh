#!/bin/sh
# make test: builds, then unit tests (plain and under both sanitizers), static analysis, end
# to end. Ends with one line that counts them all: "N passed, N failed".
#
# Two cores are kept busy: the analysers run beside the end-to-end tests, which wait for
# devices most of their time and are given the cores first.
set -u
: "${SIMULATED:?this is what \`make test\` runs}"
out=${OUT:-build}
unset OUT # each make below says which folder it builds
log=$(mktemp -d)
lint_pid=
trap 'rm -rf "$log"' EXIT
trap '[ -z "$lint_pid" ] || kill "$lint_pid" 2>/dev/null; exit 130' INT TERM
passed=0
failed=0
jobs=$(nproc)
began=$(date +%s)

say() { # a line with the seconds since the start
  printf '%4ds  %s\n' $(($(date +%s) - began)) "$1"
}

count() { # name, status, file to show when it failed: one check that holds or does not
  if [ "$2" -eq 0 ]; then
    passed=$((passed + 1))
    say "ok      $1"
  else
    failed=$((failed + 1))
    [ -z "${3:-}" ] || tail -n 400 "$3"
    say "FAILED  $1"
  fi
}

number_of() { # word, file: "12 failed" in its last line
  tail -n 1 "$2" | sed -n "s/^\(.*[^0-9]\)\{0,1\}\([0-9][0-9]*\) $1.*/\2/p"
}

add() { # name, status, file whose last line counts what passed and failed
  good=$(number_of passed "$3")
  bad=$(number_of failed "$3")
  errors=$(number_of 'errors\{0,1\}' "$3")
  bad=$((${bad:-0} + ${errors:-0}))
  passed=$((passed + ${good:-0}))
  if [ "$2" -eq 0 ]; then
    say "ok      $1 (${good:-0})"
    return
  fi
  failed=$((failed + (bad > 0 ? bad : 1)))
  tail -n 400 "$3"
  say "FAILED  $1"
}

# Modules that start threads or are used by several: for the others the thread sanitizer
# has nothing to see.
threaded="queue live desk_threads spool sender history modbus modbus_shared modbus_client
          modbus_listen link_talk link_trace mqtt mqtt_client mqtt_bad_broker mqtt_inbox mqtt_ring
          mqtt_session web_server decisions"

unit() { # folder of the build, make's variables
  folder=$1
  shift
  targets=$(ls tests/unit/test_*.c | grep -v staging_season | # `make month`
    sed "s:\(.*\)\.c:$folder/\1:")
  [ "$folder" = "$out" ] ||
    for name in $SIMULATED; do # see the Makefile
      targets=$(echo "$targets" | grep -v "/test_$name\$")
    done
  [ "$folder" != "$out-thread" ] ||
    targets=$(for name in $threaded; do echo "$folder/tests/unit/test_$name"; done)
  # shellcheck disable=SC2086 # a list of targets
  make -s -j"$jobs" OUT="$folder" "$@" all "$folder/tests/unit/fake_web" $targets >"$log/build" 2>&1
  status=$?
  count "build $folder" $status "$log/build"
  [ $status -eq 0 ] || return
  # shellcheck disable=SC2086
  tests/unit.sh $targets >"$log/unit" 2>&1
  add "unit tests of $folder" $? "$log/unit"
}

# The longest files, in the order of their lengths: no worker is left alone with one of them.
slow="field_faults scenarios mains_loss tools mqtt_faults first_meter web_fake dead_link plan"

files() { # all files, the slow ones first
  for name in $slow $(ls tests/e2e/test_*.py | sed 's:.*/test_\(.*\)\.py:\1:'); do
    echo "tests/e2e/test_$name.py"
  done | awk '!seen[$0]++'
}

# The tests wait for devices most of their time, so more run at once than there are cores;
# those of a file one after the other, since some share a plant.
stream() { # name, folder of the build, tests
  file=$log/$1
  folder=$2
  shift 2
  OUT=$folder timeout 780 /usr/bin/python3 -m pytest -q --tb=short --show-capture=no \
    --maxfail=10 -p no:cacheprovider --basetemp="$log/t" -n $((2 * jobs)) --dist loadfile \
    "$@" >"$file" 2>&1
}

end_to_end() {
  # shellcheck disable=SC2046 # a list of files
  stream e2e "$out" $(files)
  add "end to end" $? "$log/e2e"
  for sanitizer in address-undefined thread; do
    stream "$sanitizer" "$out-$sanitizer" tests/e2e/test_issue_flow.py \
      tests/e2e/test_command_line.py
    add "end to end, $sanitizer" $? "$log/$sanitizer"
  done
}

unit "$out" CFLAGS="-O2 -g -Werror"
unit "$out-address-undefined" SAN=address,undefined CFLAGS="-O1 -g -Werror"
unit "$out-thread" SAN=thread CFLAGS="-O1 -g -Werror"

nice -n 10 make -s OUT="$out" lint >"$log/lint" 2>&1 &
lint_pid=$!
make -s OUT="$out" share
systemd-analyze security --offline=true --threshold=15 systemd/facilityd.service >"$log/unit" 2>&1
status=$?
! grep 'ignoring' "$log/unit" || status=1 # a key that systemd does not know there
count "systemd exposure at most 1.5" $status "$log/unit"
end_to_end
wait "$lint_pid"
count "lint: layers, format, banned calls, clang-tidy, cppcheck, gcc -fanalyzer" $? "$log/lint"

say "done"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
