// What a case asks of an engine against what the engine has: KV blocks, places in the batch, the
// longest sequence, and the least time. Pure: figures in, findings out. For the plan that is
// printed and for the flags of a row.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "process/protocol.hpp"
#include "run/outcome.hpp"
#include "scenario/plan.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::process {

struct Demand {
  std::uint64_t kv_blocks = 0;            // of all sequences at their longest; 0: no blocks known
  std::uint64_t kv_blocks_available = 0;  // 0: unknown, or no fixed pool
  double kv_bytes = 0;                    // of one rank; 0: unknown
  double weight_bytes = 0;                // of one rank; 0: unknown
  std::optional<double> least_time_s;     // the fewest rounds, warm-up too; empty: unknown
};

Demand demand_of(const scenario::Case& plan_case, const scenario::Measure& measure,
                 const ModelFigures& figures);

// "kv_overcommit", "slots_overcommit", "no_prefill": the case runs, and its row says so.
std::vector<std::string> capacity_flags(const scenario::Case& plan_case,
                                        const ModelFigures& figures);

// oom when one sequence alone is larger than the KV pool, unsupported when it is longer than the
// engine takes; empty when the case can run.
std::optional<run::Outcome> refusal(const scenario::Case& plan_case, const ModelFigures& figures);

}  // namespace lmbench::process
