# How our own sources are compiled and linked, in each flavour. Everything goes
# into one target, probe_flags.

add_deps()
configure_file(include/version.h.in ${CMAKE_BINARY_DIR}/include/version.h @ONLY)

add_library(probe_flags INTERFACE)
target_compile_features(probe_flags INTERFACE c_std_17)
target_compile_definitions(probe_flags INTERFACE _GNU_SOURCE CURL_STATICLIB)
target_include_directories(probe_flags INTERFACE
  ${PROJECT_SOURCE_DIR}/include ${CMAKE_BINARY_DIR}/include)
target_compile_options(probe_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes -Wstrict-prototypes
  -Wformat=2 -Wvla -Wundef -Wwrite-strings -Wcast-qual -Wimplicit-fallthrough -Werror
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)

if(PROBE_STATIC)
  set(optimise -Oz -flto=auto -fno-pie -ffunction-sections -fdata-sections
    -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-ident)
  # Fat objects, because the size report reads their symbols.
  target_compile_options(probe_flags INTERFACE ${optimise} -ffat-lto-objects)
  # Fewer pages and no relocations: start-up is most of what a probe costs.
  target_link_options(probe_flags INTERFACE ${optimise} -flto-partition=one -static -no-pie -s
    -Wl,--gc-sections,--build-id=none,-z,norelro,-z,noseparate-code)
  # What reads others' bytes ends rather than return over an overrun buffer: all that asks a peer or the machine, and
  # what takes texts apart.
  get_target_property(sources probe_core SOURCES)
  list(FILTER sources INCLUDE REGEX "/(checks|machine)/|/run/(explain|own_host)|/config/(dotenv|environment|kind|target)|/base/(escape|secret|text)")
  set_property(SOURCE ${sources} APPEND PROPERTY COMPILE_OPTIONS -fstack-protector-strong)
elseif(PROBE_FLAVOUR STREQUAL "asan")
  target_compile_options(probe_flags INTERFACE -O1 -g -fno-omit-frame-pointer)
  set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=all)
  target_compile_options(probe_flags INTERFACE ${sanitize})
  target_compile_definitions(probe_flags INTERFACE PROBE_SANITIZED)
  target_link_options(probe_flags INTERFACE ${sanitize})
  target_sources(probe PRIVATE tests/e2e/lsan.c)
  if(PROBE_COVERAGE)
    # %c: the counters are the file's own bytes, so that what ends by _exit(2), by
    # execve(2) or by a signal has counted too; %m: one file, whoever runs it.
    set(count -fprofile-instr-generate=${CMAKE_BINARY_DIR}/counters/%c%m.profraw)
    target_compile_options(probe_flags INTERFACE ${count} -fcoverage-mapping
      -fprofile-update=atomic "SHELL:-mllvm -runtime-counter-relocation")
    target_link_options(probe_flags INTERFACE ${count})
    # AddressSanitizer asks it before there are counters.
    set_property(SOURCE tests/e2e/lsan.c APPEND PROPERTY COMPILE_OPTIONS -fno-profile-instr-generate -fno-coverage-mapping)
    target_sources(probe PRIVATE tests/coverage/environment.c)
    target_link_options(probe PRIVATE -Wl,--wrap=setenv)
  endif()
elseif(PROBE_FUZZ)
  # The libraries stay without sanitizers: what is fuzzed is our own.
  target_compile_options(probe_flags INTERFACE -O1 -g -fno-omit-frame-pointer
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  target_compile_definitions(probe_flags INTERFACE PROBE_SANITIZED)
  target_link_options(probe_flags INTERFACE -fsanitize=address,undefined)
else()
  target_compile_options(probe_flags INTERFACE -Og -g)
endif()

list(TRANSFORM PROBE_LIBRARIES PREPEND deps:: OUTPUT_VARIABLE libraries)
target_link_libraries(probe_core PUBLIC probe_flags ${libraries})
