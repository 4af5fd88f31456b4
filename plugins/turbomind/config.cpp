// SPDX-License-Identifier: Apache-2.0
#include "turbomind/config.hpp"

#include <limits>
#include <lmbench/config_reader.hpp>

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::ConfigReader;
using lmbench::sdk::Error;

constexpr std::int64_t kMostRanks = 64;
constexpr std::int64_t kMostThreads = 4096;
constexpr double kRankSilenceS = 5;
constexpr std::int64_t kMostSlots = 65536;
constexpr std::int64_t kMostTokens = 1 << 28;

std::uint32_t count(ConfigReader& reader, const char* key, std::int64_t fallback,
                    std::int64_t least, std::int64_t most) {
  return static_cast<std::uint32_t>(reader.integer(key, fallback, {least, most}));
}

Device read_device(ConfigReader& reader) {
  switch (reader.choice("device", {"auto", "cpu", "cuda"}, 0)) {
    case 1:
      return Device::cpu;
    case 2:
      return Device::cuda;
    default:
      return Device::automatic;
  }
}

std::optional<DataType> read_type(ConfigReader& reader) {
  switch (reader.choice("dtype", {"auto", "fp32", "fp16", "bf16"}, 0)) {
    case 1:
      return DataType::fp32;
    case 2:
      return DataType::fp16;
    case 3:
      return DataType::bf16;
    default:
      return std::nullopt;
  }
}

WeightOrigin read_weights(ConfigReader& reader) {
  switch (reader.choice("weights", {"auto", "dummy", "checkpoint"}, 0)) {
    case 1:
      return WeightOrigin::dummy;
    case 2:
      return WeightOrigin::checkpoint;
    default:
      return WeightOrigin::automatic;
  }
}

void read_capacity(ConfigReader& reader, EngineOptions& options) {
  EngineDefaults& capacity = options.capacity;
  capacity.session_len = count(reader, "session_len", 0, 0, kMostTokens);
  capacity.max_batch_size = count(reader, "max_batch_size", 0, 0, kMostSlots);
  capacity.max_context_token_num = count(reader, "max_context_token_num", 0, 0, kMostTokens);
  capacity.cache_block_seq_len = count(reader, "cache_block_seq_len", 0, 0, kMostTokens);
  capacity.cache_max_entry_count =
      reader.real("cache_max_entry_count", 0, {0, static_cast<double>(1U << 30U)});
  options.shares_free_memory = reader.choice("cache_share_of", {"total", "free"}, 0) == 1;
  // The whole pool is reserved in load(), whatever the size of a step of growth would be.
  reader.integer("cache_chunk_size", -1, {-1, kMostTokens});
  options.hints.max_requests = count(reader, "lmbench.max_requests", 0, 0, kMostTokens);
  options.hints.max_sequence_tokens =
      count(reader, "lmbench.max_sequence_tokens", 0, 0, kMostTokens);
}

// Keys of config.ini that change the model itself.
void read_model_overrides(ConfigReader& reader, EngineOptions& options) {
  options.rope_theta = reader.real("rope_theta", 0, {0, 1e12});
  options.norm_eps = reader.real("norm_eps", 0, {0, 1});
  options.max_position_embeddings = count(reader, "max_position_embeddings", 0, 0, kMostTokens);
  options.end_id = static_cast<std::int32_t>(
      reader.integer("end_id", options.end_id, {kEndIdOfModel, kMostTokens}));
  const auto only_zero = [](std::string_view key, double value) {
    if (value == 0) return;
    throw Error(Code::unsupported, "'" + std::string(key) + "' other than 0 is not supported");
  };
  only_zero("quant_policy", static_cast<double>(reader.integer("quant_policy", 0, {0, 255})));
  only_zero("use_logn_attn", static_cast<double>(reader.integer("use_logn_attn", 0, {0, 1})));
  only_zero("rope_scaling_factor", reader.real("rope_scaling_factor", 0, {0, 1e6}));
}

}  // namespace

EngineOptions read_options(lmbench::ConfigView config) {
  ConfigReader reader(config);
  EngineOptions options;
  options.model = reader.text("model");
  options.weights = read_weights(reader);
  options.dtype = read_type(reader);
  options.device = read_device(reader);
  options.tp = count(reader, "tp", 1, 1, kMostRanks);
  options.threads = count(reader, "threads", 0, 0, kMostThreads);
  options.isa = reader.text("isa", "auto");
  options.ranks_are_processes = reader.choice("ranks", {"threads", "processes"}, 0) == 1;
  options.rank_silence_s = reader.real("rank_silence_s", kRankSilenceS, {0.5, 1e6});
  options.uses_cuda_graphs = reader.choice("cuda_graphs", {"on", "off"}, 0) == 0;
  options.cuda_starts_early = reader.choice("cuda_pdl", {"off", "on"}, 0) == 1;
  options.cuda_tuning_cache = reader.text("cuda_tuning_cache", "");
  const double step_timeout_s = reader.real("step_timeout_s", 0, {0, 1e6});
  if (step_timeout_s > 0) options.step_timeout_s = step_timeout_s;
  options.weights_seed = static_cast<std::uint64_t>(
      reader.integer("weights_seed", 0, {0, std::numeric_limits<std::int64_t>::max()}));
  options.verifies_finite = reader.choice("verify", {"sizes", "finite"}, 0) == 1;
  read_capacity(reader, options);
  read_model_overrides(reader, options);
  reader.finish();
  return options;
}

}  // namespace turbomind
