// The tensors of a TurboMind directory, read from their files as asked for: each rank's own files,
// or a slice of the files for one rank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/model/rank_share.hpp"
#include "turbomind/model/turbomind_files.hpp"
#include "turbomind/model/weight_file.hpp"
#include "turbomind/model/weight_source.hpp"

namespace turbomind {

class TurbomindWeights final : public WeightSource {
 public:
  TurbomindWeights(Architecture architecture, TurbomindLayout layout, DataType data_type);

  const Architecture& architecture() const noexcept override { return architecture_; }
  DataType data_type() const noexcept override { return data_type_; }
  void read_rows(Tensor tensor, std::uint32_t layer, RankSlice slice, std::uint64_t first_row,
                 std::uint64_t row_count, std::span<std::byte> out) const override;
 private:
  // As in the files: element type of the layout, rows beyond share.unsplit_rows zero.
  void read_raw(const WeightFile& file, const RankShare& share, std::uint64_t first_row,
                std::span<std::byte> out) const;
  RankShare share_in_file(Tensor tensor, RankSlice slice) const;

  Architecture architecture_;
  TurbomindLayout layout_;
  DataType data_type_;
};

}  // namespace turbomind
