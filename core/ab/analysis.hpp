// From the figures of all launches to what may be said about the builds. Pure: the same figures give
// the same comparison, so that it can be made again from a results folder.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ab/launch_figures.hpp"
#include "report/comparison.hpp"
#include "scenario/plan.hpp"

namespace lmbench::ab {

// What is done with outputs that differ where the base's own do not.
enum class SameOutput { flag, require, off };

struct AnalysisOrder {
  std::vector<scenario::Case> plan;
  std::vector<std::string> candidates;  // names, in the order of the arms 2, 3, ...
  std::vector<Metric> gates;
  stats::Thresholds thresholds;
  SameOutput same_output = SameOutput::flag;
  std::uint32_t rounds = 0;       // that were run
  std::uint32_t most_rounds = 0;  // that the session could run
  double round_s = 0;             // mean duration of one; 0: unknown
};

// Base and copy are arms 0 and 1. A round counts for a candidate's case when all three of its
// launches do. Fills the candidates' cases of the comparison.
std::vector<report::CandidateComparison> analyse(std::span<const LaunchFigures> launches,
                                                 const AnalysisOrder& order);

}  // namespace lmbench::ab
