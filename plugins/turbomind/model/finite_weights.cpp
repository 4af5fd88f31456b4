// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/finite_weights.hpp"

#include <lmbench/plugin.hpp>
#include <utility>

#include "turbomind/model/element_conversion.hpp"
#include "turbomind/model/rank_share.hpp"

namespace turbomind {

FiniteWeights::FiniteWeights(std::unique_ptr<WeightSource> weights)
    : weights_(std::move(weights)) {}

void FiniteWeights::read_rows(Tensor tensor, std::uint32_t layer, RankSlice slice,
                              std::uint64_t first_row, std::uint64_t row_count,
                              std::span<std::byte> out) const {
  weights_->read_rows(tensor, layer, slice, first_row, row_count, out);
  const std::uint64_t bad = first_not_finite(out, data_type());
  const std::uint64_t columns = shape_of(tensor, architecture(), slice.ranks).columns;
  if (bad >= row_count * columns) return;
  throw lmbench::sdk::Error(lmbench::Code::invalid_argument,
                            name_of(tensor, layer) + " of rank " + std::to_string(slice.rank) +
                                ", row " + std::to_string(first_row + bad / columns) + ", column " +
                                std::to_string(bad % columns) + ": a NaN or an infinity, as " +
                                name_of(data_type()));
}

}  // namespace turbomind
