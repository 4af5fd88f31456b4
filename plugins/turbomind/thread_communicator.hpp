// Ranks as threads of one process: collectives over each other's memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "turbomind/communicator.hpp"

namespace turbomind {

// One communicator per rank, in rank order; they may be destroyed in any order. A rank that waits
// spins briefly, then yields, then sleeps. One rank alone exchanges nothing and never waits.
std::vector<std::unique_ptr<Communicator>> make_thread_communicators(std::uint32_t ranks);

}  // namespace turbomind
