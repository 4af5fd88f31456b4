// SPDX-License-Identifier: Apache-2.0
#include "process/row_flags.hpp"

#include <cmath>

#include "stats/rate_identity.hpp"

namespace lmbench::process {
namespace {

// 0: not known.
double ids_of_prompts(const scenario::Prompts& prompts, const CaseResult& result) {
  double ids = prompts.vocab_size.value_or(0);
  if (ids == 0 && result.load && result.load->model) ids = result.load->model->vocabulary;
  return ids - static_cast<double>(prompts.exclude.size());
}

// An engine that keeps what it has seen of a prompt, without saying so, would be measured on that.
// Of n random prompts two are likely to be the same from n = sqrt(ids ^ P) on. One token leaves
// nothing to keep: such a case has a flag of its own.
bool has_identical_prompts(const scenario::Prompts& prompts, const scenario::Case& plan_case,
                           const CaseResult& result, double requests) {
  if (requests < 2 || plan_case.prompt_tokens == 1) return false;
  if (prompts.kind != scenario::PromptKind::distinct) return true;
  const double ids = ids_of_prompts(prompts, result);
  return ids >= 1 && 2 * std::log(requests) > plan_case.prompt_tokens * std::log(ids);
}

}  // namespace

std::vector<std::string> row_flags(const scenario::Scenario& scenario,
                                   const scenario::Case& plan_case, const CaseResult& result,
                                   const stats::CaseMetrics& metrics) {
  std::vector<std::string> flags;
  const auto requests = static_cast<double>(metrics.requests);
  if (has_identical_prompts(scenario.prompts, plan_case, result, requests)) {
    flags.emplace_back("identical_prompts");
  }
  if (metrics.rate_mismatch_percent.value_or(0) > stats::kRateMismatchPercent) {
    flags.emplace_back("rate_mismatch");
  }
  return flags;
}

}  // namespace lmbench::process
