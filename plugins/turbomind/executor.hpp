// The device boundary: all that the engine sees of cpu/ (and, later, cuda/). One Executor is one
// tensor-parallel rank and is used from one thread, its rank's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "turbomind/communicator.hpp"
#include "turbomind/model/weight_source.hpp"
#include "turbomind/scheduler/step_plan.hpp"

namespace turbomind {

// A token that a pass sampled for one sequence.
struct SampledToken {
  std::uint32_t slot;
  std::int32_t token;
  bool is_stopped;    // token is one of the slot's stop tokens and min_position is reached
  bool is_at_length;  // position end_position - 1 is filled
};

// One pass that samples: a decode step, or the prefill pass of a plan.
struct PassResult {
  std::uint64_t plan;      // StepPlan::number
  std::uint64_t begin_ns;  // CLOCK_MONOTONIC
  std::uint64_t end_ns;    // when the tokens were known
  bool is_prefill;
  std::span<const SampledToken> tokens;  // rows that did not stand still; valid for the call
};

class PassSink {
 public:
  // On rank 0 only: on the thread of enqueue() (CPU) or on the ring's poller (CUDA). Called once
  // per pass that samples, in order. Does not call the executor.
  virtual void on_pass(const PassResult& result) noexcept = 0;
 protected:
  ~PassSink() = default;
};

// What one executor takes memory for; everything is taken in load().
struct ExecutorLimits {
  std::uint32_t max_slots = 0;            // sequences at once
  std::uint32_t max_sequence_tokens = 0;  // longest sequence, prompt included
  std::uint32_t max_prefill_tokens = 0;   // tokens of all chunks of one plan
  std::uint32_t page_count = 0;           // KV pages of kPageTokens tokens
};

struct MemoryUse {
  std::uint64_t weight_bytes = 0;
  std::uint64_t kv_bytes = 0;
  std::uint64_t workspace_bytes = 0;
};

// What takes time of the step that it happens in, and belongs into warm-up.
struct ExecutorCounters {
  std::uint64_t graphs_captured = 0;
  std::uint64_t products_tuned = 0;    // whose algorithm was found by timing
  std::uint64_t products_unsaved = 0;  // of those, what the tuning cache's file lacks; a gauge
};

class Executor {
 public:
  virtual ~Executor() = default;

  // Reads this rank's weights, reserves the KV pool and the workspace, warms up. Collective over
  // the ranks. Throws Error (lmbench::sdk::Error) with out_of_memory and the figures if it does
  // not fit.
  virtual void load(const WeightSource& weights, const ExecutorLimits& limits) = 0;

  // Runs (CPU) or queues (CUDA) the plan; results reach the PassSink of rank 0. Collective.
  // Throws Error with device_error when the rank cannot go on; nothing heals after that.
  virtual void enqueue(const StepPlan& plan) = 0;

  // [any] Unblocks an enqueue() that waits for another rank; it then throws.
  virtual void abort() noexcept = 0;

  virtual MemoryUse memory_use() const noexcept = 0;

  // [any] Since it was made, load() included.
  virtual ExecutorCounters counters() const noexcept { return {}; }
};

}  // namespace turbomind
