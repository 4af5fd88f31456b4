// SPDX-License-Identifier: Apache-2.0
#include "launch.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "race_hooks.hpp"
#include "schedule.hpp"
#include "thread_block.hpp"

namespace simt {
namespace {

std::atomic<Submitter> submitter = nullptr;

// Blocks are expensive to make, for their stacks. One per thread that runs grids at the same time.
class BlockPool {
 public:
  std::unique_ptr<ThreadBlock> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<ThreadBlock>();
    std::unique_ptr<ThreadBlock> block = std::move(idle_.back());
    idle_.pop_back();
    return block;
  }
  void give_back(std::unique_ptr<ThreadBlock> block) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(block));
  }
 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<ThreadBlock>> idle_;
};

BlockPool& block_pool() {
  static BlockPool pool;
  return pool;
}

void check_sizes(const Launch& launch) {
  const unsigned long threads = launch.block.count();
  if (threads == 0 || threads > kMostThreads || launch.block.z > 64) {
    throw Error("a block of " + std::to_string(threads) + " threads");
  }
  if (launch.grid.count() == 0 || launch.grid.y > 65'535 || launch.grid.z > 65'535) {
    throw Error("a grid of " + std::to_string(launch.grid.x) + " x " +
                std::to_string(launch.grid.y) + " x " + std::to_string(launch.grid.z) + " blocks");
  }
}

uint3 index_in(const dim3& grid, unsigned long block) {
  return {static_cast<unsigned>(block % grid.x), static_cast<unsigned>(block / grid.x % grid.y),
          static_cast<unsigned>(block / grid.x / grid.y)};
}

void throw_reports() {
  std::string text;
  for (const std::string& report : take_race_reports()) text += "RACE " + report + '\n';
  if (!text.empty()) throw Error(text);
}

}  // namespace

void set_submitter(Submitter wanted) { submitter = wanted; }

void submit(Stream stream, std::function<void()> grid) {
  const Submitter to = submitter;
  if (to == nullptr) return grid();
  to(stream, std::move(grid));
}

void run_grid(const Launch& launch, const BoundKernel& kernel) {
  check_sizes(launch);
  static std::atomic<std::uint64_t> launches = 0;
  const std::uint64_t number = ++launches;
  if (race_hooks != nullptr) race_hooks->begin_launch(kernel.arguments, kernel.argument_bytes);
  std::unique_ptr<ThreadBlock> block = block_pool().take();
  const unsigned long blocks = launch.grid.count();
  for (unsigned long i = 0; i < blocks; ++i) {
    const unsigned long at = schedule().order == Order::reverse ? blocks - 1 - i : i;
    block->run({.kernel = kernel,
                .index = index_in(launch.grid, at),
                .number = static_cast<unsigned>(at),
                .grid = launch.grid,
                .block = launch.block,
                .seed = schedule().seed * 1'000'003 + number});
  }
  block_pool().give_back(std::move(block));
  throw_reports();
}

}  // namespace simt
