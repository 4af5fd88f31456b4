// SPDX-License-Identifier: Apache-2.0
#include "turbomind/thread_communicator.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <lmbench/plugin.hpp>

#include "turbomind/step_barrier.hpp"

namespace turbomind {
namespace {

// What the ranks show each other. A rank writes its own entry before a barrier and reads the others'
// after it.
struct Meeting {
  explicit Meeting(std::uint32_t ranks) : barrier(ranks), sums(ranks), parts(ranks) {}

  StepBarrier barrier;
  std::vector<std::span<float>> sums;
  std::vector<std::span<const std::byte>> parts;
};

class ThreadCommunicator final : public Communicator {
 public:
  // The meeting is shared by the ranks, as any of them may be the last to go.
  ThreadCommunicator(std::uint32_t rank, std::uint32_t ranks, std::shared_ptr<Meeting> meeting)
      : rank_(rank), ranks_(ranks), meeting_(std::move(meeting)) {}

  std::uint32_t rank() const noexcept override { return rank_; }
  std::uint32_t ranks() const noexcept override { return ranks_; }

  void all_reduce(std::span<float> data) override {
    if (ranks_ == 1) return check(!meeting_->barrier.is_broken());
    meeting_->sums[rank_] = data;
    check(meeting_->barrier.arrive_and_wait());
    sum_share(data.size() * rank_ / ranks_, data.size() * (rank_ + 1) / ranks_);
    check(meeting_->barrier.arrive_and_wait());
  }

  void all_gather(std::span<const std::byte> data, std::span<std::byte> out) override {
    meeting_->parts[rank_] = data;
    if (ranks_ > 1) check(meeting_->barrier.arrive_and_wait());
    check(!meeting_->barrier.is_broken());
    std::byte* target = out.data();
    for (const std::span<const std::byte> part : meeting_->parts) {
      if (!part.empty()) std::memcpy(target, part.data(), part.size());
      target += part.size();
    }
    if (ranks_ > 1) check(meeting_->barrier.arrive_and_wait());
  }

  void abort() noexcept override { meeting_->barrier.break_up(); }
 private:
  static void check(bool is_whole) {
    if (is_whole) return;
    throw lmbench::sdk::Error(lmbench::Code::device_error, "the ranks were told to stop");
  }

  // Elements [begin, end) of everyone's data become their sum; only this rank touches them.
  void sum_share(std::size_t begin, std::size_t end) {
    std::array<float, 512> sum;
    for (std::size_t i = begin; i < end; i += sum.size()) {
      const std::size_t count = std::min(sum.size(), end - i);
      std::copy_n(meeting_->sums[0].data() + i, count, sum.data());
      for (std::uint32_t rank = 1; rank < ranks_; ++rank) {
        const float* const other = meeting_->sums[rank].data() + i;
        for (std::size_t j = 0; j < count; ++j) sum[j] += other[j];
      }
      for (const std::span<float> target : meeting_->sums) {
        std::copy_n(sum.data(), count, target.data() + i);
      }
    }
  }

  std::uint32_t rank_;
  std::uint32_t ranks_;
  std::shared_ptr<Meeting> meeting_;
};

}  // namespace

std::vector<std::unique_ptr<Communicator>> make_thread_communicators(std::uint32_t ranks) {
  const auto meeting = std::make_shared<Meeting>(ranks);
  std::vector<std::unique_ptr<Communicator>> communicators;
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    communicators.push_back(std::make_unique<ThreadCommunicator>(rank, ranks, meeting));
  }
  return communicators;
}

}  // namespace turbomind
