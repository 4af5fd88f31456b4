// A machine with GPUs, made of host memory and queues, for tests of the executor's host code: what it
// allocates, in which order its streams run, what it captures and what it may not do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace lmbench::test {

// When work is done.
enum class Schedule {
  immediate,  // when it is queued, unless it waits for another rank
  deferred,   // when someone asks: a few items per query, all at a synchronisation
};

// One machine for the whole process: reset() makes it anew. Until then it is as the environment says:
// FAKE_GPU_DEVICES, FAKE_GPU_MEMORY_BYTES, and FAKE_GPU_FAILURE, a function whose fifth call fails.
class FakeGpu {
 public:
  struct Options {
    int devices = 1;                                     // 0: no driver
    std::size_t memory_bytes = std::size_t{256} << 20U;  // of each
    Schedule schedule = Schedule::immediate;
    std::uint32_t seed = 1;  // of how many items a query runs
    // Device memory can be touched only while work of a stream runs: the host that follows a device
    // pointer crashes. Costs a system call or two per piece of work.
    bool guards_memory = false;
  };

  static void reset(const Options& options);

  // From now on the n-th call of a function of the runtime (1: the next) returns the error.
  static void fail_call(const std::string& function, int n, cudaError_t error);

  // Calls of a function since reset(), of another fake's too.
  static int calls(const std::string& function);

  // What the fake saw go wrong: memory that was not given back, written beyond its end, or given back
  // twice; failures of kernels. Empty: nothing.
  static std::vector<std::string> complaints();

  static std::size_t allocated_bytes();
};

// Work of a stream: true when it is done, false to be asked again later (it waits for another rank).
using StreamWork = std::function<bool()>;

// Puts work into a stream, or into the graph that the stream captures: `make` is called for each run.
// For the other fakes.
cudaError_t queue_work(cudaStream_t stream, std::function<StreamWork()> make);

// While `waits` says that a collective of this process waits for another rank, what may wait for kernels to
// end may hang: taking memory, making a graph, loading a kernel. One watcher, for good.
void watch_collectives(std::function<bool()> waits);

// Complains about the function if a collective waits.
void refuse_while_collectives_wait(const char* function);

// Adds to FakeGpu::complaints().
void complain(const std::string& text);

// Counts a call of a function of another library, for FakeGpu::calls(). For the other fakes.
void count_call(const std::string& function);

// Whether all of it is memory of a device.
bool is_device_memory(const void* pointer, std::size_t bytes);

}  // namespace lmbench::test
