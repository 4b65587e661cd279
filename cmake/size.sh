#!/bin/sh
# Tell what the binary's size is made of, and fail when it is over budget:
#
#   size.sh BINARY MAP BUDGET OBJECT... LIBRARY...
#
# After link time optimisation the linker's map names functions and data, but no
# longer where they came from, and strings have no name at all. The OBJECTs (ours)
# and the LIBRARYs, in folders by the library's name, tell that: each function and
# variable has a section .gnu.lto_NAME.NUMBER.HASH there, and strings are found by
# their text.
set -eu

binary=$1
map=$2
budget=$3
shift 3

# "name NAME OWNER" and "string OWNER TEXT", ours first
origins() {
  for file in "$@"; do
    case $file in
    *.a) owner=$(basename "$(dirname "$(dirname "$file")")") ;;
    *) owner=ours ;;
    esac
    readelf -SW "$file" | sed -n "s/.* \.gnu\.lto_\([^. ]*\)\.[^ ]* .*/name \1 $owner/p"
    strings -n 3 "$file" | sed "s/^/string $owner /"
  done
}

# The map's lines are " SECTION ADDRESS SIZE FILE", broken after a long SECTION.
# Strings that are merged are in sections of no function, .rodata.str1.1; their text
# is read in the binary itself ("text OFFSET TEXT").
# bash's $((16#...)) and gawk's strtonum are no part of POSIX.
{
  origins "$@"
  readelf -lW "$binary" | awk '$1 == "LOAD" { print "base", $3; exit }'
  sed '1,/^Linker script and memory map/d' "$map"
  strings -n 3 -t d "$binary" | sed 's/^ */text /'
} | LC_ALL=C awk -v total="$(wc -c <"$binary")" -v budget="$budget" '
  function number(hex,    i, n) {
    for (i = 3; i <= length(hex); i++)
      n = n * 16 + index("123456789abcdef", substr(hex, i, 1))
    return n
  }
  function account(section, address, size, file,    name, owner) {
    if (address < reached) { # a string that ends as one before does is part of that one
      size -= reached - address
      address = reached
    }
    if (size <= 0) return
    reached = address + size
    name = section
    sub(/^\.(text|rodata|data\.rel\.ro|data)\.?/, "", name)
    sub(/^(startup|unlikely|hot|exit)\./, "", name)
    sub(/\..*/, "", name)
    if (file ~ /libc\.a|crt[1in]\.o/) {
      owner = "musl"
      if (name == "" && match(file, /\([^)]*/)) # written in assembler
        name = substr(file, RSTART + 1, RLENGTH - 3)
    } else if (section ~ /^\.rodata\.str1\.[0-9]+$/) {
      starts[++pieces] = address
      ends[pieces] = address + size
      return
    } else
      owner = name in from ? from[name] : "not known"
    by_owner[owner] += size
    by_name[name == "" ? "(unnamed)" : name] += size
    owner_of[name] = owner
  }
  function account_text(address, text,    i) {
    for (i = 1; i <= pieces; i++)
      if (address >= starts[i] && address < ends[i] && text in string_from)
        by_owner[string_from[text]] += length(text) + 1
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
  $1 == "name"   { if (!($2 in from)) from[$2] = $3; next }
  $1 == "string" { text = substr($0, 9 + length($2)); if (!(text in string_from)) string_from[text] = $2; next }
  $1 == "base"   { base = number($2); next }
  $1 == "text"   { account_text(base + $2, substr($0, 7 + length($2))); next }
  /^\.[a-z]/     { reached = 0; is_in_file = $1 ~ /^\.(text|rodata|data|init|fini|got|eh_frame|comment)/; next }
  !is_in_file    { next }
  /^ \*fill\*/   { by_owner["padding"] += number($3); next }
  /^ \.[^ ]+$/   { section = $1; next }
  /^ \.[^ ]+ +0x/                       { account($1, number($2), number($3), $4); next }
  section != "" && /^ +0x[0-9a-f]+ +0x/ { account(section, number($1), number($2), $3) }
                                        { section = "" }
  END {
    for (owner in by_owner)
      if (owner != "not known") seen += by_owner[owner]
    delete by_owner["not known"]
    by_owner["headers, not known"] = total - seen
    printf "size: %d bytes, %d %% of the budget of %d\n", total, total * 100 / budget, budget
    largest(by_owner, 9, "  %7d %s\n")
    print "largest functions and data, with their strings:"
    largest(by_name, 10, "  %7d %s (%s)\n")
    if (total > budget) {
      printf "size: over budget by %d bytes; probe/deps/architectures.txt has the budgets\n", total - budget
      exit 1
    }
  }'
