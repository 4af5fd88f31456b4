// The choice between the backends that this build has.
// SPDX-License-Identifier: Apache-2.0
#include <lmbench/plugin.hpp>
#include <utility>

#include "turbomind/backend.hpp"

namespace turbomind {

Backend select_backend(const EngineOptions& options) {
  if (options.device == Device::cpu) return make_cpu_backend();
  CudaOffer offer = offer_cuda_backend(options);
  if (options.device == Device::cuda) {
    if (offer.backend) return *std::move(offer.backend);
    throw lmbench::sdk::Error(
        lmbench::Code::unsupported,
        "no usable CUDA device: " + offer.why_not + "; say device = \"cpu\" to run on the CPU");
  }
  if (!offer.backend) {
    Backend backend = make_cpu_backend();
    backend.note = "device = \"auto\": running on the CPU: no usable CUDA device: " + offer.why_not;
    return backend;
  }
  offer.backend->note = "device = \"auto\": running on " + offer.backend->device;
  return *std::move(offer.backend);
}

}  // namespace turbomind
