// From what a run was told and what its worker answered to the facts of the manifest.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "process/coordinator.hpp"
#include "process/protocol.hpp"
#include "report/manifest.hpp"

namespace lmbench::process {

// As a run begins: nothing of the engine yet. Looks at the machine.
report::Manifest initial_manifest(const RunOrder& order, const std::optional<FloorReply>& floor,
                                  std::int64_t unix_seconds);

// As a run goes on that was cut: begin and end of what there was stay, this start is added to the
// resumes, and the engine is the one of before until one is loaded.
void continue_manifest(const report::Manifest& earlier, report::Manifest& manifest);

// Notes the end of the start that runs.
void end_manifest(report::Manifest& manifest, std::int64_t unix_seconds);

report::EngineFacts engine_facts(const DescribeReply& description,
                                 const std::optional<LoadReply>& load);

report::NamedNumbers named_clock(const ClockFacts& clock);

}  // namespace lmbench::process
