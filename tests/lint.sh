#!/bin/sh
# The static analysers over the sources given: banned calls, gcc -fanalyzer, clang-tidy,
# cppcheck. Prints what they find and fails when there is anything.
set -eu
status=0

banned='\b(strcpy|strcat|sprintf|strtok|atoi|atof|gets|system|strerror|localtime|gmtime)\('
if grep -nE "$banned" "$@"; then
  echo "banned calls, see docs/STYLE"
  status=1
fi
outside=$(printf '%s\n' "$@" | grep -vE '^base/')
# shellcheck disable=SC2086 # a list of files
if grep -nE '\b(malloc|calloc|realloc|strdup|free)\(' $outside | grep -vE '_(free|malloc)\('; then
  echo "outside base/ memory comes from base/mem.h"
  status=1
fi

flags='-std=c17 -D_GNU_SOURCE -I. -I'${OUT:-build}'/gen -DFACILITYD_VERSION="lint" -DFACILITYD_DATADIR="lint"'
export flags
jobs=$(nproc)
# Three files at a time, so that clang-tidy's start does not count. It tells on standard
# error only how many warnings of system headers it kept to itself.
printf '%s\n' "$@" | xargs -P "$jobs" -n 3 sh -c '
  clang-tidy-14 --quiet "$@" -- $flags 2>/dev/null' tidy || status=1
cppcheck --quiet -j "$jobs" --std=c11 --enable=warning,portability --inline-suppr \
  --error-exitcode=1 --suppress=missingIncludeSystem -I. -D_GNU_SOURCE "$@" || status=1
printf '%s\n' "$@" | xargs -P "$jobs" -n 1 sh -c '
  gcc $flags -O1 -fanalyzer -Wall -Wextra -Werror -c "$0" -o /dev/null' || status=1
exit $status
