#!/bin/sh
# make fuzz: every tests/fuzz/fuzz_*.c with clang's fuzzer under both sanitizers,
# FUZZ_SECONDS each (60). TARGETS="line expr" runs only these. Works on copies of the
# committed corpora; what breaks a target stays in build-fuzz/<target>/.
set -eu
cd "$(dirname "$0")/../.."
out=build-fuzz
seconds=${FUZZ_SECONDS:-60}
cc=$(command -v clang-14 || command -v clang) || {
  echo "fuzz: clang is missing (apt-get install clang-14)" >&2
  exit 1
}
folders="base telemetry config adapters rules issues history reports"
mkdir -p "$out/gen"
protoc-c --proto_path=adapters --c_out="$out/gen" adapters/sparkplug_b.proto

# Its own small makefile, so that a changed source is all that is compiled anew.
cat >"$out/Makefile" <<MAKE
SRC := \$(wildcard $(for f in $folders; do printf '%s/*.c ' "$f"; done)) \
  \$(filter-out %_case.c,\$(wildcard tests/unit/reference*.c))
OBJ := \$(SRC:%.c=$out/%.o) $out/gen/sparkplug_b.pb-c.o
FUZZ := \$(patsubst tests/fuzz/%.c,$out/%,\$(wildcard tests/fuzz/fuzz_*.c))
FLAGS := -g -O1 -std=c17 -D_GNU_SOURCE -I. -I$out/gen -MMD -MP -fno-omit-frame-pointer \\
  -fno-sanitize-recover=undefined \\
  -DFACILITYD_VERSION='"fuzz"' -DFACILITYD_DATADIR='"/usr/share/facilityd"'
LIBS := \$(shell pkg-config --libs libmodbus libprotobuf-c libconfig jansson sqlite3 libcurl zlib) \\
  -lpaho-mqtt3as -lm -pthread
all: \$(FUZZ)
$out/libfuzz.a: \$(OBJ)
	@rm -f \$@
	ar rcs \$@ \$^
$out/fuzz_%: tests/fuzz/fuzz_%.c $out/libfuzz.a
	$cc -fsanitize=fuzzer,address,undefined \$(FLAGS) \$(filter %.c %.a,\$^) \$(LIBS) -o \$@
$out/gen/%.o: $out/gen/%.c
	$cc -fsanitize=fuzzer-no-link,address,undefined -g -O1 -c \$< -o \$@
$out/%.o: %.c
	@mkdir -p \$(@D)
	$cc -fsanitize=fuzzer-no-link,address,undefined \$(FLAGS) -c \$< -o \$@
-include \$(OBJ:.o=.d) \$(FUZZ:=.d)
MAKE
make -s -j"$(nproc)" -f "$out/Makefile" all

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
passed=0
failed=0
results=
for source in tests/fuzz/fuzz_*.c; do
  name=$(basename "$source" .c)
  name=${name#fuzz_}
  case " ${TARGETS:-$name} " in *" $name "*) ;; *) continue ;; esac
  corpus=$work/$name
  mkdir -p "$corpus" "$out/$name"
  cp -r "tests/fuzz/corpus/$name/." "$corpus/" 2>/dev/null || true
  status=0
  # The grace beyond the time is for one slow input, which counts as a finding itself.
  timeout -k 5 $((seconds + 60)) "$out/fuzz_$name" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=2048 -artifact_prefix="$out/$name/" "$corpus" >"$out/$name.log" 2>&1 || status=$?
  units=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$out/$name.log")
  edges=$(sed -n 's/.*cov: \([0-9]*\).*/\1/p' "$out/$name.log" | tail -1)
  if [ $status -eq 0 ]; then
    passed=$((passed + 1))
    line="ok      fuzz_$name: ${units:-?} inputs, $edges edges in $seconds s"
  else
    failed=$((failed + 1))
    tail -60 "$out/$name.log"
    line="FAILED  fuzz_$name: exit $status, log $out/$name.log, input in $out/$name/"
  fi
  results="$results$line
"
done
printf '%s' "$results"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
