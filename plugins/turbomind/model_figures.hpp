// Sizes and least work of a model, by formula: what the runner's guards, the plan and the roofline
// are computed from. Symbols as in the TurboMind format; a rank has H, K, I and V divided by T.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/model/architecture.hpp"

namespace turbomind {

struct ModelFigures {
  std::uint64_t parameters = 0;      // of the whole model; a tied head counts once
  double weight_bytes_per_step = 0;  // one rank reads so much per decode step, whatever the batch
  double kv_bytes_per_token = 0;     // of one rank
};

ModelFigures figures_of(const Architecture& model, DataType type, std::uint32_t ranks);

// Bytes of all weights as they are held, of all ranks together.
std::uint64_t held_weight_bytes(const Architecture& model, DataType type, std::uint32_t ranks);

}  // namespace turbomind
