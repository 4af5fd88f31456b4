// SPDX-License-Identifier: Apache-2.0
#include "turbomind/engine.hpp"

#include <algorithm>
#include <lmbench/plugin.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "turbomind/model_figures.hpp"
#include "turbomind/model_overrides.hpp"
#include "turbomind/observed_weights.hpp"
#include "turbomind/ranks/process_ranks.hpp"
#include "turbomind/settings_text.hpp"

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::ErrorText;
using lmbench::LogLevel;
using lmbench::MetricKind;
using lmbench::sdk::abi;
using lmbench::sdk::Error;
using lmbench::sdk::fail;
using lmbench::sdk::guarded;

// The next request of an array that may be of another, larger version of the struct than ours.
const lmbench::Request* next_request(const lmbench::Request* request) {
  const auto* bytes = reinterpret_cast<const std::byte*>(request);
  return reinterpret_cast<const lmbench::Request*>(bytes + request->struct_size);
}

lmbench::ModelInfo model_info(const OpenedModel& model, const Capacity& capacity,
                              const std::vector<std::int32_t>& special_tokens,
                              double read_bytes_per_s) {
  const ModelFigures figures = figures_of(model.architecture, model.data_type, model.ranks);
  lmbench::ModelInfo info{};
  info.parameters = figures.parameters;
  info.kv_capacity_tokens = capacity.pool_tokens();
  info.weight_bytes_per_step = figures.weight_bytes_per_step;
  info.kv_bytes_per_token = figures.kv_bytes_per_token;
  info.read_bytes_per_s = read_bytes_per_s;
  info.vocabulary = model.architecture.vocab_size;
  info.max_sequence_tokens = capacity.session_len;
  info.max_requests = capacity.max_batch_size;
  info.kv_block_tokens = capacity.block_tokens;
  info.special_tokens = {special_tokens.data(), special_tokens.size()};
  return info;
}

ExecutorLimits limits_of(const Capacity& capacity) {
  return {.max_slots = capacity.max_batch_size,
          .max_sequence_tokens = capacity.session_len,
          .max_prefill_tokens = capacity.max_context_token_num,
          .page_count = capacity.block_count * (capacity.block_tokens / kPageTokens)};
}

Capacity capacity_of(const EngineOptions& options, const Backend& backend, const OpenedModel& model,
                     const HostMemory& memory) {
  const std::uint32_t ranks = backend.ranks_per_device(model);
  const ModelFigures figures = figures_of(model.architecture, model.data_type, model.ranks);
  CapacityInput input;
  input.options = options.capacity;
  input.model = model.defaults;
  input.has_config_ini = model.has_config_ini;
  input.hints = options.hints;
  input.max_position_embeddings = model.architecture.max_position_embeddings;
  input.shares_free_memory = options.shares_free_memory;
  input.total_bytes = memory.total_bytes;
  input.free_bytes = memory.free_bytes;
  input.weight_bytes =
      held_weight_bytes(model.architecture, model.data_type, model.ranks) / model.ranks * ranks;
  input.workspace_bytes = [&](const Capacity& capacity) {
    return backend.workspace_bytes(model, limits_of(capacity)) * ranks;
  };
  input.kv_bytes_per_token = static_cast<std::uint64_t>(figures.kv_bytes_per_token) * ranks;
  return plan_capacity(input);
}

}  // namespace

Engine::Engine(lmbench::IHost* host, BackendSelector select_backend)
    : host_(host), select_backend_(std::move(select_backend)) {}

Engine::~Engine() = default;

void Engine::destroy() noexcept { delete this; }

Code Engine::load(lmbench::ConfigView config, lmbench::IEventSink* sink,
                  ErrorText* error) noexcept {
  return guarded(error, [&] {
    if (state_ != State::created) {
      throw Error(Code::failed_precondition, "load() was called before; make another engine");
    }
    state_ = State::broken;
    decided_ = decide(config);
    std::shared_ptr<ProcessRanks> processes = meet_processes(decided_, config);
    log_decided(decided_);
    // A GPU has no room for it when the pool is taken.
    if (decided_.backend.first_device != kHostDevice) read_bytes_per_s(decided_.backend);
    start(decided_, std::move(processes), sink);
    state_ = State::ready;
    return Code::ok;
  });
}

