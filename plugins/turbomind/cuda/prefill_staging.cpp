// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/prefill_staging.hpp"

#include <algorithm>

namespace turbomind::cuda {

// A chunk takes one tile more than its rows fill, at most; there are no more chunks than slots.
PrefillStaging::PrefillStaging(const ExecutorLimits& limits)
    : rows_(std::size_t{limits.max_prefill_tokens} * 3 * sizeof(std::uint32_t), "prefill"),
      row_capacity_(limits.max_prefill_tokens),
      tiles_(limits.max_prefill_tokens / kPrefillTileRows + limits.max_slots + 1, "prefill"),
      samples_(std::size_t{limits.max_slots} * 3, "prefill"),
      max_slots_(limits.max_slots) {}

PrefillPass PrefillStaging::upload(const Pass& pass, const Rows& rows, Stream stream) {
  fill_rows(pass);
  const std::size_t bytes = pass.rows() * sizeof(std::uint32_t);
  const std::byte* const staged = rows_.data();
  const std::size_t part = std::size_t{row_capacity_} * sizeof(std::uint32_t);
  copy_to_device(rows.token, staged, bytes, stream);
  copy_to_device(rows.slot, staged + part, bytes, stream);
  copy_to_device(rows.position, staged + 2 * part, bytes, stream);
  const std::uint32_t tile_count = fill_tiles(pass);
  tiles_.upload(tile_count, stream);
  bool needs_all_logits = false;
  const std::span<std::uint32_t> samples = samples_.host();
  for (std::uint32_t i = 0; i < pass.sample_count(); ++i) {
    const PassSample& sample = pass.samples[i];
    samples[i] = sample.row;
    samples[max_slots_ + i] = sample.slot;
    samples[2 * max_slots_ + i] = sample.draw.position - 1;
    needs_all_logits = needs_all_logits || sample.draw.needs_all_logits();
  }
  if (pass.sample_count() > 0) samples_.upload(samples.size(), stream);
  return {.rows = pass.rows(),
          .tiles = tiles_.device(),
          .tile_count = tile_count,
          .sample_row = samples_.device(),
          .sample_slot = samples_.device() + max_slots_,
          .sample_position = samples_.device() + 2 * max_slots_,
          .samples = pass.sample_count(),
          .needs_all_logits = needs_all_logits};
}

void PrefillStaging::fill_rows(const Pass& pass) {
  auto* const token = reinterpret_cast<std::int32_t*>(rows_.data());
  auto* const slot = reinterpret_cast<std::uint32_t*>(rows_.data()) + row_capacity_;
  std::uint32_t* const position = slot + row_capacity_;
  std::copy(pass.tokens.begin(), pass.tokens.end(), token);
  for (const PassRun& run : pass.runs) {
    for (std::uint32_t r = 0; r < run.row_count; ++r) {
      slot[run.first_row + r] = run.slot;
      position[run.first_row + r] = run.first_position + r;
    }
  }
}

std::uint32_t PrefillStaging::fill_tiles(const Pass& pass) {
  std::uint32_t count = 0;
  for (const PassRun& run : pass.runs) {
    for (std::uint32_t r = 0; r < run.row_count; r += kPrefillTileRows) {
      tiles_.host()[count++] = {.slot = run.slot,
                                .first_row = run.first_row + r,
                                .row_count = std::min(kPrefillTileRows, run.row_count - r),
                                .first_position = run.first_position + r};
    }
  }
  return count;
}

std::size_t PrefillStaging::bytes() const noexcept {
  return tiles_.device_bytes() + samples_.device_bytes();
}

}  // namespace turbomind::cuda
