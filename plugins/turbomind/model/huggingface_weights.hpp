// The tensors of a Hugging Face directory in TurboMind form: transposed to [in, out], q and k in
// pair order, joined and cut for a rank, converted to the type asked for; all while reading.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/model/huggingface_checkpoint.hpp"
#include "turbomind/model/huggingface_tensors.hpp"
#include "turbomind/model/weight_source.hpp"

namespace turbomind {

// Where row m of a head in half-split order stands in pair order: 0 4 1 5 2 6 3 7 read backwards.
constexpr std::uint64_t pair_place(std::uint64_t m, std::uint64_t size_per_head) {
  const std::uint64_t half = size_per_head / 2;
  return 2 * (m % half) + m / half;
}

class HuggingfaceWeights final : public WeightSource {
 public:
  // The checkpoint was checked against the architecture (check_tensors).
  HuggingfaceWeights(Architecture architecture, HuggingfaceCheckpoint checkpoint,
                     DataType data_type);

  const Architecture& architecture() const noexcept override { return architecture_; }
  DataType data_type() const noexcept override { return data_type_; }
  const HuggingfaceCheckpoint& checkpoint() const noexcept { return checkpoint_; }
  void read_rows(Tensor tensor, std::uint32_t layer, RankSlice slice, std::uint64_t first_row,
                 std::uint64_t row_count, std::span<std::byte> out) const override;
 private:
  struct Block;  // rows and columns of `out` that one part fills
  void read_whole_rows(const HuggingfacePart& part, std::uint64_t first_row,
                       std::span<std::byte> out) const;
  void read_transposed(const HuggingfacePart& part, std::uint64_t first_source_row,
                       std::uint64_t row_count, const Block& block) const;

  Architecture architecture_;
  HuggingfaceCheckpoint checkpoint_;
  DataType data_type_;
};

}  // namespace turbomind
