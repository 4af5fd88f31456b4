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

// `hosts` joins the same ranks on their hosts, and is shared with nobody who uses it at the same time.
std::unique_ptr<DeviceCommunicator> make_nccl_communicator(const RankMeetingId& id,
                                                           std::shared_ptr<Communicator> hosts,
                                                           std::shared_ptr<NcclEndings> endings);

}  // namespace turbomind::cuda
