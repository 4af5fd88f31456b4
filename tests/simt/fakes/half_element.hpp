// One number of an array of 16 or 32 bits wide elements, for the fakes' arithmetic.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "turbomind/model/float16.hpp"

namespace lmbench::test {

enum class Element { fp16, bf16, fp32 };

inline float load(const void* data, Element type, std::size_t i) {
  if (type == Element::fp32) return static_cast<const float*>(data)[i];
  const std::uint16_t bits = static_cast<const std::uint16_t*>(data)[i];
  return type == Element::fp16 ? turbomind::float_from_fp16(bits)
                               : turbomind::float_from_bf16(bits);
}

inline void store(void* data, Element type, std::size_t i, float value) {
  if (type == Element::fp32) {
    static_cast<float*>(data)[i] = value;
  } else {
    static_cast<std::uint16_t*>(data)[i] = type == Element::fp16
                                               ? turbomind::fp16_from_float(value)
                                               : turbomind::bf16_from_float(value);
  }
}

}  // namespace lmbench::test