Engine::Decided Engine::decide(lmbench::ConfigView config) const {
  Decided decided;
  decided.options = read_options(config);
  decided.options.seat = seat_of(decided.options);
  decided.backend = select_backend_(decided.options);
  const Backend& backend = decided.backend;
  decided.model = backend.open(decided.options);
  const OpenedModel& model = decided.model;
  apply_overrides(decided.options, decided.model.architecture);
  decided.memory = backend.memory();
  decided.capacity = capacity_of(decided.options, backend, model, decided.memory);
  return decided;
}

// Null: ranks are threads. What fits is what fits with the rank that has least.
std::shared_ptr<ProcessRanks> Engine::meet_processes(Decided& decided,
                                                     lmbench::ConfigView config) const {
  const std::uint32_t ranks = decided.model.ranks;
  if (!decided.options.seat || ranks == 1) return nullptr;
  auto processes = std::make_shared<ProcessRanks>(decided.options, ranks);
  const bool uses_gpus = decided.backend.first_device != kHostDevice;
  decided.memory = least_of(decided.memory, processes->open(config, uses_gpus));
  decided.capacity = capacity_of(decided.options, decided.backend, decided.model, decided.memory);
  return processes;
}

void Engine::start(Decided& decided, std::shared_ptr<ProcessRanks> processes,
                   lmbench::IEventSink* sink) {
  const Capacity& capacity = decided.capacity;
  const OpenedModel& model = decided.model;
  const ObservedWeights weights(
      std::move(decided.model.weights), model.architecture,
      held_weight_bytes(model.architecture, model.data_type, model.ranks),
      static_cast<lmbench::IProgress*>(host_->extension(abi("lmbench.progress/1"))));
  GenerationLoop::Setup setup;
  setup.ranks = model.ranks;
  setup.factory = decided.backend.executors(
      decided.options, model, processes == nullptr ? nullptr : &processes->communicator());
  setup.processes = std::move(processes);
  setup.weights = &weights;
  setup.executor_limits = limits_of(capacity);
  setup.batch_limits = {.max_slots = capacity.max_batch_size,
                        .max_prefill_tokens = capacity.max_context_token_num,
                        .block_tokens = capacity.block_tokens,
                        .block_count = capacity.block_count};
  request_limits_ = {.vocab_size = model.architecture.vocab_size,
                     .session_len = capacity.session_len,
                     .kv_pool_tokens = capacity.pool_tokens(),
                     .block_tokens = capacity.block_tokens,
                     .end_id = model.architecture.end_id};
  loop_ = std::make_unique<GenerationLoop>(setup, host_, sink);
}

void Engine::log_decided(const Decided& decided) const {
  for (const std::string& text : decided.model.warnings) log(LogLevel::warning, text);
  for (const std::string& text : decided.capacity.warnings) log(LogLevel::warning, text);
  if (!decided.backend.note.empty()) log(LogLevel::info, decided.backend.note);
  log(LogLevel::info,
      settings_text(decided.options, decided.backend.device, decided.model, decided.capacity));
}

void Engine::log(LogLevel level, const std::string& text) const { host_->log(level, abi(text)); }

Code Engine::submit(const lmbench::Request* requests, std::uint32_t count, std::uint32_t* accepted,
                    ErrorText* error) noexcept {
  *accepted = 0;
  return guarded(error, [&] {
    if (state_ != State::ready) {
      throw Error(Code::failed_precondition, "submit() needs an engine that load() made ready");
    }
    std::vector<Sequence> sequences;
    sequences.reserve(count);
    GenerationLoop::Refusal invalid;
    for (std::uint32_t i = 0; i < count; ++i, requests = next_request(requests)) {
      if (requests->struct_size < lmbench::kRequestSize_1_0) {
        invalid = {Code::invalid_argument, "a request whose struct_size is below that of ABI 1.0"};
        break;
      }
      try {
        sequences.push_back(check_request(lmbench::sdk::read_sized(requests), request_limits_));
      } catch (const Error& e) {
        invalid = {e.code(), e.what()};
        break;
      }
    }
    GenerationLoop::Refusal refusal;
    *accepted = static_cast<std::uint32_t>(loop_->submit(sequences, refusal));
    if (refusal.code != Code::ok) return fail(error, refusal.code, refusal.text);
    return invalid.code == Code::ok ? Code::ok : fail(error, invalid.code, invalid.text);
  });
}

