# What looks at the result: the size report of the release, the unit tests, and
# a program that links every library, those too that probe does not use yet.

enable_testing()

add_executable(link_check probe/deps/link_check.c)
target_link_libraries(link_check PRIVATE probe_flags deps::curl deps::cjson deps::hiredis deps::pq)
add_test(NAME link_check COMMAND link_check)

if(PROBE_STATIC)
  # Seconds of work that only the product is worth; the objects hold machine code as well.
  target_link_options(link_check PRIVATE -fno-lto)
  target_link_options(probe PRIVATE -Wl,-Map=${CMAKE_BINARY_DIR}/probe.map)
  list(TRANSFORM PROBE_LIBRARIES REPLACE "(.+)" "${PROBE_DEPS}/\\1/lib/*.a" OUTPUT_VARIABLE archives)
  file(GLOB archives ${archives} ${PROBE_DEPS}/musl/lib/libc.a)
  # A target rather than a POST_BUILD step: it tells the size each time, and
  # leaves a binary over budget there to be looked at.
  add_custom_target(size ALL
    COMMAND ${PROJECT_SOURCE_DIR}/cmake/size.sh $<TARGET_FILE:probe> ${CMAKE_BINARY_DIR}/probe.map
      ${PROBE_SIZE_BUDGET} $<TARGET_OBJECTS:probe_core> $<TARGET_OBJECTS:probe>
      ${archives}
    DEPENDS probe link_check
    COMMAND_EXPAND_LISTS VERBATIM)

  # What tests/docs/generated.py makes parts of the documents from.
  # The tables of all flavours.
  add_executable(tables tests/docs/tables.c probe/base/cause.c probe/config/options_table.c)
  target_compile_definitions(tables PRIVATE PROBE_TLS=1)
  target_link_libraries(tables PRIVATE probe_flags deps::cjson)

  # What tests/e2e/differential_dotenv.py compares with python-dotenv.
  add_executable(dotenv_values tests/e2e/dotenv_values.c)
  target_link_libraries(dotenv_values PRIVATE probe_core)

  # What tests/bench measures with; the bound is built just as probe is.
  foreach(name bound memory timing)
    add_executable(bench_${name} tests/bench/${name}.c)
    target_link_libraries(bench_${name} PRIVATE probe_flags)
  endforeach()
endif()

if(PROBE_FLAVOUR STREQUAL "plain" AND NOT PROBE_FUZZ)
  # What tests/faults takes the program's memory and turns away with, and sets its clock.
  foreach(name no_memory clock_steps hang slow_folders)
    add_library(${name} MODULE tests/faults/${name}.c)
    target_compile_options(${name} PRIVATE -O2 -Wall -Wextra -Werror)
    set_target_properties(${name} PROPERTIES PREFIX "")
  endforeach()
endif()

# Of the static flavour where a cmocka of its architecture is named: tests/architectures/unit.sh does.
find_path(CMOCKA_INCLUDE cmocka.h)
find_library(CMOCKA_LIBRARY cmocka)
set(PROBE_CMOCKA "" CACHE PATH "a cmocka that probe/deps/build.sh has built, for the unit tests of the static flavour")
if(PROBE_CMOCKA)
  set(cmocka ${PROBE_CMOCKA}/lib/libcmocka.a)
  set(cmocka_include ${PROBE_CMOCKA}/include)
elseif(PROBE_FLAVOUR STREQUAL "asan" AND CMOCKA_INCLUDE)
  set(cmocka ${CMOCKA_LIBRARY})
  set(cmocka_include ${CMOCKA_INCLUDE})
endif()
if(cmocka)
  file(GLOB tests CONFIGURE_DEPENDS tests/unit/test_*.c)
  if(PROBE_STATIC)
    # One compares our structs with the kernel's headers, which musl does not have; one counts by AddressSanitizer.
    list(FILTER tests EXCLUDE REGEX "test_(sock_diag|watch)")
  endif()
  foreach(source ${tests})
    cmake_path(GET source STEM name)
    add_executable(${name} ${source})
    target_include_directories(${name} SYSTEM PRIVATE ${cmocka_include})
    # Without the optimiser at link time, which takes its time and the wrapped names.
    target_link_options(${name} PRIVATE $<$<BOOL:${PROBE_STATIC}>:-fno-lto>)
    target_link_libraries(${name} PRIVATE probe_core ${cmocka})
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/tests/unit)
  endforeach()
  # Their clock is simulated; each second row has musl's names on 32 bits.
  if(TARGET test_watch)
    target_link_options(test_watch PRIVATE -Wl,--wrap=clock_gettime,--wrap=time,--wrap=ppoll
      -Wl,--wrap=__clock_gettime64,--wrap=__time64,--wrap=__ppoll_time64)
  endif()
  target_link_options(test_wait PRIVATE -Wl,--wrap=clock_gettime,--wrap=poll
    -Wl,--wrap=__clock_gettime64)
  target_link_options(test_deadline PRIVATE -Wl,--wrap=clock_gettime
    -Wl,--wrap=__clock_gettime64)
endif()

# One program for each fuzzer, and a target for all of them.
if(PROBE_FUZZ)
  add_custom_target(fuzzers)
  file(GLOB fuzzers CONFIGURE_DEPENDS tests/fuzz/fuzz_*.c)
  foreach(source ${fuzzers})
    cmake_path(GET source STEM name)
    add_executable(${name} ${source})
    if(name MATCHES "http|mysql|postgres|redis|tls$")
      target_sources(${name} PRIVATE tests/fuzz/peer.c)
    endif()
    target_link_libraries(${name} PRIVATE probe_core)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${name})
  endforeach()
endif()

# The last line of a build that is not as pinned; probe/deps/build.sh prints the first.
if(PROBE_NOT_PINNED)
  list(JOIN PROBE_NOT_PINNED ", " not_pinned)
  add_custom_target(not_pinned ALL
    COMMAND ${CMAKE_COMMAND} -E echo "NOT AS PINNED: ${not_pinned}"
    DEPENDS probe link_check
    VERBATIM)
  if(TARGET size)
    add_dependencies(not_pinned size)
  endif()
endif()
