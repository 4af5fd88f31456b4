// IEEE half and bfloat16 as raw bits, to and from fp32: round to nearest even, subnormals,
// infinities and NaN kept. Portable and branch-light, so that compilers can vectorise loops of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace turbomind {

constexpr float float_from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(std::uint32_t{bits} << 16U);
}

constexpr std::uint16_t bf16_from_float(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const bool is_nan = (bits & 0x7FFFFFFFU) > 0x7F800000U;
  const std::uint32_t rounded = bits + 0x7FFFU + ((bits >> 16U) & 1U);
  const std::uint32_t quiet = bits | 0x00400000U;
  return static_cast<std::uint16_t>((is_nan ? quiet : rounded) >> 16U);
}

constexpr float float_from_fp16(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000U) << 16U;
  const std::uint32_t rest = bits & 0x7FFFU;
  // The exponent is moved by a multiplication, which also brings subnormals into normal form.
  const float scaled = std::bit_cast<float>(rest << 13U) * 0x1p112F;
  const std::uint32_t special = 0x7F800000U | (rest << 13U);  // infinity and NaN
  return std::bit_cast<float>((rest >= 0x7C00U ? special : std::bit_cast<std::uint32_t>(scaled)) |
                              sign);
}

constexpr std::uint16_t fp16_from_float(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  const std::uint32_t sign = (bits >> 16U) & 0x8000U;
  // Normal results: rebias the exponent, round to nearest even on the 13 bits that go.
  const std::uint32_t normal =
      (magnitude - 0x38000000U + 0xFFFU + ((magnitude >> 13U) & 1U)) >> 13U;
  // Subnormal results: adding 1/2 aligns the last bit of the sum with the last bit of a half.
  const std::uint32_t subnormal =
      std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5F) - 0x3F000000U;
  std::uint32_t half = magnitude < 0x38800000U ? subnormal : normal;
  half = magnitude >= 0x477FF000U ? 0x7C00U : half;  // from 65520 on: infinity
  half = magnitude > 0x7F800000U ? 0x7E00U : half;   // NaN
  return static_cast<std::uint16_t>(half | sign);
}

}  // namespace turbomind
