// The first kernel of a pass: rows of the embedding become the residual stream. In a decode pass it
// also looks up which token each sequence feeds, so that a replayed graph needs nothing of the host.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cuda/kernels/device_state.hpp"
#include "turbomind/model/architecture.hpp"

namespace turbomind::cuda {

struct Embedding {
  DataType type;
  const void* table;     // [vocabulary][stride]
  void* residual;        // [rows][stride]
  std::uint32_t stride;  // a multiple of 8
  std::uint32_t row_count;
};

// Queues one kernel: residual row r is the table's row rows.token[r].
void embed(const Embedding& arguments, const Rows& rows, Stream stream);

// The same for a decode pass, which first fills `rows`: row r belongs to slot batch[r] and has its
// token and position, or, if that slot is not live (or beyond max_slots), to nobody's slot with
// token 0 at position 0. batch: [row_count], device.
void embed_decode(const Embedding& arguments, const std::uint32_t* batch, const Slots& slots,
                  const Rows& rows, Queue queue);

}  // namespace turbomind::cuda
