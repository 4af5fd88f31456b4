// SPDX-License-Identifier: Apache-2.0
#include "stats/host_stall.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "stats/timelines.hpp"

namespace lmbench::stats {
namespace {

constexpr double kLongGapInMedians = 10;
constexpr double kLeastShareOffCpu = 0.5;

struct Gap {
  std::uint64_t begin_ns;
  std::uint64_t end_ns;

  double ns() const noexcept { return ns_between(begin_ns, end_ns); }
};

std::vector<Gap> gaps_of(const CaseRecord& record) {
  const Timelines timelines(record);
  std::vector<Gap> gaps;
  for (const Timeline& line : timelines.all()) {
    for (std::size_t i = 1; i < line.token_events.size(); ++i) {
      gaps.push_back({line.token_events[i - 1].t_ns, line.token_events[i].t_ns});
    }
  }
  return gaps;
}

// Of all looks that fall into the gap and the one behind it, which saw its end.
double off_cpu_ns(const Gap& gap, std::span<const HostLook> looks, std::uint64_t period_ns) {
  double sum_ns = 0;
  for (std::size_t i = 1; i < looks.size(); ++i) {
    if (looks[i].t_ns <= gap.begin_ns || looks[i - 1].t_ns >= gap.end_ns) continue;
    const double late_ns =
        ns_between(looks[i - 1].t_ns, looks[i].t_ns) - static_cast<double>(period_ns);
    sum_ns += std::max(late_ns, static_cast<double>(looks[i].longest_wait_ns));
  }
  return sum_ns;
}

}  // namespace

bool has_host_stall(const CaseRecord& record, std::span<const HostLook> looks,
                    std::uint64_t period_ns) {
  std::vector<Gap> gaps = gaps_of(record);
  if (gaps.empty()) return false;
  const auto is_shorter = [](const Gap& a, const Gap& b) { return a.ns() < b.ns(); };
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::nth_element(gaps.begin(), middle, gaps.end(), is_shorter);
  const double median_ns = middle->ns();
  return std::any_of(gaps.begin(), gaps.end(), [&](const Gap& gap) {
    if (gap.ns() < 0) return true;
    return gap.ns() > kLongGapInMedians * median_ns &&
           off_cpu_ns(gap, looks, period_ns) >= kLeastShareOffCpu * gap.ns();
  });
}

}  // namespace lmbench::stats
