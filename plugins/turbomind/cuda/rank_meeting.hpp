// How ranks on GPUs come to know each other before NCCL can carry anything: over the communicator that joins
// their hosts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "turbomind/communicator.hpp"
#include "turbomind/cuda/nccl_communicator.hpp"

namespace turbomind::cuda {

// Collective: the id that rank 0 makes. `device` is this rank's. A rank that fails aborts `hosts`, so that
// the others do not wait. Throws Error: invalid_argument for two ranks on one GPU, which NCCL cannot serve;
// see make_meeting_id().
RankMeetingId meet(Communicator& hosts, std::uint32_t device);

}  // namespace turbomind::cuda
