// Telemetry of a run: the sampler while it lasts, its samples in the results folder, and what they
// mean for the row of a case.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "process/results_folder.hpp"
#include "process/run_log.hpp"
#include "report/case_result_row.hpp"
#include "report/manifest.hpp"
#include "scenario/scenario.hpp"
#include "stats/case_record.hpp"
#include "stats/telemetry_sample.hpp"
#include "telemetry/sampler.hpp"

namespace lmbench::process {

class RunTelemetry {
 public:
  // Begins to look, unless the scenario wants none. What it is given must outlive it.
  RunTelemetry(const scenario::Scenario& scenario, const ResultsFolder& folder, RunLog& log);

  void worker_is(int pid) noexcept;

  // What was seen since the last call; appended to telemetry.csv. Empty where nothing looks.
  std::optional<stats::TelemetrySamples> take();
  // Of each device of the machine.
  std::vector<report::NamedTexts> devices() const;
 private:
  const ResultsFolder& folder_;
  RunLog& log_;
  std::optional<telemetry::Sampler> sampler_;
  bool has_file_failed_ = false;
};

// Figures of the samples into the row, and what follows from them: an ok case whose device was
// throttled or shared becomes invalid.
void add_telemetry(const scenario::Scenario& scenario, const stats::CaseRecord& record,
                   const stats::TelemetrySamples& samples, report::CaseResultRow& row);

}  // namespace lmbench::process
