// The CUDA backend of a build without a CUDA toolkit.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/backend.hpp"

namespace turbomind {

CudaOffer offer_cuda_backend(const EngineOptions& /*options*/) {
  return {std::nullopt, "this build has no CUDA backend (LMBENCH_CUDA)"};
}

}  // namespace turbomind
