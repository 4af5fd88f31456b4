// In which order the arms of an A/B session run. A fixed order measures the place as much as the
// build (the first launch of a round finds a cooler machine), so each arm stands at each place
// equally often, in an order that nobody can foresee but everybody can repeat.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace lmbench::stats {

// The arms of one round, first to run first.
using ArmOrder = std::vector<std::uint32_t>;

// After so many rounds every arm has been at every place equally often, and each arm has followed
// each other one equally often in mirrored pairs. Three arms: the six orders that there are.
constexpr std::uint32_t block_rounds(std::uint32_t arms) noexcept { return 2 * arms; }

// Whole blocks, at least `rounds` rounds, each block shuffled by the seed. arms: at least 2.
std::vector<ArmOrder> ab_orders(std::uint32_t arms, std::uint32_t rounds, std::uint64_t seed);

}  // namespace lmbench::stats
