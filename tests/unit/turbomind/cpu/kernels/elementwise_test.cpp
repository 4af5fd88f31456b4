// Norm, SwiGLU, conversions, rotary embedding and the cache append, for every ISA.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdlib>

#include "kernel_inputs.hpp"
#include "turbomind/model/rope_table.hpp"

namespace turbomind::test { namespace {

template <class Body>
void for_all_isas(Body body) {
  for (const Isa isa : supported_isas()) {
    CAPTURE(turbomind::name_of(isa));
    body(kernels_for(isa));
  }
}

std::uint16_t narrowed(const Kernels& kernels, float value, DataType type) {
  // 16 copies, so that the vector path is taken.
  const std::vector<float> values(17, value);
  std::vector<std::uint16_t> bits(17);
  kernels.narrow(values.data(), type, bits.data(), 17);
  CHECK(bits[0] == bits[16]);
  return bits[0];
}

TEST_CASE("RMSNorm agrees with double precision, outliers, offsets and tails included") {
  for_all_isas([](const Kernels& kernels) {
    for (const std::uint32_t columns : {1U, 2U, 7U, 64U, 65U, 127U, 768U}) {
      const std::uint32_t rows = 3;
      std::vector<float> x = with_outliers(rows, columns, 5);
      for (std::uint32_t c = 0; c < columns; ++c) x[c] += 100.0F;  // a row with a large mean
      const std::vector<float> weight = normal(columns, 6);
      std::vector<double> expected(x.size());
      for (std::size_t i = 0; i < x.size(); ++i) {
        double sum = 0;
        for (std::size_t c = 0; c < columns; ++c) sum += std::pow(x[i / columns * columns + c], 2);
        expected[i] = x[i] / std::sqrt(sum / columns + 1e-5) * weight[i % columns];
      }
      for (const DataType type : kAllTypes) {
        Result y(x.size(), type);
        kernels.rms_norm({.x = x.data(),
                          .x_stride = columns,
                          .weight = weight.data(),
                          .epsilon = 1e-5F,
                          .rows = rows,
                          .columns = columns,
                          .y = y.bytes.data(),
                          .y_stride = columns,
                          .y_type = type});
        CHECK(distance(y.values(), expected) < tolerance(type));
      }
    }
  });
}

TEST_CASE("SwiGLU agrees with double precision, and stays finite for large inputs") {
  for_all_isas([](const Kernels& kernels) {
    std::vector<float> gate = normal(131, 7, 3.0F);
    const std::vector<float> up = normal(131, 8);
    const float large[] = {-1000.0F, -100.0F, -88.0F, -60.0F, 60.0F, 100.0F, 1000.0F, 0.0F};
    for (std::size_t i = 0; i < 8; ++i) gate[i] = gate[123 + i] = large[i];
    std::vector<double> expected(gate.size());
    for (std::size_t i = 0; i < gate.size(); ++i) {
      expected[i] = gate[i] / (1 + std::exp(-double{gate[i]})) * up[i];
    }
    Result y(gate.size(), DataType::fp32);
    kernels.swiglu(gate.data(), up.data(), y.bytes.data(), y.type, gate.size());
    const std::vector<double> values = y.values();
    for (std::size_t i = 0; i < gate.size(); ++i) {
      CAPTURE(gate[i]);
      CHECK(std::abs(values[i] - expected[i]) <= 1e-6 * std::abs(expected[i]) + 1e-30);
    }
  });
}

TEST_CASE("conversions to 16 bits round to nearest even, and back are exact") {
  for_all_isas([](const Kernels& kernels) {
    for (const DataType type : {DataType::bf16, DataType::fp16}) {
      std::vector<std::uint16_t> all(65536);
      for (std::uint32_t i = 0; i < 65536; ++i) all[i] = static_cast<std::uint16_t>(i);
      std::vector<float> wide(65536);
      kernels.widen(all.data(), type, wide.data(), all.size());
      std::vector<std::uint16_t> back(65536);
      kernels.narrow(wide.data(), type, back.data(), wide.size());
      for (std::uint32_t i = 0; i < 65536; ++i) {
        if (!std::isnan(wide[i])) REQUIRE(back[i] == i);
      }
    }
    CHECK(narrowed(kernels, 1.0F + 0x1p-8F, DataType::bf16) == 0x3f80);  // tie to even, down
    CHECK(narrowed(kernels, 1.0F + 0x3p-8F, DataType::bf16) == 0x3f82);  // tie to even, up
    CHECK(narrowed(kernels, 1.0F + 0x1p-11F, DataType::fp16) == 0x3c00);
    CHECK(narrowed(kernels, 1.0F + 0x3p-11F, DataType::fp16) == 0x3c02);
    CHECK(narrowed(kernels, 65519.0F, DataType::fp16) == 0x7bff);
    CHECK(narrowed(kernels, 65520.0F, DataType::fp16) == 0x7c00);
    CHECK(narrowed(kernels, 0x1.8p-24F, DataType::fp16) == 2);  // denormal, tie to even
  });
}

TEST_CASE("rotation in pair order is Hugging Face's rotation in the other order") {
  for_all_isas([](const Kernels& kernels) {
    for (const std::uint32_t dim : {2U, 6U, 8U, 16U, 128U}) {
      for (const std::uint32_t position : {0U, 1U, 511U, 32767U}) {
        CAPTURE(dim);
        CAPTURE(position);
        const RopeTable table(position + 1, dim, 10000.0F);
        const std::vector<float> natural = normal(dim, 9);
        std::vector<float> qkv(3 * std::size_t{dim});
        std::vector<double> expected(dim);
        for (std::uint32_t m = 0; m < dim; ++m) {
          const std::uint32_t half = dim / 2;
          const std::uint32_t place = 2 * (m % half) + m / half;
          const double angle = position * std::pow(10000.0, -2.0 * (m % half) / dim);
          const double other = m < half ? -natural[m + half] : natural[m - half];
          qkv[place] = natural[m];
          expected[place] = natural[m] * std::cos(angle) + other * std::sin(angle);
        }
        std::vector<std::byte> pool(2 * kKvPageTokens * dim * 4);
        const KvLayer cache{pool.data(), pool.size(), DataType::fp32, dim};
        kernels.rope_append({.qkv = qkv.data(),
                             .rope_row = table.row(position),
                             .heads = 1,
                             .kv_heads = 1,
                             .cache = &cache,
                             .page = 0,
                             .page_token = 0});
        CHECK(distance({qkv.begin(), qkv.begin() + dim}, expected) < 1e-6);
      }
    }
  });
}

TEST_CASE("an append writes the rotated key and the value of its token alone") {
  for_all_isas([](const Kernels& kernels) {
    for (const DataType type : kAllTypes) {
      constexpr std::uint32_t kDim = 24;
      constexpr std::uint32_t kHeads = 4;
      constexpr std::uint32_t kKvHeads = 2;
      const RopeTable table(6, kDim, 10000.0F);
      std::vector<float> qkv = normal((kHeads + 2 * kKvHeads) * kDim, 10);
      KvLayer cache{nullptr, 0, type, kDim};
      cache.page_bytes = 2 * kKvHeads * cache.head_bytes();  // two layers
      Result pool(3 * cache.page_bytes / bytes_of(type), type);
      cache.data = pool.bytes.data() + kKvHeads * cache.head_bytes();  // the second one
      const std::vector<float> values(qkv.end() - kKvHeads * kDim, qkv.end());
      kernels.rope_append({.qkv = qkv.data(),
                           .rope_row = table.row(5),
                           .heads = kHeads,
                           .kv_heads = kKvHeads,
                           .cache = &cache,
                           .page = 2,
                           .page_token = 63});
      const std::vector<double> content = pool.values();
      std::size_t written = 0;
      for (const double value : content) written += std::isnan(value) ? 0 : 1;
      CHECK(written == 2 * kKvHeads * kDim);
      for (std::uint32_t i = 0; i < kKvHeads * kDim; ++i) {
        const std::size_t token = (5 * 2 * kKvHeads / 2 + i / kDim) * 2 * 64 * kDim + 63 * kDim;
        const std::size_t place = token + i % kDim;
        const float key = qkv[kHeads * kDim + i];
        CHECK(content[place] == rounded({key}, type).exact[0]);
        CHECK(content[place + 64 * kDim] == rounded({values[i]}, type).exact[0]);
      }
    }
  });
}

}}  // namespace turbomind::test
