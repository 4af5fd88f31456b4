// A small engine that keeps every promise of the ABI. The plugins of this folder are this engine with
// one promise broken, each by overriding one thing, and test the cases of `lmbench check`. Its thread
// makes one token of each sequence in a step; tokens are a hash of the prompt and the position.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <lmbench/config_reader.hpp>
#include <lmbench/ext/model.hpp>
#include <lmbench/plugin.hpp>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace lmbench::honest_engine {

constexpr std::uint64_t kCapabilities =
    kCapTokenIds | kCapFixedLength | kCapStopTokens | kCapCancel | kCapEngineTime | kCapRepeatable;
constexpr std::size_t kMostInBatch = 8;
constexpr std::size_t kMostAccepted = 32;
constexpr std::uint64_t kPromptTokenNs = 100'000;
constexpr std::int32_t kEndOfText = 2;

struct Options {
  std::int64_t step_us = 1000;
  std::int64_t vocabulary = 1000;
};

struct Sequence {
  std::uint64_t id = 0;
  std::uint64_t prompt_hash = 0;
  std::uint64_t prompt_tokens = 0;
  std::vector<std::int32_t> stop_tokens;
  std::uint32_t min_new_tokens = 0;
  std::uint32_t max_new_tokens = 0;
  bool ignores_end_of_text = false;
  bool is_cancelled = false;
  std::uint32_t tokens = 0;
  std::int32_t token = 0;         // the latest
  std::uint64_t admitted_ns = 0;  // 0: not in the batch yet
};

inline std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15U;
  return hash ^ (hash >> 29U);
}

inline bool is_end(const Event& event) { return event.kind != EventKind::tokens; }

class HonestEngine : public IGenerationEngine, private IModel {
 public:
  explicit HonestEngine(IHost* host) : host_(host) {}

  Code load(ConfigView config, IEventSink* sink, ErrorText* error) noexcept override {
    return sdk::guarded(error, [&] {
      if (thread_.joinable()) refuse(Code::failed_precondition, "load() was called twice");
      options_ = read_options(config);
      sink_ = sink;
      thread_ = std::thread([this] { run(); });
      return Code::ok;
    });
  }

  Code submit(const Request* requests, std::uint32_t count, std::uint32_t* accepted,
              ErrorText* error) noexcept override {
    *accepted = 0;
    return sdk::guarded(error, [&] {
      require_loaded("submit()");
      const std::lock_guard lock(mutex_);
      wake_.notify_one();  // whatever is taken; the thread then waits for the lock
      for (; *accepted < count; ++*accepted) take(sdk::read_sized(&requests[*accepted]));
      return Code::ok;
    });
  }

  void cancel(std::uint64_t request) noexcept override {
    const std::lock_guard lock(mutex_);
    for (Sequence& sequence : sequences_) sequence.is_cancelled |= sequence.id == request;
  }

  Code reset(ErrorText* error) noexcept override {
    return sdk::guarded(error, [&] {
      require_loaded("reset()");
      const std::lock_guard lock(mutex_);
      if (!sequences_.empty()) refuse(Code::failed_precondition, "requests are in flight");
      steps_ = 0;
      tokens_ = 0;
      return Code::ok;
    });
  }

  void stats(IMetricSink* sink) noexcept override {
    const std::lock_guard lock(mutex_);
    const auto report = [&](std::string_view name, std::uint64_t value) {
      sink->on_metric(sdk::abi(name), sdk::abi("1"), MetricKind::counter,
                      static_cast<double>(value));
    };
    report("steps", steps_);
    report("tokens", tokens_);
  }

  void* extension(StrView id) noexcept override {
    return sdk::view(id) == "lmbench.model/1" ? static_cast<IModel*>(this) : nullptr;
  }

