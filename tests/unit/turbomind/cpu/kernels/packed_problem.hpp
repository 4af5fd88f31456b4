// One matrix product for the tests: random x and W, W packed, and y in double precision.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <memory>

#include "kernel_inputs.hpp"

namespace turbomind::test {

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

struct PackedProblem {
  PackedMatrix matrix;
  std::unique_ptr<std::byte, FreeMemory> storage;
  Values weights;  // [K, N]; for gate/up: gate, then up
  Values x;        // [M, K]

  PackedProblem(DataType type, std::uint32_t m, std::uint32_t k, std::uint32_t n, bool is_gate_up) {
    matrix = {.type = type, .is_gate_up = is_gate_up, .rows = k, .columns = n, .data = nullptr};
    storage.reset(
        static_cast<std::byte*>(std::aligned_alloc(kTileAlignment, matrix.packed_bytes())));
    matrix.data = storage.get();
    const std::size_t count = std::size_t{k} * n;
    weights = rounded(normal(count * (is_gate_up ? 2 : 1), 3, 0.05F), type);
    x = rounded(with_outliers(m, k, 4), activation_type(type));
    const TileRange all{0, matrix.tiles()};
    std::memset(matrix.data, 0xff, matrix.packed_bytes());  // NaN in each type
    clear_tiles(matrix, all);
    const std::byte* const source = weights.bytes.data();
    pack_rows(matrix, all, is_gate_up ? PackPart::gate : PackPart::whole, 0, k, source, n);
    if (is_gate_up) {
      pack_rows(matrix, all, PackPart::up, 0, k, source + count * bytes_of(type), n);
    }
  }

  GemmArguments arguments(std::uint32_t m, void* y) const {
    GemmArguments a;
    a.weights = &matrix;
    a.range = {0, matrix.tiles()};
    a.rows = m;
    a.x = x.bytes.data();
    a.x_stride = matrix.rows;
    a.y = y;
    a.y_stride = matrix.columns;
    a.epilogue = matrix.is_gate_up ? Epilogue::swiglu : Epilogue::store;
    return a;
  }

  // x W for `m` rows; `offset` picks the matrix: 0, or K * N for the up projection.
  std::vector<double> product(std::uint32_t m, std::size_t offset = 0) const {
    const std::size_t k_count = matrix.rows;
    const std::size_t n_count = matrix.columns;
    std::vector<double> y(m * n_count);
    for (std::size_t row = 0; row < m; ++row) {
      for (std::size_t k = 0; k < k_count; ++k) {
        const double factor = x.exact[row * k_count + k];
        const double* const w = weights.exact.data() + offset + k * n_count;
        for (std::size_t n = 0; n < n_count; ++n) y[row * n_count + n] += factor * w[n];
      }
    }
    return y;
  }

  std::vector<double> expected(std::uint32_t m) const {
    std::vector<double> y = product(m);
    if (!matrix.is_gate_up) return y;
    const std::vector<double> up = product(m, std::size_t{matrix.rows} * matrix.columns);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = y[i] / (1 + std::exp(-y[i])) * up[i];
    return y;
  }
};

}  // namespace turbomind::test
