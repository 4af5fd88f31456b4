# lmbench_define_source_hash(<target> <header> <function> <folder>...) defines a function that the header
# declares: it returns 16 digits that change with every file of C++ or CUDA in the folders, and with how
# they are compiled. Worked out at build time: unlike a revision it knows of what is not committed.
#
# Run as a script, it writes OUTPUT, a source, from HEADER, FUNCTION, FILES and SALT.
if(CMAKE_SCRIPT_MODE_FILE)
  string(SHA256 _hash "${SALT}")
  foreach(_file IN LISTS FILES)
    file(SHA256 "${_file}" _of_file)
    string(SHA256 _hash "${_hash}${_of_file}")
  endforeach()
  string(SUBSTRING "${_hash}" 0 16 _hash)
  file(WRITE "${OUTPUT}"
    "#include \"${HEADER}\"\nconst char* ${FUNCTION}() { return \"${_hash}\"; }\n")
  return()
endif()

set(_lmbench_source_hash_script ${CMAKE_CURRENT_LIST_FILE})
function(lmbench_define_source_hash target header function)
  set(_patterns "")
  foreach(folder IN LISTS ARGN)
    list(APPEND _patterns ${folder}/*.cpp ${folder}/*.hpp ${folder}/*.cu)
  endforeach()
  file(GLOB_RECURSE _files CONFIGURE_DEPENDS ${_patterns})
  set(_source ${CMAKE_CURRENT_BINARY_DIR}/${target}_source_hash.cpp)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" _type)
  set(_salt "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_CXX_FLAGS} \
${CMAKE_CXX_FLAGS_${_type}} ${LMBENCH_SANITIZE}")
  add_custom_command(OUTPUT ${_source}
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${_source}" "-DHEADER=${header}" "-DFUNCTION=${function}"
      "-DFILES=${_files}" "-DSALT=${_salt}" -P ${_lmbench_source_hash_script}
    DEPENDS ${_files} ${_lmbench_source_hash_script} VERBATIM)
  target_sources(${target} PRIVATE ${_source})
endfunction()
