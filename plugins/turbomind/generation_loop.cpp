// SPDX-License-Identifier: Apache-2.0
#include "turbomind/generation_loop.hpp"

#include <algorithm>
#include <exception>
#include <lmbench/plugin.hpp>
#include <utility>

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::EventKind;
using lmbench::Finish;
using lmbench::sdk::Error;

Finish finish_of(SequenceEnd end) {
  switch (end) {
    case SequenceEnd::length:
      return Finish::length;
    case SequenceEnd::stop:
      return Finish::stop;
    case SequenceEnd::cancelled:
      return Finish::cancelled;
    case SequenceEnd::none:
      break;
  }
  return Finish::none;
}

}  // namespace

GenerationLoop::GenerationLoop(const Setup& setup, lmbench::IHost* host, lmbench::IEventSink* sink)
    : host_(host),
      sink_(sink),
      group_(setup.ranks, setup.factory, this, setup.processes),
      batch_(setup.batch_limits) {
  deliveries_.reserve(setup.batch_limits.max_slots);
  events_.reserve(setup.batch_limits.max_slots);
  thread_ = std::thread([this, &setup] { run(setup); });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_load_over_; });
  if (failure_ == Code::ok) return;
  lock.unlock();
  thread_.join();
  throw Error(failure_, failure_text_);
}

GenerationLoop::~GenerationLoop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::size_t GenerationLoop::submit(std::span<Sequence> sequences, Refusal& refusal) {
  std::size_t taken = 0;
  {
    const std::lock_guard lock(mutex_);
    for (; taken < sequences.size(); ++taken) {
      refusal = refusal_of(sequences[taken]);
      if (refusal.code != Code::ok) break;
      const std::uint64_t id = sequences[taken].id;
      if (!batch_.submit(std::move(sequences[taken]))) {
        refusal = {Code::out_of_memory,
                   "request " + std::to_string(id) + " needs more than the whole KV pool"};
        break;
      }
      in_flight_.insert(id);
      cancels_.erase(std::remove(cancels_.begin(), cancels_.end(), id), cancels_.end());
    }
  }
  if (taken > 0) changed_.notify_all();
  return taken;
}

GenerationLoop::Refusal GenerationLoop::refusal_of(const Sequence& sequence) const {
  if (failure_ != Code::ok) {
    return {Code::failed_precondition, "the engine is broken: " + failure_text_};
  }
  if (in_flight_.count(sequence.id) != 0) {
    return {Code::invalid_argument,
            "request " + std::to_string(sequence.id) + " is in flight already"};
  }
  return {};
}

void GenerationLoop::cancel(std::uint64_t id) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (in_flight_.count(id) == 0) return;
    cancels_.push_back(id);
  }
  changed_.notify_all();
}

void GenerationLoop::reset() {
  const std::lock_guard lock(mutex_);
  if (!in_flight_.empty()) {
    throw Error(Code::failed_precondition,
                std::to_string(in_flight_.size()) + " requests are in flight");
  }
  if (failure_ != Code::ok) {
    throw Error(Code::failed_precondition, "the engine is broken: " + failure_text_);
  }
  batch_.reset_counters();
  counted_before_ = group_.counters();
}

GenerationLoop::Statistics GenerationLoop::statistics() const {
  const std::lock_guard lock(mutex_);
  const BlockPool& pool = batch_.pool();
  ExecutorCounters executor = group_.counters();
  executor.graphs_captured -= counted_before_.graphs_captured;
  executor.products_tuned -= counted_before_.products_tuned;
  return {batch_.counters(), executor, pool.block_count(), pool.used_blocks(),
          pool.peak_used_blocks()};
}

void GenerationLoop::run(const Setup& setup) {
  const bool is_loaded = load(setup);
  {
    // Notified under the lock: the setup may go as soon as it is released.
    const std::lock_guard lock(mutex_);
    is_load_over_ = true;
    changed_.notify_all();
  }
  if (is_loaded) serve();
}

bool GenerationLoop::load(const Setup& setup) {
  try {
    group_.load(*setup.weights, setup.executor_limits);
    counted_before_ = group_.counters();
    return true;
  } catch (const Error& e) {
    failure_ = e.code();
    failure_text_ = e.what();
  } catch (const std::exception& e) {
    failure_ = Code::internal;
    failure_text_ = e.what();
  }
  return false;
}

void GenerationLoop::serve() {
  while (true) {
    try {
      if (!serve_once()) return;
    } catch (const Error& e) {
      break_down(e.code(), e.what());
    } catch (const std::exception& e) {
      break_down(Code::internal, e.what());
    }
  }
}

// Waits for something to do and does it. False: the engine is stopping and all has ended.
bool GenerationLoop::serve_once() {
  bool has_plan = false;
  bool is_stopping = false;
  deliveries_.clear();
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_stopping_ || !cancels_.empty() || !batch_.is_idle(); });
    is_stopping = is_stopping_;
    for (const std::uint64_t id : cancels_) batch_.cancel(id, deliveries_);
    cancels_.clear();
    if (is_stopping) batch_.cancel_all(deliveries_);
    has_plan = batch_.next_plan(host_->now_ns(), plan_);
    forget_ended();
  }
  deliver(host_->now_ns(), Code::ok);
  if (has_plan) run_plan();
  return !is_stopping;
}

void GenerationLoop::run_plan() {
  group_.enqueue(plan_);
  if (!pass_failure_.empty()) throw Error(Code::internal, pass_failure_);
}

void GenerationLoop::on_pass(const PassResult& result) noexcept {
  if (!pass_failure_.empty()) return;
  try {
    deliveries_.clear();
    {
      const std::lock_guard lock(mutex_);
      batch_.on_pass(result, deliveries_);
      forget_ended();
    }
    deliver(result.end_ns, Code::ok);
  } catch (const std::exception& e) {
    pass_failure_ = e.what();
  }
}

// Nothing heals: all that is in flight fails, and nothing is taken any more.
void GenerationLoop::break_down(Code code, const std::string& text) noexcept {
  host_->log(lmbench::LogLevel::error, lmbench::sdk::abi(text));
  {
    const std::lock_guard lock(mutex_);
    failure_ = code;
    failure_text_ = text;
    deliveries_.clear();
    batch_.cancel_all(deliveries_);
    cancels_.clear();
    forget_ended();
  }
  deliver(host_->now_ns(), code);
}

// Before the events go out: whoever sees the last one may reset or use the id again at once.
void GenerationLoop::forget_ended() {
  for (const Delivery& delivery : deliveries_) {
    if (delivery.end != SequenceEnd::none) in_flight_.erase(delivery.id);
  }
}

void GenerationLoop::deliver(std::uint64_t engine_ns, Code failure) {
  if (deliveries_.empty()) return;
  events_.clear();
  for (const Delivery& delivery : deliveries_) {
    lmbench::Event& event = events_.emplace_back();
    event.request = delivery.id;
    event.engine_ns = engine_ns;
    event.admitted_ns = delivery.admitted_ns;
    if (delivery.has_token) {
      event.tokens = &delivery.token;
      event.token_count = 1;
    }
    if (delivery.end == SequenceEnd::none) continue;
    event.kind = failure == Code::ok ? EventKind::finished : EventKind::failed;
    event.finish = failure == Code::ok ? finish_of(delivery.end) : Finish::none;
    event.error = failure;
  }
  sink_->on_events(events_.data(), static_cast<std::uint32_t>(events_.size()));
}

}  // namespace turbomind
