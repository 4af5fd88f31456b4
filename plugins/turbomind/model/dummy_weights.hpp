// Random weights of a given shape: element e of the unsplit tensor is a pure function of (seed,
// tensor, layer, e), so every tp, every order of reading and every backend sees the same model.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/model/weight_source.hpp"

namespace turbomind {

// 16 random bits per element: bits 16 * (e % 2) of word (e / 2) % 4 of Philox4x32-10 with key = seed
// and counter = (e / 8, high half of e / 8, tensor, layer). The value is centre + (2 * bits - 65535)
// * scale, exact in fp32 before the one rounding to the type (scale has eight bits): uniform, with a standard deviation of
// 1/sqrt(inputs) for matrices (so that activations keep their size), norms around 1.
class DummyWeights final : public WeightSource {
 public:
  DummyWeights(Architecture architecture, DataType data_type, std::uint64_t seed);

  const Architecture& architecture() const noexcept override { return architecture_; }
  DataType data_type() const noexcept override { return data_type_; }
  void read_rows(Tensor tensor, std::uint32_t layer, RankSlice slice, std::uint64_t first_row,
                 std::uint64_t row_count, std::span<std::byte> out) const override;
 private:
  Architecture architecture_;
  DataType data_type_;
  std::uint64_t seed_;
};

}  // namespace turbomind
