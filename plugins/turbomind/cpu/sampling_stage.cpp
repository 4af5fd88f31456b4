// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cpu/sampling_stage.hpp"

#include <algorithm>

namespace turbomind {

SamplingStage::SamplingStage(const RankShape& shape, const Workspace& workspace, ThreadTeam& team,
                             Communicator& communicator, std::uint32_t max_samples)
    : shape_(shape),
      workspace_(workspace),
      team_(team),
      communicator_(communicator),
      first_token_(communicator.rank() * shape.head_columns),
      token_count_(std::min(shape.head_columns, shape.vocab - std::min(shape.vocab, first_token_))),
      candidates_(team.size(), std::vector<Candidate>(max_samples)),
      own_(max_samples),
      gathered_(std::size_t{max_samples} * communicator.ranks()),
      tokens_(max_samples) {}

// Those of tokens that exist; the columns that pad the vocabulary are nobody's.
std::span<const float> SamplingStage::logits_of(std::uint32_t sample) const noexcept {
  return {workspace_.logits + std::size_t{sample} * shape_.head_columns, token_count_};
}

void SamplingStage::judge(const Pass& pass, TileRange share, std::uint32_t thread) {
  const std::uint32_t begin = std::min(share.begin * kTileColumns, token_count_);
  const std::uint32_t end = std::min(share.end * kTileColumns, token_count_);
  bool is_done = true;
  for (std::uint32_t i = 0; i < pass.sample_count(); ++i) {
    const Draw& draw = pass.samples[i].draw;
    if (draw.needs_all_logits()) {
      is_done = false;
      continue;
    }
    candidates_[thread][i] = best_of_part(logits_of(i).subspan(begin, end - begin),
                                          static_cast<std::int32_t>(first_token_ + begin), draw);
  }
  if (is_done || communicator_.ranks() > 1) return;
  team_.meet();
  for (std::uint32_t i = thread; i < pass.sample_count(); i += team_.size()) {
    const Draw& draw = pass.samples[i].draw;
    if (draw.needs_all_logits()) tokens_[i] = choose_token(logits_of(i), draw);
  }
}

std::span<const std::int32_t> SamplingStage::choose(const Pass& pass) {
  const std::uint32_t samples = pass.sample_count();
  for (std::uint32_t i = 0; i < samples; ++i) {
    own_[i] = {};
    if (pass.samples[i].draw.needs_all_logits()) continue;
    for (const auto& of_thread : candidates_) own_[i] = better_of(own_[i], of_thread[i]);
  }
  if (communicator_.ranks() > 1) exchange_candidates(samples);
  for (std::uint32_t i = 0; i < samples; ++i) {
    const Draw& draw = pass.samples[i].draw;
    if (!draw.needs_all_logits()) {
      tokens_[i] = own_[i].token;
    } else if (communicator_.ranks() > 1) {
      tokens_[i] = choose_from_all_ranks(i, draw);
    }
  }
  return std::span(tokens_).first(samples);
}

void SamplingStage::exchange_candidates(std::uint32_t samples) {
  const std::uint32_t ranks = communicator_.ranks();
  const std::span<Candidate> all = std::span(gathered_).first(std::size_t{samples} * ranks);
  communicator_.all_gather(std::as_bytes(std::span(own_).first(samples)),
                           std::as_writable_bytes(all));
  for (std::uint32_t i = 0; i < samples; ++i) {
    own_[i] = {};
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      own_[i] = better_of(own_[i], all[rank * samples + i]);
    }
  }
}

std::int32_t SamplingStage::choose_from_all_ranks(std::uint32_t sample, const Draw& draw) {
  const std::size_t columns = shape_.head_columns;
  const std::span<const float> own(workspace_.logits + sample * columns, columns);
  const std::span<float> all(workspace_.all_logits, columns * communicator_.ranks());
  communicator_.all_gather(std::as_bytes(own), std::as_writable_bytes(all));
  return choose_token(std::span<const float>(all).first(shape_.vocab), draw);
}

}  // namespace turbomind
