// SPDX-License-Identifier: Apache-2.0
#include "ab/idle_watch.hpp"

#include "telemetry/process_counters.hpp"

namespace lmbench::ab {

void IdleWatch::begins_to_wait(std::uint32_t pid, std::uint64_t now_ns) {
  const auto cpu_ns = telemetry::process_counters(root_, pid).cpu_ns;
  pid_ = cpu_ns ? pid : 0;
  begin_ns_ = now_ns;
  begin_cpu_ns_ = cpu_ns.value_or(0);
}

void IdleWatch::ends_waiting(std::uint64_t now_ns) {
  if (pid_ == 0) return;
  const auto cpu_ns = telemetry::process_counters(root_, pid_).cpu_ns;
  pid_ = 0;
  if (!cpu_ns || *cpu_ns < begin_cpu_ns_) return;  // another process by now
  waited_ns_ += now_ns - begin_ns_;
  cpu_ns_ += *cpu_ns - begin_cpu_ns_;
}

std::optional<double> IdleWatch::share() const {
  constexpr std::uint64_t kShortestWaitNs = 2'000'000'000;
  if (waited_ns_ < kShortestWaitNs) return std::nullopt;
  return static_cast<double>(cpu_ns_) / static_cast<double>(waited_ns_);
}

}  // namespace lmbench::ab
