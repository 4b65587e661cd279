# Builds the libraries, or finds them built, and makes an imported target of
# each: deps::curl, deps::cjson, deps::hiredis, deps::pq, deps::openssl.

set(PROBE_DEPS ${CMAKE_BINARY_DIR}/deps)
set(ENV{PROBE_ARCH} ${PROBE_ARCH})
if(PROBE_SOURCES)
  set(ENV{PROBE_SOURCES} ${PROBE_SOURCES})
endif()
if(PROBE_PINNED)
  set(ENV{PROBE_PINNED} 1)
endif()
execute_process(
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/probe/deps/build.sh ${PROBE_FLAVOUR} ${PROBE_DEPS}
  RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "the libraries are not there; the line above says why")
endif()

# A changed recipe or script takes effect at the next build.
file(GLOB_RECURSE recipes ${CMAKE_CURRENT_SOURCE_DIR}/probe/deps/*)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${recipes})

if(PROBE_STATIC)
  set(CMAKE_C_COMPILER ${PROBE_DEPS}/musl/bin/musl-gcc)
  set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # there is no shared musl
endif()

# Sets record_version, record_sha256, ... from the record beside a library.
macro(read_record name)
  file(STRINGS ${PROBE_DEPS}/${name}/record lines)
  foreach(line ${lines})
    string(REGEX MATCH "^([a-z0-9]+)=(.*)$" matched "${line}")
    set(record_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
  endforeach()
endmacro()

# Set PROBE_VERSION_<NAME> to the version that was really built, and add one that
# is not the pinned one to PROBE_NOT_PINNED.
function(read_version name)
  read_record(${name})
  set(version ${record_version})
  if(NOT record_version STREQUAL record_pinned)
    string(APPEND version " instead of ${record_pinned}")
    set(PROBE_NOT_PINNED ${PROBE_NOT_PINNED} "${name} ${version}" PARENT_SCOPE)
  endif()
  string(TOUPPER ${name} upper)
  set(PROBE_VERSION_${upper} ${version} PARENT_SCOPE)
endfunction()

# Real paths, so that a library built anew is also linked anew.
function(add_dep name)
  add_library(deps::${name} INTERFACE IMPORTED GLOBAL)
  file(REAL_PATH ${PROBE_DEPS}/${name} dir)
  list(TRANSFORM ARGN PREPEND ${dir}/lib/)
  target_include_directories(deps::${name} INTERFACE ${dir}/include)
  target_link_libraries(deps::${name} INTERFACE ${ARGN})
endfunction()

# To be called after project(), for what a target needs a language.
macro(add_deps)
  foreach(name ${PROBE_LIBRARIES})
    read_version(${name})
  endforeach()
  if(PROBE_STATIC)
    read_version(musl)
  endif()
  add_dep(curl libcurl.a)
  add_dep(cjson libcjson.a)
  add_dep(hiredis libhiredis.a)
  add_dep(pq libpq.a libpgcommon_shlib.a libpgport_shlib.a)
  target_link_libraries(deps::pq INTERFACE m)
  if(NOT PROBE_FLAVOUR STREQUAL "static")
    add_dep(openssl libssl.a libcrypto.a)
    target_link_libraries(deps::curl INTERFACE deps::openssl)
    target_link_libraries(deps::pq INTERFACE deps::openssl)
  endif()
endmacro()
