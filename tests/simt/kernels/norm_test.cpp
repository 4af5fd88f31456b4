// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/kernels/norm.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "device_array.hpp"
#include "half_values.hpp"

using namespace turbomind;
using namespace turbomind::cuda;
using namespace lmbench::test;

namespace {

constexpr float kEpsilon = 1e-5F;

struct Norm {
  Norm(DataType t, std::uint32_t r, std::uint32_t c)
      : type(t),
        rows(r),
        columns(c),
        stride((c + 31) / 32 * 32),
        x(padded_rows(random_rows(r, c, 1.0, t, c), r)),
        weight(padded_rows(random_halves(c, 1.0, t, c + 1), 1)),
        device_x(x),
        device_weight(weight) {}

  // Rows of `stride` elements, zeros behind the columns.
  Halves padded_rows(const Halves& halves, std::uint32_t count) const {
    Halves result(std::size_t{count} * stride);
    for (std::uint32_t r = 0; r < count; ++r) {
      for (std::uint32_t i = 0; i < columns; ++i) {
        result[std::size_t{r} * stride + i] = halves[std::size_t{r} * columns + i];
      }
    }
    return result;
  }

  // The given rows of x, in this order.
  Halves run(const std::vector<std::uint32_t>& row_of) {
    const DeviceArray<std::uint32_t> device_rows(row_of);
    return run(device_rows.get(), static_cast<std::uint32_t>(row_of.size()));
  }

  Halves run(const std::uint32_t* row_of, std::uint32_t count) {
    DeviceArray<std::uint16_t> y(std::size_t{count} * stride);
    rms_norm({.type = type,
              .x = device_x.get(),
              .weight = device_weight.get(),
              .y = y.get(),
              .row_of = row_of,
              .rows = count,
              .columns = columns,
              .stride = stride,
              .epsilon = kEpsilon},
             nullptr);
    return y.host();
  }

  std::vector<double> expected(std::uint32_t row) const {
    double squares = 0;
    for (std::uint32_t i = 0; i < columns; ++i) {
      const double value = value_of(x[std::size_t{row} * stride + i], type);
      squares += value * value;
    }
    const double factor = 1 / std::sqrt(squares / columns + static_cast<double>(kEpsilon));
    std::vector<double> y(stride);
    for (std::uint32_t i = 0; i < columns; ++i) {
      y[i] = value_of(x[std::size_t{row} * stride + i], type) * factor * value_of(weight[i], type);
    }
    return y;
  }

  DataType type;
  std::uint32_t rows;
  std::uint32_t columns;
  std::uint32_t stride;
  Halves x;
  Halves weight;
  DeviceArray<std::uint16_t> device_x;
  DeviceArray<std::uint16_t> device_weight;
};

std::vector<double> row_of(const Norm& norm, const Halves& y, std::uint32_t row) {
  const auto first = y.begin() + static_cast<std::ptrdiff_t>(std::size_t{row} * norm.stride);
  return values_of(Halves(first, first + norm.stride), norm.type);
}

}  // namespace

TEST_CASE("rows of any length are normed as in double precision, and padding stays zero") {
  for (const DataType type : {DataType::fp16, DataType::bf16}) {
    for (const std::uint32_t columns : {1U, 8U, 63U, 64U, 65U, 257U, 4096U, 8192U, 8200U, 13000U}) {
      CAPTURE(columns);
      Norm norm(type, 4, columns);
      const Halves y = norm.run(nullptr, 4);
      for (std::uint32_t row = 0; row < 4; ++row) {
        const std::vector<double> found = row_of(norm, y, row);
        CHECK(relative_l2(found, norm.expected(row)) < (type == DataType::fp16 ? 5e-4 : 4e-3));
        for (std::uint32_t i = columns; i < norm.stride; ++i) REQUIRE(found[i] == 0);
      }
    }
  }
}

TEST_CASE("rows are picked by number, and their bits depend on them alone") {
  Norm norm(DataType::fp16, 5, 1000);
  const Halves all = norm.run(nullptr, 5);
  const Halves picked = norm.run({4, 0, 4});
  CHECK(row_of(norm, picked, 0) == row_of(norm, all, 4));
  CHECK(row_of(norm, picked, 1) == row_of(norm, all, 0));
  CHECK(row_of(norm, picked, 2) == row_of(norm, all, 4));
}

TEST_CASE("a row's bits are the same among few rows and among many") {
  for (const DataType type : {DataType::fp16, DataType::bf16}) {
    Norm norm(type, 1, 4100);
    const Halves one = norm.run(nullptr, 1);
    const Halves many = norm.run(std::vector<std::uint32_t>(129, 0));
    CHECK(row_of(norm, many, 0) == row_of(norm, one, 0));
    CHECK(row_of(norm, many, 128) == row_of(norm, one, 0));
  }
}
