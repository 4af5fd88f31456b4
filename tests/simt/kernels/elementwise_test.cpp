// The kernels around the large products, and those of loading.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <lmbench/plugin.hpp>
#include <numeric>
#include <vector>

#include "device_array.hpp"
#include "half_values.hpp"
#include "slot_arrays.hpp"
#include "turbomind/cuda/kernels/embedding.hpp"
#include "turbomind/cuda/kernels/memory_sum.hpp"
#include "turbomind/cuda/kernels/page_layout.hpp"
#include "turbomind/cuda/kernels/rope_append.hpp"
#include "turbomind/cuda/kernels/swiglu.hpp"
#include "turbomind/cuda/kernels/weight_pack.hpp"
#include "turbomind/model/rope_table.hpp"

using namespace turbomind;
using namespace turbomind::cuda;
using namespace lmbench::test;

namespace {

constexpr std::uint32_t kStride = 96;

Halves table_of(std::uint32_t vocab) {
  return random_halves(vocab * kStride, 1.0, DataType::fp16, 1);
}

Halves row_of(const Halves& table, std::uint32_t row) {
  return {table.begin() + row * kStride, table.begin() + (row + 1) * kStride};
}

}  // namespace

TEST_CASE("a prefill takes the rows of the embedding that its tokens name") {
  const Halves table = table_of(20);
  const DeviceArray<std::uint16_t> device_table(table);
  const std::vector<std::int32_t> tokens{19, 0, 7, 7};
  DeviceArray<std::int32_t> device_tokens(tokens);
  DeviceArray<std::uint16_t> residual(tokens.size() * kStride);
  embed({DataType::fp16, device_table.get(), residual.get(), kStride, 4},
        {device_tokens.get(), nullptr, nullptr}, nullptr);
  for (std::uint32_t r = 0; r < 4; ++r) {
    CHECK(row_of(residual.host(), r) == row_of(table, static_cast<std::uint32_t>(tokens[r])));
  }
}

TEST_CASE("a decode step looks up what its sequences feed; those that ended are nobody's") {
  const Halves table = table_of(20);
  const DeviceArray<std::uint16_t> device_table(table);
  SlotArrays slots(4, 1, 20);
  slots.token.assign({3, 5, 19, 11, 0});
  slots.position.assign({30, 50, 190, 110, 0});
  slots.is_live.assign({1, 0, 1, 1, 0});
  const DeviceArray<std::uint32_t> batch(std::vector<std::uint32_t>{2, 1, 4, 0});
  DeviceArray<std::int32_t> token(4);
  DeviceArray<std::uint32_t> slot(4);
  DeviceArray<std::uint32_t> position(4);
  DeviceArray<std::uint16_t> residual(4 * kStride);
  embed_decode({DataType::bf16, device_table.get(), residual.get(), kStride, 4}, batch.get(),
               slots.view, {token.get(), slot.get(), position.get()}, nullptr);
  CHECK(token.host() == std::vector<std::int32_t>{19, 0, 0, 3});
  CHECK(slot.host() == std::vector<std::uint32_t>{2, 4, 4, 0});
  CHECK(position.host() == std::vector<std::uint32_t>{190, 0, 0, 30});
  CHECK(row_of(residual.host(), 0) == row_of(table, 19));
  CHECK(row_of(residual.host(), 1) == row_of(table, 0));
}

TEST_CASE("silu(gate) * up in the order of the product, far from zero as well") {
  for (const DataType type : {DataType::fp16, DataType::bf16}) {
    for (const std::uint32_t columns : {8U, 64U, 257U * 8U}) {
      Halves gate_up = random_halves(std::size_t{3} * 2 * columns, 3.0, type, columns);
      gate_up[0] = half_of(60.0, type);
      gate_up[1] = half_of(-60.0, type);
      const DeviceArray<std::uint16_t> device(gate_up);
      DeviceArray<std::uint16_t> y(std::size_t{3} * columns);
      swiglu({type, device.get(), y.get(), 3, columns}, nullptr);
      std::vector<double> expected;
      for (std::uint32_t r = 0; r < 3; ++r) {
        for (std::uint32_t c = 0; c < columns; ++c) {
          const Halves::value_type* const row = gate_up.data() + std::size_t{r} * 2 * columns;
          const double gate = value_of(row[row_of_column(RowOrder::gate, c)], type);
          const double up = value_of(row[row_of_column(RowOrder::up, c)], type);
          expected.push_back(gate / (1 + std::exp(-gate)) * up);
        }
      }
      CHECK(relative_l2(values_of(y.host(), type), expected) <
            (type == DataType::fp16 ? 5e-4 : 4e-3));
    }
  }
}

