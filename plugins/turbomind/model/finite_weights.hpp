// A weight source that refuses NaN and infinity in what goes through it (option verify = "finite").
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "turbomind/model/weight_source.hpp"

namespace turbomind {

class FiniteWeights final : public WeightSource {
 public:
  explicit FiniteWeights(std::unique_ptr<WeightSource> weights);

  const Architecture& architecture() const noexcept override { return weights_->architecture(); }
  DataType data_type() const noexcept override { return weights_->data_type(); }

  // Throws sdk::Error(invalid_argument) with the tensor, row and column of the first bad value.
  void read_rows(Tensor tensor, std::uint32_t layer, RankSlice slice, std::uint64_t first_row,
                 std::uint64_t row_count, std::span<std::byte> out) const override;
 private:
  std::unique_ptr<WeightSource> weights_;
};

}  // namespace turbomind
