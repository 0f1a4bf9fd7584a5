#!/bin/sh
# make test: builds, then unit tests (plain and under both sanitizers), static analysis, end
# to end. Ends with one line that counts them all: "N passed, N failed".
#
# Two cores are kept busy: the analysers run beside the end-to-end tests, which wait for
# devices most of their time and are given the cores first.
set -u
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

# Every unit test of a build; its name, status and output wait in $log/NAME.
run_unit_tests() { # folder of the build
  folder=$1
  # Some look at the clock or at what the machine spends: one at a time.
  for source in tests/unit/test_*.c; do
    name=$(basename "$source" .c)
    timeout 300 "$folder/tests/unit/$name" >"$log/$name" 2>&1
    status=$?
    good=$(grep -c '^\[       OK \]' "$log/$name")
    bad=$(grep -c '^\[  FAILED  \] [a-z]' "$log/$name")
    unit_good=$((unit_good + good))
    if [ $status -ne 0 ]; then
      unit_bad=$((unit_bad + (bad > 0 ? bad : 1)))
      tail -n 400 "$log/$name"
      say "FAILED  $folder $name (exit $status)"
    elif [ "$good" -eq 0 ]; then
      unit_bad=$((unit_bad + 1))
      say "FAILED  $folder $name ran no test"
    fi
  done
}

unit() { # folder of the build, make's variables
  folder=$1
  shift
  targets=$(ls tests/unit/test_*.c | sed "s:\(.*\)\.c:$folder/\1:")
  # shellcheck disable=SC2086 # a list of targets
  make -s -j"$jobs" OUT="$folder" "$@" all "$folder/tests/unit/fake_web" $targets >"$log/build" 2>&1
  status=$?
  count "build $folder" $status "$log/build"
  [ $status -eq 0 ] || return
  unit_good=0
  unit_bad=0
  run_unit_tests "$folder"
  passed=$((passed + unit_good))
  failed=$((failed + unit_bad))
  [ "$unit_bad" -gt 0 ] || say "ok      unit tests of $folder ($unit_good)"
}

number_of() { # word, file: "12 failed" in pytest's last line
  sed -n "s/^\(.*[^0-9]\)\{0,1\}\([0-9][0-9]*\) $1.*/\2/p" "$2" | tail -n 1
}

end_to_end() { # name, folder of the build, tests
  name=$1
  folder=$2
  shift 2
  OUT=$folder timeout 600 /usr/bin/python3 -m pytest -q --tb=short --show-capture=no \
    --maxfail=10 -p no:cacheprovider "$@" >"$log/e2e" 2>&1
  status=$?
  tail -n 1 "$log/e2e" >"$log/e2e_last"
  good=$(number_of passed "$log/e2e_last")
  bad=$(number_of failed "$log/e2e_last")
  errors=$(number_of 'errors\{0,1\}' "$log/e2e_last")
  bad=$((${bad:-0} + ${errors:-0}))
  passed=$((passed + ${good:-0}))
  if [ $status -eq 0 ]; then
    say "ok      $name (${good:-0})"
    return
  fi
  failed=$((failed + (bad > 0 ? bad : 1)))
  tail -n 400 "$log/e2e"
  say "FAILED  $name"
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
end_to_end "end to end" "$out" tests/e2e
for sanitizer in address-undefined thread; do
  end_to_end "end to end, $sanitizer" "$out-$sanitizer" \
    tests/e2e/test_issue_flow.py tests/e2e/test_command_line.py
done
wait "$lint_pid"
count "lint: layers, format, banned calls, clang-tidy, cppcheck, gcc -fanalyzer" $? "$log/lint"

say "done"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
