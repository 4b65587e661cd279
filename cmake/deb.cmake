# Run by cpack on what it is about to pack: gives a .deb what Debian's policy asks for.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()

set(share ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share)
set(doc ${share}/doc/${CPACK_PACKAGE_NAME})
if(NOT CPACK_PACKAGE_NAME STREQUAL "probe")
  file(RENAME ${share}/doc/probe ${doc})
endif()

# Debian has the Apache licence at hand. OpenSSL's part is the last one (cmake/licenses.cmake).
file(READ ${doc}/copyright copyright)
string(REGEX REPLACE "(== OpenSSL ==\n\n).*"
  "\\1The Apache License, version 2.0: on Debian /usr/share/common-licenses/Apache-2.0.\n" copyright "${copyright}")
file(WRITE ${doc}/copyright "${copyright}")

string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH
file(WRITE ${doc}/changelog "${CPACK_PACKAGE_NAME} (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * Release ${CPACK_PACKAGE_VERSION}.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
file(WRITE ${share}/lintian/overrides/${CPACK_PACKAGE_NAME}
  "# It is copied into images that have no libc.\n${CPACK_PACKAGE_NAME}: statically-linked-binary [usr/bin/probe]\n")
file(CHMOD ${doc}/changelog ${share}/lintian/overrides/${CPACK_PACKAGE_NAME}
  PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
execute_process(COMMAND gzip --no-name --best ${doc}/changelog ${share}/man/man1/probe.1 COMMAND_ERROR_IS_FATAL ANY)
