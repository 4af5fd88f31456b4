// What this machine can do at best right now: bytes read per second and multiply-adds per second,
// of so many threads together. Meant to be measured again and again between the things that are
// judged by it: on a shared machine a ceiling from a quiet minute says nothing about a busy one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "arithmetic_peak.hpp"
#include "turbomind/cpu/thread_team.hpp"

namespace turbomind::perf {

class MachineLimits {
 public:
  // Each thread reads memory of its own, which should be far larger than what caches hold.
  MachineLimits(std::uint32_t threads, std::size_t bytes_per_thread, const Arithmetic& arithmetic);

  // Short windows of each, some milliseconds together.
  void measure();

  // The best of all windows so far; 0 before the first.
  double read_bytes_per_s() const { return best_bytes_per_s_; }
  double flops_per_s() const { return best_flops_per_s_; }

  const std::string& arithmetic_name() const { return arithmetic_.name; }

  struct Line {
    std::uint64_t words __attribute__((vector_size(64)));
  };
 private:
  // body(thread, window) on all threads at once, window by window. The least of the windows'
  // seconds, from the first thread's start to the last one's end.
  template <class Body>
  double fastest(std::size_t windows, Body body);

  Arithmetic arithmetic_;
  ThreadTeam team_;
  std::vector<std::vector<Line>> memory_;  // by thread, touched by it
  std::uint64_t rounds_ = 1 << 12;         // of arithmetic in a window
  double best_bytes_per_s_ = 0;
  double best_flops_per_s_ = 0;
};

}  // namespace turbomind::perf