TEST_CASE("weights are transposed into the order of their epilogue, whatever their size") {
  for (const RowOrder order : {RowOrder::natural, RowOrder::rotary, RowOrder::gate, RowOrder::up}) {
    for (const std::uint32_t rows : {1U, 31U, 33U, 70U}) {
      for (const std::uint32_t columns : {16U, 48U, 80U}) {
        CAPTURE(static_cast<int>(order));
        constexpr std::uint32_t kBefore = 5;  // columns of others on the left
        const std::uint32_t source_stride = kBefore + columns + 3;
        const std::uint32_t target_stride = rows + 9;
        constexpr std::uint32_t kFirstInput = 4;
        Halves source(std::size_t{rows} * source_stride);
        std::iota(source.begin(), source.end(), std::uint16_t{1});
        const DeviceArray<std::uint16_t> device_source(source);
        DeviceArray<std::uint16_t> target(std::size_t{2} * columns * target_stride);
        pack_strip({.source = device_source.get(),
                    .source_rows = rows,
                    .source_stride = source_stride,
                    .first_column = kBefore,
                    .columns = columns,
                    .order = order,
                    .target = target.get(),
                    .target_stride = target_stride,
                    .first_input = kFirstInput},
                   nullptr);
        Halves expected(target.size(), 0xFFFF);
        for (std::uint32_t r = 0; r < rows; ++r) {
          for (std::uint32_t c = 0; c < columns; ++c) {
            expected[std::size_t{row_of_column(order, c)} * target_stride + kFirstInput + r] =
                source[std::size_t{r} * source_stride + kBefore + c];
          }
        }
        REQUIRE(target.host() == expected);
      }
    }
  }
}

TEST_CASE("the orders bring partners 8 rows apart, and lose nothing") {
  for (std::uint32_t column = 0; column < 128; column += 2) {
    CHECK(row_of_column(RowOrder::rotary, column + 1) ==
          row_of_column(RowOrder::rotary, column) + 8);
  }
  std::vector<std::uint32_t> places;
  for (std::uint32_t column = 0; column < 64; ++column) {
    CHECK(row_of_column(RowOrder::up, column) == row_of_column(RowOrder::gate, column) + 8);
    places.push_back(row_of_column(RowOrder::gate, column));
    places.push_back(row_of_column(RowOrder::up, column));
  }
  std::sort(places.begin(), places.end());
  for (std::uint32_t i = 0; i < places.size(); ++i) CHECK(places[i] == i);
}

