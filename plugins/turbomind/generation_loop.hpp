// The engine thread: it waits for requests, asks the scheduler for plans, runs them on the ranks
// and tells the runner about each pass in one call. It is rank 0's thread, and it alone calls the
// sink, so events of a request are in order and never concurrent. While idle it sleeps.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <lmbench/engine_abi.hpp>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "turbomind/rank_group.hpp"
#include "turbomind/scheduler/persistent_batch.hpp"

namespace turbomind {

class GenerationLoop final : public PassSink {
 public:
  struct Setup {
    std::uint32_t ranks = 1;
    ExecutorFactory factory;
    std::shared_ptr<ProcessRanks> processes;  // null: ranks are threads
    const WeightSource* weights = nullptr;    // needed until the constructor returns
    ExecutorLimits executor_limits;
    BatchLimits batch_limits;
  };

  struct Statistics {
    BatchCounters counters;
    ExecutorCounters executor;
    std::uint32_t kv_blocks = 0;
    std::uint32_t kv_blocks_used = 0;
    std::uint32_t kv_blocks_peak = 0;
  };

  // [control] Loads on the new thread and waits for it. Throws the Error of the load.
  GenerationLoop(const Setup& setup, lmbench::IHost* host, lmbench::IEventSink* sink);

  // [control] Ends what is in flight as cancelled and joins; no event comes afterwards.
  ~GenerationLoop();

  GenerationLoop(const GenerationLoop&) = delete;
  GenerationLoop& operator=(const GenerationLoop&) = delete;

  struct Refusal {
    lmbench::Code code = lmbench::Code::ok;
    std::string text;
  };

  // [any] Takes the sequences in order, up to the first that it refuses, and says how many. They
  // become visible to the scheduler together, so a burst is one prefill.
  std::size_t submit(std::span<Sequence> sequences, Refusal& refusal);

  // [any] A hint; unknown ids are ignored.
  void cancel(std::uint64_t id) noexcept;

  // [control] Counters start anew. Throws Error(failed_precondition) with requests in flight.
  void reset();

  // [control]
  Statistics statistics() const;
  MemoryUse memory_use() const { return group_.memory_use(); }

  // On the engine thread, from within an executor's enqueue().
  void on_pass(const PassResult& result) noexcept override;
 private:
  void run(const Setup& setup);
  bool load(const Setup& setup);
  void serve();
  bool serve_once();
  void run_plan();
  Refusal refusal_of(const Sequence& sequence) const;
  void break_down(lmbench::Code code, const std::string& text) noexcept;
  void forget_ended();
  void deliver(std::uint64_t engine_ns, lmbench::Code failure);

  lmbench::IHost* host_;
  lmbench::IEventSink* sink_;
  RankGroup group_;

  mutable std::mutex mutex_;  // guards what follows, up to the thread's own
  std::condition_variable changed_;
  PersistentBatch batch_;
  ExecutorCounters counted_before_;  // in load(), or before the last reset()
  std::unordered_set<std::uint64_t> in_flight_;
  std::vector<std::uint64_t> cancels_;
  bool is_stopping_ = false;
  bool is_load_over_ = false;
  lmbench::Code failure_ = lmbench::Code::ok;  // sticky
  std::string failure_text_;

  StepPlan plan_;  // the engine thread's own, as all below; kept for their room
  std::vector<Delivery> deliveries_;
  std::vector<lmbench::Event> events_;
  std::string pass_failure_;  // what on_pass() could not throw
  std::thread thread_;
};

}  // namespace turbomind
