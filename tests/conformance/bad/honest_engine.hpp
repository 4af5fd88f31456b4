// A small engine that keeps every promise, and a switch for each way to break one: plugins that are
// wrong in exactly one way test the cases of `lmbench check`. It makes one token of each request
// in a step of a millisecond, on a thread of its own, from a hash of prompt and position.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <lmbench/config_reader.hpp>
#include <lmbench/plugin.hpp>
#include <mutex>
#include <set>
#include <string_view>
#include <thread>
#include <vector>

namespace conformance_plugin {

namespace abi = lmbench;

// What a plugin does wrong: one of these is true in each.
struct Honest {
  static constexpr bool ends_twice = false;
  static constexpr bool forgets_one = false;  // each eighth request never ends
  static constexpr bool talks_after_end = false;
  static constexpr bool talks_after_destroy = false;
  static constexpr bool answers_refused = false;
  static constexpr bool swaps_events = false;
  static constexpr bool counts_one_more = false;
  static constexpr bool drops_when_full = false;
  static constexpr bool takes_any_key = false;
  static constexpr bool is_silent = false;
  static constexpr bool throws_at_flags = false;
  static constexpr bool leaks = false;
  static constexpr bool spins = false;
  static constexpr bool remembers_prompts = false;
  static constexpr bool hides_ids = false;
  static constexpr bool has_any_extension = false;
};

constexpr std::uint64_t kCapabilities = abi::kCapTokenIds | abi::kCapFixedLength |
                                        abi::kCapStopTokens | abi::kCapCancel |
                                        abi::kCapEngineTime | abi::kCapRepeatable;
constexpr std::int32_t kVocabulary = 256;
constexpr std::size_t kMostRequests = 64;
constexpr std::uint64_t kStepNs = 1'000'000;
constexpr std::uint64_t kPromptTokenNs = 200'000;

struct Sequence {
  std::uint64_t id = 0;
  std::uint64_t hash = 0;
  std::vector<std::int32_t> stop_tokens;
  std::uint32_t min_new_tokens = 0;
  std::uint32_t max_new_tokens = 0;
  std::uint32_t tokens = 0;
  std::uint64_t admitted_ns = 0;
  std::uint64_t ready_ns = 0;  // its prompt is done
  std::int32_t token = 0;      // the latest
  bool is_cancelled = false;
  bool is_forgotten = false;
};

template <class Wrong>
class HonestEngine : public abi::IGenerationEngine {
 public:
  explicit HonestEngine(abi::IHost* host) : host_(host) {}

  abi::Code load(abi::ConfigView config, abi::IEventSink* sink,
                 abi::ErrorText* error) noexcept override {
    return refused(error, abi::sdk::guarded(error, [&] {
                     if (sink_ != nullptr)
                       throw abi::sdk::Error(abi::Code::failed_precondition, "loaded already");
                     abi::sdk::ConfigReader reader(config);
                     reader.integer("steps_per_s", 1000, {1, 1000});
                     reader.integer("lmbench.max_requests", 64, {1, 1 << 20});
                     if (!Wrong::takes_any_key) reader.finish();
                     sink_ = sink;
                     if constexpr (Wrong::leaks) {
                       constexpr std::size_t kBytes = std::size_t{4} << 20U;
                       std::memset(new char[kBytes], 1, kBytes);
                     }
                     thread_ = std::thread([this] { run(); });
                     return abi::Code::ok;
                   }));
  }

  abi::Code submit(const abi::Request* requests, std::uint32_t count, std::uint32_t* accepted,
                   abi::ErrorText* error) noexcept override {
    *accepted = 0;
    if (Wrong::throws_at_flags && (requests[0].flags & ~abi::kIgnoreEos) != 0) throw_out();
    const abi::Code code = abi::sdk::guarded(error, [&] {
      if (sink_ == nullptr) throw abi::sdk::Error(abi::Code::failed_precondition, "not loaded");
      const std::lock_guard lock(mutex_);
      for (; *accepted < count; ++*accepted) take(abi::sdk::read_sized(&requests[*accepted]));
      return abi::Code::ok;
    });
    if (Wrong::drops_when_full && code == abi::Code::overloaded) ++*accepted;
    if (Wrong::answers_refused && code == abi::Code::unsupported) {
      abi::Event event{};
      event.request = requests[*accepted].id;
      event.kind = abi::EventKind::failed;
      event.error = code;
      sink_->on_events(&event, 1);
    }
    wake_.notify_all();
    return refused(error, code);
  }

