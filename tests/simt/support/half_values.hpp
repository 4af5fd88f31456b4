// Values of a 16-bit type as tests of kernels make, read and compare them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "turbomind/model/architecture.hpp"
#include "turbomind/model/float16.hpp"

namespace lmbench::test {

using Halves = std::vector<std::uint16_t>;
using turbomind::DataType;

inline std::uint16_t half_of(double value, DataType type) {
  const auto narrow = static_cast<float>(value);
  return type == DataType::fp16 ? turbomind::fp16_from_float(narrow)
                                : turbomind::bf16_from_float(narrow);
}

inline double value_of(std::uint16_t bits, DataType type) {
  return type == DataType::fp16 ? turbomind::float_from_fp16(bits)
                                : turbomind::float_from_bf16(bits);
}

inline std::vector<double> values_of(const Halves& halves, DataType type) {
  std::vector<double> values;
  values.reserve(halves.size());
  for (const std::uint16_t bits : halves) values.push_back(value_of(bits, type));
  return values;
}

// The relative distance of two neighbouring values: 2^-10 and 2^-7.
inline double ulp_of(DataType type) { return type == DataType::fp16 ? 0x1p-10 : 0x1p-7; }

// What a real model's rows are like: normal, but every 61st column is an outlier channel and every
// 7th row has a mean far from zero.
inline Halves random_rows(std::size_t rows, std::size_t columns, double deviation, DataType type,
                          std::uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal(0.0, deviation);
  Halves halves;
  halves.reserve(rows * columns);
  for (std::size_t r = 0; r < rows; ++r) {
    const double mean = r % 7 == 3 ? 10 * deviation : 0.0;
    for (std::size_t c = 0; c < columns; ++c) {
      const double scale = c % 61 == 17 ? 50.0 : 1.0;
      halves.push_back(half_of(mean + scale * normal(generator), type));
    }
  }
  return halves;
}

inline Halves random_halves(std::size_t count, double deviation, DataType type,
                            std::uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal(0.0, deviation);
  Halves halves;
  halves.reserve(count);
  for (std::size_t i = 0; i < count; ++i) halves.push_back(half_of(normal(generator), type));
  return halves;
}

// |found - expected| / |expected| in the L2 norm. NaN where anything is.
inline double relative_l2(const std::vector<double>& found, const std::vector<double>& expected) {
  double error = 0;
  double norm = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    error += (found[i] - expected[i]) * (found[i] - expected[i]);
    norm += expected[i] * expected[i];
  }
  return std::sqrt(error / norm);
}

}  // namespace lmbench::test