namespace {

// Two sequences whose positions go far; the expected numbers come from the definition in file order.
void check_rope(DataType type, std::uint32_t heads, std::uint32_t kv_heads, std::uint32_t dim,
                bool has_bias = true) {
  constexpr std::uint32_t kPositions = 32'001;
  constexpr std::uint32_t kMaxPages = kPositions / kPageTokens + 1;
  const std::vector<std::uint32_t> positions{0, 63, 64, 32'000};
  const std::vector<std::uint32_t> row_slots{1, 0, 0, 1};
  const std::uint32_t features = (heads + 2 * kv_heads) * dim;
  const std::uint32_t rotated = (heads + kv_heads) * dim;
  std::vector<std::uint32_t> table(3 * kMaxPages, ~0U);
  table[kMaxPages] = 2;                         // slot 1, position 0
  table[0] = 0;                                 // slot 0, position 63
  table[1] = 3;                                 // slot 0, position 64
  table[kMaxPages + 32'000 / kPageTokens] = 1;  // slot 1, position 32000
  const Halves qkv = random_rows(positions.size(), features, 1.0, type, dim);
  const Halves bias = random_halves(features, 1.0, type, 8);
  const RopeTable rope(kPositions, dim, 10000.0F);
  SlotArrays slots(2, kMaxPages, 10);
  slots.pages.assign(table);
  DeviceArray<std::uint16_t> device_qkv(qkv);
  const DeviceArray<std::uint16_t> device_bias(bias);
  const DeviceArray<float> angles(rope.values());
  DeviceArray<std::uint32_t> device_slots(row_slots);
  DeviceArray<std::uint32_t> device_positions(positions);
  const Rows rows{nullptr, device_slots.get(), device_positions.get()};
  KvPages kv{nullptr, 2, kv_heads, dim};
  DeviceArray<std::uint16_t> pool(4 * kv.page_stride());
  kv.data = pool.get();
  rope_append({.type = type,
               .qkv = device_qkv.get(),
               .bias = has_bias ? device_bias.get() : nullptr,
               .kv = kv,
               .layer = 1,
               .slots = &slots.view,
               .rows = &rows,
               .rope = {angles.get()},
               .row_count = static_cast<std::uint32_t>(positions.size()),
               .heads = heads},
              nullptr);
  const std::vector<double> found = values_of(device_qkv.host(), type);
  Halves cache = pool.host();
  const double tolerance = type == DataType::fp16 ? 1e-3 : 8e-3;
  for (std::uint32_t r = 0; r < positions.size(); ++r) {
    std::vector<double> row;
    for (std::uint32_t f = 0; f < features; ++f) {
      const double added = has_bias ? value_of(bias[f], type) : 0.0;
      row.push_back(value_of(qkv[std::size_t{r} * features + f], type) + added);
    }
    for (std::uint32_t column = 0; column < rotated; column += 2) {
      double& even = row[row_of_column(RowOrder::rotary, column)];
      double& odd = row[row_of_column(RowOrder::rotary, column + 1)];
      const double angle =
          positions[r] * std::pow(10000.0, -static_cast<double>(column % dim) / dim);
      const double first = even * std::cos(angle) - odd * std::sin(angle);
      odd = even * std::sin(angle) + odd * std::cos(angle);
      even = first;
    }
    const std::uint32_t page = table[row_slots[r] * kMaxPages + positions[r] / kPageTokens];
    std::vector<double> got(found.begin() + r * features,
                            found.begin() + r * features + heads * dim);
    for (std::uint32_t head = 0; head < 2 * kv_heads; ++head) {
      const PagePart part = head < kv_heads ? PagePart::keys : PagePart::values;
      std::uint16_t* const target = cache.data() + kv.keys_at(page, 1, head % kv_heads);
      for (std::uint32_t i = 0; i < dim; ++i) {
        std::uint16_t& place = target[element_in_page(part, positions[r] % kPageTokens, i, dim)];
        got.push_back(value_of(place, type));
        place = 0xFFFF;
      }
    }
    CHECK(relative_l2(got, row) < tolerance);
  }
  CHECK(std::all_of(cache.begin(), cache.end(), [](std::uint16_t v) { return v == 0xFFFF; }));
}

}  // namespace

TEST_CASE("bias, rotation and append as the definition has them, to position 32000") {
  check_rope(DataType::fp16, 4, 4, 64);
  check_rope(DataType::bf16, 4, 1, 128);
  check_rope(DataType::fp16, 3, 1, 128, false);
  check_rope(DataType::bf16, 62, 3, 64, false);  // more heads than a thread block takes at once
  check_rope(DataType::fp16, 30, 5, 128);
  CHECK_THROWS_AS(check_rope(DataType::fp16, 2, 1, 32), lmbench::sdk::Error);
}

TEST_CASE("the yardstick reads every word once") {
  for (const std::size_t words : {4U, 2048U, 40'004U}) {
    std::vector<std::uint32_t> values(words);
    std::iota(values.begin(), values.end(), 1U);
    const DeviceArray<std::uint32_t> device(values);
    DeviceArray<std::uint32_t> sum(std::vector<std::uint32_t>{5});
    memory_sum(device.get(), words * sizeof(std::uint32_t), sum.get(), nullptr);
    CHECK(sum.host()[0] == 5 + std::accumulate(values.begin(), values.end(), 0U));
  }
}
