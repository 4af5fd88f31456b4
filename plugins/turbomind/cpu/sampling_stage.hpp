// From logits to tokens, alike on every rank: threads judge the logits that they computed, ranks
// exchange their best candidates, or all logits where top_k or top_p needs them, and then everyone
// chooses from the same bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "turbomind/communicator.hpp"
#include "turbomind/cpu/kernels/packed_weights.hpp"
#include "turbomind/cpu/rank_shape.hpp"
#include "turbomind/cpu/thread_team.hpp"
#include "turbomind/cpu/workspace.hpp"
#include "turbomind/sampling/token_choice.hpp"
#include "turbomind/scheduler/pass.hpp"

namespace turbomind {

class SamplingStage {
 public:
  // All arguments outlive this.
  SamplingStage(const RankShape& shape, const Workspace& workspace, ThreadTeam& team,
                Communicator& communicator, std::uint32_t max_samples);

  // [each thread of the team] `share` is what this thread computed of the head.
  void judge(const Pass& pass, TileRange share, std::uint32_t thread);

  // [the rank's thread, after judge()] The token of each sample. Collective. Throws Error.
  std::span<const std::int32_t> choose(const Pass& pass);
 private:
  std::span<const float> logits_of(std::uint32_t sample) const noexcept;
  void exchange_candidates(std::uint32_t samples);
  std::int32_t choose_from_all_ranks(std::uint32_t sample, const Draw& draw);

  const RankShape& shape_;
  const Workspace& workspace_;
  ThreadTeam& team_;
  Communicator& communicator_;
  std::uint32_t first_token_;                       // of this rank's part of the vocabulary
  std::uint32_t token_count_;                       // that exist there
  std::vector<std::vector<Candidate>> candidates_;  // by thread and sample
  std::vector<Candidate> own_;                      // by sample
  std::vector<Candidate> gathered_;                 // by rank and sample
  std::vector<std::int32_t> tokens_;                // by sample
};

}  // namespace turbomind
