// Errors of the CUDA runtime become ours: a sentence with the function's name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <lmbench/plugin.hpp>
#include <string>

namespace turbomind::cuda {

inline std::string error_text(cudaError_t error, const char* function) {
  return std::string(function) + ": " + cudaGetErrorName(error) + ": " + cudaGetErrorString(error);
}

// Throws Error(device_error) unless all is well. Set-up code; never in a destructor.
inline void check(cudaError_t error, const char* function) {
  if (error == cudaSuccess) return;
  throw lmbench::sdk::Error(lmbench::Code::device_error, error_text(error, function));
}

}  // namespace turbomind::cuda
