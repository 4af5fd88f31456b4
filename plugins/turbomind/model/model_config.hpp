// The keys of config.ini, which shape presets share: which there are, which are required, what they
// mean, and what stands in for missing ones. Where the text comes from is the readers' business.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "turbomind/model/open_model.hpp"

namespace turbomind {

struct ConfigValue {
  std::string text;
  std::string place;  // "config.ini:12"
};

using ConfigValues = std::map<std::string, ConfigValue, std::less<>>;

enum class KeyKind { unknown, integer, real, text, ignored };

// ignored: a key of later versions that changes nothing here.
KeyKind kind_of(const std::string& key);

struct ModelConfig {
  Architecture architecture;  // has_*_bias as attn_bias says; the files may say otherwise
  DataType weight_type = DataType::fp16;
  std::uint32_t tensor_para_size = 1;
  EngineDefaults defaults;
  std::vector<std::string> warnings;  // unknown keys
};

// place begins errors about keys that are missing. Throws sdk::Error: invalid_argument, or
// unsupported for what is understood but not built (int4, int8 KV, NTK, logN).
ModelConfig interpret(const ConfigValues& values, const std::string& place);

}  // namespace turbomind