  void cancel(std::uint64_t request) noexcept override {
    const std::lock_guard lock(mutex_);
    for (Sequence& sequence : sequences_) {
      if (sequence.id == request) sequence.is_cancelled = true;
    }
  }

  abi::Code reset(abi::ErrorText* error) noexcept override {
    return refused(error, abi::sdk::guarded(error, [&] {
                     if (sink_ == nullptr)
                       throw abi::sdk::Error(abi::Code::failed_precondition, "not loaded");
                     const std::lock_guard lock(mutex_);
                     if (!sequences_.empty()) {
                       throw abi::sdk::Error(abi::Code::failed_precondition,
                                             "requests are in flight");
                     }
                     steps_ = 0;
                     return abi::Code::ok;
                   }));
  }

  void stats(abi::IMetricSink* sink) noexcept override {
    const std::lock_guard lock(mutex_);
    sink->on_metric(abi::sdk::abi("steps"), abi::sdk::abi("1"), abi::MetricKind::counter,
                    static_cast<double>(steps_));
  }

  void* extension(abi::StrView id) noexcept override {
    const bool is_ours = abi::sdk::view(id).find("/1") != std::string_view::npos &&
                         abi::sdk::view(id).rfind("lmbench.", 0) == 0;
    return Wrong::has_any_extension && !is_ours ? this : nullptr;
  }

  void destroy() noexcept override {
    {
      const std::lock_guard lock(mutex_);
      is_ending_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    if constexpr (Wrong::talks_after_destroy) {
      if (sink_ != nullptr) std::thread(talk_later, sink_).detach();
    }
    delete this;
  }
 protected:
  virtual ~HonestEngine() = default;
 private:
  static abi::Code refused(abi::ErrorText* error, abi::Code code) {
    if (Wrong::is_silent && error != nullptr) error->size = 0;
    return code;
  }

  // In a function of its own, as a compiler that sees it says what it leads to.
  [[noreturn]] static void throw_out() {
    throw abi::sdk::Error(abi::Code::unsupported, "out of a noexcept function");
  }

  static void talk_later(abi::IEventSink* sink) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    abi::Event event{};
    event.request = 1;
    event.engine_ns = 1;
    sink->on_events(&event, 1);
  }

  static std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15U;
    return hash ^ (hash >> 29U);
  }

  void take(const abi::Request& request) {
    const auto refuse = [](abi::Code code, const char* why) { throw abi::sdk::Error(code, why); };
    if ((request.flags & ~abi::kIgnoreEos) != 0) refuse(abi::Code::unsupported, "unknown flag");
    if (request.id == 0) refuse(abi::Code::invalid_argument, "the id is 0");
    if (request.prompt.size == 0) refuse(abi::Code::invalid_argument, "the prompt is empty");
    if (request.max_new_tokens == 0) refuse(abi::Code::invalid_argument, "max_new_tokens is 0");
    if (request.min_new_tokens > request.max_new_tokens) {
      refuse(abi::Code::invalid_argument, "min_new_tokens is above max_new_tokens");
    }
    if (sequences_.size() >= kMostRequests) refuse(abi::Code::overloaded, "no room");
    Sequence sequence;
    sequence.id = request.id;
    sequence.stop_tokens.assign(request.stop_tokens.data,
                                request.stop_tokens.data + request.stop_tokens.size);
    sequence.min_new_tokens = request.min_new_tokens;
    sequence.max_new_tokens = request.max_new_tokens;
    for (std::uint64_t i = 0; i < request.prompt.size; ++i) {
      sequence.hash = mixed(sequence.hash, static_cast<std::uint64_t>(request.prompt.data[i]));
    }
    const bool is_known = !seen_prompts_.insert(sequence.hash).second;
    const bool is_skipped = Wrong::remembers_prompts && is_known;
    sequence.admitted_ns = host_->now_ns();
    sequence.ready_ns =
        sequence.admitted_ns + (is_skipped ? 0 : request.prompt.size * kPromptTokenNs);
    sequence.is_forgotten = Wrong::forgets_one && request.id % 8 == 0;
    sequences_.push_back(std::move(sequence));
  }

