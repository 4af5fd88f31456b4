// The parts of a case, as short as a test wants them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "run/launch.hpp"
#include "scripted_engine.hpp"

namespace case_setup {

using namespace lmbench;

constexpr std::uint64_t kPlainEngine = kCapFixedLength;

struct Setup {
  std::uint32_t concurrency = 2;
  std::uint32_t prompt_tokens = 3;
  std::uint32_t completion_tokens = 4;
  std::optional<std::uint32_t> warmup_rounds = 0;  // none: until the engine is steady
  std::optional<std::uint32_t> test_rounds = 1;    // none: until the interval is narrow
  scenario::RoundMode mode = scenario::RoundMode::barrier;
  scenario::Sampling sampling = {};
  scenario::WarmupLimits warmup_limits = {};
  scenario::TestLimits test_limits = {};
};

inline run::CaseRun run_on(run::Launch& launch, const Setup& setup) {
  const scenario::Case shape{.index = 0,
                             .case_id = "01",
                             .concurrency = setup.concurrency,
                             .prompt_tokens = setup.prompt_tokens,
                             .completion_tokens = setup.completion_tokens};
  scenario::Measure measure;
  measure.warmup_rounds = setup.warmup_rounds;
  measure.test_rounds = setup.test_rounds;
  measure.round_mode = setup.mode;
  measure.warmup_limits = setup.warmup_limits;
  measure.test_limits = setup.test_limits;
  scenario::Prompts prompts;
  prompts.vocab_size = 1000;
  return launch.run_case({shape, measure, setup.sampling, prompts});
}

// A launch of a scripted engine, which stays reachable.
class ScriptedLaunch {
 public:
  explicit ScriptedLaunch(scripted::ScriptedEngine::Submit submit,
                          scripted::ScriptedEngine::Cancel cancel = {},
                          std::uint64_t capabilities = kPlainEngine)
      : engine_(new scripted::ScriptedEngine(std::move(submit), std::move(cancel))),
        launch_(plugin::EngineHandle(engine_), capabilities, &scripted::ticking_clock) {
    launch_.load({nullptr, 0}, nullptr);
  }
  run::CaseRun run(const Setup& setup) { return run_on(launch_, setup); }
  run::Launch& launch() { return launch_; }
  scripted::ScriptedEngine& engine() { return *engine_; }
 private:
  scripted::ScriptedEngine* engine_;
  run::Launch launch_;
};

inline std::string status_of(const run::CaseRun& run) {
  return std::string(run::name_of(run.judgement.outcome.status));
}

inline const std::string& reason_of(const run::CaseRun& run) {
  return run.judgement.outcome.reason;
}

// Takes all requests and ends them at once.
inline Code answer_at_once(scripted::ScriptedEngine& engine, std::span<const Request> requests,
                           std::uint32_t& accepted) {
  accepted = static_cast<std::uint32_t>(requests.size());
  std::vector<Event> events;
  for (const Request& request : requests) {
    events.push_back(scripted::end_of(request.id, request.max_new_tokens));
  }
  engine.deliver(events);
  return Code::ok;
}

}  // namespace case_setup
