// The engine behind its ABI, real scheduler and all, with a stamp per call of on_events: how long
// prefills and decode steps of one burst take, as a runner sees them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <lmbench/engine_abi.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "turbomind/engine.hpp"

namespace turbomind::perf {

// Requests that come in one submit(), all alike.
struct Burst {
  std::uint32_t requests = 1;
  std::uint32_t prompt_tokens = 1;
  std::uint32_t new_tokens = 1;
};

struct BurstTimes {
  double prefill_s = 0;          // from the admission to the first tokens of all requests
  std::vector<double> decode_s;  // each step from there to the last tokens
};

class TimedEngine final : private lmbench::IHost, private lmbench::IEventSink {
 public:
  struct Settings {
    std::string model;
    std::string dtype = "auto";
    std::uint32_t threads = 0;
    std::uint32_t max_requests = 1;
    std::uint32_t max_sequence_tokens = 1;
  };

  // Throws std::runtime_error with the engine's sentence.
  explicit TimedEngine(const Settings& settings);

  BurstTimes run(const Burst& burst);
 private:
  std::uint32_t abi_minor() noexcept override { return LMBENCH_ABI_MINOR; }
  std::uint64_t now_ns() noexcept override;
  void log(lmbench::LogLevel level, lmbench::StrView message) noexcept override;
  void* extension(lmbench::StrView /*id*/) noexcept override { return nullptr; }
  void on_events(const lmbench::Event* events, std::uint32_t count) noexcept override;

  struct Destroy {
    void operator()(Engine* engine) const { engine->destroy(); }
  };

  std::mutex mutex_;  // guards what follows, up to the engine
  std::condition_variable changed_;
  std::uint32_t first_tokens_left_ = 0;
  std::uint32_t ends_left_ = 0;
  bool has_failed_ = false;
  std::uint64_t admitted_ns_ = 0;
  std::vector<std::uint64_t> stamps_ns_;  // the first tokens of all, and each step after them
  std::uint64_t last_id_ = 0;
  std::unique_ptr<Engine, Destroy> engine_;
};

}  // namespace turbomind::perf
