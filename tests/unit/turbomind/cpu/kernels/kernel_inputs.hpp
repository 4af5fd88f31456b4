// Inputs and comparisons for the kernel tests: random values rounded to the type under test, and
// the relative L2 distance to a result in double precision.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "turbomind/cpu/kernels/kernels.hpp"

namespace turbomind::test {

constexpr float kPoison = std::numeric_limits<float>::quiet_NaN();

// Values as raw bytes of a type, and the same, exactly, as doubles.
struct Values {
  DataType type = DataType::fp32;
  std::vector<std::byte> bytes;
  std::vector<double> exact;
};

inline Values rounded(const std::vector<float>& values, DataType type) {
  Values result{.type = type, .bytes = {}, .exact = {}};
  const Kernels& kernels = kernels_for(Isa::portable);
  result.bytes.resize(values.size() * bytes_of(type));
  kernels.narrow(values.data(), type, result.bytes.data(), values.size());
  std::vector<float> widened(values.size());
  kernels.widen(result.bytes.data(), type, widened.data(), values.size());
  result.exact.assign(widened.begin(), widened.end());
  return result;
}

inline std::vector<float> normal(std::size_t count, std::uint32_t seed, float scale = 1.0F) {
  std::mt19937 random(seed);
  std::normal_distribution<float> distribution(0.0F, scale);
  std::vector<float> values(count);
  for (float& value : values) value = distribution(random);
  return values;
}

// Every 37th element of a row is 50 times larger, as in real models.
inline std::vector<float> with_outliers(std::size_t rows, std::size_t columns, std::uint32_t seed) {
  std::vector<float> values = normal(rows * columns, seed);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % columns % 37 == 5) values[i] *= 50.0F;
  }
  return values;
}

// Poisoned memory for a result, and its content as doubles.
struct Result {
  DataType type;
  std::vector<std::byte> bytes;

  Result(std::size_t count, DataType result_type)
      : type(result_type), bytes(count * bytes_of(result_type)) {
    const std::vector<float> poison(count, kPoison);
    kernels_for(Isa::portable).narrow(poison.data(), type, bytes.data(), count);
  }
  std::vector<double> values() const {
    std::vector<float> widened(bytes.size() / bytes_of(type));
    kernels_for(Isa::portable).widen(bytes.data(), type, widened.data(), widened.size());
    return {widened.begin(), widened.end()};
  }
};

// ||a - b|| / ||b||; NaN anywhere gives NaN, which no CHECK(... < ...) lets pass.
inline double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0;
  double norm = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    norm += b[i] * b[i];
  }
  return a.size() == b.size() ? std::sqrt(difference / norm) : kPoison;
}

// Rounding of a result of this type, as a bound of the relative L2 distance.
inline double tolerance(DataType type) {
  if (type == DataType::fp32) return 1e-6;
  return type == DataType::fp16 ? 5e-4 : 4e-3;
}

inline const char* name_of(DataType type) {
  if (type == DataType::fp32) return "fp32";
  return type == DataType::fp16 ? "fp16" : "bf16";
}

constexpr DataType kAllTypes[] = {DataType::fp32, DataType::fp16, DataType::bf16};

}  // namespace turbomind::test
