# lmbench_define_revision(<source>) hands LMBENCH_SOURCE_REVISION to one source of the calling folder:
# "4f2c91a", "4f2c91a-dirty", or "unknown" outside of git. As of the last configuring, which each
# commit and checkout brings about. One source only, so that a commit does not compile all of them.
set(_lmbench_revision unknown)
find_package(Git QUIET)
if(GIT_FOUND)
  set(_git ${GIT_EXECUTABLE} -C ${PROJECT_SOURCE_DIR})
  # An unpacked archive inside some other repository is not that repository.
  execute_process(COMMAND ${_git} ls-files --error-unmatch CMakeLists.txt
    RESULT_VARIABLE _is_foreign OUTPUT_QUIET ERROR_QUIET)
  if(_is_foreign EQUAL 0)
    execute_process(COMMAND ${_git} describe --always --dirty --tags
      OUTPUT_VARIABLE _lmbench_revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    execute_process(COMMAND ${_git} rev-parse --path-format=absolute --git-path logs/HEAD
      OUTPUT_VARIABLE _git_log OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(EXISTS "${_git_log}")
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${_git_log}")
    endif()
  endif()
endif()

function(lmbench_define_revision source)
  set_property(SOURCE ${source} APPEND PROPERTY
    COMPILE_DEFINITIONS LMBENCH_SOURCE_REVISION="${_lmbench_revision}")
endfunction()
