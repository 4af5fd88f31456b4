// turbomind behind the plugin ABI: options and model become a running generation loop, requests are
// checked and handed to it. All calls of the ABI end here; errors leave as a code and a sentence.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <lmbench/engine_abi.hpp>
#include <lmbench/ext/memory.hpp>
#include <lmbench/ext/model.hpp>
#include <memory>
#include <vector>

#include "turbomind/backend.hpp"
#include "turbomind/capacity.hpp"
#include "turbomind/generation_loop.hpp"
#include "turbomind/model/converter.hpp"
#include "turbomind/request_check.hpp"

namespace turbomind {

class Engine final : public lmbench::IGenerationEngine,
                     public lmbench::IModel,
                     public lmbench::IMemory {
 public:
  explicit Engine(lmbench::IHost* host);
  Engine(lmbench::IHost* host, BackendSelector select_backend);

  lmbench::Code load(lmbench::ConfigView config, lmbench::IEventSink* sink,
                     lmbench::ErrorText* error) noexcept override;
  lmbench::Code submit(const lmbench::Request* requests, std::uint32_t count,
                       std::uint32_t* accepted, lmbench::ErrorText* error) noexcept override;
  void cancel(std::uint64_t request) noexcept override;
  lmbench::Code reset(lmbench::ErrorText* error) noexcept override;
  void stats(lmbench::IMetricSink* sink) noexcept override;
  void* extension(lmbench::StrView id) noexcept override;
  void destroy() noexcept override;

  lmbench::Code info(lmbench::ModelInfo* info, lmbench::ErrorText* error) noexcept override;
  lmbench::Code preview(lmbench::ConfigView config, lmbench::ModelInfo* info,
                        lmbench::ErrorText* error) noexcept override;
  void parts(lmbench::IMemorySink* sink) noexcept override;
 private:
  enum class State { created, broken, ready };

  // A model together with what it gets: all that is decided before a weight is read.
  struct Decided {
    EngineOptions options;
    Backend backend;
    OpenedModel model;
    HostMemory memory;  // of where it will be
    Capacity capacity;
  };

  ~Engine();  // by destroy() alone
  Decided decide(lmbench::ConfigView config) const;
  std::shared_ptr<ProcessRanks> meet_processes(Decided& decided, lmbench::ConfigView config) const;
  void start(Decided& decided, std::shared_ptr<ProcessRanks> processes, lmbench::IEventSink* sink);
  void log_decided(const Decided& decided) const;
  double read_bytes_per_s(const Backend& backend);
  void log(lmbench::LogLevel level, const std::string& text) const;

  lmbench::IHost* host_;
  BackendSelector select_backend_;
  Converter converter_;  // needs no load()
  std::atomic<State> state_ = State::created;
  Decided decided_;                             // since load()
  RequestLimits request_limits_;                // since load()
  std::vector<std::int32_t> preview_specials_;  // what the last preview()'s view points to
  double read_bytes_per_s_ = -1;                // -1: not measured yet
  std::unique_ptr<GenerationLoop> loop_;        // while ready
};

}  // namespace turbomind
