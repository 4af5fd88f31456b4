// Drives a SimEngine in virtual time and keeps what it delivers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <lmbench/plugin.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/sim_engine.hpp"

namespace sim_run {

using namespace lmbench;

// A ConfigView over readable pairs, which it owns.
class Config {
 public:
  using Value = std::variant<std::int64_t, double, std::string>;
  Config(std::initializer_list<std::pair<std::string, Value>> pairs) : pairs_(pairs) {
    for (const auto& [key, value] : pairs_) {
      ConfigEntry entry{};
      entry.key = sdk::abi(key);
      if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        entry.type = ValueType::integer;
        entry.number.integer = *integer;
      } else if (const auto* real = std::get_if<double>(&value)) {
        entry.type = ValueType::real;
        entry.number.real = *real;
      } else {
        entry.type = ValueType::text;
        entry.text = sdk::abi(std::get<std::string>(value));
      }
      entries_.push_back(entry);
    }
  }
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;
  ConfigView view() const { return {entries_.data(), entries_.size()}; }
 private:
  std::vector<std::pair<std::string, Value>> pairs_;
  std::vector<ConfigEntry> entries_;
};

// Sleeping sets the time; nothing else moves it.
class VirtualClock final : public sim::SimClock {
 public:
  explicit VirtualClock(std::atomic<std::uint64_t>& now) : now_(now) {}
  std::uint64_t now_ns() noexcept override { return now_; }
  void sleep_until(std::uint64_t deadline_ns, const std::atomic<bool>&) noexcept override {
    if (deadline_ns > now_) now_ = deadline_ns;
  }
 private:
  std::atomic<std::uint64_t>& now_;
};

struct Delivery {
  Event event{};
  std::vector<std::int32_t> tokens;
  std::uint64_t call = 0;  // running number of the on_events call
};

class Run final : private IEventSink {
 public:
  explicit Run(const Config& config) : Run() { load_code = load(config); }
  Run() : engine_(new sim::SimEngine(nullptr, std::make_unique<VirtualClock>(now_))) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() { destroy(); }

  Code load(const Config& config) { return engine_->load(config.view(), this, error_text()); }

  // prompt token i of request id is 100 * id + i.
  Code submit(std::vector<std::uint64_t> ids, std::uint32_t prompt_tokens, std::uint32_t new_tokens,
              std::vector<std::int32_t> stop_tokens = {}) {
    std::vector<std::vector<std::int32_t>> prompts;
    std::vector<Request> requests;
    for (const std::uint64_t id : ids) {
      auto& prompt = prompts.emplace_back(prompt_tokens);
      for (std::uint32_t i = 0; i < prompt_tokens; ++i) {
        prompt[i] = static_cast<std::int32_t>(100 * id + i);
      }
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
      Request request{};
      request.struct_size = sizeof(Request);
      request.id = ids[i];
      request.prompt = {prompts[i].data(), prompts[i].size()};
      request.stop_tokens = {stop_tokens.data(), stop_tokens.size()};
      request.max_new_tokens = new_tokens;
      requests.push_back(request);
    }
    return engine_->submit(requests.data(), static_cast<std::uint32_t>(requests.size()), &accepted,
                           error_text());
  }

  // Until so many terminal events have come.
  std::vector<Delivery> wait_for(std::size_t terminals) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return terminals_ >= terminals; });
    return deliveries_;
  }

  // After which nothing comes.
  std::vector<Delivery> destroy() {
    if (engine_ != nullptr) std::exchange(engine_, nullptr)->destroy();
    const std::lock_guard lock(mutex_);
    return deliveries_;
  }

  IGenerationEngine& engine() { return *engine_; }
  std::uint64_t now_ns() const { return now_; }
  std::string error() const { return {text_, error_.size}; }
  ErrorText* error_text() {
    error_ = {text_, sizeof(text_), 0};
    return &error_;
  }

  Code load_code = Code::ok;
  std::uint32_t accepted = 0;
 private:
  void on_events(const Event* events, std::uint32_t count) noexcept override {
    const std::lock_guard lock(mutex_);
    ++calls_;
    for (std::uint32_t i = 0; i < count; ++i) {
      const Event& event = events[i];
      Delivery delivery{event, {}, calls_};
      delivery.tokens.assign(event.tokens, event.tokens + event.token_count);
      deliveries_.push_back(std::move(delivery));
      if (event.kind != EventKind::tokens) ++terminals_;
    }
    arrived_.notify_all();
  }

  std::atomic<std::uint64_t> now_ = 1'000'000;
  sim::SimEngine* engine_;
  ErrorText error_{};
  char text_[256] = {};
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Delivery> deliveries_;
  std::size_t terminals_ = 0;
  std::uint64_t calls_ = 0;
};

inline std::uint32_t tokens_of(const std::vector<Delivery>& deliveries, std::uint64_t id) {
  std::uint32_t tokens = 0;
  for (const Delivery& d : deliveries) {
    if (d.event.request == id) tokens += d.event.token_count;
  }
  return tokens;
}

inline std::vector<std::int32_t> ids_of(const std::vector<Delivery>& deliveries, std::uint64_t id) {
  std::vector<std::int32_t> ids;
  for (const Delivery& d : deliveries) {
    if (d.event.request == id) ids.insert(ids.end(), d.tokens.begin(), d.tokens.end());
  }
  return ids;
}

inline std::vector<Event> terminals_of(const std::vector<Delivery>& deliveries, std::uint64_t id) {
  std::vector<Event> terminals;
  for (const Delivery& d : deliveries) {
    if (d.event.request == id && d.event.kind != EventKind::tokens) terminals.push_back(d.event);
  }
  return terminals;
}

}  // namespace sim_run
