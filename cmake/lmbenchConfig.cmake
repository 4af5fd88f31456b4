# What find_package(lmbench) reads in an install tree.
include("${CMAKE_CURRENT_LIST_DIR}/lmbenchTargets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/lmbenchPlugin.cmake")
