// A weight source in front of another: it tells the host how far the load is (lmbench.progress/1),
// by the bytes that went through it, and has the architecture with the options' overrides.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <lmbench/ext/progress.hpp>
#include <memory>

#include "turbomind/model/weight_source.hpp"

namespace turbomind {

class ObservedWeights final : public WeightSource {
 public:
  // progress may be null; total_bytes is what all ranks read together.
  ObservedWeights(std::unique_ptr<WeightSource> weights, const Architecture& architecture,
                  std::uint64_t total_bytes, lmbench::IProgress* progress);

  const Architecture& architecture() const noexcept override { return architecture_; }
  DataType data_type() const noexcept override { return weights_->data_type(); }
  void read_rows(Tensor tensor, std::uint32_t layer, RankSlice slice, std::uint64_t first_row,
                 std::uint64_t row_count, std::span<std::byte> out) const override;
 private:
  void tell(std::uint64_t done_bytes) const;

  std::unique_ptr<WeightSource> weights_;
  Architecture architecture_;
  std::uint64_t total_bytes_;
  lmbench::IProgress* progress_;
  mutable std::atomic<std::uint64_t> done_bytes_{0};
  mutable std::atomic<std::uint64_t> told_percent_{0};
};

}  // namespace turbomind
