// SPDX-License-Identifier: Apache-2.0
#include "turbomind/backend.hpp"

namespace turbomind {

OpenedModel open_from_options(const EngineOptions& options) {
  return open_model({.path = options.model,
                     .weights = options.weights,
                     .data_type = options.dtype,
                     .ranks = options.tp,
                     .weights_seed = options.weights_seed,
                     .verifies_finite = options.verifies_finite});
}

}  // namespace turbomind
