// The known name that a mistyped one was probably meant to be.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lmbench::scenario {

// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

// None when nothing is near enough to be a typing error.
std::optional<std::string> nearest_name(std::string_view typed, std::span<const std::string> known);

// "; did you mean 'matrix.concurrency'?", or nothing.
std::string did_you_mean(std::string_view typed, std::span<const std::string> known);

}  // namespace lmbench::scenario
