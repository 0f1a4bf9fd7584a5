#!/bin/sh
# Writes an assembly file that embeds the named files, and their table (web/assets.h).
#   assets.sh FILE...
set -eu
export LC_ALL=C

hash=$(cat "$@" | sha256sum | cut -c1-12)
cat <<HEAD
#ifdef __CET__
#include <cet.h>
#endif
        .section .rodata
        .global asset_hash
asset_hash:
        .asciz "$hash"
HEAD
i=0
for file in "$@"; do
  cat <<FILE
name_$i:
        .asciz "${file##*/}"
        .balign 16
start_$i:
        .incbin "$file"
end_$i:
        .byte 0
FILE
  i=$((i + 1))
done
cat <<TABLE
        .balign 16
        .global asset_count
asset_count:
        .dc.a $i
        .section .data.rel.ro, "aw"
        .balign 16
        .global asset_table
asset_table:
TABLE
i=0
for file in "$@"; do
  echo "        .dc.a name_$i, start_$i, end_$i"
  i=$((i + 1))
done
echo '        .section .note.GNU-stack, "", %progbits'
