// What the options say of the model itself wins over its files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "turbomind/config.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind {

inline void apply_overrides(const EngineOptions& options, Architecture& architecture) {
  if (options.rope_theta != 0) architecture.rope_theta = static_cast<float>(options.rope_theta);
  if (options.norm_eps != 0) architecture.norm_eps = static_cast<float>(options.norm_eps);
  if (options.max_position_embeddings != 0) {
    architecture.max_position_embeddings = options.max_position_embeddings;
  }
  if (options.end_id != kEndIdOfModel) architecture.end_id = options.end_id;
}

}  // namespace turbomind
