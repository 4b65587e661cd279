#!/bin/sh
# Tell what the binary's size is made of, and fail when it is over budget:
#
#   size.sh BINARY MAP BUDGET OBJECT... LIBRARY...
#
# After link time optimisation the linker's map names functions and data, but
# no longer where they came from; the symbols of the OBJECTs (ours) and of the
# LIBRARYs, in folders by the library's name, tell that.
set -eu

binary=$1
map=$2
budget=$3
shift 3

symbols() {
  for file in "$@"; do
    case $file in
    *.a) owner=$(basename "$(dirname "$(dirname "$file")")") ;;
    *) owner=ours ;;
    esac
    readelf -sW "$file" 2>/dev/null | awk -v owner="$owner" \
      '$4 ~ /FUNC|OBJECT/ && $7 != "UND" { sub(/\..*/, "", $8); print "symbol", $8, owner }'
  done
}

# The map's lines are " SECTION ADDRESS SIZE FILE", broken after a long SECTION.
# bash's $((16#...)) and gawk's strtonum are no part of POSIX.
{
  symbols "$@"
  sed '1,/^Linker script and memory map/d' "$map"
} | awk -v total="$(wc -c <"$binary")" -v budget="$budget" '
  function number(hex,    i, n) {
    for (i = 3; i <= length(hex); i++)
      n = n * 16 + index("123456789abcdef", substr(hex, i, 1))
    return n
  }
  function account(section, size, file,    name, owner) {
    name = section
    sub(/^\.(text|rodata|data\.rel\.ro|data)\.?/, "", name)
    sub(/^(startup|unlikely|hot|exit)\./, "", name)
    sub(/\..*/, "", name)
    if (file ~ /libc\.a|crt[1in]\.o/) {
      owner = "musl"
      if (name == "" && match(file, /\([^)]*/)) # written in assembler
        name = substr(file, RSTART + 1, RLENGTH - 3)
    } else
      owner = name in from ? from[name] : "other"
    by_owner[owner] += size
    by_name[name == "" ? "(unnamed)" : name] += size
    owner_of[name] = owner
    seen += size
  }
  function largest(sizes, count, form,    n, name, top) {
    while (count-- > 0) {
      top = ""
      for (name in sizes)
        if (top == "" || sizes[name] > sizes[top]) top = name
      if (top == "") return
      printf form, sizes[top], top, owner_of[top]
      delete sizes[top]
    }
  }
  $1 == "symbol"                          { if (from[$2] != "ours") from[$2] = $3; next }
  /^\/DISCARD\/|^OUTPUT/                  { exit }
  /^ \.(text|rodata|data)[^ ]*$/          { section = $1; next }
  /^ \.(text|rodata|data)[^ ]* +0x/       { account($1, number($3), $4); next }
  section != "" && /^ +0x[0-9a-f]+ +0x/   { account(section, number($2), $3) }
                                          { section = "" }
  END {
    by_owner["headers, padding"] = total - seen
    printf "size: %d bytes, %d %% of the budget of %d\n", total, total * 100 / budget, budget
    largest(by_owner, 9, "  %7d %s\n")
    print "largest functions and data, with their strings:"
    largest(by_name, 10, "  %7d %s (%s)\n")
    if (total > budget) {
      printf "size: over budget by %d bytes; PROBE_SIZE_BUDGET is in CMakeLists.txt\n", total - budget
      exit 1
    }
  }'
