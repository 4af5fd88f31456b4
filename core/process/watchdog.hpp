// When to give a worker up: no progress for the stall limit, or over the whole limit. Pure: the
// time comes in as an argument. A worker whose heart beats but whose engine brings nothing new is
// stalled all the same, so what counts is a change of the progress value and not a message.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "run/outcome.hpp"

namespace lmbench::process {

struct Limits {
  double stall_s;
  std::optional<double> total_s;
};

class Watchdog {
 public:
  Watchdog(const Limits& limits, std::uint64_t now_ns)
      : stall_ns_(to_ns(limits.stall_s)),
        total_ns_(limits.total_s ? to_ns(*limits.total_s) : kNever),
        started_ns_(now_ns),
        progress_ns_(now_ns) {}

  // progress: any value that changes when, and only when, work is done.
  void see(std::uint64_t progress, std::uint64_t now_ns) {
    if (progress == progress_) return;
    progress_ = progress;
    progress_ns_ = now_ns;
  }

  // hang or timeout; empty while all is well.
  std::optional<run::Status> verdict(std::uint64_t now_ns) const {
    if (now_ns - started_ns_ >= total_ns_) return run::Status::timeout;
    if (now_ns - progress_ns_ >= stall_ns_) return run::Status::hang;
    return std::nullopt;
  }

  // How long verdict() cannot change if nothing is seen.
  std::uint64_t patience_ns(std::uint64_t now_ns) const {
    const auto left = [now_ns](std::uint64_t since, std::uint64_t limit) {
      const std::uint64_t used = now_ns - since;
      return used >= limit ? 0 : limit - used;
    };
    return std::min(left(started_ns_, total_ns_), left(progress_ns_, stall_ns_));
  }
 private:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
  static std::uint64_t to_ns(double seconds) {
    constexpr double kLongestS = 1e9;  // 30 years: no overflow, and nobody waits that long
    return static_cast<std::uint64_t>(std::clamp(seconds, 0.0, kLongestS) * 1e9);
  }

  std::uint64_t stall_ns_;
  std::uint64_t total_ns_;
  std::uint64_t started_ns_;
  std::uint64_t progress_ns_;
  std::uint64_t progress_ = 0;
};

}  // namespace lmbench::process
