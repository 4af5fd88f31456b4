// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/float16.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>
#include <limits>

using namespace turbomind;

namespace {

// Nearest representable value, ties to even, by comparing with both neighbours in double.
template <class Decode>
std::uint16_t nearest(float value, std::uint16_t below, Decode decode) {
  const double low = static_cast<double>(decode(below));
  const double high = static_cast<double>(decode(static_cast<std::uint16_t>(below + 1)));
  const double middle = (low + high) / 2;
  const auto v = static_cast<double>(value);
  if (v == middle) return static_cast<std::uint16_t>(below + (below & 1U));
  return static_cast<std::uint16_t>(v < middle ? below : below + 1);
}

}  // namespace

TEST_CASE("every finite half survives the way to fp32 and back") {
  for (std::uint32_t bits = 0; bits < 0x10000U; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = float_from_fp16(half);
    if (std::isnan(value)) {
      CHECK((half & 0x7FFFU) > 0x7C00U);
      CHECK(std::isnan(float_from_fp16(fp16_from_float(value))));
    } else if (fp16_from_float(value) != half) {
      FAIL("bits " << bits);
    }
  }
}

TEST_CASE("every finite bfloat16 survives the way to fp32 and back") {
  for (std::uint32_t bits = 0; bits < 0x10000U; ++bits) {
    const auto brain = static_cast<std::uint16_t>(bits);
    const float value = float_from_bf16(brain);
    if (std::isnan(value)) {
      CHECK(std::isnan(float_from_bf16(bf16_from_float(value))));
    } else if (bf16_from_float(value) != brain) {
      FAIL("bits " << bits);
    }
  }
}

TEST_CASE("a value between two halves goes to the nearer one, ties to even") {
  for (std::uint32_t bits = 0; bits < 0x7BFFU; ++bits) {
    const auto below = static_cast<std::uint16_t>(bits);
    const float low = float_from_fp16(below);
    const float step = float_from_fp16(static_cast<std::uint16_t>(below + 1)) - low;
    for (const float part : {0.25F, 0.5F, 0.50001F, 0.75F}) {
      const float value = low + part * step;
      if (fp16_from_float(value) != nearest(value, below, float_from_fp16)) FAIL(value);
      if (fp16_from_float(-value) != (nearest(value, below, float_from_fp16) | 0x8000U)) {
        FAIL(-value);
      }
    }
  }
}

TEST_CASE("a value between two bfloat16 goes to the nearer one, ties to even") {
  for (std::uint32_t bits = 0x0080U; bits < 0x7F7FU; bits += 3) {
    const auto below = static_cast<std::uint16_t>(bits);
    const float low = float_from_bf16(below);
    const float step = float_from_bf16(static_cast<std::uint16_t>(below + 1)) - low;
    for (const float part : {0.25F, 0.5F, 0.75F}) {
      const float value = low + part * step;
      if (bf16_from_float(value) != nearest(value, below, float_from_bf16)) FAIL(value);
    }
  }
}

TEST_CASE("what is too large for half is infinity, and the largest finite half is 65504") {
  CHECK(float_from_fp16(0x7BFF) == 65504.0F);
  CHECK(fp16_from_float(65519.0F) == 0x7BFF);
  CHECK(fp16_from_float(65520.0F) == 0x7C00);
  CHECK(fp16_from_float(-std::numeric_limits<float>::infinity()) == 0xFC00);
  CHECK(bf16_from_float(std::numeric_limits<float>::max()) == 0x7F80);
}