  static void sleep_until(std::uint64_t ns) {
    const timespec until = {static_cast<time_t>(ns / 1'000'000'000U),
                            static_cast<long>(ns % 1'000'000'000U)};
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
  }

  void run() {
    while (true) {
      {
        std::unique_lock lock(mutex_);
        while (sequences_.empty() && !is_ending_) {
          if constexpr (Wrong::spins) {
            lock.unlock();
            lock.lock();
          } else {
            wake_.wait(lock);
          }
        }
      }
      if (!step()) return;
      sleep_until(host_->now_ns() + kStepNs);
    }
  }

  abi::Event next_event(Sequence& sequence) {
    abi::Event event{};
    event.request = sequence.id;
    event.engine_ns = host_->now_ns();
    if (sequence.tokens == 0) event.admitted_ns = sequence.admitted_ns;
    if (sequence.is_cancelled) {
      event.kind = abi::EventKind::finished;
      event.finish = abi::Finish::cancelled;
      return event;
    }
    sequence.hash = mixed(sequence.hash, ++sequence.tokens);
    sequence.token = static_cast<std::int32_t>(4 + sequence.hash % (kVocabulary - 4));
    event.tokens = Wrong::hides_ids ? nullptr : &sequence.token;
    event.token_count = 1;
    const bool is_stop =
        std::count(sequence.stop_tokens.begin(), sequence.stop_tokens.end(), sequence.token) != 0;
    if (is_stop && sequence.tokens >= sequence.min_new_tokens) event.finish = abi::Finish::stop;
    if (sequence.tokens == sequence.max_new_tokens) event.finish = abi::Finish::length;
    if (event.finish != abi::Finish::none) event.kind = abi::EventKind::finished;
    return event;
  }

  // One token of each request whose prompt is done. False at the end of the engine.
  bool step() {
    std::unique_lock lock(mutex_);
    const bool is_last = is_ending_;
    for (Sequence& sequence : sequences_) sequence.is_cancelled |= is_last;
    const std::uint64_t now_ns = host_->now_ns();
    std::vector<abi::Event> events;
    std::set<std::uint64_t> ended;
    for (Sequence& sequence : sequences_) {
      if (sequence.ready_ns > now_ns && !sequence.is_cancelled) continue;
      if (sequence.is_forgotten && sequence.tokens + 1 >= sequence.max_new_tokens) continue;
      if (sequence.is_forgotten && sequence.is_cancelled) continue;
      events.push_back(next_event(sequence));
      if (events.back().kind != abi::EventKind::tokens) ended.insert(sequence.id);
    }
    ++steps_;
    deliver(events);
    const auto has_ended = [&](const Sequence& s) { return ended.count(s.id) != 0; };
    sequences_.erase(std::remove_if(sequences_.begin(), sequences_.end(), has_ended),
                     sequences_.end());
    return !is_last;
  }

  void deliver(std::vector<abi::Event>& events) {
    if (events.empty()) return;
    if constexpr (Wrong::counts_one_more) {
      for (abi::Event& event : events) event.token_count += event.finish == abi::Finish::length;
    }
    if constexpr (Wrong::swaps_events) {  // times that come the wrong way round
      for (abi::Event& event : events) event.engine_ns -= swap_ns();
    }
    sink_->on_events(events.data(), static_cast<std::uint32_t>(events.size()));
    for (abi::Event event : events) {
      if (event.kind == abi::EventKind::tokens) continue;
      event.admitted_ns = 0;
      event.token_count = 0;
      event.tokens = nullptr;
      if constexpr (Wrong::ends_twice) sink_->on_events(&event, 1);
      if constexpr (Wrong::talks_after_end) {
        event.kind = abi::EventKind::tokens;
        event.finish = abi::Finish::none;
        sink_->on_events(&event, 1);
      }
    }
  }

  // Every other step looks as if it had been before the one that came before it.
  std::uint64_t swap_ns() const { return steps_ % 2 == 0 ? kStepNs + kStepNs / 2 : 0; }

  abi::IHost* host_;
  abi::IEventSink* sink_ = nullptr;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Sequence> sequences_;
  std::set<std::uint64_t> seen_prompts_;
  std::uint64_t steps_ = 0;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace conformance_plugin

// The whole of a plugin that breaks the promise `wrong`.
#define CONFORMANCE_PLUGIN(name, wrong)                            \
  namespace conformance_plugin {                                   \
  struct Wrong : Honest {                                          \
    static constexpr bool wrong = true;                            \
  };                                                               \
  }                                                                \
  LMBENCH_PLUGIN(name, "1.0.0", conformance_plugin::kCapabilities, \
                 conformance_plugin::HonestEngine<conformance_plugin::Wrong>)
