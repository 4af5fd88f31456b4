# Sets turbomind_has_cuda by option LMBENCH_CUDA and what is installed, and says which and why.
set(turbomind_has_cuda FALSE)
if(NOT LMBENCH_CUDA MATCHES "^(auto|on|off)$")
  message(FATAL_ERROR "LMBENCH_CUDA is '${LMBENCH_CUDA}', not one of auto, on and off")
elseif(LMBENCH_CUDA STREQUAL "off")
  message(STATUS "turbomind: CPU backend only, as LMBENCH_CUDA=off asks for")
else()
  find_package(CUDAToolkit 12.4 QUIET)
  # nccl.h declares what is opened at run time; nothing links to it.
  find_path(LMBENCH_NCCL_INCLUDE nccl.h HINTS ${CUDAToolkit_INCLUDE_DIRS})
  if(CUDAToolkit_FOUND AND CUDAToolkit_NVCC_EXECUTABLE AND TARGET CUDA::cublasLt
      AND LMBENCH_NCCL_INCLUDE)
    set(turbomind_has_cuda TRUE)
    message(STATUS "turbomind: CPU and CUDA backends; CUDA toolkit ${CUDAToolkit_VERSION}")
  elseif(LMBENCH_CUDA STREQUAL "on")
    message(FATAL_ERROR "LMBENCH_CUDA=on needs a CUDA toolkit of 12.4 or newer with nvcc, the headers "
      "of cuBLAS and nccl.h; set CUDAToolkit_ROOT to its folder")
  else()
    message(STATUS "turbomind: CPU backend only; no CUDA toolkit with cuBLAS and NCCL was found")
  endif()
endif()
set_property(GLOBAL PROPERTY TURBOMIND_HAS_CUDA ${turbomind_has_cuda})
