# cmake --install build/release [--prefix DIR]: the program, its man page, and
# the licences of all that is in it.

include(GNUInstallDirs)

install(TARGETS probe RUNTIME)
install(FILES probe/probe.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(contained ${PROBE_LIBRARIES})
if(PROBE_STATIC)
  list(APPEND contained musl)
endif()
list(TRANSFORM contained REPLACE "deps::" "")
foreach(name ${contained})
  install(FILES ${PROBE_DEPS}/${name}/LICENSE
    DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME LICENSE.${name})
endforeach()
