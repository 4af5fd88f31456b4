// A scripted engine: real requests, threads and events, invented timing and tokens. Its steps
// follow a virtual schedule with absolute deadlines, so that their sum is exact however late the
// machine wakes it. It stands in for an engine in tests and shows what each failure looks like.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <lmbench/ext/model.hpp>
#include <lmbench/ext/roofline.hpp>
#include <lmbench/plugin.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "sim/sim_batch.hpp"
#include "sim/sim_clock.hpp"
#include "sim/sim_device.hpp"
#include "sim/sim_script.hpp"

namespace lmbench::sim {

class SimEngine final : public IGenerationEngine, private IModel, private IRoofline {
 public:
  explicit SimEngine(IHost* host) : SimEngine(host, make_monotonic_clock()) {}
  // host: may be null.
  SimEngine(IHost* host, std::unique_ptr<SimClock> clock) : host_(host), clock_(std::move(clock)) {}
  SimEngine(const SimEngine&) = delete;
  SimEngine& operator=(const SimEngine&) = delete;

  Code load(ConfigView config, IEventSink* sink, ErrorText* error) noexcept override;
  Code submit(const Request* requests, std::uint32_t count, std::uint32_t* accepted,
              ErrorText* error) noexcept override;
  void cancel(std::uint64_t request) noexcept override;
  Code reset(ErrorText* error) noexcept override;
  void stats(IMetricSink* sink) noexcept override;
  void* extension(StrView id) noexcept override;
  void destroy() noexcept override;
 private:
  // What load() and reset() begin with.
  struct State {
    explicit State(const SimOptions& options) : batch(options), script(options) {}
    SimBatch batch;
    StepScript script;
    std::uint64_t steps = 0;
  };

  ~SimEngine() = default;
  Code info(ModelInfo* result, ErrorText* error) noexcept override;
  Code preview(ConfigView config, ModelInfo* result, ErrorText* error) noexcept override;
  Code peak(DevicePeak* result, ErrorText* error) noexcept override;
  void attach(IStepSink* sink) noexcept override;

  void strike(Fault fault);   // of the kinds that end a process or a call
  void strike_if_scripted();  // where no request is needed for it
  void run() noexcept;        // the engine's thread
  bool wait_for_work(std::unique_lock<std::mutex>& lock);
  bool run_step(std::unique_lock<std::mutex>& lock);
  bool strike_in_step(Fault fault, std::unique_lock<std::mutex>& lock);

  void announce(Fault fault) noexcept;

  IHost* host_;
  std::unique_ptr<SimClock> clock_;
  SimOptions options_;
  std::optional<SimDevice> device_;
  IEventSink* sink_ = nullptr;
  std::mutex mutex_;  // of state_, is_broken_ and step_sink_
  std::condition_variable wake_;
  std::optional<State> state_;  // once loaded
  bool is_broken_ = false;
  IStepSink* step_sink_ = nullptr;
  std::atomic<bool> is_stopping_ = false;
  std::thread thread_;

  // The thread's own.
  StepOutput output_;
  StepWork work_{};
  std::uint64_t schedule_ns_ = 0;  // virtual now
  bool was_busy_ = false;
};

}  // namespace lmbench::sim
