// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/kernels/skinny_gemm.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <lmbench/plugin.hpp>
#include <vector>

#include "device_array.hpp"
#include "half_values.hpp"
#include "turbomind/cuda/kernels/page_layout.hpp"
#include "turbomind/cuda/kernels/weight_pack.hpp"

using namespace turbomind;
using namespace turbomind::cuda;
using namespace lmbench::test;

namespace {

constexpr DataType kTypes[] = {DataType::fp16, DataType::bf16};

struct Case {
  DataType type;
  std::uint32_t rows;
  std::uint32_t inputs;
  std::uint32_t features;
};

// A product and its sums in double, from the rounded inputs.
struct Product {
  explicit Product(const Case& c, std::uint32_t seed = 1)
      : shape(c),
        x(random_rows(c.rows, c.inputs, 1.0, c.type, seed)),
        w(random_halves(std::size_t{c.features} * c.inputs, 1.0 / std::sqrt(c.inputs), c.type,
                        seed + 1)),
        device_x(x),
        device_w(w) {}

  SkinnyProduct arguments(std::uint32_t first_row = 0, std::uint32_t rows = 0) const {
    return {.type = shape.type,
            .x = device_x.get() + std::size_t{first_row} * shape.inputs,
            .weights = device_w.get(),
            .rows = rows == 0 ? shape.rows : rows,
            .inputs = shape.inputs,
            .features = shape.features};
  }

  std::vector<double> sums() const {
    const std::vector<double> left = values_of(x, shape.type);
    const std::vector<double> right = values_of(w, shape.type);
    std::vector<double> y(std::size_t{shape.rows} * shape.features);
    for (std::uint32_t r = 0; r < shape.rows; ++r) {
      for (std::uint32_t f = 0; f < shape.features; ++f) {
        double sum = 0;
        for (std::uint32_t k = 0; k < shape.inputs; ++k) {
          sum += left[std::size_t{r} * shape.inputs + k] * right[std::size_t{f} * shape.inputs + k];
        }
        y[std::size_t{r} * shape.features + f] = sum;
      }
    }
    return y;
  }

  // |x| |w| of one element of y.
  double size_of(std::uint32_t row, std::uint32_t feature) const {
    double of_x = 0;
    double of_w = 0;
    for (std::uint32_t k = 0; k < shape.inputs; ++k) {
      const double a = value_of(x[std::size_t{row} * shape.inputs + k], shape.type);
      const double b = value_of(w[std::size_t{feature} * shape.inputs + k], shape.type);
      of_x += a * a;
      of_w += b * b;
    }
    return std::sqrt(of_x * of_w);
  }

  Case shape;
  Halves x;
  Halves w;
  DeviceArray<std::uint16_t> device_x;
  DeviceArray<std::uint16_t> device_w;
};

std::vector<double> logits_of(const Product& product) {
  DeviceArray<float> y(std::size_t{product.shape.rows} * product.shape.features);
  skinny_logits(product.arguments(), y.get(), nullptr);
  const std::vector<float> host = y.host();
  return {host.begin(), host.end()};
}

double tolerance_of_sums(std::uint32_t inputs) { return 1e-6 * std::sqrt(inputs / 4096.0) + 1e-7; }

double tolerance_of_halves(DataType type) { return type == DataType::fp16 ? 4e-4 : 3e-3; }

// Element by element: 1.01 ulp of the result, and what fp32 sums may lose.
void check_rounded(const Product& product, const std::vector<double>& found,
                   const std::vector<double>& expected) {
  const Case& c = product.shape;
  double worst = 0;
  for (std::uint32_t r = 0; r < c.rows; ++r) {
    for (std::uint32_t f = 0; f < c.features; ++f) {
      const std::size_t i = std::size_t{r} * c.features + f;
      const double allowed =
          1.01 * ulp_of(c.type) * std::abs(expected[i]) + 1e-5 * product.size_of(r, f);
      const double error = std::abs(found[i] - expected[i]) / allowed;
      if (!(error <= worst)) worst = error;
    }
  }
  CHECK(worst <= 1.0);
  CHECK(relative_l2(found, expected) < tolerance_of_halves(c.type));
}

}  // namespace

TEST_CASE("the sums of a skinny product are those of double precision, for any number of rows") {
  for (const DataType type : kTypes) {
    for (const std::uint32_t rows : {1U, 2U, 7U, 8U, 9U, 15U, 16U, 17U, 32U, 33U, 63U, 64U}) {
      CAPTURE(static_cast<int>(type));
      CAPTURE(rows);
      const Product product({type, rows, 288, 32}, rows);
      CHECK(relative_l2(logits_of(product), product.sums()) < tolerance_of_sums(288));
    }
  }
}

TEST_CASE("any multiple of 32 inputs is summed, those that do not fill the warps included") {
  for (const std::uint32_t inputs : {32U, 64U, 224U, 256U, 288U, 1024U, 1056U, 1376U}) {
    CAPTURE(inputs);
    const Product product({DataType::fp16, 3, inputs, 64}, inputs);
    CHECK(relative_l2(logits_of(product), product.sums()) < tolerance_of_sums(inputs));
  }
}

