// What the engine says of its model and device, and what the scenario says of the device, against
// the figures of a row.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "process/result_recorder.hpp"
#include "report/case_result_row.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::process {

// Adds the shares of the roofline to a row that has its metrics. A case that passed it becomes
// invalid, or gets the flag below_roofline. cpu_cache_bytes: empty if not known.
void add_roofline(const scenario::Engine& engine, const CaseResult& result,
                  const std::optional<std::uint64_t>& cpu_cache_bytes, report::CaseResultRow& row);

}  // namespace lmbench::process
