// SPDX-License-Identifier: Apache-2.0
#include "turbomind/rank_group.hpp"

#include <algorithm>
#include <lmbench/plugin.hpp>
#include <new>
#include <string>
#include <utility>

namespace turbomind {

RankGroup::RankGroup(std::uint32_t ranks, ExecutorFactory factory, PassSink* sink,
                     std::shared_ptr<ProcessRanks> processes)
    : ranks_(ranks),
      processes_(std::move(processes)),
      factory_(std::move(factory)),
      sink_(sink),
      executors_(local_ranks()) {
  for (std::uint32_t rank = 1; rank < local_ranks(); ++rank) {
    channels_.push_back(make_thread_channel());
  }
  if (processes_ == nullptr) return;
  processes_->on_loss([this](const RankFailure& failure) { fail(failure); });
}

RankGroup::~RankGroup() {
  if (processes_ != nullptr) processes_->on_loss({});
  for (const auto& channel : channels_) channel->close();
  for (std::thread& thread : threads_) thread.join();
}

void RankGroup::load(const WeightSource& weights, const ExecutorLimits& limits) {
  if (processes_ != nullptr) guard(0, [&] { processes_->begin_load(limits); });
  for (std::uint32_t rank = 1; rank < local_ranks(); ++rank) {
    threads_.emplace_back([this, rank, &weights, &limits] { run_rank(rank, weights, limits); });
  }
  guard(0, [&] { load_rank(0, weights, limits); });
  std::unique_lock lock(mutex_);
  ++loaded_;
  loaded_changed_.wait(lock, [this] { return loaded_ == local_ranks(); });
  lock.unlock();
  throw_failure();
  if (processes_ == nullptr) return;
  guard(0, [&] { use_of_processes_ = processes_->finish_load(); });
  throw_failure();
}

void RankGroup::run_rank(std::uint32_t rank, const WeightSource& weights,
                         const ExecutorLimits& limits) {
  const bool is_loaded = guard(rank, [&] { load_rank(rank, weights, limits); });
  {
    // Notified under the lock: load() may return, and its arguments go, as soon as it is released.
    const std::lock_guard lock(mutex_);
    ++loaded_;
    loaded_changed_.notify_all();
  }
  if (!is_loaded) return;
  std::vector<std::byte> bytes;
  Executor& executor = *executors_[rank];
  while (channels_[rank - 1]->receive(bytes)) {
    if (!guard(rank, [&] { executor.enqueue(parse_step_plan(bytes)); })) return;
  }
}

void RankGroup::load_rank(std::uint32_t rank, const WeightSource& weights,
                          const ExecutorLimits& limits) {
  std::unique_ptr<Executor> made = factory_(rank, rank == 0 ? sink_ : nullptr);
  Executor* executor = made.get();
  {
    const std::lock_guard lock(mutex_);
    // Whoever failed before this could not abort what was not there yet.
    if (failure_) throw lmbench::sdk::Error(failure_->code, failure_->text);
    executors_[rank] = std::move(made);
  }
  executor->load(weights, limits);
}

void RankGroup::enqueue(const StepPlan& plan) {
  throw_failure();
  if (!channels_.empty()) {
    const std::vector<std::byte> bytes = serialise(plan);
    for (const auto& channel : channels_) channel->send(bytes);
  }
  if (processes_ != nullptr) guard(0, [&] { processes_->send_plan(serialise(plan)); });
  throw_failure();
  guard(0, [&] { executors_[0]->enqueue(plan); });
  throw_failure();
}

// Runs what a rank does; a failure is kept, wakes all ranks, and makes the answer false.
template <class Body>
bool RankGroup::guard(std::uint32_t rank, Body&& body) noexcept {
  const std::string who = ranks_ > 1 ? "rank " + std::to_string(rank) + ": " : "";
  try {
    body();
    return true;
  } catch (const LineBroken& e) {
    const std::optional<RankFailure> reason = processes_->reason();
    fail(reason.value_or(RankFailure{e.code(), who + e.what()}));
  } catch (const lmbench::sdk::Error& e) {
    fail({e.code(), who + e.what()});
  } catch (const std::bad_alloc&) {
    fail({lmbench::Code::out_of_memory, who + "out of host memory"});
  } catch (const std::exception& e) {
    fail({lmbench::Code::internal, who + e.what()});
  } catch (...) {
    fail({lmbench::Code::internal, who + "unknown exception"});
  }
  return false;
}

// The first failure is the one that is told. It ends all ranks, wherever they are.
void RankGroup::fail(const RankFailure& failure) noexcept {
  const std::lock_guard lock(mutex_);
  if (failure_) return;
  failure_ = failure;
  for (const auto& executor : executors_) {
    if (executor) executor->abort();
  }
  if (processes_ != nullptr) processes_->hang_up();
}

void RankGroup::throw_failure() {
  const std::lock_guard lock(mutex_);
  if (failure_) throw lmbench::sdk::Error(failure_->code, failure_->text);
}

MemoryUse RankGroup::memory_use() const {
  const std::lock_guard lock(mutex_);
  MemoryUse sum = use_of_processes_;
  for (const auto& executor : executors_) {
    if (!executor) continue;
    const MemoryUse use = executor->memory_use();
    sum.weight_bytes += use.weight_bytes;
    sum.kv_bytes += use.kv_bytes;
    sum.workspace_bytes += use.workspace_bytes;
  }
  return sum;
}

ExecutorCounters RankGroup::counters() const {
  const std::lock_guard lock(mutex_);
  ExecutorCounters most;
  for (const auto& executor : executors_) {
    if (!executor) continue;
    const ExecutorCounters own = executor->counters();
    most.graphs_captured = std::max(most.graphs_captured, own.graphs_captured);
    most.products_tuned = std::max(most.products_tuned, own.products_tuned);
    most.products_unsaved = std::max(most.products_unsaved, own.products_unsaved);
  }
  return most;
}

}  // namespace turbomind
