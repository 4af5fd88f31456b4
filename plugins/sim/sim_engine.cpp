// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_engine.hpp"

#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <new>
#include <stdexcept>

#include "sim/sim_roofline.hpp"

namespace lmbench::sim {
namespace {

constexpr std::uint64_t kNanosecondsPerMillisecond = 1'000'000;
constexpr std::uint64_t kSlowness = 250 * kNanosecondsPerMillisecond;
constexpr std::array<std::int32_t, kSpecialTokens> kSpecialIds = {0, 1, 2};

ModelInfo model_info(const SimOptions& options) noexcept {
  ModelInfo info{};
  info.parameters = options.parameters;
  info.weight_bytes_per_step = options.weight_bytes;
  info.kv_bytes_per_token = options.kv_bytes_per_token;
  info.vocabulary = options.vocab_size;
  info.max_requests = options.max_batch_size;
  info.special_tokens = {kSpecialIds.data(), kSpecialIds.size()};
  return info;
}

// Not noexcept, so that the exception leaves it and meets the noexcept of submit().
void throw_out_of_submit() { throw std::runtime_error("the scripted fault throw_in_submit"); }

}  // namespace

// Its last words, where it is one that ends something.
void SimEngine::announce(Fault fault) noexcept {
  if (host_ == nullptr) return;
  try {
    const std::string text = "the scripted fault " + std::string(name_of(fault)) + " strikes";
    host_->log(LogLevel::info, sdk::abi(text));
  } catch (const std::bad_alloc&) {  // then without
  }
}

void SimEngine::strike(Fault fault) {
  announce(fault);
  switch (fault) {
    case Fault::oom:
      throw sdk::Error(Code::out_of_memory, "the scripted fault oom: no memory left");
    case Fault::refuse:
      throw sdk::Error(Code::unsupported, "the scripted fault refuse: no such model is loaded");
    case Fault::device_error:
      throw sdk::Error(Code::device_error, "the scripted fault device_error");
    case Fault::crash:
      std::raise(SIGSEGV);
      break;
    case Fault::abort:
      std::abort();
    case Fault::exit:
      std::_Exit(3);
    case Fault::bad_alloc:
      throw std::bad_alloc();
    case Fault::hang:
      for (;;) ::pause();
    default:
      break;
  }
}

void SimEngine::strike_if_scripted() {
  if (!options_.faults.empty()) strike(options_.faults.front());
}

Code SimEngine::load(ConfigView config, IEventSink* sink, ErrorText* error) noexcept {
  return sdk::guarded(error, [&] {
    if (sink_ != nullptr) throw sdk::Error(Code::failed_precondition, "load() was called twice");
    options_ = read_options(config);
    if (!options_.device_file.empty()) device_.emplace(options_.device_file);
    if (options_.load_ms != 0) {
      const std::uint64_t load_ns = options_.load_ms * kNanosecondsPerMillisecond;
      clock_->sleep_until(clock_->now_ns() + load_ns, is_stopping_);
    }
    if (options_.fault_at == FaultAt::load) strike_if_scripted();
    state_.emplace(options_);
    sink_ = sink;
    thread_ = std::thread([this] { run(); });
    return Code::ok;
  });
}

Code SimEngine::submit(const Request* requests, std::uint32_t count, std::uint32_t* accepted,
                       ErrorText* error) noexcept {
  *accepted = 0;
  bool throws = false;
  const Code code = sdk::guarded(error, [&] {
    const std::lock_guard lock(mutex_);
    if (!state_) throw sdk::Error(Code::failed_precondition, "submit() before load()");
    if (is_broken_) {
      throw sdk::Error(Code::failed_precondition, "the engine is broken by a device error");
    }
    const std::uint64_t now = clock_->now_ns();
    state_->batch.expect(count);
    for (; *accepted < count; ++*accepted) {
      state_->batch.accept(sdk::read_sized(&requests[*accepted]), now);
    }
    throws = state_->batch.fault_to_come() == Fault::throw_in_submit;
    return Code::ok;
  });
  wake_.notify_one();
  if (throws) throw_out_of_submit();
  return code;
}

void SimEngine::cancel(std::uint64_t request) noexcept {
  const std::lock_guard lock(mutex_);
  if (state_) state_->batch.cancel(request);
}

Code SimEngine::reset(ErrorText* error) noexcept {
  return sdk::guarded(error, [&] {
    const std::lock_guard lock(mutex_);
    if (!state_) throw sdk::Error(Code::failed_precondition, "reset() before load()");
    if (is_broken_) {
      throw sdk::Error(Code::failed_precondition, "the engine is broken by a device error");
    }
    if (state_->batch.in_flight() != 0) {
      throw sdk::Error(Code::failed_precondition, "reset() with requests in flight");
    }
    state_.emplace(options_);
    return Code::ok;
  });
}

void SimEngine::stats(IMetricSink* sink) noexcept {
  const std::lock_guard lock(mutex_);
  if (!state_) return;
  const auto report = [sink](const char* name, MetricKind kind, std::uint64_t value) {
    sink->on_metric(sdk::abi(name), sdk::abi("1"), kind, static_cast<double>(value));
  };
  report("steps", MetricKind::counter, state_->steps);
  report("queued_requests", MetricKind::gauge, state_->batch.queued());
  report("peak_requests", MetricKind::gauge, state_->batch.peak_in_flight());
}

void* SimEngine::extension(StrView id) noexcept {
  if (sdk::view(id) == "lmbench.model/1") return static_cast<IModel*>(this);
  if (sdk::view(id) == "lmbench.roofline/1") return static_cast<IRoofline*>(this);
  return nullptr;
}

Code SimEngine::info(ModelInfo* result, ErrorText* error) noexcept {
  if (!state_) return sdk::fail(error, Code::failed_precondition, "info() before load()");
  *result = model_info(options_);
  return Code::ok;
}

Code SimEngine::preview(ConfigView config, ModelInfo* result, ErrorText* error) noexcept {
  return sdk::guarded(error, [&] {
    *result = model_info(read_options(config));
    return Code::ok;
  });
}

Code SimEngine::peak(DevicePeak* result, ErrorText* error) noexcept {
  if (!state_) return sdk::fail(error, Code::failed_precondition, "peak() before load()");
  if (device_peak(options_, *result)) return Code::ok;
  return sdk::fail(error, Code::unsupported, "the script has no peak_bytes_per_s");
}

void SimEngine::attach(IStepSink* sink) noexcept {
  const std::lock_guard lock(mutex_);
  step_sink_ = sink;
}

void SimEngine::destroy() noexcept {
  if (options_.fault_at == FaultAt::teardown) strike_if_scripted();
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_.store(true, std::memory_order_relaxed);
    }
    wake_.notify_one();
    thread_.join();
    state_->batch.end_all(Code::ok, output_);
    if (!output_.events.empty()) {
      sink_->on_events(output_.events.data(), static_cast<std::uint32_t>(output_.events.size()));
    }
  }
  delete this;
}

