// Writes config.ini as lmdeploy v0.1.0 does: the same keys in the same order, numbers as Python
// prints them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "turbomind/model/architecture.hpp"

namespace turbomind {

struct ConfigIniFields {
  std::string model_name;  // the chat template, which also decides session_len
  std::uint32_t tensor_para_size = 1;
  std::int32_t start_id = -1;
  DataType weight_type = DataType::fp16;
};

std::string config_ini_text(const Architecture& architecture, const ConfigIniFields& fields);

// Template length + 8 for the names that lmdeploy knows; the trained length for others.
std::uint32_t session_len_of(const std::string& model_name, std::uint32_t trained_length);

// 1e-06, 10000.0, 0.5: the shortest text that reads back as this float.
std::string python_float(float value);

}  // namespace turbomind
