// Do two builds say the same? Token by token, and measured against how well the base repeats itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "ab/launch_figures.hpp"
#include "report/comparison.hpp"

namespace lmbench::ab {

// The three launches of one round.
struct RoundOutputs {
  std::uint32_t round = 0;
  std::uint32_t concurrency = 0;
  const Tokens& base;
  const Tokens& copy;
  const Tokens& candidate;
};

// Empty when no tokens were kept.
std::optional<report::OutputComparison> compare_outputs(std::span<const RoundOutputs> rounds);

}  // namespace lmbench::ab
