#!/bin/bash
# Checks the sources. Usage: tests/lint.sh shell|python|format|tidy|analyzer|cppcheck...
# tidy builds the coverage preset first, for clang's own warnings, the libraries' headers and how a file is compiled; what
# it has found clean is kept in the cache of the libraries, so that it looks only at what has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

tidy_build=build/coverage
tidy_done=${PROBE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/probe}/tidy

# Names of our own files that match, generated and fetched ones left out.
sources() {
  find . -path ./build -prune -o -path ./.git -prune -o -type f \( "$@" \) -print | sort
}

existing() {
  local path
  for path in "$@"; do
    if [ -e "$path" ]; then
      echo "$path"
    fi
  done
}

lint_shell() {
  local files
  mapfile -t files < <(sources -name '*.sh' -o -path './.ci/run')
  shellcheck -x "${files[@]}"
}

lint_python() {
  /usr/bin/python3 -m pyflakes tests cmake
}

lint_format() {
  local files
  mapfile -t files < <(sources -name '*.c' -o -name '*.h')
  if [ "${#files[@]}" -gt 0 ]; then
    clang-format --dry-run -Werror "${files[@]}"
  fi
}

# What a finding in a file depends on: clang-tidy, its rules, the way the file is compiled, every header and the file.
tidy_sum() {
  {
    clang-tidy --version
    sed "s,$PWD/,,g" "$tidy_build/compile_commands.json"
    cat .clang-tidy
    find include -name '*.h' -print0 | sort -z | xargs -0 cat "$1"
  } | sha256sum | cut -d ' ' -f 1
}

# What stands in for TLS is compiled in the builds without it alone.
tidy_file() {
  local mark tidy_build=$tidy_build
  if ! grep -q "/$1\"" "$tidy_build/compile_commands.json"; then
    tidy_build=build/dev
  fi
  mark=$tidy_done/$(basename "$1")-$(tidy_sum "$1")
  if [ -f "$mark" ]; then
    return
  fi
  # __NO_CTYPE: functions in the place of glibc's macros, whose blocks would count as ours.
  # -Wno-...: clang does not know all of gcc's options for the release.
  clang-tidy -p "$tidy_build" --extra-arg=-D__NO_CTYPE --extra-arg=-Wno-ignored-optimization-argument --quiet "$1" \
    2>/dev/null || return 1
  touch "$mark"
}

lint_tidy() {
  local log=build/lint.log
  mkdir -p build "$tidy_done"
  if ! { cmake --preset coverage && cmake --build "$tidy_build" --target probe_core -j 2 && cmake --preset dev; } >"$log" 2>&1; then
    tail -n 40 "$log"
    return 1
  fi
  find "$tidy_done" -type f -mtime +30 -delete
  find probe -name '*.c' -not -path 'probe/deps/*' -print0 | sort -z | xargs -0 -n 1 -P 2 "$0" tidy-file
}

# gcc's -fanalyzer; its findings are errors, as all warnings.
lint_analyzer() {
  local log=build/analyzer.log
  mkdir -p build
  if ! { cmake --preset analyzer && cmake --build --preset analyzer; } >"$log" 2>&1; then
    grep -A 40 -E 'error|warning' "$log"
    return 1
  fi
}

lint_cppcheck() {
  local folders
  mapfile -t folders < <(existing probe tests/unit tests/bench tests/docs tests/fuzz)
  mkdir -p build/cppcheck
  cppcheck --std=c11 --language=c --platform=unix64 --quiet -j 2 --cppcheck-build-dir=build/cppcheck \
    --enable=warning,style,performance,portability --inline-suppr --suppressions-list=tests/cppcheck.txt \
    --error-exitcode=1 -I include -i probe/deps "${folders[@]}"
}

case ${1-} in
  tidy-file) tidy_file "$2" ;;
  shell | python | format | tidy | analyzer | cppcheck)
    for check in "$@"; do
      "lint_$check"
    done
    ;;
  *)
    sed -n 2,3p "$0" >&2
    exit 1
    ;;
esac
