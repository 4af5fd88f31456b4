// Which files a TurboMind directory must hold, and whether it does: names, sizes, the rule of the
// biases, what is left over. Looks at sizes only, reads nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "turbomind/model/model_config.hpp"
#include "turbomind/model/weight_source.hpp"

namespace turbomind {

struct TurbomindLayout {
  std::filesystem::path folder;
  std::uint32_t file_ranks = 1;  // how many ranks the files are cut for: 1 or those in force
  std::uint32_t ranks = 1;       // in force
  DataType type = DataType::fp16;
};

// "layers.3.attention.w_qkv.0.weight": the rank stands before the extension of split tensors.
std::string file_name_of(Tensor tensor, std::uint32_t layer, std::uint32_t rank);

// Cut for `ranks` if tensor_para_size says so or files of the last of them are there; else for one.
TurbomindLayout find_layout(const std::filesystem::path& folder, const ModelConfig& config,
                            std::uint32_t ranks);

// Sets the biases of the architecture from the files present, and adds warnings. Throws
// sdk::Error(invalid_argument) when they are there in part only, or promised and absent.
void find_biases(const TurbomindLayout& layout, Architecture& architecture,
                 std::vector<std::string>& warnings);

// Throws sdk::Error(invalid_argument) with up to ten files that are missing or of another size.
void check_files(const TurbomindLayout& layout, const Architecture& architecture);

// Adds one warning if there are tensor files that nobody reads.
void warn_of_extra_files(const TurbomindLayout& layout, const Architecture& architecture,
                         std::vector<std::string>& warnings);

}  // namespace turbomind
