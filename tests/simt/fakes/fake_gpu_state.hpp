// What the fakes share behind their APIs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "fake_gpu.hpp"

namespace lmbench::test {

struct Machine {
  struct Allocation {
    std::size_t bytes;
    int device;
    bool is_live;
  };

  // Device memory can be touched while one of these lives.
  struct Access {
    Access();
    ~Access();
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;
  };

  Machine();
  void reset(const FakeGpu::Options& wanted);
  void* allocate(std::size_t bytes, int device);  // null: it does not fit
  bool release(void* pointer);
  std::size_t allocated_on(int device) const;  // under the mutex
  void check_canary(const unsigned char* begin, std::size_t bytes);
  bool is_device(const void* pointer, std::size_t bytes);

  // Counts the call; what it is to return before it does anything.
  cudaError_t enter(const char* function, int device);
  std::uint32_t draw(std::uint32_t below);

  std::mutex mutex;  // guards what follows but arena, options and workers
  FakeGpu::Options options;
  unsigned char* arena = nullptr;
  std::size_t used = 0;
  std::map<unsigned char*, Allocation> allocations;
  std::map<std::string, int> calls;
  std::map<std::string, std::pair<int, cudaError_t>> failures;
  std::map<int, cudaError_t> sticky;  // by device: it does not recover
  std::vector<std::string> complaints;
  std::mt19937 random;

  std::function<bool()> collective_waits;  // set once, before any use

  std::mutex access_mutex;
  int workers = 0;
};

Machine& machine();

using FakeGraph = std::vector<std::function<StreamWork()>>;

// Used by one thread at a time, as the executor uses its streams.
struct FakeStream {
  int device = 0;
  std::deque<StreamWork> queue;
  std::unique_ptr<FakeGraph> capture;
  cudaError_t capture_error = cudaSuccess;
  std::chrono::seconds lost_time{
      0};  // what its events add to the clock: slow work need not be waited for

  bool run(std::size_t items);
};

}  // namespace lmbench::test
