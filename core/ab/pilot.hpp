// The first launch of each build, which is never counted: it shows that the build runs, which files
// it maps, and how many rounds each case needs. All launches of the session then have the same ones.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "process/protocol.hpp"
#include "report/case_result_row.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::ab {

// What a pilot is asked to measure: the scenario's rules, or, where it fixes the rounds, one round
// to see that the case runs.
scenario::Measure pilot_measure(const scenario::Measure& measure);

// The fixed numbers of rounds for a case, from the rows of all pilots: as many as the slowest to
// become steady, or the noisiest, took. Warm-up is in full rounds.
scenario::Measure session_measure(const scenario::Measure& measure,
                                  const std::vector<report::CaseResultRow>& pilots);

// The same files by content: what one measures the other measures too.
bool is_same_build(const std::vector<process::MappedObject>& a,
                   const std::vector<process::MappedObject>& b);

}  // namespace lmbench::ab
