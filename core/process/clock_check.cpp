// SPDX-License-Identifier: Apache-2.0
#include "process/clock_check.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace lmbench::process {

ClockFacts clock_facts(std::span<const std::uint64_t> readings) {
  ClockFacts facts;
  if (readings.size() < 2) return facts;
  std::uint64_t smallest = std::numeric_limits<std::uint64_t>::max();
  for (std::size_t i = 1; i < readings.size(); ++i) {
    if (readings[i] < readings[i - 1]) {
      ++facts.backward_steps;
    } else if (readings[i] > readings[i - 1]) {
      smallest = std::min(smallest, readings[i] - readings[i - 1]);
    }
  }
  if (smallest != std::numeric_limits<std::uint64_t>::max()) facts.smallest_step_ns = smallest;
  if (readings.back() > readings.front()) {
    facts.read_ns = static_cast<double>(readings.back() - readings.front()) /
                    static_cast<double>(readings.size() - 1);
  }
  return facts;
}

ClockFacts check_clock() {
  constexpr std::size_t kReadings = 100'000;
  std::vector<std::uint64_t> readings(kReadings);
  for (std::uint64_t& reading : readings) reading = monotonic_now_ns();
  return clock_facts(readings);
}

}  // namespace lmbench::process
