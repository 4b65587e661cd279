# cpack --config build/release/CPackConfig.cmake: a .tar.gz and a .deb. The same
# sources give the same bytes, in whatever folder and whenever they are built.

# The time that everything in a package bears: that of the last commit.
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  set(PROBE_DATE $ENV{SOURCE_DATE_EPOCH})
else()
  execute_process(COMMAND git log -1 --format=%ct WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    OUTPUT_VARIABLE PROBE_DATE OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(failed OR NOT PROBE_DATE MATCHES "^[0-9]+$")
    set(PROBE_DATE 1767225600) # 2026: these sources are in no repository
  endif()
endif()

include(cmake/sbom.cmake)

if(PROBE_TLS)
  set(completion_tls " --cacert --cert --key --insecure --min-cert-days")
endif()
configure_file(probe/completion.bash.in completion.bash @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/completion.bash RENAME probe
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${CMAKE_BINARY_DIR}/sbom.spdx.json DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${CMAKE_BINARY_DIR}/licenses.txt RENAME copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR External DEB)
set(CPACK_EXTERNAL_ENABLE_STAGING ON)
set(CPACK_EXTERNAL_PACKAGE_SCRIPT ${PROJECT_SOURCE_DIR}/cmake/tarball.cmake)
set(CPACK_PACKAGE_CONTACT "the probe authors <probe@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "health check that a container runs against itself")
set(description "It asks a service over HTTP, and on request PostgreSQL and Redis, whether it is
healthy, and says in one line what is wrong and what to do.")
set(package probe)
if(PROBE_TLS) # in the place of the other: both have /usr/bin/probe
  set(package probe-tls)
  string(APPEND CPACK_PACKAGE_DESCRIPTION_SUMMARY ", with TLS")
  string(APPEND description "
This build speaks TLS too: https://, rediss:// and PostgreSQL's sslmode.")
  set(CPACK_DEBIAN_PACKAGE_PROVIDES "probe (= ${PROJECT_VERSION})")
  set(CPACK_DEBIAN_PACKAGE_CONFLICTS probe)
  set(CPACK_DEBIAN_PACKAGE_REPLACES probe)
endif()
set(CPACK_PACKAGE_NAME ${package})
set(CPACK_PACKAGE_FILE_NAME ${package}-${PROJECT_VERSION}-linux-${PROBE_ARCH})
set(CPACK_STRIP_FILES OFF) # it is stripped
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${PROBE_ARCH})
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "${description}")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/deb.cmake)
# Read by cpack itself, which takes the time from its environment.
file(WRITE ${CMAKE_BINARY_DIR}/CPackDate.cmake "set(ENV{SOURCE_DATE_EPOCH} ${PROBE_DATE})\n")
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_BINARY_DIR}/CPackDate.cmake)
if(PROBE_NOT_PINNED)
  list(JOIN PROBE_NOT_PINNED ", " not_pinned)
  file(APPEND ${CMAKE_BINARY_DIR}/CPackDate.cmake
    "message(FATAL_ERROR \"nothing is packed that is not as pinned: ${not_pinned}; configure with -DPROBE_PINNED=1\")\n")
endif()
include(CPack)
