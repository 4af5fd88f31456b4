// What the engine's tests share: a host that keeps the log, a sink that waits for terminal events
// and checks their order, options and requests in a line, and a backend with the fake executor.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <lmbench/plugin.hpp>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "fake_executor.hpp"
#include "turbomind/engine.hpp"

namespace turbomind {

class TestHost final : public lmbench::IHost {
 public:
  std::uint32_t abi_minor() noexcept override { return LMBENCH_ABI_MINOR; }
  std::uint64_t now_ns() noexcept override { return ++now_ns_; }
  void log(lmbench::LogLevel level, lmbench::StrView message) noexcept override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(level, lmbench::sdk::view(message));
  }
  void* extension(lmbench::StrView /*id*/) noexcept override { return nullptr; }

  // How many lines of that level hold the text.
  int count_lines(lmbench::LogLevel level, const std::string& text) {
    const std::lock_guard lock(mutex_);
    int count = 0;
    for (const auto& [line_level, line] : lines_) {
      if (line_level == level && line.find(text) != std::string::npos) ++count;
    }
    return count;
  }
 private:
  std::atomic<std::uint64_t> now_ns_ = 1000000;  // a clock that only counts
  std::mutex mutex_;
  std::vector<std::pair<lmbench::LogLevel, std::string>> lines_;
};

struct RequestLog {
  std::vector<std::int32_t> tokens;
  int terminals = 0;
  lmbench::EventKind kind = lmbench::EventKind::tokens;
  lmbench::Finish finish = lmbench::Finish::none;
  lmbench::Code error = lmbench::Code::ok;
  std::uint64_t admitted_ns = 0;
  std::uint64_t last_ns = 0;
  bool is_broken = false;  // an event came where none may
};

class TestSink final : public lmbench::IEventSink {
 public:
  void on_events(const lmbench::Event* events, std::uint32_t count) noexcept override {
    const std::lock_guard lock(mutex_);
    calls.push_back(count);
    for (std::uint32_t i = 0; i < count; ++i) take(events[i]);
    changed_.notify_all();
  }

  // Waits until so many requests have ended, and gives what is known of all.
  std::map<std::uint64_t, RequestLog> wait_for(std::size_t terminals) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return terminals_ >= terminals; });
    return logs_;
  }

  void wait_for_tokens(std::uint64_t id, std::size_t tokens) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return logs_[id].tokens.size() >= tokens; });
  }

  std::map<std::uint64_t, RequestLog> logs() { return wait_for(0); }

  std::vector<std::uint32_t> calls;  // events of each call
 private:
  void take(const lmbench::Event& event) {
    RequestLog& log = logs_[event.request];
    const bool is_first = log.last_ns == 0;
    log.is_broken = log.is_broken || log.terminals > 0 || event.engine_ns < log.last_ns ||
                    (!is_first && event.admitted_ns != 0) || event.reserved32 != 0 ||
                    event.reserved64 != 0 || event.cached_prompt_tokens != 0;
    if (is_first) log.admitted_ns = event.admitted_ns;
    log.last_ns = event.engine_ns;
    log.tokens.insert(log.tokens.end(), event.tokens, event.tokens + event.token_count);
    if (event.kind == lmbench::EventKind::tokens) return;
    ++log.terminals;
    ++terminals_;
    log.kind = event.kind;
    log.finish = event.finish;
    log.error = event.error;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, RequestLog> logs_;
  std::size_t terminals_ = 0;
};

// Options in order; a view is good until the object changes or goes.
class Options {
 public:
  Options& text(std::string key, std::string value) {
    return add({std::move(key), lmbench::ValueType::text, 0, 0, std::move(value)});
  }
  Options& integer(std::string key, std::int64_t value) {
    return add({std::move(key), lmbench::ValueType::integer, value, 0, {}});
  }
  Options& real(std::string key, double value) {
    return add({std::move(key), lmbench::ValueType::real, 0, value, {}});
  }
  lmbench::ConfigView view() const {
    entries_.clear();
    for (const Option& option : options_) {
      lmbench::ConfigEntry& entry = entries_.emplace_back();
      entry.key = lmbench::sdk::abi(option.key);
      entry.type = option.type;
      entry.text = lmbench::sdk::abi(option.text);
      if (option.type == lmbench::ValueType::real) {
        entry.number.real = option.real;
      } else {
        entry.number.integer = option.integer;
      }
    }
    return {entries_.data(), entries_.size()};
  }
 private:
  struct Option {
    std::string key;
    lmbench::ValueType type;
    std::int64_t integer;
    double real;
    std::string text;
  };

