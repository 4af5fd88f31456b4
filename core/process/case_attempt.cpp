// SPDX-License-Identifier: Apache-2.0
#include "process/case_attempt.hpp"

#include "process/capacity.hpp"

namespace lmbench::process {
namespace {

using run::Outcome;

// Without a try: one sequence that cannot fit, or an overcommitted case where that is forbidden.
std::optional<Outcome> refuse(const scenario::Case& c, const ModelFigures& figures, bool is_strict,
                              const std::vector<std::string>& flags) {
  if (auto refused = refusal(c, figures)) return refused;
  if (!is_strict) return std::nullopt;
  for (const std::string& flag : flags) {
    if (flag.ends_with("_overcommit")) {
      return Outcome{run::Status::unsupported, "strict: " + flag};
    }
  }
  return std::nullopt;
}

}  // namespace

Outcome attempt_case(Launcher& launcher, const scenario::Scenario& scenario,
                     const scenario::Case& c, const ResultsFolder& folder, bool keeps_tokens,
                     const Session::HeartbeatSink& on_heartbeat, CaseResult& result) {
  const ModelFigures figures = launcher.load()->model.value_or(ModelFigures{});
  result.flags = capacity_flags(c, figures);
  if (launcher.load()->model) {
    if (auto refused = refuse(c, figures, scenario.measure.strict, result.flags)) return *refused;
  }
  auto got = launcher.run_case(
      {.plan_case = c,
       .sampling = scenario.sampling,
       .measure = scenario.measure,
       .prompts = scenario.prompts,
       .events_file = folder.events(c.case_id).string(),
       .requests_file = folder.requests(c.case_id).string(),
       .tokens_file = keeps_tokens ? folder.tokens(c.case_id).string() : std::string()},
      on_heartbeat);
  if (auto* outcome = std::get_if<Outcome>(&got)) return *outcome;
  result.reply = std::move(std::get<CaseReply>(got));
  result.flags.insert(result.flags.end(), result.reply->flags.begin(), result.reply->flags.end());
  return result.reply->outcome;
}

}  // namespace lmbench::process
