# Makes sbom.spdx.json: what the program is made of, as SPDX 2.3, from the
# records that probe/deps leaves beside each library.

# Sets record_version, record_sha256, ... from a library's record, and pin_url
# and pin_sha256 from its recipe.
macro(read_record name)
  file(STRINGS ${PROBE_DEPS}/${name}/record lines)
  foreach(line ${lines})
    string(REGEX MATCH "^([a-z0-9]+)=(.*)$" matched "${line}")
    set(record_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
  endforeach()
  foreach(key url sha256)
    file(STRINGS ${PROJECT_SOURCE_DIR}/probe/deps/recipes/${name}.sh line REGEX "^${key}=")
    string(REPLACE "${key}=" "" pin_${key} "${line}")
  endforeach()
endmacro()

# What an advisory calls it. Debian's version tells which patches are in.
function(find_purl result)
  if(record_origin MATCHES "^Debian ([^ ]+) ([^ ]+)$")
    set(source ${CMAKE_MATCH_1})
    string(REPLACE "+" "%2B" version "${CMAKE_MATCH_2}")
    string(REPLACE "~" "%7E" version "${version}")
    string(REPLACE ":" "%3A" version "${version}")
    set(${result} "pkg:deb/debian/${source}@${version}?arch=source" PARENT_SCOPE)
  else()
    set(${result} "pkg:generic/${record_name}@${record_version}" PARENT_SCOPE)
  endif()
endfunction()

# A package of the document: ours() and library(NAME) append to sbom_packages.
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
  # Debian's tarball is upstream's, byte for byte, when it is the one pinned.
  set(location "NOASSERTION")
  if(record_sha256 STREQUAL pin_sha256)
    set(location "${pin_url}")
  endif()
  find_purl(purl)
  add_package(${name} "${record_version}" "${location}" "${record_license}" "
      \"sourceInfo\": \"${record_origin}, ${record_source}\",
      \"checksums\": [{ \"algorithm\": \"SHA256\", \"checksumValue\": \"${record_sha256}\" }],
      \"externalRefs\": [
        {
          \"referenceCategory\": \"PACKAGE-MANAGER\",
          \"referenceType\": \"purl\",
          \"referenceLocator\": \"${purl}\"
        }
      ],")
  set(sbom_packages "${sbom_packages}" PARENT_SCOPE)
endfunction()

set(sbom_packages "")
set(sbom_links "    {
      \"spdxElementId\": \"SPDXRef-DOCUMENT\",
      \"relationshipType\": \"DESCRIBES\",
      \"relatedSpdxElement\": \"SPDXRef-probe\"
    }")
add_package(probe ${PROJECT_VERSION} NOASSERTION MIT "")
foreach(name ${contained}) # by cmake/install.cmake: whose licences are installed
  add_library_package(${name})
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
