// SPDX-License-Identifier: Apache-2.0
#include "machine_limits.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <span>
#include <thread>

namespace turbomind::perf {
namespace {

using Line = MachineLimits::Line;

constexpr std::size_t kStreams = 4;  // a single one does not reach the limit
// What a window reads, per thread: about half a millisecond, so that one or the other fits between
// two interruptions of a busy machine. Successive windows go through all of the memory.
constexpr std::size_t kWindowLines = (std::size_t{16} << 20U) / sizeof(Line);
constexpr std::size_t kArithmeticWindows = 8;
constexpr double kArithmeticSeconds = 0.0005;
constexpr int kSpins = 100000;  // some milliseconds

// Spins: whoever yields on a busy machine starts late, and no window has all threads in it.
void wait_for_all(const std::atomic<std::size_t>& arrived, std::size_t wanted) {
  for (int spins = 0; arrived.load() < wanted; ++spins) {
    if (spins > kSpins) std::this_thread::yield();
  }
}

// Adds up all lines, in four streams that are fetched well ahead of the sums; these have to end
// somewhere, or the loop would go.
inline __attribute__((always_inline)) void read_streams(std::span<const Line> lines) {
  static_assert(kStreams == 4, "one sum per stream, each in a register");
  constexpr std::size_t kAhead = 32;  // lines: 2 KiB, as the engine's kernels do
  const std::size_t count = lines.size() / kStreams;
  const Line* const a = lines.data();
  const Line* const b = a + count;
  const Line* const c = b + count;
  const Line* const d = c + count;
  Line sum_a{};
  Line sum_b{};
  Line sum_c{};
  Line sum_d{};
  for (std::size_t i = 0; i < count; ++i) {
    __builtin_prefetch(a + i + kAhead);
    __builtin_prefetch(b + i + kAhead);
    __builtin_prefetch(c + i + kAhead);
    __builtin_prefetch(d + i + kAhead);
    sum_a.words += a[i].words;
    sum_b.words += b[i].words;
    sum_c.words += c[i].words;
    sum_d.words += d[i].words;
  }
  asm volatile("" : : "m"(sum_a), "m"(sum_b), "m"(sum_c), "m"(sum_d));
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
double MachineLimits::fastest(std::size_t windows, Body body) {
  using Clock = std::chrono::steady_clock;
  const std::size_t threads = team_.size();
  std::vector<Clock::time_point> begins(threads * windows);
  std::vector<Clock::time_point> ends(threads * windows);
  std::atomic<std::size_t> arrived{0};
  team_.run([&](std::uint32_t thread) {
    for (std::size_t window = 0; window < windows; ++window) {
      ++arrived;
      wait_for_all(arrived, threads * (window + 1));
      begins[window * threads + thread] = Clock::now();
      body(thread, window);
      ends[window * threads + thread] = Clock::now();
    }
  });
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t first = 0; first < begins.size(); first += threads) {
    const auto at = static_cast<std::ptrdiff_t>(first);
    const auto count = static_cast<std::ptrdiff_t>(threads);
    const auto begin = *std::min_element(begins.begin() + at, begins.begin() + at + count);
    const auto end = *std::max_element(ends.begin() + at, ends.begin() + at + count);
    least = std::min(least, std::chrono::duration<double>(end - begin).count());
  }
  return least;
}

void MachineLimits::measure() {
  const double threads = team_.size();
  const std::size_t window_lines = std::min(kWindowLines, memory_[0].size());
  const double reading =
      fastest(memory_[0].size() / window_lines, [&](std::uint32_t thread, std::size_t window) {
        const std::span<const Line> lines(memory_[thread]);
        read_lines(lines.subspan(window * window_lines, window_lines));
      });
  const double bytes = threads * static_cast<double>(window_lines * sizeof(Line));
  best_bytes_per_s_ = std::max(best_bytes_per_s_, bytes / reading);

  const double computing =
      fastest(kArithmeticWindows, [this](std::uint32_t, std::size_t) { arithmetic_.run(rounds_); });
  const double flops = threads * static_cast<double>(rounds_) * arithmetic_.flops_per_round;
  best_flops_per_s_ = std::max(best_flops_per_s_, flops / computing);
  if (computing < kArithmeticSeconds) rounds_ *= 2;  // longer than what starting together costs
}

}  // namespace turbomind::perf
