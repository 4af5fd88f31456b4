# Sets turbomind_has_cuda by option LMBENCH_CUDA and what is installed, and says which and why.
set(LMBENCH_CUDA_HEADERS "" CACHE STRING
  "Folders with the headers of cuBLAS and NCCL, looked at where the toolkit has none")
set(turbomind_has_cuda FALSE)
if(NOT LMBENCH_CUDA MATCHES "^(auto|on|off)$")
  message(FATAL_ERROR "LMBENCH_CUDA is '${LMBENCH_CUDA}', not one of auto, on and off")
elseif(LMBENCH_CUDA STREQUAL "off")
  message(STATUS "turbomind: CPU backend only, as LMBENCH_CUDA=off asks for")
else()
  # Whoever requires CMake 3.25 gets an error from 3.25.1 where CUDA has no nvToolsExt any more.
  set(_required ${CMAKE_MINIMUM_REQUIRED_VERSION})
  set(CMAKE_MINIMUM_REQUIRED_VERSION 3.24)
  set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)  # tests/perf/gpu links them too
  find_package(CUDAToolkit 12.4 QUIET)
  set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL OFF)
  set(CMAKE_MINIMUM_REQUIRED_VERSION ${_required})
  # Both declare what is opened at run time; nothing links to the libraries.
  find_path(LMBENCH_CUBLAS_INCLUDE cublasLt.h
    HINTS ${CUDAToolkit_INCLUDE_DIRS} PATHS ${LMBENCH_CUDA_HEADERS})
  find_path(LMBENCH_NCCL_INCLUDE nccl.h
    HINTS ${CUDAToolkit_INCLUDE_DIRS} PATHS ${LMBENCH_CUDA_HEADERS})
  if(CUDAToolkit_FOUND AND CUDAToolkit_NVCC_EXECUTABLE AND LMBENCH_CUBLAS_INCLUDE
      AND LMBENCH_NCCL_INCLUDE)
    set(turbomind_has_cuda TRUE)
    message(STATUS "turbomind: CPU and CUDA backends; CUDA toolkit ${CUDAToolkit_VERSION}")
  elseif(LMBENCH_CUDA STREQUAL "on")
    message(FATAL_ERROR "LMBENCH_CUDA=on needs a CUDA toolkit of 12.4 or newer with nvcc, the headers "
      "of cuBLAS and nccl.h; set CUDAToolkit_ROOT to its folder, and LMBENCH_CUDA_HEADERS to those "
      "of the headers where they are elsewhere")
  else()
    message(STATUS "turbomind: CPU backend only; no CUDA toolkit with cuBLAS and NCCL was found")
  endif()
endif()
set_property(GLOBAL PROPERTY TURBOMIND_HAS_CUDA ${turbomind_has_cuda})
