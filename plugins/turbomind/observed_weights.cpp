// SPDX-License-Identifier: Apache-2.0
#include "turbomind/observed_weights.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace turbomind {

ObservedWeights::ObservedWeights(std::unique_ptr<WeightSource> weights,
                                 const Architecture& architecture, std::uint64_t total_bytes,
                                 lmbench::IProgress* progress)
    : weights_(std::move(weights)),
      architecture_(architecture),
      total_bytes_(std::max<std::uint64_t>(total_bytes, 1)),
      progress_(progress) {}

void ObservedWeights::read_rows(Tensor tensor, std::uint32_t layer, RankSlice slice,
                                std::uint64_t first_row, std::uint64_t row_count,
                                std::span<std::byte> out) const {
  weights_->read_rows(tensor, layer, slice, first_row, row_count, out);
  tell(done_bytes_.fetch_add(out.size()) + out.size());
}

// Once per percent, by whichever thread gets there first.
void ObservedWeights::tell(std::uint64_t done_bytes) const {
  if (progress_ == nullptr) return;
  const std::uint64_t percent = std::min<std::uint64_t>(done_bytes * 100 / total_bytes_, 100);
  std::uint64_t told = told_percent_;
  while (told < percent) {
    if (!told_percent_.compare_exchange_weak(told, percent)) continue;
    constexpr std::string_view kStage = "weights";
    progress_->on_load_progress({kStage.data(), kStage.size()}, static_cast<double>(percent) / 100);
    return;
  }
}

}  // namespace turbomind