  void destroy() noexcept override {
    {
      const std::lock_guard lock(mutex_);
      is_ending_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    delete this;
  }
 protected:
  virtual ~HonestEngine() = default;

  // ---- what a plugin may do wrong, besides the calls above; all but the first with the lock held

  virtual void refuse_unknown_keys(const sdk::ConfigReader& reader) const { reader.finish(); }

  virtual void wait_for_work(std::unique_lock<std::mutex>& lock) {
    wake_.wait(lock, [this] { return has_work(); });
  }

  virtual std::uint64_t prompt_ns(const Sequence& sequence) {
    return sequence.prompt_tokens * kPromptTokenNs;
  }

  // The events of a step, at most one of each request.
  virtual void deliver(std::vector<Event> events) { send(events); }

  void send(const std::vector<Event>& events) {
    if (events.empty()) return;
    for (const Event& event : events) tokens_ += event.token_count;
    sink_->on_events(events.data(), static_cast<std::uint32_t>(events.size()));
  }

  bool has_work() const { return is_ending_ || !sequences_.empty(); }
  IHost* host() const { return host_; }
  IEventSink* sink() const { return sink_; }

  std::mutex mutex_;  // of all that changes after load()
 private:
  [[noreturn]] static void refuse(Code code, const std::string& why) {
    throw sdk::Error(code, why);
  }

  void require_loaded(const std::string& call) const {
    if (!thread_.joinable()) refuse(Code::failed_precondition, call + " before load()");
  }

  Options read_options(ConfigView config) const {
    sdk::ConfigReader reader(config);
    Options options;
    options.step_us = reader.integer("step_us", options.step_us, {1, 1'000'000});
    options.vocabulary = reader.integer("vocab", options.vocabulary, {16, 100'000});
    refuse_unknown_keys(reader);
    return options;
  }

  // ---- lmbench.model/1

  Code info(ModelInfo* result, ErrorText* error) noexcept override {
    return sdk::guarded(error, [&] {
      require_loaded("info()");
      *result = model_of(options_);
      return Code::ok;
    });
  }

  Code preview(ConfigView config, ModelInfo* result, ErrorText* error) noexcept override {
    return sdk::guarded(error, [&] {
      if (thread_.joinable()) refuse(Code::failed_precondition, "preview() after load()");
      *result = model_of(read_options(config));
      return Code::ok;
    });
  }

  static ModelInfo model_of(const Options& options) {
    static constexpr std::int32_t kSpecialTokens[] = {kEndOfText};
    ModelInfo info{};
    info.vocabulary = static_cast<std::uint32_t>(options.vocabulary);
    info.max_requests = kMostInBatch;
    info.special_tokens = {kSpecialTokens, 1};
    return info;
  }

  // ---- requests

  void check(const Request& request) const {
    constexpr Code kWrong = Code::invalid_argument;
    if ((request.flags & ~kIgnoreEos) != 0) refuse(Code::unsupported, "unknown request flag");
    if (request.id == 0) refuse(kWrong, "a request id must not be 0");
    if (request.prompt.size == 0) refuse(kWrong, "the prompt is empty");
    if (request.max_new_tokens == 0) refuse(kWrong, "max_new_tokens is 0");
    if (request.min_new_tokens > request.max_new_tokens) {
      refuse(kWrong, "min_new_tokens is above max_new_tokens");
    }
    for (std::uint64_t i = 0; i < request.prompt.size; ++i) {
      const std::int32_t token = request.prompt.data[i];
      if (token >= 0 && token < options_.vocabulary) continue;
      refuse(kWrong, "the prompt has token " + std::to_string(token) + ", which is none");
    }
    const bool is_greedy = request.top_k == 1 || !(request.temperature > 0);
    if (!(request.temperature >= 0)) refuse(kWrong, "the temperature is below 0");
    if (!is_greedy) refuse(Code::unsupported, "only greedy: temperature 0, or top_k 1");
    if (request.extra.size != 0) {
      const std::string key(sdk::view(request.extra.data[0].key));
      refuse(kWrong, "unknown request key '" + key + "'");
    }
    for (const Sequence& sequence : sequences_) {
      if (sequence.id == request.id) refuse(kWrong, "the request id is in flight already");
    }
  }

  void take(const Request& request) {
    check(request);
    if (sequences_.size() == kMostAccepted) {
      refuse(Code::overloaded, std::to_string(kMostAccepted) + " requests are in flight");
    }
    Sequence sequence;
    sequence.id = request.id;
    sequence.prompt_tokens = request.prompt.size;
    for (std::uint64_t i = 0; i < request.prompt.size; ++i) {
      const auto token = static_cast<std::uint64_t>(request.prompt.data[i]);
      sequence.prompt_hash = mixed(sequence.prompt_hash, token + 1);
    }
    const TokenView stop = request.stop_tokens;
    if (stop.size != 0) sequence.stop_tokens.assign(stop.data, stop.data + stop.size);
    sequence.min_new_tokens = request.min_new_tokens;
    sequence.max_new_tokens = request.max_new_tokens;
    sequence.ignores_end_of_text = (request.flags & kIgnoreEos) != 0;
    sequences_.push_back(std::move(sequence));
  }

  // ---- steps, on the engine's thread

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      wait_for_work(lock);
      const std::uint64_t end_ns = admit();
      const std::chrono::steady_clock::time_point end{std::chrono::nanoseconds(end_ns)};
      if (wake_.wait_until(lock, end, [this] { return is_ending_; })) break;
      step();
    }
    for (Sequence& sequence : sequences_) sequence.is_cancelled = true;
    step();
  }

  // The batch is the first sequences of all. When its step ends.
  std::uint64_t admit() {
    const std::uint64_t now_ns = host_->now_ns();
    std::uint64_t end_ns = now_ns + static_cast<std::uint64_t>(options_.step_us) * 1000;
    for (std::size_t i = 0; i < std::min(sequences_.size(), kMostInBatch); ++i) {
      Sequence& sequence = sequences_[i];
      if (sequence.admitted_ns != 0 || sequence.is_cancelled) continue;
      sequence.admitted_ns = now_ns;
      end_ns += prompt_ns(sequence);
    }
    return end_ns;
  }

  // A token for each sequence that was admitted, and the end of those that were cancelled.
  void step() {
    const std::uint64_t now_ns = host_->now_ns();
    std::vector<Event> events;
    for (Sequence& sequence : sequences_) {
      if (sequence.admitted_ns == 0 && !sequence.is_cancelled) continue;
      events.push_back(next_event(sequence, now_ns));
    }
    if (events.empty()) return;
    ++steps_;
    const auto has_ended = [&](const Sequence& sequence) {
      return std::any_of(events.begin(), events.end(), [&](const Event& event) {
        return event.request == sequence.id && is_end(event);
      });
    };
    deliver(events);
    sequences_.erase(std::remove_if(sequences_.begin(), sequences_.end(), has_ended),
                     sequences_.end());
  }

  Event next_event(Sequence& sequence, std::uint64_t now_ns) const {
    Event event{};
    event.request = sequence.id;
    event.engine_ns = now_ns;
    if (sequence.tokens == 0) event.admitted_ns = sequence.admitted_ns;
    if (sequence.is_cancelled) {
      event.finish = Finish::cancelled;
    } else {
      const auto vocabulary = static_cast<std::uint64_t>(options_.vocabulary);
      const std::uint64_t hash = mixed(sequence.prompt_hash, ++sequence.tokens);
      sequence.token = static_cast<std::int32_t>(mixed(hash, 0) % vocabulary);
      event.tokens = &sequence.token;
      event.token_count = 1;
      event.finish = finish_of(sequence);
    }
    if (event.finish != Finish::none) event.kind = EventKind::finished;
    return event;
  }

  static Finish finish_of(const Sequence& sequence) {
    const std::vector<std::int32_t>& stop = sequence.stop_tokens;
    const bool is_stop = std::find(stop.begin(), stop.end(), sequence.token) != stop.end() ||
                         (sequence.token == kEndOfText && !sequence.ignores_end_of_text);
    if (is_stop && sequence.tokens >= sequence.min_new_tokens) return Finish::stop;
    return sequence.tokens == sequence.max_new_tokens ? Finish::length : Finish::none;
  }

  IHost* const host_;
  IEventSink* sink_ = nullptr;
  Options options_;
  std::condition_variable wake_;
  std::vector<Sequence> sequences_;  // accepted and not ended, in the order of their coming
  std::uint64_t steps_ = 0;          // calls of deliver()
  std::uint64_t tokens_ = 0;         // in events that were sent
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace lmbench::honest_engine
