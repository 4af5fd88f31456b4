// One case on an engine that is to be ready: what `run` and `ab` do with every case of a plan.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "process/launcher.hpp"
#include "process/protocol.hpp"
#include "process/results_folder.hpp"
#include "report/manifest.hpp"
#include "run/outcome.hpp"
#include "scenario/plan.hpp"
#include "scenario/scenario.hpp"
#include "stats/telemetry_sample.hpp"

namespace lmbench::process {

struct CaseResult {
  run::Outcome outcome;
  std::vector<std::string> flags;
  std::optional<CaseReply> reply;  // when the case ran to its end
  std::optional<DescribeReply> description;
  std::optional<LoadReply> load;
  std::optional<stats::TelemetrySamples> telemetry;  // since the case before ended
  std::vector<report::NamedTexts> devices;           // of the machine
};

// After launcher.make_ready() said that all is well. A case that cannot fit is not tried. Raw
// events go to the folder, under the case's name; token ids too, if they are to be kept.
run::Outcome attempt_case(Launcher& launcher, const scenario::Scenario& scenario,
                          const scenario::Case& plan_case, const ResultsFolder& folder,
                          bool keeps_tokens, const Session::HeartbeatSink& on_heartbeat,
                          CaseResult& result);

}  // namespace lmbench::process
