#!/bin/sh
# Installs the Debian packages that a target needs and that are missing, and says which.
#   packages.sh build | run | test
# As root, or with sudo. Does nothing, and asks nobody, when everything is there.
set -eu

build="gcc make libc6-dev pkg-config libmodbus-dev libpaho-mqtt-dev libconfig-dev
       libjansson-dev libsqlite3-dev libcurl4-openssl-dev zlib1g-dev libmicrohttpd-dev
       libprotobuf-c-dev protobuf-c-compiler libsystemd-dev tzdata"
run="$build mosquitto curl"
test="$run libcmocka-dev python3 python3-pytest python3-pytest-xdist python3-pymodbus
      python3-serial-asyncio python3-paho-mqtt python3-selenium mosquitto-clients influxdb influxdb-client
      victoria-metrics socat faketime chromium chromium-driver fonts-wqy-microhei sqlite3 openssl
      liblua5.4-dev clang-14 clang-tidy-14 clang-format libclang-rt-14-dev cppcheck systemd"

case "${1:-}" in
build) wanted=$build ;;
run) wanted=$run ;;
test) wanted=$test ;;
*)
  echo "usage: $0 build|run|test" >&2
  exit 64
  ;;
esac

missing=
for package in $wanted; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q ' installed$' ||
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "Installing what is missing:$missing"
if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif command -v sudo >/dev/null 2>&1; then
  as_root=sudo
else
  echo "Not root and no sudo. Install these yourself, then try again: apt-get install$missing" >&2
  exit 77
fi
$as_root apt-get update -q >/dev/null
# A broker or a database that is only needed for tests must not start as a service.
policy=/usr/sbin/policy-rc.d
made_policy=no
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
  $as_root chmod 755 "$policy"
  made_policy=yes
fi
status=0
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -q --no-install-recommends $missing \
  >/dev/null || status=$?
[ $made_policy = no ] || $as_root rm -f "$policy"
exit $status