  Options& add(Option option) {
    options_.push_back(std::move(option));
    return *this;
  }

  std::vector<Option> options_;
  mutable std::vector<lmbench::ConfigEntry> entries_;
};

// A call's ErrorText with room, and what was written into it.
class TestError {
 public:
  lmbench::ErrorText* get() { return &text_; }
  std::string text() const { return {buffer_, text_.size}; }
 private:
  char buffer_[1024] = {};
  lmbench::ErrorText text_{buffer_, sizeof(buffer_), 0};
};

inline lmbench::Request make_request(std::uint64_t id, const std::vector<std::int32_t>& prompt,
                                     std::uint32_t max_new_tokens) {
  lmbench::Request request{};
  request.struct_size = sizeof(request);
  request.flags = lmbench::kIgnoreEos;
  request.id = id;
  request.prompt = {prompt.data(), prompt.size()};
  request.min_new_tokens = max_new_tokens;
  request.max_new_tokens = max_new_tokens;
  request.top_p = 1.0F;
  return request;
}

class NoWeights final : public WeightSource {
 public:
  explicit NoWeights(const Architecture& architecture) : architecture_(architecture) {}
  const Architecture& architecture() const noexcept override { return architecture_; }
  DataType data_type() const noexcept override { return DataType::fp32; }
  void read_rows(Tensor, std::uint32_t, RankSlice, std::uint64_t, std::uint64_t,
                 std::span<std::byte> out) const override {
    std::fill(out.begin(), out.end(), std::byte{0});
  }
 private:
  Architecture architecture_;
};

constexpr std::uint32_t kFakeVocabSize = 1000;
constexpr std::int32_t kFakeEos = 7;

inline Architecture fake_architecture() {
  Architecture architecture;
  architecture.name = "fake";
  architecture.head_num = 4;
  architecture.kv_head_num = 2;
  architecture.size_per_head = 8;
  architecture.hidden_size = 32;
  architecture.inter_size = 64;
  architecture.num_layer = 2;
  architecture.vocab_size = kFakeVocabSize;
  architecture.norm_eps = 1e-5F;
  architecture.max_position_embeddings = 512;
  architecture.special_tokens = {1, kFakeEos};
  architecture.end_id = kFakeEos;
  return architecture;
}

// on_plan sees each plan of rank 0 on the engine thread, before its passes; it may wait or throw.
inline BackendSelector fake_backend(std::function<void(const StepPlan&)> on_plan = {}) {
  Backend backend;
  backend.open = [](const EngineOptions& options) {
    OpenedModel model;
    model.architecture = fake_architecture();
    model.ranks = options.tp;
    model.weights = std::make_unique<NoWeights>(model.architecture);
    return model;
  };
  backend.executors = [on_plan](const EngineOptions&, const OpenedModel&,
                                Communicator*) -> ExecutorFactory {
    return [on_plan](std::uint32_t, PassSink* sink) {
      auto executor = std::make_unique<FakeExecutor>(kFakeVocabSize, sink);
      if (sink != nullptr) executor->on_plan = on_plan;
      return executor;
    };
  };
  backend.memory = [] { return HostMemory{1U << 30U, 1U << 29U}; };
  backend.read_bytes_per_s = [] { return 5e9; };
  backend.workspace_bytes = [](const OpenedModel&, const ExecutorLimits& limits) {
    return std::uint64_t{100} * limits.max_prefill_tokens;
  };
  backend.note = "chosen for a test";
  return always(backend);
}

// An engine that is destroyed as the ABI wants it.
struct EngineDestroyer {
  void operator()(Engine* engine) const { engine->destroy(); }
};
using EnginePtr = std::unique_ptr<Engine, EngineDestroyer>;

}  // namespace turbomind
