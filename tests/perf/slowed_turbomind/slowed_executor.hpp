// An executor that is slower than the one it wraps by a known share: after each plan it computes
// nothing for that share of the plan's time. For A/B sessions whose truth is known.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "turbomind/executor.hpp"

namespace turbomind::perf {

class SlowedExecutor final : public Executor {
 public:
  // share: 0.03 is 3 % slower.
  SlowedExecutor(std::unique_ptr<Executor> wrapped, double share)
      : wrapped_(std::move(wrapped)), share_(share) {}

  void load(const WeightSource& weights, const ExecutorLimits& limits) override {
    wrapped_->load(weights, limits);
  }
  void enqueue(const StepPlan& plan) override;
  void abort() noexcept override { wrapped_->abort(); }
  MemoryUse memory_use() const noexcept override { return wrapped_->memory_use(); }
  ExecutorCounters counters() const noexcept override { return wrapped_->counters(); }
 private:
  std::unique_ptr<Executor> wrapped_;
  double share_;
};

}  // namespace turbomind::perf
