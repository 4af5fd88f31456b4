// NCCL behind DeviceCommunicator.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "turbomind/communicator.hpp"
#include "turbomind/cuda/device_communicator.hpp"
#include "turbomind/cuda/nccl_endings.hpp"

namespace turbomind::cuda {

// What the ranks know each other by: made once, given to all.
using RankMeetingId = std::array<std::byte, 128>;

// Throws Error: unsupported without NCCL, device_error.
RankMeetingId make_meeting_id();

struct NcclOptions {
  RankMeetingId id{};
  std::uint64_t connect_timeout_ns = 30'000'000'000;
};

// `hosts` joins the same ranks on their hosts, and is shared with nobody who uses it at the same time.
std::unique_ptr<DeviceCommunicator> make_nccl_communicator(const NcclOptions& options,
                                                           std::shared_ptr<Communicator> hosts,
                                                           std::shared_ptr<NcclEndings> endings);

}  // namespace turbomind::cuda
