// config.json of a Hugging Face directory: the families whose tensors we know (LLaMA, InternLM,
// Mistral), and everything in it that would make the model another one refused by name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "turbomind/model/architecture.hpp"

namespace turbomind {

struct HuggingfaceConfig {
  Architecture architecture;          // biases as the file says; the tensors decide
  std::optional<DataType> data_type;  // torch_dtype, if it is one of ours
  std::int32_t start_id = -1;         // BOS; -1: none
};

// Throws sdk::Error: invalid_argument, or unsupported.
HuggingfaceConfig parse_huggingface_config(std::string_view text, const std::string& path);

// Reads config.json of the directory; BOS and EOS from generation_config.json when it has none.
HuggingfaceConfig read_huggingface_config(const std::filesystem::path& directory);

}  // namespace turbomind
