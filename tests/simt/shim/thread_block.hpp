// A thread block at work: its threads as fibers, the barrier, and who goes on when one has to wait.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "fiber.hpp"
#include "index.hpp"
#include "launch.hpp"
#include "schedule.hpp"
#include "shared_arena.hpp"

namespace simt {

constexpr unsigned kMostThreads = 1024;
constexpr unsigned kWarpLanes = 32;

// What a thread of a kernel is.
struct DeviceThread {
  uint3 index;
  uint3 block_index;
  dim3 grid;
  unsigned number;  // in its block
  Context context;
  unsigned priority;  // lower ones go first
  enum class State { ready, waiting, ended } state;
  const char* waits_for;  // "__syncthreads", for reports
  const char* file;
  int line;

  unsigned lane() const { return number % kWarpLanes; }
  unsigned warp() const { return number / kWarpLanes; }
};

// Lanes of a warp that meet to exchange something. The last one to come does it for all.
struct WarpMeeting {
  // arguments[lane] is what the lane brought. Throws Error.
  using Exchange = void (*)(void* const* arguments, unsigned mask);

  unsigned mask;
  unsigned arrived;
  Exchange exchange;
  const char* name;
  const char* file;
  int line;
  std::array<void*, kWarpLanes> arguments;
};

struct BlockWork {
  const BoundKernel& kernel;
  uint3 index;
  unsigned number;  // of the block in its grid
  dim3 grid;
  dim3 block;
  std::uint64_t seed;
};

class ThreadBlock {
 public:
  ThreadBlock();

  // Runs all threads of one block to their end. Throws Error.
  void run(const BlockWork& work);

  // For the thread that is running.

  // __syncthreads.
  void barrier(const char* file, int line);

  // Waits for all lanes of the mask. The address of `exchange` says what they came for.
  void meet(unsigned mask, WarpMeeting::Exchange exchange, void* argument, const char* name,
            const char* file, int line);

  void* shared_array(const void* place, std::size_t bytes, const char* name);

  // Where the order is drawn anew each time, others may go first from here.
  void maybe_give_way();

  DeviceThread& running() { return *running_; }
  unsigned number() const { return work_->number; }
  bool is_stack(const void* address) const { return stacks_.holds(address); }
  bool is_thread_data(const void* address) const;
 private:
  struct Warp {
    unsigned alive;  // lanes that have not ended
    std::vector<WarpMeeting> meetings;
  };

  static void enter_fiber();
  bool run_kernel(DeviceThread& thread);  // true: another thread goes on
  void place_threads();
  void set_ready(DeviceThread& thread);
  DeviceThread* next_ready();
  void go_on_as(DeviceThread& thread, bool is_last);
  void wait(const char* what, const char* file, int line);
  void end(DeviceThread& thread);
  void release_barrier();
  void try_to_meet(Warp& warp, unsigned first_thread);
  void fail(const std::string& what, const char* file, int line) const;
  std::string who_waits_where() const;

  FiberStacks stacks_;
  SharedArena shared_;
  Context caller_;  // of run()
  const BlockWork* work_ = nullptr;
  Random random_{1};
  bool draws_each_time_ = false;
  std::vector<DeviceThread> threads_;  // kMostThreads
  std::vector<Warp> warps_;
  unsigned count_ = 0;
  unsigned alive_ = 0;
  DeviceThread* running_ = nullptr;
  std::array<std::uint64_t, kMostThreads / 64> ready_{};  // bits by priority
  std::array<unsigned, kMostThreads> at_priority_{};      // the thread that has it

  unsigned at_barrier_ = 0;
  const char* barrier_file_ = nullptr;
  int barrier_line_ = 0;
  std::string failure_;
};

// Of the kernel thread that calls it.
ThreadBlock& this_block();
DeviceThread& this_thread();

// Whether a kernel runs on this thread of the operating system.
bool is_in_kernel();

// "norm.cu:28"
std::string place_text(const char* file, int line);

}  // namespace simt
