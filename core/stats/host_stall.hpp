// Did the machine hold the worker up while a case ran? A long gap between tokens is the engine's
// own if it was computing, and the machine's if a thread of the worker was kept from a CPU.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "stats/case_record.hpp"

namespace lmbench::stats {

// Seen of the worker at one moment, looked at again and again while a case runs.
struct HostLook {
  std::uint64_t t_ns;
  // Since the look before: how long the thread that waited most was ready to run but did not.
  std::uint64_t longest_wait_ns;
};

// A gap of the test phase above ten times the median gap, during whose looks the worker was off the
// CPU for at least half of it: a thread waited, or a look itself came late by as much. A stamp that
// is before the last one is a stall too. period_ns: what the time between looks should be.
bool has_host_stall(const CaseRecord& record, std::span<const HostLook> looks,
                    std::uint64_t period_ns);

}  // namespace lmbench::stats
