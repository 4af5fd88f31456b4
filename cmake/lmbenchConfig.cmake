# What find_package(lmbench 1.0) gives the project of an engine author, all of it relative to where
# this file lies:
#   lmbench_add_plugin(<name> <source>...)   a plugin that lmbench loads (lmbenchPlugin.cmake)
#                                            LMBENCH_SANITIZE is set by a project with sanitizers
#   lmbench::abi                             the headers, as lmbench_add_plugin() links them
#   lmbench::lmbench                         the executable, for add_test(... COMMAND lmbench::lmbench)
include("${CMAKE_CURRENT_LIST_DIR}/lmbenchTargets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/lmbenchPlugin.cmake")
