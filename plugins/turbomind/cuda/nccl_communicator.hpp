// NCCL behind DeviceCommunicator.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "turbomind/cuda/device_communicator.hpp"

namespace turbomind::cuda {

// What the ranks know each other by: made once, given to all.
using RankMeetingId = std::array<std::byte, 128>;

// Throws Error: unsupported without NCCL, device_error.
RankMeetingId make_meeting_id();

struct NcclOptions {
  std::uint32_t rank = 0;
  std::uint32_t ranks = 1;
  RankMeetingId id{};
  std::uint64_t connect_timeout_ns = 30'000'000'000;
};

std::unique_ptr<DeviceCommunicator> make_nccl_communicator(const NcclOptions& options);

}  // namespace turbomind::cuda
