#!/bin/sh
# Build one library from its fetched source; run by build.sh, which holds the
# lock:
#
#   build-one.sh FLAVOUR NAME
#
# It is made in a temporary folder and moved into place when all is done.
set -eu

deps=$(cd "$(dirname "$0")" && pwd)
. "$deps/common.sh"
flavour=$1
load_recipe "$2"
flavour=$(serving_flavour)
flavour_flags
prefix=$(built_dir "$name")
work=$tmp/$name
stage=$work/stage
log=$logs/$flavour-$arch-$name.log

report() {
  { set +x; } 2>/dev/null
  [ "$1" -ne 0 ] || return 0
  say "building $name failed; the end of $log:"
  tail -n 20 "$log" | cut -c 1-200
} >&3

# Recipes: replace a text in a source, which must be there exactly COUNT times, or
# the build stops:
#
#   edit FILE COUNT TEXT REPLACEMENT
edit() {
  { set +x; } 2>/dev/null
  perl -0777 -e '
    my ($name, $count, $text, $replacement) = @ARGV;
    open(my $in, "<", $name) or die "edit: cannot open $name: $!\n";
    my $source = <$in>;
    my $found = () = $source =~ /\Q$text/g;
    $found == $count or die "edit: $name has this $found times, not $count: $text\n";
    $source =~ s/\Q$text/$replacement/g;
    open(my $out, ">", $name) or die "edit: cannot write $name: $!\n";
    print $out $source;
    close($out) or die "edit: cannot write $name: $!\n";' "$@"
  set -x
}

# Recipes: compile C files as they are, into a library.
archive() {
  lib=$1
  shift
  $CC $CFLAGS $heavy -c "$@"
  $AR rcs "$lib" ./*.o
}

exec 3>&1 >"$log" 2>&1
trap 'report $?' EXIT
say "building $name $version ($flavour, $arch) ..." >&3

mkdir -p "$stage/include" "$stage/lib" "$work/src"
cd "$work/src"
tar -xf "$sources/$file" --strip-components=1
# No path of this machine in what is built.
CFLAGS="$CFLAGS -ffile-prefix-map=$work/src=$name"
set -x
build
cp "$license_file" "$stage/LICENSE"
printf '%s\n' "name=$name" "version=$version" "pinned=$pinned" "license=$license" "file=$file" \
  "sha256=$sha256" "origin=$origin" >"$stage/record"
mv "$stage" "$prefix"
