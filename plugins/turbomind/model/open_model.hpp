// The one way to a model: a shape preset (*.toml), a TurboMind directory or a Hugging Face
// directory becomes an architecture, the defaults it brings, and a source of its weights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "turbomind/model/weight_source.hpp"

namespace turbomind {

enum class WeightOrigin { automatic, dummy, checkpoint };  // automatic: dummy for a preset

struct ModelRequest {
  std::string path;
  WeightOrigin weights = WeightOrigin::automatic;
  std::optional<DataType> data_type;  // nothing: the model's own
  std::uint32_t ranks = 1;            // option tp
  std::uint64_t weights_seed = 0;     // of dummy weights
  bool verifies_finite = false;       // read_rows() throws on NaN and infinity
};

// Keys of config.ini (or a preset) that the engine needs, as they stand there. 0: not given.
struct EngineDefaults {
  std::uint32_t session_len = 0;
  std::uint32_t max_batch_size = 0;
  std::uint32_t max_context_token_num = 0;  // a value up to max_batch_size: times session_len
  std::uint32_t cache_block_seq_len = 0;
  double cache_max_entry_count = 0;
};

struct OpenedModel {
  Architecture architecture;
  DataType data_type = DataType::fp32;  // of what the weights deliver
  std::uint32_t ranks = 1;              // the files' tensor_para_size, or the request's
  EngineDefaults defaults;
  bool has_config_ini = false;
  std::unique_ptr<WeightSource> weights;
  std::vector<std::string> warnings;
};

// Reads configurations and headers and checks that every file is there and has the right size;
// no weight is read before read_rows(). Throws sdk::Error: not_found, invalid_argument or
// unsupported, with a sentence.
OpenedModel open_model(const ModelRequest& request);

}  // namespace turbomind
