// A rank that is a process of its own: it serves one engine from its load to its end.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "turbomind/backend.hpp"
#include "turbomind/ranks/remote_ranks.hpp"

namespace turbomind {

struct RankPlace {
  std::string host;  // of rank 0
  Meeting meeting;
  std::uint32_t rank = 1;
  std::uint32_t local_rank = 1;  // among the ranks of its host
  bool is_own_process = false;   // nothing else to do: the process ends at once when rank 0 is lost
};

// Returns when rank 0 says good-bye, or is lost. Throws Error when rank 0 cannot be reached.
void serve_engine(const RankPlace& place);

}  // namespace turbomind
