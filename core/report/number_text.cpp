// SPDX-License-Identifier: Apache-2.0
#include "report/number_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace lmbench::report {
namespace {

constexpr std::size_t kLongestFixed = 400;  // the largest double has 309 digits before its point

}  // namespace

std::string fixed_text(double value, int decimals) {
  std::array<char, kLongestFixed> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string legacy_seconds_text(double value) {
  const double rounded = std::nearbyint(value * 1000) / 1000;
  std::array<char, kLongestFixed> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), rounded, std::chars_format::fixed)
          .ptr;
  std::string text(buffer.data(), end);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string number_text(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  return text.data();
}

std::string significant_text(double value, int digits) {
  constexpr int kMostDecimals = 12;
  if (value == 0 || !std::isfinite(value)) return fixed_text(value, 0);
  const int before_point = static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  return fixed_text(value, std::clamp(digits - before_point, 0, kMostDecimals));
}

std::string duration_text(double seconds) {
  const long whole = std::lround(seconds);
  std::array<char, 64> text{};
  if (seconds < 60) {
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  } else if (whole < 3600) {
    std::snprintf(text.data(), text.size(), "%ld min %02ld s", whole / 60, whole % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%ld h %02ld min", whole / 3600, whole % 3600 / 60);
  }
  return text.data();
}

}  // namespace lmbench::report
