// Small files of /proc and /sys. What cannot be read or understood is empty.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace lmbench::telemetry {

// At most this much: no file that is read some times a second needs more.
constexpr std::size_t kLongestFile = 16384;

std::string text_in(const std::filesystem::path& file);

std::optional<std::uint64_t> number_in(const std::filesystem::path& file);

// The number that follows the first `key`, blanks between: number_after(text, "Pss:").
std::optional<std::uint64_t> number_after(std::string_view text, std::string_view key);

}  // namespace lmbench::telemetry
