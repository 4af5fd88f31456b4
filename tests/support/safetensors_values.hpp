// Reads a safetensors file into numbers, for references that must not use an engine's own reader.
// Trusts the file: a broken one ends in an exception, with no claim about which.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "small_model.hpp"

namespace lmbench::test {

std::string text_of(const std::filesystem::path& file);

// Types F32, F16 and BF16.
std::vector<SmallTensor> safetensors_values(const std::filesystem::path& file);

}  // namespace lmbench::test
