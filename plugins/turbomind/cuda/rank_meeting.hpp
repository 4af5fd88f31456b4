// How ranks on GPUs that are processes of their own come to know each other: before NCCL can carry
// anything, over the communicator of the host.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/communicator.hpp"
#include "turbomind/cuda/nccl_communicator.hpp"

namespace turbomind::cuda {

// Collective: the id that rank 0 makes. `device` is this rank's. Throws Error: invalid_argument for two
// ranks on one GPU, which NCCL cannot serve; see make_meeting_id().
RankMeetingId meet(Communicator& hosts, std::uint32_t device);

}  // namespace turbomind::cuda
