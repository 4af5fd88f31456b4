// A look at the clock before it is trusted: what a reading costs, how fine it is, and whether it
// ever goes back.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "clock.hpp"
#include "process/protocol.hpp"

namespace lmbench::process {

// readings: consecutive ones of the clock.
ClockFacts clock_facts(std::span<const std::uint64_t> readings);

ClockFacts check_clock();  // 100 000 readings, some milliseconds

}  // namespace lmbench::process
