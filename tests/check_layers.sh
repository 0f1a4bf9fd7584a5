#!/bin/sh
# Fails when a file includes a folder to the right of its own in $LAYERS, or an outside
# library anywhere but in the file that owns it.
set -eu
status=0

rank() {
  i=0
  for layer in $LAYERS; do
    [ "$layer" = "$1" ] && { echo $i; return; }
    i=$((i + 1))
  done
  echo 99
}

for layer in $LAYERS; do
  for file in "$layer"/*.[ch]; do
    [ -e "$file" ] || continue
    for dep in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$file" | sort -u); do
      if [ "$(rank "$dep")" -gt "$(rank "$layer")" ]; then
        echo "$file: $layer/ may not include $dep/"
        status=1
      fi
    done
  done
done

# The simulator and the control program are no part of the daemon. The simulator may lean on
# base/; the control program loads configurations, tries rules and reads what is stored, too.
for file in ctl/*.[ch] plantsim/*.[ch]; do
  [ -e "$file" ] || continue
  own=${file%%/*}
  for dep in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$file" | sort -u); do
    case "$dep" in
    base | "$own") continue ;;
    telemetry | config | rules | history | issues | reports)
      [ "$own" = ctl ] && continue
      ;;
    esac
    echo "$file: $own/ may not include $dep/"
    status=1
  done
done

while read -r header owners; do
  for file in $(grep -lE "^#include <$header>" ./*/*.[ch] 2>/dev/null || true); do
    file=${file#./}
    case " $owners " in
    *" $file "*) ;;
    *)
      echo "$file: <$header> belongs to $owners"
      status=1
      ;;
    esac
  done
done <<OWNERS
sqlite3.h            base/db.c
jansson.h            base/json_in.c
libconfig.h          config/tree.c
modbus/modbus.h      adapters/modbus_client.c
protobuf-c/protobuf-c.h adapters/sparkplug_payload.c
sparkplug_b.pb-c.h   adapters/sparkplug_payload.c
MQTTAsync.h          adapters/mqtt_client.c plantsim/mqtt.c
curl/curl.h          history/post.c adapters/mqtt_tls.c ctl/client.c
zlib.h               history/gzip.c
microhttpd.h         web/server.c
systemd/sd-daemon.h  gateway/notify.c
OWNERS
exit $status
