// SPDX-License-Identifier: Apache-2.0
#include "turbomind/read_bandwidth.hpp"

#include <sched.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

namespace turbomind {
namespace {

constexpr std::size_t kBytesPerThread = std::size_t{64} << 20U;
constexpr std::size_t kWords = kBytesPerThread / sizeof(std::uint64_t);
constexpr std::size_t kStreams = 4;  // one stream per thread does not reach the limit
constexpr int kPasses = 4;

std::uint64_t read_all(const std::uint64_t* words) {
  constexpr std::size_t kPerStream = kWords / kStreams;
  constexpr std::size_t kLine = 8;  // words of a cache line
  std::array<std::uint64_t, kLine> sums{};
  for (std::size_t at = 0; at < kPerStream; at += kLine) {
    for (std::size_t stream = 0; stream < kStreams; ++stream) {
      const std::uint64_t* line = words + stream * kPerStream + at;
      for (std::size_t i = 0; i < kLine; ++i) sums[i] += line[i];
    }
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t part : sums) sum += part;
  return sum;
}

// Each pass begins when all threads are there; its time is that of the slowest.
struct Race {
  explicit Race(std::uint32_t count) : threads(count), seconds(kPasses) {}

  void run(std::uint32_t thread) {
    const std::unique_ptr<std::uint64_t[]> words(new (std::nothrow) std::uint64_t[kWords]);
    if (words) std::fill_n(words.get(), kWords, thread + 1);  // touched by its reader
    if (!words) has_failed = true;
    for (int pass = 0; pass < kPasses; ++pass) {
      meet(static_cast<std::uint32_t>(pass));
      const auto begin = std::chrono::steady_clock::now();
      if (words) sum += read_all(words.get());
      const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
      double slowest = seconds[static_cast<std::size_t>(pass)];
      while (
          slowest < taken.count() &&
          !seconds[static_cast<std::size_t>(pass)].compare_exchange_weak(slowest, taken.count())) {
      }
    }
  }

  void meet(std::uint32_t pass) {
    ++arrived;
    while (arrived < threads * (pass + 1)) std::this_thread::yield();
  }

  const std::uint32_t threads;
  std::atomic<std::uint32_t> arrived{0};
  std::atomic<std::uint64_t> sum{0};  // so that the reads are not optimised away
  std::atomic<bool> has_failed{false};
  std::vector<std::atomic<double>> seconds;  // by pass
};

}  // namespace

std::uint32_t usable_cpus() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    return std::max(static_cast<std::uint32_t>(CPU_COUNT(&set)), 1U);
  }
  return std::max(std::thread::hardware_concurrency(), 1U);
}

double measure_read_bandwidth(std::uint32_t threads) {
  Race race(std::max(threads, 1U));
  std::vector<std::thread> others;
  for (std::uint32_t i = 1; i < race.threads; ++i) others.emplace_back([&race, i] { race.run(i); });
  race.run(0);
  for (std::thread& other : others) other.join();
  if (race.has_failed) return 0;
  double best = race.seconds[0];
  for (const std::atomic<double>& seconds : race.seconds) best = std::min<double>(best, seconds);
  return best > 0 ? static_cast<double>(kBytesPerThread) * race.threads / best : 0;
}

}  // namespace turbomind
