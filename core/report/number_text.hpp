// Numbers as the files and tables have them. Rounding happens here and nowhere before.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace lmbench::report {

constexpr double kNsPerMs = 1e6;
constexpr double kNsPerUs = 1e3;
constexpr double kNsPerS = 1e9;

std::string fixed_text(double value, int decimals);

// As NumPy's round(value, 3) and Python's str() make it: "0.01", "7.805", "0.0".
std::string legacy_seconds_text(double value);

// At most nine significant digits, without zeros behind: "97.5609756".
std::string number_text(double value);

// For people: so many digits, all of those before the point: "1234.6", "0.0123" of 5 and 3.
std::string significant_text(double value, int digits);

// "4.5 s", "3 min 20 s", "1 h 02 min".
std::string duration_text(double seconds);

// Not available: an empty cell, never 0.
template <class Text>
std::string text_or_empty(const std::optional<double>& value, const Text& text) {
  return value ? text(*value) : std::string();
}

}  // namespace lmbench::report
