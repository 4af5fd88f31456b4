// SPDX-License-Identifier: Apache-2.0
#include "plugin/checked_engine.hpp"

#include <atomic>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "plugin/checked_requests.hpp"

namespace lmbench::plugin {
namespace {

// Between the engine and the runner's sink. Kept for ever: an engine that sends events after its end
// must find it.
class CheckedSink final : public IEventSink {
 public:
  CheckedSink(std::uint64_t capabilities, std::shared_ptr<ContractViolations> violations)
      : requests(capabilities, std::move(violations)) {}
  virtual ~CheckedSink() = default;

  void on_events(const Event* events, std::uint32_t count) noexcept override {
    for (std::uint32_t i = 0; i < count; ++i) requests.begin(events[i]);
    IEventSink* const sink = target.load();
    if (sink != nullptr) sink->on_events(events, count);
    for (std::uint32_t i = 0; i < count; ++i) requests.end(events[i]);
  }

  CheckedRequests requests;
  std::atomic<IEventSink*> target = nullptr;  // null after destroy(): nobody listens any more
};

CheckedSink& lasting_sink(std::uint64_t capabilities,
                          std::shared_ptr<ContractViolations> violations) {
  static std::mutex mutex;
  static auto* const sinks = new std::list<CheckedSink>;
  const std::lock_guard lock(mutex);
  return sinks->emplace_back(capabilities, std::move(violations));
}

class CheckedEngine final : public IGenerationEngine {
 public:
  CheckedEngine(EngineHandle engine, std::uint64_t capabilities,
                std::shared_ptr<ContractViolations> violations)
      : violations_(violations),
        sink_(lasting_sink(capabilities, violations)),
        engine_(std::move(engine)) {}

  Code load(ConfigView config, IEventSink* sink, ErrorText* error) noexcept override {
    on_control("load()");
    sink_.target = sink;
    const Code code = engine_->load(config, &sink_, error);
    check_text("load()", code, error);
    return code;
  }

  Code submit(const Request* requests, std::uint32_t count, std::uint32_t* accepted,
              ErrorText* error) noexcept override {
    for (std::uint32_t i = 0; i < count; ++i) sink_.requests.announce(requests[i]);
    const Code code = engine_->submit(requests, count, accepted, error);
    check_text("submit()", code, error);
    const std::uint32_t taken = *accepted;
    if (taken > count || (code == Code::ok) != (taken == count)) {
      violations_->add(ContractRule::accepts_a_prefix,
                       "submit() of " + std::to_string(count) + " requests said " + name_of(code) +
                           " and that it accepted " + std::to_string(taken));
    }
    for (std::uint32_t i = taken; i < count; ++i) sink_.requests.withdraw(requests[i].id);
    return code;
  }

  void cancel(std::uint64_t request) noexcept override { engine_->cancel(request); }

  Code reset(ErrorText* error) noexcept override {
    on_control("reset()");
    const Code code = engine_->reset(error);
    check_text("reset()", code, error);
    if (code == Code::ok) sink_.requests.forget_ended();
    return code;
  }

  void stats(IMetricSink* sink) noexcept override {
    on_control("stats()");
    engine_->stats(sink);
  }

  void* extension(StrView id) noexcept override { return engine_->extension(id); }

  void destroy() noexcept override {
    on_control("destroy()");
    engine_.reset();
    sink_.requests.close();
    sink_.target = nullptr;
    delete this;
  }
 private:
  ~CheckedEngine() = default;

  void on_control(const char* call) {
    if (std::this_thread::get_id() == control_) return;
    violations_->add(ContractRule::host,
                     std::string(call) + " was called from another thread than the engine's maker");
  }

  void check_text(const char* call, Code code, const ErrorText* error) {
    if (code == Code::ok || error == nullptr || error->size != 0) return;
    violations_->add(ContractRule::error_has_text,
                     std::string(call) + " said " + name_of(code) + " without a sentence");
  }

  const std::thread::id control_ = std::this_thread::get_id();
  const std::shared_ptr<ContractViolations> violations_;
  CheckedSink& sink_;
  EngineHandle engine_;
};

}  // namespace

EngineHandle checked_engine(EngineHandle engine, std::uint64_t capabilities,
                            std::shared_ptr<ContractViolations> violations) {
  return EngineHandle(new CheckedEngine(std::move(engine), capabilities, std::move(violations)));
}

}  // namespace lmbench::plugin
