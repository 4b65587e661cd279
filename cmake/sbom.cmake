# Makes sbom.spdx.json: what the program is made of, as SPDX 2.3, from the
# records that probe/deps leaves beside each library (read_record).

# As NVD names the makers.
set(cpe_curl haxx:curl)
set(cpe_cjson davegamble:cjson)
set(cpe_hiredis redis:hiredis)
set(cpe_pq postgresql:postgresql)
set(cpe_openssl openssl:openssl)
set(cpe_musl musl-libc:musl)
set(cpe_libgcc gnu:gcc)

# Sets VARIABLE to what scanners know a package by.
function(make_references variable name version)
  set(${variable} "
      \"externalRefs\": [
        {
          \"referenceCategory\": \"SECURITY\",
          \"referenceType\": \"cpe23Type\",
          \"referenceLocator\": \"cpe:2.3:a:${cpe_${name}}:${version}:*:*:*:*:*:*:*\"
        },
        {
          \"referenceCategory\": \"PACKAGE-MANAGER\",
          \"referenceType\": \"purl\",
          \"referenceLocator\": \"pkg:generic/${name}@${version}\"
        }
      ]," PARENT_SCOPE)
endfunction()

# A package of the document, appended to sbom_packages.
function(add_package name version location license extra)
  set(package "    {
      \"name\": \"${name}\",
      \"SPDXID\": \"SPDXRef-${name}\",
      \"versionInfo\": \"${version}\",
      \"downloadLocation\": \"${location}\",
      \"filesAnalyzed\": false,${extra}
      \"licenseConcluded\": \"${license}\",
      \"licenseDeclared\": \"${license}\",
      \"copyrightText\": \"NOASSERTION\"
    }")
  list(APPEND sbom_packages "${package}")
  set(sbom_packages "${sbom_packages}" PARENT_SCOPE)
endfunction()

function(add_library_package name)
  read_record(${name})
  set(location NOASSERTION)
  set(info "${record_file}")
  if(record_version STREQUAL record_pinned)
    set(location "${record_origin}")
  else()
    string(APPEND info " of ${record_origin}, instead of the pinned ${record_pinned}")
  endif()
  make_references(references ${name} ${record_version})
  add_package(${name} "${record_version}" "${location}" "${record_license}" "
      \"sourceInfo\": \"${info}\",
      \"checksums\": [{ \"algorithm\": \"SHA256\", \"checksumValue\": \"${record_sha256}\" }],${references}")
  set(sbom_packages "${sbom_packages}" PARENT_SCOPE)
endfunction()

# What the compiler itself puts into each static program, more on one architecture than on another.
function(add_libgcc_package)
  execute_process(COMMAND ${CMAKE_C_COMPILER} -dumpfullversion
    OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CMAKE_C_COMPILER} --version OUTPUT_VARIABLE info COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE "\n.*" "" info "${info}")
  make_references(references libgcc ${version})
  add_package(libgcc ${version} NOASSERTION "GPL-3.0-or-later WITH GCC-exception-3.1" "
      \"sourceInfo\": \"libgcc.a of ${info}\",${references}")
  set(sbom_packages "${sbom_packages}" PARENT_SCOPE)
endfunction()

set(sbom_packages "")
set(sbom_links "    {
      \"spdxElementId\": \"SPDXRef-DOCUMENT\",
      \"relationshipType\": \"DESCRIBES\",
      \"relatedSpdxElement\": \"SPDXRef-probe\"
    }")
add_package(probe ${PROJECT_VERSION} NOASSERTION MIT "")
set(linked ${contained}) # by cmake/install.cmake: whose licences are installed
foreach(name ${contained})
  add_library_package(${name})
endforeach()
if(PROBE_STATIC)
  add_libgcc_package()
  list(APPEND linked libgcc)
endif()
foreach(name ${linked})
  list(APPEND sbom_links "    {
      \"spdxElementId\": \"SPDXRef-probe\",
      \"relationshipType\": \"STATIC_LINK\",
      \"relatedSpdxElement\": \"SPDXRef-${name}\"
    }")
endforeach()
list(JOIN sbom_packages ",\n" sbom_packages)
list(JOIN sbom_links ",\n" sbom_links)

set(ENV{SOURCE_DATE_EPOCH} ${PROBE_DATE})
string(TIMESTAMP created "%Y-%m-%dT%H:%M:%SZ" UTC)
# The same content has the same name, and another has another.
string(UUID identity NAMESPACE 6ba7b811-9dad-11d1-80b4-00c04fd430c8 TYPE SHA1
  NAME "${PROJECT_VERSION} ${created} ${sbom_packages}")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/sbom.spdx.json @ONLY CONTENT [=[{
  "spdxVersion": "SPDX-2.3",
  "dataLicense": "CC0-1.0",
  "SPDXID": "SPDXRef-DOCUMENT",
  "name": "probe-@PROJECT_VERSION@",
  "documentNamespace": "urn:uuid:@identity@",
  "creationInfo": {
    "created": "@created@",
    "creators": ["Tool: probe-@PROJECT_VERSION@-cmake"]
  },
  "packages": [
@sbom_packages@
  ],
  "relationships": [
@sbom_links@
  ]
}
]=])
