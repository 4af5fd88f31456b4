// SPDX-License-Identifier: Apache-2.0
#include "ab/pilot.hpp"

#include <algorithm>
#include <string>

#include "stats/warmup_rule.hpp"

namespace lmbench::ab {
namespace {

// Warm-up rounds of at most kShortRoundTokens after a full one, as full rounds of as many tokens.
std::uint32_t full_rounds(std::uint32_t rounds, std::uint32_t completion_tokens) {
  if (rounds == 0) return 0;
  const std::uint64_t short_tokens = std::min(completion_tokens, stats::kShortRoundTokens);
  const std::uint64_t tokens = (rounds - 1) * short_tokens;
  return 1 + static_cast<std::uint32_t>((tokens + completion_tokens - 1) / completion_tokens);
}

std::vector<std::string> sorted_hashes(const std::vector<process::MappedObject>& objects) {
  std::vector<std::string> hashes;
  for (const process::MappedObject& object : objects) hashes.push_back(object.sha256);
  std::sort(hashes.begin(), hashes.end());
  return hashes;
}

}  // namespace

scenario::Measure pilot_measure(const scenario::Measure& measure) {
  scenario::Measure pilot = measure;
  if (!measure.test_rounds) return pilot;
  pilot.test_rounds = 1;
  if (measure.warmup_rounds) pilot.warmup_rounds = 0;
  return pilot;
}

scenario::Measure session_measure(const scenario::Measure& measure,
                                  const std::vector<report::CaseResultRow>& pilots) {
  scenario::Measure fixed = measure;
  std::uint32_t warmup = 0;
  std::uint32_t test = 1;
  for (const report::CaseResultRow& row : pilots) {
    if (!row.rounds_run) continue;
    warmup = std::max(warmup, full_rounds(row.rounds_run->warmup_rounds, row.completion_tokens));
    test = std::max(test, row.rounds_run->test_rounds);
  }
  if (!fixed.warmup_rounds) fixed.warmup_rounds = warmup;
  if (!fixed.test_rounds) fixed.test_rounds = test;
  return fixed;
}

bool is_same_build(const std::vector<process::MappedObject>& a,
                   const std::vector<process::MappedObject>& b) {
  return sorted_hashes(a) == sorted_hashes(b);
}

}  // namespace lmbench::ab