void Engine::cancel(std::uint64_t request) noexcept {
  if (state_ == State::ready) loop_->cancel(request);
}

Code Engine::reset(ErrorText* error) noexcept {
  return guarded(error, [&] {
    if (state_ != State::ready) {
      throw Error(Code::failed_precondition, "reset() needs an engine that load() made ready");
    }
    loop_->reset();
    return Code::ok;
  });
}

void Engine::stats(lmbench::IMetricSink* sink) noexcept {
  if (state_ != State::ready) return;
  const GenerationLoop::Statistics statistics = loop_->statistics();
  const auto report = [&](std::string_view name, std::string_view unit, MetricKind kind,
                          std::uint64_t value) {
    sink->on_metric(abi(name), abi(unit), kind, static_cast<double>(value));
  };
  const BatchCounters& counters = statistics.counters;
  report("steps", "steps", MetricKind::counter, counters.steps);
  report("prefill_tokens", "tokens", MetricKind::counter, counters.prefill_tokens);
  report("decode_tokens", "tokens", MetricKind::counter, counters.decode_tokens);
  report("preemptions", "sequences", MetricKind::counter, counters.preemptions);
  report("graphs_captured", "graphs", MetricKind::counter, statistics.executor.graphs_captured);
  report("products_tuned", "products", MetricKind::counter, statistics.executor.products_tuned);
  report("products_unsaved", "products", MetricKind::gauge, statistics.executor.products_unsaved);
  report("queue_peak", "requests", MetricKind::gauge, counters.queue_peak);
  report("kv_blocks_peak", "blocks", MetricKind::gauge, statistics.kv_blocks_peak);
}

void* Engine::extension(lmbench::StrView id) noexcept {
  const std::string_view name = lmbench::sdk::view(id);
  if (name == "lmbench.model/1") return static_cast<lmbench::IModel*>(this);
  if (name == "lmbench.memory/1") return static_cast<lmbench::IMemory*>(this);
  if (name == "lmbench.convert/1") return static_cast<lmbench::IConverter*>(&converter_);
  return nullptr;
}

Code Engine::info(lmbench::ModelInfo* info, ErrorText* error) noexcept {
  if (state_ != State::ready) {
    return fail(error, Code::failed_precondition, "no model is loaded");
  }
  *info = model_info(decided_.model, decided_.capacity, decided_.model.architecture.special_tokens,
                     read_bytes_per_s(decided_.backend));
  return Code::ok;
}

// Measured when first asked for: not every run wants to know.
double Engine::read_bytes_per_s(const Backend& backend) {
  if (read_bytes_per_s_ < 0) read_bytes_per_s_ = backend.read_bytes_per_s();
  return read_bytes_per_s_;
}

Code Engine::preview(lmbench::ConfigView config, lmbench::ModelInfo* info,
                     ErrorText* error) noexcept {
  return guarded(error, [&] {
    const Decided decided = decide(config);
    preview_specials_ = decided.model.architecture.special_tokens;
    *info = model_info(decided.model, decided.capacity, preview_specials_,
                       read_bytes_per_s(decided.backend));
    return Code::ok;
  });
}

void Engine::parts(lmbench::IMemorySink* sink) noexcept {
  if (state_ != State::ready) return;
  const MemoryUse use = loop_->memory_use();
  const GenerationLoop::Statistics statistics = loop_->statistics();
  const std::int32_t first = decided_.backend.first_device;
  const std::uint32_t devices =
      decided_.model.ranks / decided_.backend.ranks_per_device(decided_.model);
  for (std::uint32_t i = 0; i < devices; ++i) {
    const std::int32_t device = first + static_cast<std::int32_t>(i);
    const auto report = [&](std::string_view part, std::uint64_t bytes, std::uint64_t used,
                            std::uint64_t peak) {
      sink->on_part(abi(part), device, bytes / devices, used / devices, peak / devices);
    };
    const std::uint64_t block_bytes = use.kv_bytes / std::max(statistics.kv_blocks, 1U);
    report("weights", use.weight_bytes, use.weight_bytes, use.weight_bytes);
    report("kv", use.kv_bytes, statistics.kv_blocks_used * block_bytes,
           statistics.kv_blocks_peak * block_bytes);
    report("workspace", use.workspace_bytes, use.workspace_bytes, use.workspace_bytes);
  }
}

}  // namespace turbomind
