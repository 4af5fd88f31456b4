// SPDX-License-Identifier: Apache-2.0
#include "ab/output_comparison.hpp"

#include <algorithm>

namespace lmbench::ab {
namespace {

using Sequence = std::vector<std::int32_t>;

// The first position at which they differ, the end of the shorter one included.
std::optional<std::size_t> first_difference(const Sequence& a, const Sequence& b) {
  const auto at = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at.first == a.end() && at.second == b.end()) return std::nullopt;
  return static_cast<std::size_t>(at.first - a.begin());
}

void compare(const RoundOutputs& round, report::OutputComparison& result) {
  const std::size_t slots = std::min(round.base.size(), round.candidate.size());
  for (std::size_t slot = 0; slot < slots; ++slot) {
    ++result.sequences;
    const auto position = first_difference(round.base[slot], round.candidate[slot]);
    if (!position) continue;
    ++result.different;
    if (result.first) continue;
    result.first = report::Divergence{
        .round = round.round,
        .sequence = static_cast<std::uint32_t>(slot % std::max(1U, round.concurrency)),
        .position = static_cast<std::uint32_t>(*position)};
  }
  for (std::size_t slot = 0; slot < std::min(round.base.size(), round.copy.size()); ++slot) {
    ++result.repeat_sequences;
    if (first_difference(round.base[slot], round.copy[slot])) ++result.repeat_different;
  }
}

}  // namespace

std::optional<report::OutputComparison> compare_outputs(std::span<const RoundOutputs> rounds) {
  report::OutputComparison result;
  for (const RoundOutputs& round : rounds) compare(round, result);
  if (result.sequences == 0) return std::nullopt;
  return result;
}

}  // namespace lmbench::ab
