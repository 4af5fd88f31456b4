// One pass over the model: which tokens go in, where their keys and values are, and which of them
// are followed by a new token. Rows are tokens; a sequence's rows are neighbours in order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "turbomind/sampling/draw.hpp"

namespace turbomind {

// A run of rows of one sequence. A decode pass has one row per sequence.
struct PassRun {
  std::uint32_t first_row = 0;
  std::uint32_t row_count = 0;
  std::uint32_t first_position = 0;      // of first_row in its sequence
  const std::uint32_t* pages = nullptr;  // the sequence's page table, from token 0
  std::uint32_t slot = 0;
};

// A row whose logits are wanted.
struct PassSample {
  std::uint32_t row = 0;
  std::uint32_t slot = 0;
  Draw draw;
};

struct Pass {
  bool is_prefill = false;
  std::vector<std::int32_t> tokens;  // by row
  std::vector<PassRun> runs;         // of all rows, in order
  std::vector<PassSample> samples;   // in order of row

  std::uint32_t rows() const noexcept { return static_cast<std::uint32_t>(tokens.size()); }
  std::uint32_t sample_count() const noexcept { return static_cast<std::uint32_t>(samples.size()); }

  void clear() noexcept {
    tokens.clear();
    runs.clear();
    samples.clear();
  }
};

}  // namespace turbomind
