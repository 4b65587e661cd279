# Run by cpack: makes the .tar.gz. cpack's own takes the files in the order of
# the file system, and bears the name of who made it.
set(tarball ${CPACK_PACKAGE_DIRECTORY}/${CPACK_PACKAGE_FILE_NAME}.tar.gz)
execute_process(
  COMMAND tar --create --sort=name --format=ustar --mtime=@$ENV{SOURCE_DATE_EPOCH}
    --owner=root:0 --group=root:0 --mode=go-w
    --directory ${CPACK_TEMPORARY_DIRECTORY} --transform s,^\\.,${CPACK_PACKAGE_FILE_NAME}, .
  COMMAND gzip --no-name --best
  OUTPUT_FILE ${tarball}
  COMMAND_ERROR_IS_FATAL ANY)
set(CPACK_EXTERNAL_BUILT_PACKAGES ${tarball})
