// SPDX-License-Identifier: Apache-2.0
#include "process/one_shot.hpp"

#include <unistd.h>

#include <cstdio>

#include "error.hpp"
#include "process/plan_hints.hpp"
#include "process/session.hpp"

namespace lmbench::process {
namespace {

// The sentence for the user and the exit code it means.
[[noreturn]] void refuse(const std::string& what, const run::Outcome& outcome) {
  if (outcome.status == run::Status::interrupted) {
    throw Error(what + ": interrupted", ExitCode::benchmark_says_no);
  }
  throw Error(what + ": " + std::string(run::name_of(outcome.status)) +
                  (outcome.reason.empty() ? "" : ": " + outcome.reason),
              ExitCode::engine_unusable);
}

template <class Answer>
Answer ask_or_throw(Session& session, const std::string& what, const Request& request,
                    const Limits& limits, const Session::HeartbeatSink& on_heartbeat = {}) {
  auto got = session.ask<Answer>(request, limits, on_heartbeat);
  if (const auto* outcome = std::get_if<run::Outcome>(&got)) refuse(what, *outcome);
  return std::move(std::get<Answer>(got));
}

void show_stage(const Heartbeat& heartbeat) {
  if (::isatty(STDERR_FILENO) == 0) return;
  std::fprintf(stderr, "\r\x1b[K%s %.0f %%", heartbeat.stage.c_str(), 100 * heartbeat.fraction);
}

void clear_stage() {
  if (::isatty(STDERR_FILENO) != 0) std::fputs("\r\x1b[K", stderr);
}

}  // namespace

DescribeReply describe_once(const scenario::Scenario& scenario) {
  RunLog log({});
  Session session({.environment = scenario.engine.environment,
                   .in_process = false,
                   .cpus = scenario.engine.cpus},
                  log);
  constexpr double kStallS = 120;
  auto reply =
      ask_or_throw<DescribeReply>(session, "cannot use '" + scenario.engine.plugin + "'",
                                  DescribeRequest{scenario.engine.plugin, plan_options(scenario)},
                                  {.stall_s = kStallS, .total_s = {}});
  session.quit();
  return reply;
}

std::vector<std::int32_t> generate_once(const scenario::Scenario& scenario,
                                        const GenerateRequest& request, bool in_process) {
  RunLog log({});
  Session session({.environment = scenario.engine.environment,
                   .in_process = in_process,
                   .cpus = scenario.engine.cpus},
                  log);
  const Limits load_limits{.stall_s = scenario.measure.load_stall_timeout_s, .total_s = {}};
  const auto sequence_tokens =
      static_cast<std::uint32_t>(request.prompt.size()) + request.max_new_tokens;
  ask_or_throw<LoadReply>(
      session, "cannot load '" + scenario.engine.plugin + "'",
      LoadRequest{scenario.engine.plugin,
                  options_with_hints(scenario.engine.options, 1, sequence_tokens),
                  scenario.engine.is_checked},
      load_limits, show_stage);
  clear_stage();
  const Limits limits{.stall_s = scenario.measure.stall_timeout_s,
                      .total_s = scenario.measure.case_timeout_s};
  auto reply = ask_or_throw<GenerateReply>(session, "cannot generate", request, limits);
  session.quit();
  return std::move(reply.tokens);
}

void convert_once(const ConvertRequest& request) {
  RunLog log({});
  Session session({.environment = {}, .in_process = false, .cpus = {}}, log);
  constexpr double kStallS = 600;  // a large shard on a slow disk
  ask_or_throw<DoneReply>(session, "cannot convert '" + request.source + "'", request,
                          {.stall_s = kStallS, .total_s = {}}, show_stage);
  clear_stage();
  session.quit();
}

}  // namespace lmbench::process
