# Reads probe/deps/architectures.txt: sets PROBE_ARCH, PROBE_OWN_ARCH (this machine's), PROBE_SIZE_BUDGET, and tells CMake
# of another architecture than this machine's. Before project().

execute_process(COMMAND dpkg --print-architecture
  OUTPUT_VARIABLE PROBE_OWN_ARCH OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT PROBE_OWN_ARCH)
  execute_process(COMMAND uname -m OUTPUT_VARIABLE PROBE_OWN_ARCH OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()

# Sets row_arch, row_triple, row_machine, ... of the architecture with Debian's name, or the kernel's.
macro(read_architecture name)
  unset(row_arch)
  file(STRINGS ${CMAKE_CURRENT_SOURCE_DIR}/probe/deps/architectures.txt rows REGEX "^[^#]")
  foreach(row ${rows})
    separate_arguments(columns UNIX_COMMAND "${row}")
    list(GET columns 0 arch)
    list(GET columns 2 machine)
    if("${name}" STREQUAL arch OR "${name}" STREQUAL machine)
      set(row_arch ${arch})
      set(row_machine ${machine})
      list(GET columns 3 row_qemu)
      list(GET columns 6 row_budget)
      if(PROBE_TLS)
        list(GET columns 7 row_budget)
      endif()
    endif()
  endforeach()
  if(NOT row_arch)
    message(FATAL_ERROR "there is no architecture '${name}'; probe/deps/architectures.txt lists them")
  endif()
endmacro()

read_architecture(${PROBE_OWN_ARCH})
set(PROBE_OWN_ARCH ${row_arch})
if(NOT PROBE_ARCH)
  set(PROBE_ARCH ${PROBE_OWN_ARCH})
endif()
read_architecture(${PROBE_ARCH})

# The release build fails when its binary is larger, in bytes.
set(PROBE_SIZE_BUDGET ${row_budget})

if(NOT PROBE_ARCH STREQUAL PROBE_OWN_ARCH)
  set(CMAKE_SYSTEM_NAME Linux)
  set(CMAKE_SYSTEM_PROCESSOR ${row_machine})
  find_program(PROBE_EMULATOR qemu-${row_qemu}-static)
  if(PROBE_EMULATOR)
    set(CMAKE_CROSSCOMPILING_EMULATOR ${PROBE_EMULATOR})
  endif()
endif()
