// From logits to tokens on the device, by the definition that every backend shares
// (turbomind/sampling/token_choice.hpp): judge() gives each row its best candidate of the logits that
// are at hand, settle() takes the best of all ranks, does the sequences' books and publishes the
// tokens in the ring.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/cuda/kernels/device_state.hpp"

namespace turbomind::cuda {

// score_key of the score in the upper half, ~token in the lower: the largest wins, and of equal
// scores the lowest token. 0: of no tokens.
using PackedCandidate = std::uint64_t;

// Which rows are followed by a new token: of sequence slot[i] the token at position[i] + 1 is
// wanted, where row[i] says whose logits are row i of the logits.
struct Samples {
  const std::uint32_t* slot;      // [count]; Slots::max_slots: nobody's
  const std::uint32_t* position;  // [count] of the row's own token
  std::uint32_t count;
};

// fp32 logits as the ranks' parts, one after another: token t of sample i stands at
// part * part_stride + i * row_stride + t % columns with part = t / columns, for t counted from
// first_token on.
struct Logits {
  const float* data;
  std::uint32_t row_stride;   // elements; a multiple of 4, at least columns
  std::uint32_t columns;      // of a part
  std::size_t part_stride;    // elements
  std::uint32_t first_token;  // of the first part
  std::uint32_t token_count;  // that exist in all parts; columns that pad the vocabulary do not
};

// Queues one kernel. candidates: [samples.count]. A draw that needs all logits (top_k, top_p; see
// Draw::needs_all_logits) gets candidate 0 unless `has_all_logits`: then the logits are those of the
// whole vocabulary.
void judge(const Samples& samples, const Logits& logits, const Slots& slots, bool has_all_logits,
           PackedCandidate* candidates, Queue queue);

// One entry of the ring, in mapped host memory: what one pass sampled.
struct RingEntry {
  std::int32_t token;
  std::uint32_t slot;      // Slots::max_slots: the row stood still
  std::uint32_t position;  // of the token in its sequence
};

struct Ring {
  RingEntry* entries;       // [depth][max_samples], mapped
  std::uint64_t* sequence;  // [depth], mapped: number of the pass whose entries stand there
  std::uint32_t depth;
  std::uint32_t max_samples;
  std::uint64_t* next_pass;  // device: number of the next pass that samples; from 1 on
};

// Queues one kernel of one thread block. candidates: [ranks][count], whose largest per sample wins.
// Per sample of a live slot: the token becomes Slots::token, its position Slots::position; the slot
// is no longer live when the token is a stop token at min_position or later, or stands at
// end_position - 1 (SlotJoin). Then the entries go to place next_pass % depth, next_pass is released
// as its sequence number (entries first), and next_pass grows by one.
void settle(const Samples& samples, const PackedCandidate* candidates, std::uint32_t ranks,
            const Slots& slots, const Ring& ring, Queue queue);

}  // namespace turbomind::cuda
