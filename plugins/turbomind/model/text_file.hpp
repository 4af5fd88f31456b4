// A small text file as a whole: configurations, never weights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace turbomind {

// Throws sdk::Error: not_found, or invalid_argument when it is larger than any configuration.
std::string read_text_file(const std::filesystem::path& path);

}  // namespace turbomind
