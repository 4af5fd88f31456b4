// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/slot_state.hpp"

#include <algorithm>

#include "turbomind/cuda/cuda_check.hpp"

namespace turbomind::cuda {
namespace {

constexpr std::size_t kUpdatesAtOnce = 4096;  // of stop tokens, and of pages

SlotSampling sampling_of(const SamplingParameters& sampling) {
  return {.seed = sampling.seed,
          .temperature = sampling.temperature,
          .top_p = sampling.top_p,
          .top_k = sampling.top_k,
          .padding = 0};
}

// Updates of any number through an array of fixed size: a full array is queued and waited for.
template <class Update, class Apply>
class UpdateQueue {
 public:
  UpdateQueue(StagedArray<Update>& staged, Apply apply, const Slots& slots, Stream stream)
      : staged_(staged), apply_(apply), slots_(slots), stream_(stream) {}

  void add(const Update& update) {
    if (count_ == staged_.host().size()) {
      flush();
      check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
    }
    staged_.host()[count_++] = update;
  }

  void flush() {
    staged_.upload(count_, stream_);
    apply_(staged_.device(), count_, slots_, stream_);
    count_ = 0;
  }
 private:
  StagedArray<Update>& staged_;
  Apply apply_;
  const Slots& slots_;
  Stream stream_;
  std::uint32_t count_ = 0;
};

}  // namespace

SlotState::SlotState(const ExecutorLimits& limits, std::uint32_t vocab_size,
                     std::uint32_t dummy_page, Stream stream)
    : joins_(limits.max_slots, "the slots"),
      stops_(kUpdatesAtOnce, "the slots"),
      pages_(kUpdatesAtOnce, "the slots"),
      page_count_(limits.max_slots) {
  slots_.max_slots = limits.max_slots;
  slots_.max_pages = (limits.max_sequence_tokens + kPageTokens - 1) / kPageTokens;
  slots_.stop_words = (vocab_size + 31) / 32;
  MemoryCutter sizes(nullptr);
  lay_out(sizes);
  memory_ = DeviceMemory(sizes.used(), "the slots");
  MemoryCutter cutter(memory_.data());
  lay_out(cutter);
  check(cudaMemsetAsync(memory_.data(), 0, memory_.size(), stream), "cudaMemsetAsync");
  UpdateQueue dummies(pages_, apply_pages, slots_, stream);
  for (std::uint32_t i = 0; i < slots_.max_pages; ++i) {
    dummies.add({limits.max_slots, i, dummy_page});
  }
  dummies.flush();
  check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
}

void SlotState::lay_out(MemoryCutter& cutter) {
  const std::size_t slots = std::size_t{slots_.max_slots} + 1;
  slots_.token = cutter.take<std::int32_t>(slots);
  slots_.position = cutter.take<std::uint32_t>(slots);
  slots_.end_position = cutter.take<std::uint32_t>(slots);
  slots_.min_position = cutter.take<std::uint32_t>(slots);
  slots_.is_live = cutter.take<std::uint32_t>(slots);
  slots_.sampling = cutter.take<SlotSampling>(slots);
  slots_.stop_bits = cutter.take<std::uint32_t>(slots * slots_.stop_words);
  slots_.pages = cutter.take<std::uint32_t>(slots * slots_.max_pages);
}

void SlotState::apply(const StepPlan& plan, Stream stream) {
  apply_joins_of(plan, stream);
  apply_stops_of(plan, stream);
  apply_pages_of(plan, stream);
}

void SlotState::apply_joins_of(const StepPlan& plan, Stream stream) {
  UpdateQueue queue(joins_, apply_joins, slots_, stream);
  for (const SlotJoin& join : plan.joins) {
    page_count_[join.slot] = 0;
    queue.add({.slot = join.slot,
               .token = join.next_token,
               .position = join.next_position,
               .end_position = join.end_position,
               .min_position = join.min_position,
               .padding = 0,
               .sampling = sampling_of(join.sampling)});
  }
  queue.flush();
}

void SlotState::apply_stops_of(const StepPlan& plan, Stream stream) {
  UpdateQueue queue(stops_, apply_stops, slots_, stream);
  for (const SlotJoin& join : plan.joins) {
    for (const std::int32_t token : join.stop_tokens) queue.add({join.slot, token});
  }
  queue.flush();
}

// The last block of a sequence may reach beyond what a sequence can fill: nobody reads those pages.
void SlotState::apply_pages_of(const StepPlan& plan, Stream stream) {
  UpdateQueue queue(pages_, apply_pages, slots_, stream);
  for (const PagesAdded& added : plan.pages) {
    for (const std::uint32_t page : added.pages) {
      const std::uint32_t index = page_count_[added.slot]++;
      if (index < slots_.max_pages) queue.add({added.slot, index, page});
    }
  }
  queue.flush();
}

std::size_t SlotState::bytes() const noexcept {
  return memory_.size() + joins_.device_bytes() + stops_.device_bytes() + pages_.device_bytes();
}

}  // namespace turbomind::cuda
