// SPDX-License-Identifier: Apache-2.0
#include "timed_engine.hpp"

#include <time.h>

#include <algorithm>
#include <iostream>
#include <lmbench/plugin.hpp>
#include <stdexcept>

#include "turbomind/backend.hpp"

namespace turbomind::perf {
namespace {

using lmbench::Code;
using lmbench::ConfigEntry;
using lmbench::sdk::abi;

ConfigEntry text_entry(const char* key, const std::string& value) {
  ConfigEntry entry{};
  entry.key = abi(key);
  entry.type = lmbench::ValueType::text;
  entry.text = abi(value);
  return entry;
}

ConfigEntry integer_entry(const char* key, std::int64_t value) {
  ConfigEntry entry{};
  entry.key = abi(key);
  entry.type = lmbench::ValueType::integer;
  entry.number.integer = value;
  return entry;
}

class ErrorRoom {
 public:
  lmbench::ErrorText* get() { return &text_; }
  [[noreturn]] void raise() const { throw std::runtime_error(std::string(room_, text_.size)); }
 private:
  char room_[1024] = {};
  lmbench::ErrorText text_{room_, sizeof(room_), 0};
};

double seconds_between(std::uint64_t begin_ns, std::uint64_t end_ns) {
  return static_cast<double>(end_ns - begin_ns) * 1e-9;
}

}  // namespace

TimedEngine::TimedEngine(const Settings& settings)
    : engine_(new Engine(static_cast<lmbench::IHost*>(this), always(make_cpu_backend()))) {
  const std::vector<ConfigEntry> entries{
      text_entry("model", settings.model), text_entry("dtype", settings.dtype),
      integer_entry("threads", settings.threads),
      integer_entry("lmbench.max_requests", settings.max_requests),
      integer_entry("lmbench.max_sequence_tokens", settings.max_sequence_tokens)};
  ErrorRoom error;
  if (engine_->load({entries.data(), entries.size()}, this, error.get()) != Code::ok) {
    error.raise();
  }
}

std::uint64_t TimedEngine::now_ns() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

void TimedEngine::log(lmbench::LogLevel level, lmbench::StrView message) noexcept {
  if (level >= lmbench::LogLevel::warning) std::cerr << lmbench::sdk::view(message) << '\n';
}

void TimedEngine::on_events(const lmbench::Event* events, std::uint32_t count) noexcept {
  const std::uint64_t now = now_ns();
  const std::lock_guard lock(mutex_);
  for (std::uint32_t i = 0; i < count; ++i) {
    const lmbench::Event& event = events[i];
    if (event.admitted_ns != 0) {
      admitted_ns_ = std::min(admitted_ns_, event.admitted_ns);
      --first_tokens_left_;
    }
    if (event.kind == lmbench::EventKind::tokens) continue;
    has_failed_ = has_failed_ || event.kind == lmbench::EventKind::failed;
    --ends_left_;
  }
  if (first_tokens_left_ == 0) stamps_ns_.push_back(now);
  if (ends_left_ == 0) changed_.notify_all();
}

BurstTimes TimedEngine::run(const Burst& burst) {
  const std::vector<std::int32_t> prompt(burst.prompt_tokens, 5);
  std::vector<lmbench::Request> requests(burst.requests);
  for (lmbench::Request& request : requests) {
    request.struct_size = sizeof(request);
    request.flags = lmbench::kIgnoreEos;
    request.id = ++last_id_;
    request.prompt = {prompt.data(), prompt.size()};
    request.min_new_tokens = burst.new_tokens;
    request.max_new_tokens = burst.new_tokens;
    request.top_p = 1;
  }
  {
    const std::lock_guard lock(mutex_);
    first_tokens_left_ = ends_left_ = burst.requests;
    admitted_ns_ = ~std::uint64_t{0};
    stamps_ns_.clear();
    stamps_ns_.reserve(burst.new_tokens);
  }
  std::uint32_t accepted = 0;
  ErrorRoom error;
  if (engine_->submit(requests.data(), burst.requests, &accepted, error.get()) != Code::ok) {
    error.raise();
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ends_left_ == 0; });
  if (has_failed_) throw std::runtime_error("a request failed while it was timed");
  BurstTimes times;
  times.prefill_s = seconds_between(admitted_ns_, stamps_ns_.front());
  for (std::size_t i = 1; i < stamps_ns_.size(); ++i) {
    times.decode_s.push_back(seconds_between(stamps_ns_[i - 1], stamps_ns_[i]));
  }
  return times;
}

}  // namespace turbomind::perf
