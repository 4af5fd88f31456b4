# The Debian package, made by `cpack` in the build folder. It has what `cmake --install` has,
# stripped; the build-ids stay as they are. What the binaries need is found by dpkg-shlibdeps.
install(FILES ${PROJECT_SOURCE_DIR}/cmake/copyright ${PROJECT_SOURCE_DIR}/LICENSE
  ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples DESTINATION ${CMAKE_INSTALL_DATADIR}/lmbench
  PATTERN build EXCLUDE PATTERN results EXCLUDE)  # of someone who tried them where they are

set(LMBENCH_MAINTAINER "lmbench maintainers <maintainers@lmbench.invalid>" CACHE STRING
  "Maintainer that the Debian package names: whoever builds it for others")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${LMBENCH_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "cmake, make | ninja-build, g++ | clang")  # to build an engine of one's own
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "benchmark of LLM generation engines behind a plugin ABI")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"lmbench loads LLM generation engines as shared libraries behind one small C++
ABI, drives them with exactly the same requests, stamps every token, and writes
one CSV row per case, whatever the engine does.
.
The package has the engines null, sim and turbomind (CPU backend), scenarios,
and all that an engine of one's own needs: headers, a CMake package and a
template project in /usr/share/lmbench/examples.")
include(CPack)