TEST_CASE("64 rows are 64 times one row, bit for bit") {
  for (const DataType type : kTypes) {
    const Product product({type, 64, 544, 64});
    const std::vector<double> together = logits_of(product);
    for (std::uint32_t first = 0, count = 1; first < 64; first += count, count = count % 24 + 1) {
      const std::uint32_t rows = std::min(count, 64 - first);
      DeviceArray<float> y(std::size_t{rows} * 64);
      skinny_logits(product.arguments(first, rows), y.get(), nullptr);
      const std::vector<float> alone = y.host();
      for (std::size_t i = 0; i < alone.size(); ++i) {
        REQUIRE(static_cast<double>(alone[i]) == together[std::size_t{first} * 64 + i]);
      }
    }
  }
}

TEST_CASE("the residual takes the sums and the bias with one rounding") {
  for (const DataType type : kTypes) {
    for (const std::uint32_t rows : {1U, 9U, 40U}) {
      for (const bool keeps : {true, false}) {
        const Product product({type, rows, 320, 64}, rows);
        const Halves before = random_rows(rows, 64, 2.0, type, 5);
        const Halves bias = random_halves(64, 1.0, type, 6);
        DeviceArray<std::uint16_t> residual(before);
        const DeviceArray<std::uint16_t> device_bias(bias);
        skinny_add(product.arguments(),
                   {.residual = residual.get(),
                    .bias = keeps ? device_bias.get() : nullptr,
                    .keeps_residual = keeps},
                   nullptr);
        std::vector<double> expected = product.sums();
        for (std::size_t i = 0; keeps && i < expected.size(); ++i) {
          expected[i] += value_of(before[i], type) + value_of(bias[i % 64], type);
        }
        check_rounded(product, values_of(residual.host(), type), expected);
      }
    }
  }
}

TEST_CASE("gate and up become silu(gate) * up") {
  for (const DataType type : kTypes) {
    for (const std::uint32_t rows : {1U, 12U, 64U}) {
      const Product product({type, rows, 96, 64}, rows);
      DeviceArray<std::uint16_t> y(std::size_t{rows} * 32);
      skinny_swiglu(product.arguments(), y.get(), nullptr);
      const std::vector<double> sums = product.sums();
      std::vector<double> expected(std::size_t{rows} * 32);
      for (std::uint32_t r = 0; r < rows; ++r) {
        for (std::uint32_t c = 0; c < 32; ++c) {
          const double gate = sums[r * 64 + row_of_column(RowOrder::gate, c)];
          const double up = sums[r * 64 + row_of_column(RowOrder::up, c)];
          expected[r * 32 + c] = gate / (1 + std::exp(-gate)) * up;
        }
      }
      const double error = relative_l2(values_of(y.host(), type), expected);
      CHECK(error < (type == DataType::fp16 ? 5e-4 : 4e-3));
    }
  }
}

TEST_CASE("gates far from zero give neither NaN nor infinity") {
  Product product({DataType::bf16, 2, 32, 32});
  Halves x(64);
  Halves w(32 * 32);
  x[0] = half_of(1.0, DataType::bf16);
  x[32] = half_of(-1.0, DataType::bf16);
  for (std::uint32_t f = 0; f < 32; ++f)
    w[f * 32] = half_of(f % 16 < 8 ? 200.0 : 1.0, DataType::bf16);
  product.device_x.assign(x);
  product.device_w.assign(w);
  DeviceArray<std::uint16_t> y(2 * 16);
  skinny_swiglu(product.arguments(), y.get(), nullptr);
  const std::vector<double> found = values_of(y.host(), DataType::bf16);
  for (std::size_t i = 0; i < 16; ++i) {
    CHECK(found[i] == 200.0);
    CHECK(found[16 + i] == 0.0);
  }
}