void SimEngine::run() noexcept {
  std::unique_lock lock(mutex_);
  while (wait_for_work(lock) && run_step(lock)) {
    IStepSink* const step_sink = step_sink_;
    lock.unlock();
    if (step_sink != nullptr) step_sink->on_steps(&work_, 1);
    if (!output_.events.empty()) {
      sink_->on_events(output_.events.data(), static_cast<std::uint32_t>(output_.events.size()));
    }
    lock.lock();
  }
}

// False when the engine is to end.
bool SimEngine::wait_for_work(std::unique_lock<std::mutex>& lock) {
  wake_.wait(lock, [this] { return is_stopping_ || state_->batch.in_flight() != 0; });
  return !is_stopping_;
}

bool SimEngine::run_step(std::unique_lock<std::mutex>& lock) {
  if (!was_busy_) schedule_ns_ = clock_->now_ns();
  const StepShape shape = state_->batch.admit(schedule_ns_);
  std::uint64_t step_ns = state_->script.next_step_ns(shape, state_->batch.rounds());
  if (state_->batch.is_slow()) step_ns += kSlowness;
  schedule_ns_ += step_ns;
  if (step_ns != 0) {
    lock.unlock();
    clock_->sleep_until(schedule_ns_, is_stopping_);
    lock.lock();
    if (is_stopping_) return false;
  }
  const Fault fault = state_->batch.advance(schedule_ns_, output_);
  work_ = step_work(options_, shape, ++state_->steps, schedule_ns_);
  if (fault != Fault::none && !strike_in_step(fault, lock)) return false;
  was_busy_ = state_->batch.in_flight() != 0;
  return true;
}

// False when the engine is to end. A hang keeps the thread, not destroy(): it is the watcher of the
// tokens that has to notice.
bool SimEngine::strike_in_step(Fault fault, std::unique_lock<std::mutex>& lock) {
  if (fault == Fault::device_error) {
    announce(fault);
    is_broken_ = true;
    state_->batch.end_all(Code::device_error, output_);
    return true;
  }
  if (fault == Fault::hang) {
    announce(fault);
    wake_.wait(lock, [this] { return is_stopping_.load(); });
    return false;
  }
  strike(fault);
  return true;
}

}  // namespace lmbench::sim
