# Makes sbom.spdx.json: what the program is made of, as SPDX 2.3, from the
# records that probe/deps leaves beside each library (read_record).

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
  set(location NOASSERTION)
  set(info "${record_file}")
  if(record_version STREQUAL record_pinned)
    set(location "${record_origin}")
  else()
    string(APPEND info " of ${record_origin}, instead of the pinned ${record_pinned}")
  endif()
  add_package(${name} "${record_version}" "${location}" "${record_license}" "
      \"sourceInfo\": \"${info}\",
      \"checksums\": [{ \"algorithm\": \"SHA256\", \"checksumValue\": \"${record_sha256}\" }],
      \"externalRefs\": [
        {
          \"referenceCategory\": \"PACKAGE-MANAGER\",
          \"referenceType\": \"purl\",
          \"referenceLocator\": \"pkg:generic/${name}@${record_version}\"
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
