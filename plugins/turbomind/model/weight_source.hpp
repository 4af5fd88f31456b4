// Where an executor gets weights from: a TurboMind directory, a Hugging Face directory or dummy
// weights, all seen in one form, the TurboMind one (y = x W with W as [in, out], q and k columns
// in pair order), cut for one rank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "turbomind/model/architecture.hpp"

namespace turbomind {

// Shape of one rank's share, rows x columns, last index fastest. T = ranks.
enum class Tensor {
  tok_embeddings,  // [Vpad, h], whole on every rank
  output,          // [Vpad/T, h]: the rank's rows of the head; rows beyond V are zero
  norm,            // [1, h], whole
  attention_norm,  // [1, h], whole
  ffn_norm,        // [1, h], whole
  w_qkv,           // [h, (H+2K)D/T]: columns q, k, v of the rank
  w_qkv_bias,      // [1, (H+2K)D/T]
  wo,              // [HD/T, h]
  wo_bias,         // [1, h], whole; to be added once, after the all-reduce
  w1,              // [h, I/T]: gate
  w3,              // [h, I/T]: up
  w2,              // [I/T, h]: down
};

struct TensorShape {
  std::uint64_t rows;
  std::uint64_t columns;
};

TensorShape shape_of(Tensor tensor, const Architecture& architecture, std::uint32_t ranks);

class WeightSource {
 public:
  virtual ~WeightSource() = default;

  virtual const Architecture& architecture() const noexcept = 0;

  // Element type of what read_rows() delivers: the model's own, or what `dtype` asked for.
  virtual DataType data_type() const noexcept = 0;

  // [any] Rows [first_row, first_row + row_count) of the rank's share, row after row without gaps;
  // out.size() == row_count * columns * bytes_of(data_type()). layer is ignored for tensors that
  // belong to no layer. Thread-safe, so that a team can load in parallel. Asks only for tensors
  // that the architecture has (biases). Throws Error when a file cannot be read. Best asked for
  // whole tensors or megabytes at once: a checkpoint that has to be transposed is read in strips.
  virtual void read_rows(Tensor tensor, std::uint32_t layer, RankSlice slice,
                         std::uint64_t first_row, std::uint64_t row_count,
                         std::span<std::byte> out) const = 0;
};

}  // namespace turbomind