namespace {

// Three rows at scattered places of two sequences, and nobody's row.
struct QkvCase {
  DataType type;
  std::uint32_t heads;
  std::uint32_t kv_heads;
  std::uint32_t dim;
  bool has_bias;
};

constexpr std::uint32_t kMaxPages = 4;
constexpr std::uint32_t kLayers = 2;
constexpr std::uint32_t kPages = 9;
constexpr std::uint32_t kPositions = 200;

void check_qkv(const QkvCase& c) {
  const std::uint32_t features = (c.heads + 2 * c.kv_heads) * c.dim;
  const std::vector<std::uint32_t> positions{5, 63, 64, 0, 191};
  const std::vector<std::uint32_t> row_slots{1, 0, 0, 2, 1};
  const auto rows = static_cast<std::uint32_t>(positions.size());
  const std::vector<std::uint32_t> page_table{3, 7, 2, ~0U, 1, 4, 6, ~0U, 8, 8, 8, 8};
  const Product product({c.type, rows, 96, features}, c.dim + c.heads);
  const Halves bias = random_halves(features, 1.0, c.type, 3);
  std::vector<float> angles(std::size_t{kPositions} * c.dim);
  for (std::uint32_t p = 0; p < kPositions; ++p) {
    for (std::uint32_t i = 0; i < c.dim / 2; ++i) {
      const double angle = p * std::pow(10000.0, -2.0 * i / c.dim);
      angles[(p * (c.dim / 2) + i) * 2] = static_cast<float>(std::cos(angle));
      angles[(p * (c.dim / 2) + i) * 2 + 1] = static_cast<float>(std::sin(angle));
    }
  }
  const DeviceArray<std::uint16_t> device_bias(bias);
  const DeviceArray<float> device_angles(angles);
  DeviceArray<std::uint32_t> device_pages(page_table);
  DeviceArray<std::uint32_t> device_slots(row_slots);
  DeviceArray<std::uint32_t> device_positions(positions);
  KvPages kv{nullptr, kLayers, c.kv_heads, c.dim};
  DeviceArray<std::uint16_t> pool(kPages * kv.page_stride());
  kv.data = pool.get();
  DeviceArray<std::uint16_t> query(std::size_t{rows} * c.heads * c.dim);
  Slots slots{};
  slots.max_slots = 2;
  slots.max_pages = kMaxPages;
  slots.pages = device_pages.get();
  const Rows device_rows{nullptr, device_slots.get(), device_positions.get()};
  skinny_qkv(product.arguments(),
             {.query = query.get(),
              .bias = c.has_bias ? device_bias.get() : nullptr,
              .kv = kv,
              .layer = 1,
              .slots = &slots,
              .rows = &device_rows,
              .rope = {device_angles.get()},
              .heads = c.heads},
             nullptr);

  std::vector<double> expected = product.sums();
  for (std::size_t i = 0; c.has_bias && i < expected.size(); ++i) {
    expected[i] += value_of(bias[i % features], c.type);
  }
  std::vector<double> expected_query;
  std::vector<double> found_query = values_of(query.host(), c.type);
  std::vector<double> expected_cache;
  std::vector<double> found_cache;
  std::vector<std::uint16_t> cache = pool.host();
  for (std::uint32_t r = 0; r < rows; ++r) {
    double* const row = expected.data() + std::size_t{r} * features;
    for (std::uint32_t column = 0; column < (c.heads + c.kv_heads) * c.dim; column += 2) {
      // The file's pair and where the kernel's order has it.
      double& even = row[row_of_column(RowOrder::rotary, column)];
      double& odd = row[row_of_column(RowOrder::rotary, column + 1)];
      const double angle =
          positions[r] * std::pow(10000.0, -static_cast<double>(column % c.dim) / c.dim);
      const double rotated = even * std::cos(angle) - odd * std::sin(angle);
      odd = even * std::sin(angle) + odd * std::cos(angle);
      even = rotated;
    }
    expected_query.insert(expected_query.end(), row, row + std::size_t{c.heads} * c.dim);
    const std::uint32_t page = page_table[row_slots[r] * kMaxPages + positions[r] / kPageTokens];
    for (std::uint32_t head = 0; head < 2 * c.kv_heads; ++head) {
      const PagePart part = head < c.kv_heads ? PagePart::keys : PagePart::values;
      std::uint16_t* const target = cache.data() + kv.keys_at(page, 1, head % c.kv_heads);
      for (std::uint32_t i = 0; i < c.dim; ++i) {
        std::uint16_t& place = target[element_in_page(part, positions[r] % kPageTokens, i, c.dim)];
        expected_cache.push_back(row[(c.heads + head) * c.dim + i]);
        found_cache.push_back(value_of(place, c.type));
        place = 0xFFFF;
      }
    }
  }
  const double tolerance = c.type == DataType::fp16 ? 1e-3 : 8e-3;
  CHECK(relative_l2(found_query, expected_query) < tolerance);
  CHECK(relative_l2(found_cache, expected_cache) < tolerance);
  CHECK(std::all_of(cache.begin(), cache.end(), [](std::uint16_t v) { return v == 0xFFFF; }));
}

}  // namespace

TEST_CASE("queries and keys are rotated, keys and values reach their pages and nothing else") {
  for (const DataType type : kTypes) {
    check_qkv({.type = type, .heads = 4, .kv_heads = 2, .dim = 64, .has_bias = true});
    check_qkv({.type = type, .heads = 2, .kv_heads = 2, .dim = 128, .has_bias = false});
    check_qkv({.type = type, .heads = 3, .kv_heads = 1, .dim = 128, .has_bias = true});
  }
}

TEST_CASE("a product that the kernel cannot do is refused") {
  const Product product({DataType::fp16, 1, 32, 32});
  DeviceArray<float> y(32);
  SkinnyProduct bad = product.arguments();
  bad.rows = 65;
  CHECK_THROWS_AS(skinny_logits(bad, y.get(), nullptr), lmbench::sdk::Error);
  bad = product.arguments();
  bad.inputs = 48;
  CHECK_THROWS_AS(skinny_logits(bad, y.get(), nullptr), lmbench::sdk::Error);
  bad = product.arguments();
  bad.type = DataType::fp32;
  CHECK_THROWS_WITH_AS(skinny_logits(bad, y.get(), nullptr),
                       "the CUDA kernels compute in fp16 and bf16, not in fp32",
                       lmbench::sdk::Error);
}
