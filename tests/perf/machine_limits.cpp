// SPDX-License-Identifier: Apache-2.0
#include "machine_limits.hpp"

#include <algorithm>
#include <chrono>
#include <span>

namespace turbomind::perf {
namespace {

using Line = MachineLimits::Line;

constexpr std::size_t kStreams = 4;  // a single one does not reach the limit
// What a window reads, per thread: about half a millisecond, so that one or the other fits between
// two interruptions of a busy machine. Successive windows go through all of the memory.
constexpr std::size_t kWindowLines = (std::size_t{16} << 20U) / sizeof(Line);
constexpr double kArithmeticSeconds = 0.005;

// Adds up all lines, in four streams. The sums have to end somewhere, or the loop would go.
inline __attribute__((always_inline)) void read_streams(std::span<const Line> lines) {
  const std::size_t count = lines.size() / kStreams;
  const Line* first = lines.data();
  Line sums[kStreams]{};
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t s = 0; s < kStreams; ++s) sums[s].words += first[s * count + i].words;
  }
  for (Line& sum : sums) asm volatile("" : : "m"(sum));
}

void read_portable(std::span<const Line> lines) { read_streams(lines); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) void read_avx2(std::span<const Line> lines) { read_streams(lines); }

__attribute__((target("avx512f"))) void read_avx512(std::span<const Line> lines) {
  read_streams(lines);
}
#endif

void read_lines(std::span<const Line> lines) {
#if defined(__x86_64__)
  const Isa best = supported_isas().back();
  if (best >= Isa::avx512) return read_avx512(lines);
  if (best >= Isa::avx2) return read_avx2(lines);
#endif
  read_portable(lines);
}

}  // namespace

MachineLimits::MachineLimits(std::uint32_t threads, std::size_t bytes_per_thread,
                             const Arithmetic& arithmetic)
    : arithmetic_(arithmetic), team_(threads), memory_(threads) {
  team_.run([&](std::uint32_t thread) {
    memory_[thread].resize(bytes_per_thread / sizeof(Line) / kStreams * kStreams);
    for (Line& line : memory_[thread]) line.words += thread + 1;
  });
}

template <class Body>
double MachineLimits::time(Body body) {
  using Clock = std::chrono::steady_clock;
  std::vector<Clock::time_point> begins(team_.size());
  std::vector<Clock::time_point> ends(team_.size());
  team_.run([&](std::uint32_t thread) {
    team_.meet();
    begins[thread] = Clock::now();
    body(thread);
    ends[thread] = Clock::now();
  });
  const auto begin = *std::min_element(begins.begin(), begins.end());
  const auto end = *std::max_element(ends.begin(), ends.end());
  return std::chrono::duration<double>(end - begin).count();
}

void MachineLimits::measure() {
  const double threads = team_.size();
  const std::size_t lines = memory_[0].size();
  for (std::size_t first = 0; first < lines; first += kWindowLines) {
    const std::size_t count = std::min(kWindowLines, lines - first);
    const double reading = time([&](std::uint32_t thread) {
      read_lines(std::span<const Line>(memory_[thread]).subspan(first, count));
    });
    const double bytes = threads * static_cast<double>(count * sizeof(Line));
    best_bytes_per_s_ = std::max(best_bytes_per_s_, bytes / reading);
  }
  const double computing = time([this](std::uint32_t) { arithmetic_.run(rounds_); });
  const double flops = threads * static_cast<double>(rounds_) * arithmetic_.flops_per_round;
  best_flops_per_s_ = std::max(best_flops_per_s_, flops / computing);
  if (computing < kArithmeticSeconds) rounds_ *= 2;  // longer than what starting threads costs
}

}  // namespace turbomind::perf
