// The ranks of a tensor-parallel engine: rank 0 is the caller's thread; each further rank is a thread
// that gets its plans through a RankChannel, or a process (ranks/). The failure of one rank aborts all,
// and the first failure is what the caller hears.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <lmbench/engine_abi.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "turbomind/executor.hpp"
#include "turbomind/ranks/process_ranks.hpp"
#include "turbomind/scheduler/rank_channel.hpp"

namespace turbomind {

// Makes the executor of one rank, on that rank's thread. The sink is rank 0's; null for others.
using ExecutorFactory =
    std::function<std::unique_ptr<Executor>(std::uint32_t rank, PassSink* sink)>;

class RankGroup {
 public:
  // ranks >= 1. The sink outlives the group. processes: all ranks but 0, shared with whoever made the
  // factory; null: they are threads.
  RankGroup(std::uint32_t ranks, ExecutorFactory factory, PassSink* sink,
            std::shared_ptr<ProcessRanks> processes = nullptr);

  // Ends and joins the ranks; no enqueue() may be under way.
  ~RankGroup();

  RankGroup(const RankGroup&) = delete;
  RankGroup& operator=(const RankGroup&) = delete;

  // Once. Makes and loads the executors, all ranks at the same time; the calling thread becomes
  // rank 0's. The weights need to live for the call only. Throws the first rank's Error.
  void load(const WeightSource& weights, const ExecutorLimits& limits);

  // Rank 0's thread. Every rank runs the plan; returns when rank 0 has. Throws the first failure
  // of any rank, that of an earlier plan included.
  void enqueue(const StepPlan& plan);

  // [any] After load(): what all ranks take together.
  MemoryUse memory_use() const;

  // [any] Of the rank of this process that counted most, as all do the same work. Load() included.
  ExecutorCounters counters() const;
 private:
  void run_rank(std::uint32_t rank, const WeightSource& weights, const ExecutorLimits& limits);
  void load_rank(std::uint32_t rank, const WeightSource& weights, const ExecutorLimits& limits);
  template <class Body>
  bool guard(std::uint32_t rank, Body&& body) noexcept;
  void fail(const RankFailure& failure) noexcept;
  void throw_failure();

  std::uint32_t local_ranks() const noexcept { return processes_ == nullptr ? ranks_ : 1; }

  std::uint32_t ranks_;
  std::shared_ptr<ProcessRanks> processes_;
  MemoryUse use_of_processes_;
  ExecutorFactory factory_;
  PassSink* sink_;
  std::vector<std::unique_ptr<RankChannel>> channels_;  // of rank i + 1
  std::vector<std::thread> threads_;                    // of rank i + 1

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable loaded_changed_;
  std::vector<std::unique_ptr<Executor>> executors_;  // by rank; each used by its rank's thread
  std::uint32_t loaded_ = 0;                          // ranks whose load() has ended, either way
  std::optional<RankFailure> failure_;
};

}  // namespace turbomind
