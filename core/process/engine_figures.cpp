// SPDX-License-Identifier: Apache-2.0
#include "process/engine_figures.hpp"

#include <lmbench/ext/memory.hpp>
#include <lmbench/ext/model.hpp>
#include <lmbench/ext/roofline.hpp>
#include <string>

#include "plugin/engine_handle.hpp"

namespace lmbench::process {
namespace {

using plugin::extension_of;

ModelFigures figures_of(const ModelInfo& info) {
  return {.parameters = info.parameters,
          .kv_capacity_tokens = info.kv_capacity_tokens,
          .weight_bytes_per_step = info.weight_bytes_per_step,
          .kv_bytes_per_token = info.kv_bytes_per_token,
          .read_bytes_per_s = info.read_bytes_per_s,
          .vocabulary = info.vocabulary,
          .max_sequence_tokens = info.max_sequence_tokens,
          .max_requests = info.max_requests,
          .kv_block_tokens = info.kv_block_tokens};
}

class PartList final : public IMemorySink {
 public:
  virtual ~PartList() = default;
  void on_part(StrView part, std::int32_t device, std::uint64_t reserved_bytes,
               std::uint64_t used_bytes, std::uint64_t peak_bytes) noexcept override {
    parts.push_back(
        {std::string(plugin::text_of(part)), device, reserved_bytes, used_bytes, peak_bytes});
  }
  std::vector<MemoryPart> parts;
};

class StatList final : public IMetricSink {
 public:
  virtual ~StatList() = default;
  void on_metric(StrView name, StrView unit, MetricKind kind, double value) noexcept override {
    stats.push_back({.name = std::string(plugin::text_of(name)),
                     .unit = std::string(plugin::text_of(unit)),
                     .is_counter = kind == MetricKind::counter,
                     .value = value});
  }
  std::vector<report::EngineStat> stats;
};

}  // namespace

std::optional<ModelFigures> loaded_model(IGenerationEngine& engine) {
  auto* model = extension_of<IModel>(engine, "lmbench.model/1");
  ModelInfo info{};
  if (model == nullptr || model->info(&info, nullptr) != Code::ok) return std::nullopt;
  return figures_of(info);
}

Code preview_model(IGenerationEngine& engine, ConfigView config,
                   std::optional<ModelFigures>& figures, ErrorText* error) {
  auto* model = extension_of<IModel>(engine, "lmbench.model/1");
  if (model == nullptr) return Code::ok;
  ModelInfo info{};
  const Code code = model->preview(config, &info, error);
  if (code == Code::unsupported) return Code::ok;
  if (code == Code::ok) figures = figures_of(info);
  return code;
}

std::optional<PeakFigures> device_peak(IGenerationEngine& engine) {
  auto* roofline = extension_of<IRoofline>(engine, "lmbench.roofline/1");
  DevicePeak peak{};
  if (roofline == nullptr || roofline->peak(&peak, nullptr) != Code::ok) return std::nullopt;
  return PeakFigures{.bytes_per_s = peak.bytes_per_s,
                     .flops_per_s = peak.flops_per_s,
                     .is_measured = peak.measured != 0,
                     .device_name = std::string(plugin::text_of(peak.device_name))};
}

std::vector<MemoryPart> memory_parts(IGenerationEngine& engine) {
  PartList list;
  if (auto* memory = extension_of<IMemory>(engine, "lmbench.memory/1")) memory->parts(&list);
  return std::move(list.parts);
}

std::vector<report::EngineStat> engine_stats(IGenerationEngine& engine) {
  StatList list;
  engine.stats(&list);
  return std::move(list.stats);
}

}  // namespace lmbench::process
